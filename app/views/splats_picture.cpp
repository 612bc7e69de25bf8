#include "app/views/splats_picture.h"

#include "app/render/scene.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr int kSamples = 8;
constexpr float kMostFade = 0.6F;
constexpr float kShowsThrough = 0.45F;  // of edges and trails, through the bodies around them

// Many points are drawn smaller, so that their density stays visible.
float point_size(std::size_t points) {
    const auto n = static_cast<float>(std::max<std::size_t>(points, 1));
    return std::clamp(3.6F * std::pow(5000.0F / n, 0.2F), 1.6F, 4.4F);
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
    if (!device_ || !(key == key_)) {
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
    device_->splats.draw_opaque(bodies, camera, fade);
    device_->ground.draw(camera, fade);
    device_->lines.draw(camera, fade);
    device_->points.draw(size, camera, fade);
    DepthFade none = fade;
    none.most = 0.0F;
    device_->lit_points.draw(1.9F * size, camera, none);
    device_->splats.draw_translucent(bodies, camera, fade);
    if (scene.soft) device_->gaussians.draw(camera, fade);
    device_->lines.draw(camera, fade, kShowsThrough);
}

}  // namespace splatscope
