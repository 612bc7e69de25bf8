#include "app/views/splats_picture.h"

#include "app/render/scene.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <utility>

namespace splatscope {
namespace {

constexpr int kSamples = 8;
constexpr float kMostFade = 0.6F;
constexpr float kShowsThrough = 0.45F;  // of edges and trails, through the bodies around them
constexpr double kMostEvery = 128.0;    // OpenGL takes strides of up to 2,048 bytes
constexpr std::size_t kFewLit = 10000;
constexpr int kQuietFrames = 10;  // without a change, after which the picture rests
// Where it is not known yet what a point of one pass and a shell of a body take: Mesa's renderer.
constexpr double kGuessedPointMs = 0.001;
constexpr double kGuessedShellMs = 0.2;

// Many points are drawn smaller, so that their density stays visible.
float point_size(std::size_t points) {
    const auto n = static_cast<float>(std::max<std::size_t>(points, 1));
    return std::clamp(3.6F * std::pow(5000.0F / n, 0.2F), 1.6F, 4.4F);
}

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

// Where something else had the processor meanwhile a time says too much: what is known rises
// slowly.
void learn(double ms, std::size_t things, std::optional<double>& ms_each) {
    if (things == 0) return;
    const double now = ms / static_cast<double>(things);
    ms_each = ms_each ? std::min(now, 1.2 * *ms_each) : now;
}

// Things that take about a part's time.
std::size_t at_once(double part_ms, double ms_each) {
    return static_cast<std::size_t>(std::clamp(part_ms / std::max(ms_each, 1e-9), 16.0, 1e9));
}

std::vector<SplatBody> drawn_bodies(const SplatsScene& scene) {
    std::vector<SplatBody> bodies;
    bodies.reserve(scene.bodies.size());
    for (const SplatsScene::Body& body : scene.bodies) bodies.push_back(body.drawn);
    return bodies;
}

}  // namespace

bool SplatsPicture::prepare() {
    if (next_ == Kind::end) return false;
    if (!device_) device_.emplace();
    else draw_one(next_);
    next_ = static_cast<Kind>(static_cast<int>(next_) + 1);
    return next_ != Kind::end;
}

// As the picture does, into a target of the same kind: programs are compiled for that, too.
void SplatsPicture::draw_one(Kind kind) {
    constexpr int kSide = 16;
    const RenderTarget target(kSide, kSide, kSamples);
    OrbitCamera camera;
    camera.width = camera.height = kSide;
    const SceneScope scope(target, Colour{});
    std::vector<SceneLine> line(1);
    line.front().to = {1.0F, 1.0F, 1.0F};
    const std::vector<ScenePoint> point(1);
    SplatBody body;
    body.shape.lower = {1.0, 0.0, 0.0, 1.0, 0.0, 1.0};
    SplatBody clear = body;
    clear.alpha = 0.5F;
    const std::vector<SplatBody> bodies = {body, clear};
    if (kind == Kind::bodies) {
        device_->splats.draw_opaque(bodies, camera, {});
        device_->splats.draw_translucent(bodies, camera, {});
    } else if (kind == Kind::lines) {
        for (LinePainter* painter : {&device_->ground, &device_->lines}) {
            painter->load(line, 1.0F);
            painter->draw(camera, {});
        }
    } else if (kind == Kind::points) {
        for (PointPainter* painter : {&device_->points, &device_->lit_points}) {
            painter->load(point);
            painter->draw(2.0F, camera, {});
        }
    } else if (kind == Kind::soft) {
        device_->gaussians.load(bodies);
        device_->gaussians.draw(camera, {});
    }
}

void SplatsPicture::draw(Canvas& canvas, const Rect& place, const ViewContext& context,
                         const SplatsScene& scene, const SceneNumbers& numbers,
                         const OrbitCamera& camera) {
    const auto pixels = [&](float length) {
        return std::max(16, static_cast<int>(std::lround(length * context.scale)));
    };
    Key key;
    key.scene = numbers;
    key.view = camera.view();
    key.projection = camera.projection();
    key.width = pixels(place.width());
    key.height = pixels(place.height());
    key.transparent = context.transparent;
    key.look = &context.theme;
    const bool changed = !device_ || !(key == key_);
    const Sketch sketch = sketch_of(scene, changed, context.exporting);
    if (changed || !(sketch == sketch_)) {
        if (!device_) device_.emplace();
        next_ = Kind::end;  // what is loaded stays
        load(scene, numbers, context.scale);
        OrbitCamera device_camera = camera;
        device_camera.right_margin *= key.width / camera.width;
        device_camera.width = key.width;
        device_camera.height = key.height;
        const bool rests = !changed && sketch == Sketch{};
        if (changed) refined_.reset();
        key_ = key;
        if (rests && whole_ms(scene) > at_once_ms_) {
            refine(context, scene, device_camera);
        } else {
            refined_.reset();
            sketch_ = sketch;
            fit(device_->target);
            (void)paint(*device_->target, context, scene, device_camera, sketch, {}, 0);
        }
    }
    canvas.texture(device_->target->texture(), place);
}

// A target of the size that is wanted.
void SplatsPicture::fit(std::optional<RenderTarget>& target) const {
    if (!target || target->width() != key_.width || target->height() != key_.height)
        target.emplace(key_.width, key_.height, kSamples);
}

// A part of the whole picture, beside the one that is seen until all of it is there.
void SplatsPicture::refine(const ViewContext& context, const SplatsScene& scene,
                           const OrbitCamera& camera) {
    fit(device_->coming);
    if (!refined_)
        refined_ = Refined{{at_once(part_ms(), ms_a_point_.value_or(kGuessedPointMs)),
                            at_once(part_ms(), ms_a_shell_.value_or(kGuessedShellMs))},
                           0};
    refined_->next =
        paint(*device_->coming, context, scene, camera, {}, refined_->parts, refined_->next);
    if (refined_->next > 0) return;
    std::swap(device_->target, device_->coming);
    refined_.reset();
    sketch_ = {};
}

// What the whole picture is expected to take: two passes of the points, two shells a body.
double SplatsPicture::whole_ms(const SplatsScene& scene) const {
    return 2.0 * (ms_a_point_.value_or(kGuessedPointMs) *
                      static_cast<double>(scene.points.size() + scene.lit_points.size()) +
                  ms_a_shell_.value_or(kGuessedShellMs) * static_cast<double>(scene.bodies.size()));
}

// The first change after a rest is drawn whole where that is quick: most are the only one.
SplatsPicture::Sketch SplatsPicture::sketch_of(const SplatsScene& scene, bool changed,
                                               bool exporting) {
    if (exporting) return {};  // is no movement: what is shown meanwhile stays as it is
    const int before = quiet_;
    quiet_ = changed ? 0 : std::min(quiet_ + 1, 1000);
    if (quiet_ >= kQuietFrames) return {};
    if (!changed) return sketch_;
    if (before >= kQuietFrames && whole_ms(scene) <= at_once_ms_) return {};
    const double points =
        2.0 * ms_a_point_.value_or(kGuessedPointMs) * static_cast<double>(scene.points.size());
    const double bodies =
        2.0 * ms_a_shell_.value_or(kGuessedShellMs) * static_cast<double>(scene.bodies.size());
    const double every = std::clamp(std::ceil(points / most_ms_), 1.0, kMostEvery);
    return {static_cast<std::size_t>(every), bodies > most_ms_};
}

void SplatsPicture::load(const SplatsScene& scene, const SceneNumbers& numbers, float scale) {
    if (device_->loaded != numbers.whole || device_->scale != scale) {
        device_->ground.load(scene.ground, scale);
        device_->lines.load(scene.lines, scale);
        device_->points.load(scene.points);
        device_->lit_points.load(scene.lit_points);
        device_->loaded = numbers.whole;
        device_->scale = scale;
    }
    if (scene.soft && device_->bodies != numbers.bodies) {
        device_->gaussians.load(drawn_bodies(scene));
        device_->bodies = numbers.bodies;
    }
}

// Draws from the step `from` on, until all are done (0) or their time is over: the next one. A
// renderer that is a program of the CPU works on while more is told to it: each step is waited for,
// so that its time is known. A card draws later, and all there is costs next to nothing here.
std::size_t SplatsPicture::paint(const RenderTarget& target, const ViewContext& context,
                                 const SplatsScene& scene, const OrbitCamera& camera,
                                 const Sketch& sketch, const Parts& parts, std::size_t from) {
    const Colour panel = context.theme.panel;
    const Colour ground = panel.with_alpha(context.transparent ? 0.0F : 1.0F);
    std::optional<SceneScope> scope;
    if (from == 0) scope.emplace(target, ground);
    else scope.emplace(target);
    DepthFade fade;
    fade.near = camera.distance - 0.5 * scene.frame.radius;
    fade.far = camera.distance + 1.6 * scene.frame.radius;
    fade.most = kMostFade;
    fade.ground = panel;
    DepthFade none = fade;
    none.most = 0.0F;
    const float size = point_size(scene.points.size()) * context.scale;
    const bool with_bodies = context.session.desk.splats.style == SplatStyle::ellipsoids;
    std::vector<SplatBody> bodies;
    if (with_bodies) bodies = drawn_bodies(scene);
    // A few that are lit are all seen while the picture moves.
    const std::size_t lit_every = scene.lit_points.size() > kFewLit ? sketch.every : 1;

    struct Step {
        std::function<void()> draw;
        std::size_t things = 0;               // that it draws, where that tells ...
        std::optional<double>* ms = nullptr;  // ... what one takes
    };
    std::vector<Step> steps;
    steps.push_back({[&] {
        device_->splats.draw_opaque(bodies, camera, fade, sketch.coarse);
        device_->ground.draw(camera, fade);
        device_->lines.draw(camera, fade);
    }});
    const auto add_points = [&](const PointPainter& painter, float wide, const DepthFade& own,
                                std::size_t every, std::optional<double>* ms) {
        for (const PointPainter::Pass pass : {PointPainter::Pass::inside, PointPainter::Pass::edge})
            for (std::size_t begin = 0; begin < painter.count();) {
                const std::size_t end = begin + std::min(parts.points, painter.count() - begin);
                steps.push_back(
                    {[&painter, &own, &camera, pass, begin, end, wide, every] {
                         painter.draw_some(pass, {begin, end}, wide, camera, own, every);
                     },
                     (end - begin) / every, ms});
                begin = end;
            }
    };
    add_points(device_->points, size, fade, sketch.every, &ms_a_point_);
    add_points(device_->lit_points, 1.9F * size, none, lit_every, nullptr);
    const std::size_t shells = 2 * bodies.size();
    for (std::size_t begin = 0; begin < shells;) {
        const std::size_t end = begin + std::min(parts.shells, shells - begin);
        steps.push_back({[&bodies, &fade, &camera, &sketch, this, begin, end] {
                             device_->splats.draw_translucent(bodies, camera, fade, sketch.coarse,
                                                              {begin, end});
                         },
                         end - begin, sketch.coarse ? nullptr : &ms_a_shell_});
        begin = end;
    }
    steps.push_back({[&] {
        if (scene.soft) device_->gaussians.draw(camera, fade);
        device_->lines.draw(camera, fade, kShowsThrough);
    }});

    const bool in_parts = parts.points < Parts{}.points || parts.shells < Parts{}.shells;
    const bool waits = is_drawn_by_cpu();
    if (waits) glFinish();
    const Clock::time_point begun = Clock::now();
    for (std::size_t s = from; s < steps.size(); ++s) {
        if (in_parts && s > from && ms_since(begun) > part_ms()) return s;
        const Clock::time_point start = Clock::now();
        steps[s].draw();
        if (waits) glFinish();
        if (steps[s].ms != nullptr) learn(ms_since(start), steps[s].things, *steps[s].ms);
    }
    return 0;
}

}  // namespace splatscope
