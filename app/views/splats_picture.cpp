#include "app/views/splats_picture.h"

#include "app/render/scene.h"
#include "engine/core/error.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <span>
#include <utility>

namespace splatscope {
namespace {

constexpr int kSamples = 8;
constexpr float kMostFade = 0.6F;
constexpr float kShowsThrough = 0.45F;  // of edges and trails, through the bodies around them
constexpr std::size_t kFewLit = 10000;
constexpr int kQuietFrames = 10;  // without a change, after which the picture rests
// Where it is not known yet what a point of one pass and a shell of a body take and the CPU draws:
// Mesa's renderer.
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

bool has_surfaces(const ViewContext& context) {
    return context.session.desk.splats.style == SplatStyle::ellipsoids;
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
    if (next_ < Kind::target) make(next_);
    else draw_one(next_);
    next_ = static_cast<Kind>(static_cast<int>(next_) + 1);
    return next_ != Kind::end;
}

void SplatsPicture::make(Kind kind) {
    switch (kind) {
        case Kind::splat_programs: device_.splats.emplace(); break;
        case Kind::soft_programs: device_.gaussians.emplace(); break;
        case Kind::point_programs: device_.points.emplace(); break;
        case Kind::lit_programs: device_.lit_points.emplace(); break;
        case Kind::ground_programs: device_.ground.emplace(); break;
        case Kind::line_programs: device_.lines.emplace(); break;
        default: break;
    }
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
        device_.splats->draw_opaque(bodies, camera, {});
        device_.splats->draw_translucent(bodies, camera, {});
    } else if (kind == Kind::lines) {
        for (LinePainter* painter : {&*device_.ground, &*device_.lines}) {
            painter->load(line, 1.0F);
            painter->draw(camera, {});
        }
    } else if (kind == Kind::points) {
        for (PointPainter* painter : {&*device_.points, &*device_.lit_points}) {
            painter->load(point);
            painter->draw(2.0F, camera, {});
        }
    } else if (kind == Kind::soft) {
        device_.gaussians->load(bodies);
        device_.gaussians->draw(camera, {});
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
    key.scale = context.scale;
    key.transparent = context.transparent;
    key.look = &context.theme;
    // Where the target could not be had there is none.
    const bool changed = !device_.target || !(key == key_);
    const Sketch sketch = sketch_of(context, scene, changed);
    if (changed || !(sketch == sketch_)) {
        while (next_ < Kind::target) (void)prepare();
        next_ = Kind::end;  // what is loaded stays
        load(scene, numbers, context.scale);
        OrbitCamera device_camera = camera;
        device_camera.right_margin *= key.width / camera.width;
        device_camera.width = key.width;
        device_camera.height = key.height;
        // A file waits for all of it.
        const bool rests = !context.exporting && !changed && sketch == Sketch{};
        key_ = key;
        if (rests && whole_ms(context, scene) > at_once_ms_) refine(context, scene, device_camera);
        else paint_at_once(context, scene, device_camera, sketch);
    }
    canvas.texture(device_.target->texture(), place);
}

// A target of the size that is wanted.
void SplatsPicture::fit(std::optional<RenderTarget>& target) const {
    if (!target || target->width() != key_.width || target->height() != key_.height)
        target.emplace(key_.width, key_.height, kSamples);
}

void SplatsPicture::paint_at_once(const ViewContext& context, const SplatsScene& scene,
                                  const OrbitCamera& camera, const Sketch& sketch) {
    refined_.reset();
    device_.coming.reset();
    sketch_ = sketch;
    fit(device_.target);
    Painting painting;
    (void)paint(*device_.target, context, scene, camera, sketch, painting);
}

// A part of the whole picture, beside the one that is seen until all of it is there.
void SplatsPicture::refine(const ViewContext& context, const SplatsScene& scene,
                           const OrbitCamera& camera) {
    try {
        fit(device_.coming);
    } catch (const hsa::Error&) {  // there is no room for two
        paint_at_once(context, scene, camera, {});
        return;
    }
    if (!refined_) {
        Painting whole;
        whole.parts = {at_once(part_ms(), point_ms()), at_once(part_ms(), shell_ms())};
        refined_ = std::move(whole);
    }
    if (!paint(*device_.coming, context, scene, camera, {}, *refined_)) return;
    std::swap(device_.target, device_.coming);
    device_.coming.reset();  // was seen in frames before this one alone
    refined_.reset();
    sketch_ = {};
}

double SplatsPicture::point_ms() const {
    return ms_a_point_.value_or(is_drawn_by_cpu() ? kGuessedPointMs : 0.0);
}

double SplatsPicture::shell_ms() const {
    return ms_a_shell_.value_or(is_drawn_by_cpu() ? kGuessedShellMs : 0.0);
}

// Two shells a body, where bodies have surfaces.
double SplatsPicture::bodies_ms(const ViewContext& context, const SplatsScene& scene) const {
    if (!has_surfaces(context)) return 0.0;
    return 2.0 * shell_ms() * static_cast<double>(scene.bodies.size());
}

// What the whole picture is expected to take: two passes of the points, and the bodies.
double SplatsPicture::whole_ms(const ViewContext& context, const SplatsScene& scene) const {
    const auto points = static_cast<double>(scene.points.size() + scene.lit_points.size());
    return 2.0 * point_ms() * points + bodies_ms(context, scene);
}

// The first change after a rest is drawn whole where that is quick: most are the only one.
SplatsPicture::Sketch SplatsPicture::sketch_of(const ViewContext& context, const SplatsScene& scene,
                                               bool changed) {
    if (context.exporting) return {};  // is no movement: what is shown meanwhile stays as it is
    const int before = quiet_;
    quiet_ = changed ? 0 : std::min(quiet_ + 1, 1000);
    if (quiet_ >= kQuietFrames) return {};
    if (!changed) return sketch_;
    if (before >= kQuietFrames && whole_ms(context, scene) <= at_once_ms_) return {};
    constexpr auto kMostEvery = static_cast<double>(PointPainter::kMostEvery);
    const double points = 2.0 * point_ms() * static_cast<double>(scene.points.size());
    const double every = std::clamp(std::ceil(points / most_ms_), 1.0, kMostEvery);
    return {static_cast<std::size_t>(every), bodies_ms(context, scene) > most_ms_};
}

void SplatsPicture::load(const SplatsScene& scene, const SceneNumbers& numbers, float scale) {
    if (device_.loaded != numbers.whole || device_.scale != scale) {
        device_.ground->load(scene.ground, scale);
        device_.lines->load(scene.lines, scale);
        device_.points->load(scene.points);
        device_.lit_points->load(scene.lit_points);
        device_.loaded = numbers.whole;
        device_.scale = scale;
    }
    if (scene.soft && device_.bodies != numbers.bodies) {
        device_.gaussians->load(drawn_bodies(scene));
        device_.bodies = numbers.bodies;
    }
}

// Draws on, until all is done (true) or the time of a part is over. A renderer that is a program of
// the CPU works on while more is told to it: each step is waited for, so that its time is known. A
// card draws later, and all there is costs next to nothing here.
bool SplatsPicture::paint(const RenderTarget& target, const ViewContext& context,
                          const SplatsScene& scene, const OrbitCamera& camera, const Sketch& sketch,
                          Painting& painting) {
    const bool waits = is_drawn_by_cpu();
    if (waits) glFinish();
    const Clock::time_point begun = Clock::now();
    const Parts& parts = painting.parts;
    const std::size_t from = painting.next;
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
    std::vector<SplatBody> bodies;
    if (from == 0 && has_surfaces(context)) {
        bodies = drawn_bodies(scene);
        painting.shells = shells_of(bodies, camera);
    }
    // A few that are lit are all seen while the picture moves.
    const std::size_t lit_every = scene.lit_points.size() > kFewLit ? sketch.every : 1;

    struct Step {
        std::function<void()> draw;
        std::size_t things = 0;  // that it draws, where that tells ...
        Spent* spent = nullptr;  // ... what one takes
    };
    std::vector<Step> steps;
    steps.push_back({[&] {
        device_.splats->draw_opaque(bodies, camera, fade, sketch.coarse);
        device_.ground->draw(camera, fade);
        device_.lines->draw(camera, fade);
    }});
    const auto add_points = [&](const PointPainter& painter, float wide, const DepthFade& own,
                                std::size_t every, Spent* spent) {
        for (const PointPainter::Pass pass : {PointPainter::Pass::inside, PointPainter::Pass::edge})
            for (std::size_t begin = 0; begin < painter.count();) {
                const std::size_t end = begin + std::min(parts.points, painter.count() - begin);
                steps.push_back(
                    {[&painter, &own, &camera, pass, begin, end, wide, every] {
                         painter.draw_some(pass, {begin, end}, wide, camera, own, every);
                     },
                     (end - begin) / every, spent});
                begin = end;
            }
    };
    add_points(*device_.points, size, fade, sketch.every, &painting.on_points);
    add_points(*device_.lit_points, 1.9F * size, none, lit_every, nullptr);
    std::span<const SplatInstance> shells = painting.shells;
    while (!shells.empty()) {
        const std::span<const SplatInstance> some =
            shells.first(std::min(parts.shells, shells.size()));
        steps.push_back({[&fade, &camera, &sketch, this, some] {
                             device_.splats->draw_shells(some, camera, fade, sketch.coarse);
                         },
                         some.size(), sketch.coarse ? nullptr : &painting.on_shells});
        shells = shells.subspan(some.size());
    }
    steps.push_back({[&] {
        if (scene.soft) device_.gaussians->draw(camera, fade);
        device_.lines->draw(camera, fade, kShowsThrough);
    }});

    const bool in_parts = parts.points < Parts{}.points || parts.shells < Parts{}.shells;
    for (std::size_t s = from; s < steps.size(); ++s) {
        painting.next = s;
        if (in_parts && s > from && ms_since(begun) > part_ms()) return false;
        const Clock::time_point start = Clock::now();
        steps[s].draw();
        if (waits) glFinish();
        if (steps[s].spent == nullptr) continue;
        steps[s].spent->ms += ms_since(start);
        steps[s].spent->things += steps[s].things;
    }
    // A file's pixels are not those of the window.
    if (!context.exporting) {
        learn(painting.on_points.ms, painting.on_points.things, ms_a_point_);
        learn(painting.on_shells.ms, painting.on_shells.things, ms_a_shell_);
    }
    return true;
}

}  // namespace splatscope
