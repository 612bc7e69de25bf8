#include <epoxy/gl.h>

#include "app/views/splats_scene.h"
#include "app/views/view_names.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace splatscope {
namespace {

constexpr float kPickPixels = 6.0F;
constexpr double kWheelStep = 1.15;
constexpr int kSamples = 8;
constexpr std::size_t kLabels = 14;

// What a click on the picture meets.
struct Picked {
    std::optional<std::size_t> body;
    std::optional<std::uint32_t> token;
};

class SplatsView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "splats"; }
    [[nodiscard]] std::string title() const override { return "Splats 3-D"; }
    [[nodiscard]] std::string help() const override {
        return "Each splat is a Gaussian; its ellipsoid is the exact image of R Sigma R^T under the three axes shown, at the chosen "
               "number of standard deviations.\nPoints are tokens at the coordinates of one level. A token outside an ellipsoid is "
               "certainly outside the splat; inside means possibly.\nUnits: coordinates of mean square 1.\n"
               "Drag orbits, right drag pans, the wheel zooms at the pointer, double click frames, click selects (Shift adds, Ctrl "
               "removes).";
    }
    [[nodiscard]] Place place() const override { return Place::right_top; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"view.splats.sigma", "view.splats.style", "view.splats.points", "view.splats.points_level", "view.splats.point_colour",
                "view.splats.labels", "camera.orthographic"};
    }

    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.layout) return "";
        double explained = 0.0;
        for (const double share : snapshot.layout->explained) explained += share;
        const SplatsDesk& desk = context.session.desk.splats;
        std::string text = fmt::format("{}, {} of variance", snapshot.layout->axes_name, percent_text(explained, 0));
        if (desk.style != SplatStyle::centres)
            text += fmt::format(" \u00b7 {}\u03c3 holds {}", number_text(desk.sigma), percent_text(mass_within(desk.sigma), 1));
        if (desk.points && snapshot.dataset && snapshot.dataset->size() > 200000)
            text += fmt::format(" \u00b7 showing 200,000 of {}, stratified", count_text(snapshot.dataset->size()));
        return text;
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context, const Pointer& pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.layout || !snapshot.registry || !snapshot.factors) {
            draw_empty_state(canvas, context.theme, nothing_yet(snapshot));
            drawn.waiting = !context.session.document.sources.empty() && snapshot.error.empty();
            return drawn;
        }
        update_scene(context);
        OrbitCamera camera = camera_for(context, canvas.bounds());
        move(camera, pointer, drawn);
        draw_scene(canvas, context, camera);
        draw_labels(canvas, context, camera, drawn);
        draw_legend(canvas, context, pointer, drawn);
        draw_axes(canvas, context, camera);
        point_at_things(canvas, context, camera, pointer, drawn);
        for (const SplatsScene::Body& body : scene_.bodies)
            if (body.lit) drawn.lit_splats.push_back(body.id);
        if (context.look.linked) drawn.lit_tokens = context.look.linked->tokens;
        return drawn;
    }

  private:
    // The scene depends on what is computed, lit and chosen, never on the camera.
    struct SceneKey {
        const void* layout = nullptr;
        const void* linked = nullptr;
        const void* measures = nullptr;
        hsa::Selection selection;
        SplatsDesk desk;
        ThemeName theme = ThemeName::dark;
        bool operator==(const SceneKey&) const = default;
    };

    void update_scene(const ViewContext& context) {
        SceneKey key;
        key.layout = context.snapshot.layout.get();
        key.linked = context.look.linked.get();
        key.measures = context.snapshot.measures.get();
        key.selection = context.session.document.selection;
        key.desk = context.session.desk.splats;
        const SplatsDesk plain;
        key.desk.pivot = plain.pivot;
        key.desk.yaw = plain.yaw;
        key.desk.pitch = plain.pitch;
        key.desk.distance = plain.distance;
        key.desk.orthographic = plain.orthographic;
        key.theme = context.session.desk.theme;
        if (key == scene_key_ && !scene_.bodies.empty()) return;
        scene_key_ = key;
        scene_ = make_splats_scene(context);
        scene_.points_key = ++scene_count_;
    }

    OrbitCamera camera_for(const ViewContext& context, const Rect& bounds) {
        const SplatsDesk& desk = context.session.desk.splats;
        OrbitCamera camera;
        camera.yaw = desk.yaw;
        camera.pitch = desk.pitch;
        camera.orthographic = desk.orthographic;
        camera.width = static_cast<double>(bounds.width());
        camera.height = static_cast<double>(bounds.height());
        if (desk.distance > 0.0) {
            camera.pivot = desk.pivot;
            camera.distance = desk.distance;
        } else {
            camera.pivot = scene_.middle;
            camera.distance = camera.framing_distance(scene_.radius);
        }
        if (!context.exporting && held_) {
            held_->width = camera.width;
            held_->height = camera.height;
            held_->orthographic = camera.orthographic;
            return *held_;
        }
        return camera;
    }

    // While a gesture lasts the camera is the view's own; one command when it ends.
    void move(OrbitCamera& camera, const Pointer& pointer, Drawn& drawn) {
        const bool dragging = pointer.down[0] || pointer.down[1] || pointer.down[2];
        if (dragging && (pointer.moved.x != 0.0F || pointer.moved.y != 0.0F) && !pointer.shift) {
            if (pointer.down[0]) camera.orbit(static_cast<double>(pointer.moved.x), static_cast<double>(pointer.moved.y));
            else camera.pan(static_cast<double>(pointer.moved.x), static_cast<double>(pointer.moved.y));
            held_ = camera;
        }
        if (pointer.inside && pointer.wheel != 0.0F) {
            const double power = static_cast<double>(pointer.wheel) * (pointer.ctrl ? 0.25 : pointer.shift ? 3.0 : 1.0);
            const Vec2 local = {pointer.position.x - origin_.x, pointer.position.y - origin_.y};
            camera.zoom(std::pow(kWheelStep, power), local);
            held_ = camera;
        }
        if (held_ && !dragging) {
            drawn.commands.push_back(fmt::format("camera.set {} {} {} {} {} {}", held_->yaw, held_->pitch, held_->distance, held_->pivot[0],
                                                 held_->pivot[1], held_->pivot[2]));
            held_.reset();
        }
        drawn.animating = dragging;
    }

    void draw_scene(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera) {
        const Rect bounds = canvas.bounds();
        origin_ = bounds.min;
        const int width = std::max(16, static_cast<int>(std::lround(bounds.width() * context.scale)));
        const int height = std::max(16, static_cast<int>(std::lround(bounds.height() * context.scale)));
        GLint before = 0;
        glGetIntegerv(GL_FRAMEBUFFER_BINDING, &before);
        GLint viewport[4] = {};
        glGetIntegerv(GL_VIEWPORT, viewport);
        if (!target_ || target_->width() != width || target_->height() != height) target_.emplace(width, height, kSamples);
        if (!painter_) painter_.emplace();
        OrbitCamera device = camera;
        device.width = width;
        device.height = height;
        target_->bind();
        const Colour panel = context.theme.panel;
        const float alpha = context.transparent ? 0.0F : 1.0F;
        painter_->clear({static_cast<float>(panel.r) / 255.0F, static_cast<float>(panel.g) / 255.0F, static_cast<float>(panel.b) / 255.0F, alpha});
        const float point_size = (scene_.points.size() > 20000 ? 2.2F : 3.4F) * context.scale;
        painter_->points(scene_.points, scene_.points_key, point_size, device);
        painter_->points(scene_.lit_points, 0, 2.0F * point_size, device);
        const Colour accent = context.theme.accent;
        painter_->ellipsoids(scene_.ellipsoids, device,
                             {static_cast<float>(accent.r) / 255.0F, static_cast<float>(accent.g) / 255.0F, static_cast<float>(accent.b) / 255.0F});
        target_->resolve();
        glBindFramebuffer(GL_FRAMEBUFFER, static_cast<GLuint>(before));
        glViewport(viewport[0], viewport[1], viewport[2], viewport[3]);
        glDisable(GL_DEPTH_TEST);
        canvas.texture(target_->texture(), bounds);
    }

    [[nodiscard]] std::optional<Vec2> on_screen(const Canvas& canvas, const OrbitCamera& camera, const Vec3& point) const {
        const auto projected = camera.project(point);
        if (!projected) return std::nullopt;
        const Vec2 place = {canvas.bounds().min.x + projected->position.x, canvas.bounds().min.y + projected->position.y};
        if (!canvas.bounds().contains(place)) return std::nullopt;
        return place;
    }

    // Names of what is lit, then of the splats used most, coarse before fine; never one over another.
    void draw_labels(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera, Drawn& drawn) const {
        std::vector<std::size_t> order(scene_.bodies.size());
        for (std::size_t b = 0; b < order.size(); ++b) order[b] = b;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            const SplatsScene::Body& x = scene_.bodies[a];
            const SplatsScene::Body& y = scene_.bodies[b];
            if (x.lit != y.lit) return x.lit;
            if (x.level != y.level) return x.level > y.level;
            return x.usage > y.usage;
        });
        std::size_t written = 0;
        for (const std::size_t b : order) {
            const SplatsScene::Body& body = scene_.bodies[b];
            const auto place = on_screen(canvas, camera, body.centre);
            if (!place) continue;
            drawn.hits.push_back({fmt::format("splat {}", body.id), {{place->x - 4.0F, place->y - 4.0F}, {place->x + 4.0F, place->y + 4.0F}},
                                  fmt::format("select.splats {}", body.id)});
            if (!context.session.desk.splats.labels || written >= kLabels) continue;
            const TextStyle style{body.lit ? context.theme.text : mix(context.theme.text, context.theme.secondary, 0.4F),
                                  body.lit ? Font::bold : Font::text, kSmallTextSize, Align::centre, Align::centre};
            if (canvas.label(*place, splat_name(context.snapshot, body.id), style)) ++written;
        }
        if (context.session.desk.splats.style == SplatStyle::rings)
            for (const SplatsScene::Body& body : scene_.bodies)
                if (const auto place = on_screen(canvas, camera, body.centre))
                    canvas.circle_outline(*place, 3.0F, level_colour(body.level), 1.5F);
    }

    // Levels as a legend; a click shows or hides one.
    void draw_legend(Canvas& canvas, const ViewContext& context, const Pointer& pointer, Drawn& drawn) const {
        const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
        const std::set<std::string>& hidden = context.session.desk.splats.hidden_levels;
        float y = canvas.bounds().max.y - 12.0F - 18.0F * static_cast<float>(hierarchy.size());
        const float right = canvas.bounds().max.x - 12.0F;
        for (std::size_t l = 0; l < hierarchy.size(); ++l, y += 18.0F) {
            const std::string& name = hierarchy.levels[l].name;
            const bool shown = hidden.count(name) == 0;
            const Colour colour = shown ? level_colour(l) : context.theme.secondary;
            const TextStyle style{colour, Font::text, kSmallTextSize, Align::end, Align::start};
            const std::string label = fmt::format("{}  {}", name, context.snapshot.registry->count(l));
            const Rect place = canvas.text({right - 14.0F, y}, label, style);
            if (shown) canvas.circle({right - 4.0F, place.centre().y}, 4.0F, colour);
            else canvas.circle_outline({right - 4.0F, place.centre().y}, 4.0F, colour, 1.0F);
            std::string list;
            for (const std::string& other : hidden)
                if (other != name) list += (list.empty() ? "" : ",") + other;
            if (shown) list += (list.empty() ? "" : ",") + name;
            const Hit hit{"level " + name, {place.min, {right, place.max.y}}, fmt::format("set view.splats.hidden \"{}\"", list)};
            if (pointer.clicked && hit.place.contains(pointer.position)) drawn.commands.push_back(hit.command);
            drawn.hits.push_back(hit);
        }
    }

    // The three axes with the share of variance each explains.
    void draw_axes(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera) const {
        constexpr float kLength = 34.0F;
        const Vec2 corner = {canvas.bounds().min.x + 52.0F, canvas.bounds().max.y - 50.0F};
        for (std::size_t a = 0; a < 3; ++a) {
            Vec3 unit{};
            unit[a] = 1.0;
            const Vec2 tip = {corner.x + kLength * static_cast<float>(dot(unit, camera.right())),
                              corner.y - kLength * static_cast<float>(dot(unit, camera.up()))};
            canvas.line(corner, tip, context.theme.secondary, 1.5F);
            const TextStyle style{context.theme.secondary, Font::text, 12.0F, Align::centre, Align::centre};
            const Vec2 beyond = {corner.x + 1.5F * (tip.x - corner.x), corner.y + 1.35F * (tip.y - corner.y)};
            canvas.label(beyond, fmt::format("{} {}", a + 1, percent_text(context.snapshot.layout->explained[a], 0)), style);
        }
    }

    [[nodiscard]] Picked pick(const Canvas& canvas, const OrbitCamera& camera, Vec2 at) const {
        Picked picked;
        const Vec2 local = {at.x - canvas.bounds().min.x, at.y - canvas.bounds().min.y};
        const Ray ray = camera.ray(local);
        // A small body in front of or inside a large shell is what was meant: the finest level hit wins, then
        // the nearest.
        double nearest = 0.0;
        for (std::size_t b = 0; b < scene_.bodies.size(); ++b) {
            const double distance = ray_ellipsoid(ray, scene_.bodies[b].centre, scene_.ellipsoids[b].shape);
            if (distance < 0.0) continue;
            const bool better = !picked.body || scene_.bodies[b].level < scene_.bodies[*picked.body].level ||
                                (scene_.bodies[b].level == scene_.bodies[*picked.body].level && distance < nearest);
            if (!better) continue;
            picked.body = b;
            nearest = distance;
        }
        if (picked.body && scene_.bodies[*picked.body].level == 0) return picked;
        float best = kPickPixels;
        for (std::size_t p = 0; p < scene_.points.size(); ++p) {
            const auto& at_point = scene_.points[p].position;
            const auto place = camera.project({static_cast<double>(at_point[0]), static_cast<double>(at_point[1]), static_cast<double>(at_point[2])});
            if (!place) continue;
            const float gap = std::hypot(place->position.x - local.x, place->position.y - local.y);
            if (gap < best) {
                best = gap;
                picked.token = scene_.point_token[p];
            }
        }
        if (picked.token) picked.body.reset();
        return picked;
    }

    void point_at_things(const Canvas& canvas, const ViewContext& context, const OrbitCamera& camera, const Pointer& pointer, Drawn& drawn) const {
        if (!pointer.inside || pointer.down[0] || pointer.down[1] || pointer.down[2]) return;
        if (std::any_of(drawn.hits.begin(), drawn.hits.end(), [&](const Hit& hit) { return hit.id.starts_with("level") && hit.place.contains(pointer.position); })) {
            drawn.tooltip = "click to show or hide this level";
            return;
        }
        const Picked picked = pick(canvas, camera, pointer.position);
        const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
        if (pointer.double_clicked) {
            if (picked.body) {
                const SplatsScene::Body& body = scene_.bodies[*picked.body];
                const auto& shape = scene_.ellipsoids[*picked.body].shape;
                const double size = std::max({std::abs(static_cast<double>(shape[0])), std::abs(static_cast<double>(shape[4])), std::abs(static_cast<double>(shape[8]))});
                drawn.commands.push_back(fmt::format("camera.set {} {} {} {} {} {}", camera.yaw, camera.pitch, camera.framing_distance(2.5 * size),
                                                     body.centre[0], body.centre[1], body.centre[2]));
            } else {
                drawn.commands.emplace_back("camera.frame");
            }
            return;
        }
        if (picked.token) {
            const std::uint32_t i = *picked.token;
            drawn.tooltip = fmt::format("token {}  {}\n{}", count_text(i), context.snapshot.dataset->token_text(i), context.snapshot.dataset->context(i, 5));
            if (pointer.clicked) drawn.commands.push_back(fmt::format("select.tokens {}{}:{}", how, i, i + 1));
        } else if (picked.body) {
            const SplatsScene::Body& body = scene_.bodies[*picked.body];
            drawn.tooltip = fmt::format("{}\n{} splat {}, usage {}", splat_name(context.snapshot, body.id), level_name(context.snapshot, body.level), body.id,
                                        percent_text(body.usage));
            if (pointer.clicked) drawn.commands.push_back(fmt::format("select.splats {}{}", how, body.id));
        } else if (pointer.clicked && !context.session.document.selection.empty()) {
            drawn.commands.emplace_back("select.none");
        }
    }

    SplatsScene scene_;
    SceneKey scene_key_;
    std::uint64_t scene_count_ = 0;
    std::optional<RenderTarget> target_;
    std::optional<ScenePainter> painter_;
    std::optional<OrbitCamera> held_;
    Vec2 origin_;
};

}  // namespace

std::unique_ptr<View> make_splats_view() { return std::make_unique<SplatsView>(); }

}  // namespace splatscope
