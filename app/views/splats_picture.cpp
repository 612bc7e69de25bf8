#include "app/views/splats_picture.h"

#include "app/render/scene.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace splatscope {
namespace {

constexpr int kSamples = 8;
constexpr float kMostFade = 0.6F;
constexpr float kShowsThrough = 0.45F;  // of edges and trails, through the bodies around them
constexpr double kMostEvery = 128.0;    // OpenGL takes strides of up to 2,048 bytes
constexpr std::size_t kFewLit = 10000;
constexpr int kQuietFrames = 10;  // without a change, after which the picture rests

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
void learn(double ms, std::size_t things, double& ms_each) {
    if (things == 0) return;
    const double now = ms / static_cast<double>(things);
    ms_each = ms_each < 0.0 ? now : std::min(now, 1.2 * ms_each);
}

std::vector<SplatBody> drawn_bodies(const SplatsScene& scene) {
    std::vector<SplatBody> bodies;
    bodies.reserve(scene.bodies.size());
    for (const SplatsScene::Body& body : scene.bodies) bodies.push_back(body.drawn);
    return bodies;
}

}  // namespace

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
        sketch_ = sketch;
        if (!device_) device_.emplace();
        if (!device_->target || device_->target->width() != key.width ||
            device_->target->height() != key.height)
            device_->target.emplace(key.width, key.height, kSamples);
        load(scene, numbers, context.scale);
        OrbitCamera device_camera = camera;
        device_camera.right_margin *= key.width / camera.width;
        device_camera.width = key.width;
        device_camera.height = key.height;
        paint(context, scene, device_camera);
        key_ = key;
    }
    canvas.texture(device_->target->texture(), place);
}

// The first change after a rest is drawn whole: most are the only one.
SplatsPicture::Sketch SplatsPicture::sketch_of(const SplatsScene& scene, bool changed,
                                               bool exporting) {
    if (exporting) return {};  // is no movement: what is shown meanwhile stays as it is
    const int before = quiet_;
    quiet_ = changed ? 0 : std::min(quiet_ + 1, 1000);
    if (quiet_ >= kQuietFrames) return {};
    if (!changed) return sketch_;
    if (before >= kQuietFrames) return {};
    const double points = std::max(ms_a_point_, 0.0) * static_cast<double>(scene.points.size());
    const double bodies = ms_a_body_ * static_cast<double>(scene.bodies.size());
    const double every = std::clamp(std::ceil(points / most_ms_), 1.0, kMostEvery);
    return {static_cast<std::size_t>(every), bodies > most_ms_};
}

// A renderer that is a program works while it is told to draw, a card later: then points and bodies
// cost next to nothing here and are all drawn in full.
void SplatsPicture::draw_points(const SplatsScene& scene, float size, const OrbitCamera& camera,
                                const DepthFade& fade) {
    const Clock::time_point start = Clock::now();
    device_->points.draw(size, camera, fade, sketch_.every);
    learn(ms_since(start), scene.points.size() / sketch_.every, ms_a_point_);
}

void SplatsPicture::draw_bodies(const std::vector<SplatBody>& bodies, const OrbitCamera& camera,
                                const DepthFade& fade) {
    const Clock::time_point start = Clock::now();
    device_->splats.draw_translucent(bodies, camera, fade, sketch_.coarse);
    if (!sketch_.coarse) learn(ms_since(start), bodies.size(), ms_a_body_);
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

void SplatsPicture::paint(const ViewContext& context, const SplatsScene& scene,
                          const OrbitCamera& camera) {
    const Colour panel = context.theme.panel;
    const SceneScope scope(*device_->target, panel.with_alpha(context.transparent ? 0.0F : 1.0F));
    DepthFade fade;
    fade.near = camera.distance - 0.5 * scene.frame.radius;
    fade.far = camera.distance + 1.6 * scene.frame.radius;
    fade.most = kMostFade;
    fade.ground = panel;
    const float size = point_size(scene.points.size()) * context.scale;
    const bool with_bodies = context.session.desk.splats.style == SplatStyle::ellipsoids;
    std::vector<SplatBody> bodies;
    if (with_bodies) bodies = drawn_bodies(scene);
    device_->splats.draw_opaque(bodies, camera, fade, sketch_.coarse);
    device_->ground.draw(camera, fade);
    device_->lines.draw(camera, fade);
    draw_points(scene, size, camera, fade);
    DepthFade none = fade;
    none.most = 0.0F;
    // A few that are lit are all seen while the picture moves.
    const std::size_t lit_every = scene.lit_points.size() > kFewLit ? sketch_.every : 1;
    device_->lit_points.draw(1.9F * size, camera, none, lit_every);
    draw_bodies(bodies, camera, fade);
    if (scene.soft) device_->gaussians.draw(camera, fade);
    device_->lines.draw(camera, fade, kShowsThrough);
}

}  // namespace splatscope
