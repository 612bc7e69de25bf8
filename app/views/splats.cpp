#include "app/views/splats_axes.h"
#include "app/views/splats_camera.h"
#include "app/views/splats_cube.h"
#include "app/views/splats_distance.h"
#include "app/views/splats_handles.h"
#include "app/views/splats_kept.h"
#include "app/views/splats_legend.h"
#include "app/views/splats_marks.h"
#include "app/views/splats_motion.h"
#include "app/views/splats_opacity.h"
#include "app/views/splats_pick.h"
#include "app/views/splats_picture.h"
#include "app/views/splats_scene.h"
#include "app/views/splats_surgery.h"
#include "app/views/view_names.h"
#include "app/views/view_waiting.h"
#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

namespace splatscope {
namespace {

constexpr float kClickSlack = 4.0F;  // pixels the pointer may move in a click

class SplatsView : public View {
  public:
    [[nodiscard]] std::string id() const override { return "splats"; }
    [[nodiscard]] std::string title() const override { return "Splats 3-D"; }
    [[nodiscard]] std::string help() const override {
        return "Each splat is a Gaussian; its ellipsoid is the exact image R Sigma R^T under the "
               "three axes shown, at the chosen number of standard deviations.\n"
               "Opacity says how much a splat is used against the mean of its level, or what "
               "view.splats.opacity names; coarse levels are shells.\n"
               "Points are tokens at the coordinates of one level, in the colour and shape of "
               "their "
               "section, label or class. A token outside an ellipsoid of "
               "that "
               "level is certainly outside the splat; inside means possibly (point_colour inside "
               "counts both). Dots are selected tokens, rings those that answer to them.\n"
               "Units: coordinates of mean square 1.\n"
               "The axes are those of the largest variance of the splats, or what axes.tokens, "
               "axes.separate (LDA), axes.between and axes.tour choose: distances are never longer "
               "here than they are.\n"
               "Drag orbits, right or middle drag pans, the wheel zooms at the pointer (Ctrl fine, "
               "Shift fast), double click makes a thing the middle.\n"
               "Click selects (Shift adds, Ctrl removes), again on the same place what stands "
               "behind; Shift+drag selects a rectangle, "
               "Shift+Ctrl+drag a lasso.\n"
               "Soft splats have no surface: each is half its opacity times exp(-r^2 / 2), blended "
               "from the "
               "farthest to the nearest centre.\n"
               "Handles on the one selected splat move it along the axes shown (the rest of its "
               "place stays), widen, stretch, weigh and turn it; the other views follow while "
               "you drag, the release is one edit, Esc puts it back.";
    }
    [[nodiscard]] Place place() const override { return Place::right_top; }
    [[nodiscard]] std::vector<std::string> settings() const override {
        return {"view.splats.sigma",   "view.splats.style",        "view.splats.opacity",
                "view.splats.points",  "view.splats.points_level", "view.splats.point_colour",
                "view.splats.labels",  "view.splats.edges",        "view.splats.trails",
                "view.splats.grid",    "view.splats.cube",         "view.splats.tour_speed",
                "view.splats.handles", "camera.everything",        "camera.orthographic"};
    }

    [[nodiscard]] std::string subtitle(const ViewContext& context) const override {
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.layout) return "";
        if (!context.exporting && !motion_.words().empty())
            return picture_.every() > 1 ? fmt::format("{} \u00b7 1 of {} points drawn",
                                                      motion_.words(), picture_.every())
                                        : motion_.words();
        double explained = 0.0;
        for (const double share : snapshot.layout->explained) explained += share;
        const SplatsDesk& desk = context.session.desk.splats;
        std::string text = fmt::format("{}, {} of variance", snapshot.layout->axes_name,
                                       percent_text(explained, 0));
        if (desk.style == SplatStyle::soft)
            text += fmt::format(" \u00b7 soft, {}\u03c3 wide", number_text(desk.sigma));
        else if (desk.style != SplatStyle::centres)
            text += fmt::format(" \u00b7 {}\u03c3 holds {}", number_text(desk.sigma),
                                percent_text(mass_within(desk.sigma), 1));
        if (snapshot.registry && desk.opacity != SplatsDesk{}.opacity)
            if (const std::string says = splat_opacity(context).says; !says.empty())
                text += " \u00b7 " + says;
        if (picture_.every() > 1 && !context.exporting)
            text += fmt::format(" \u00b7 {} of {} tokens while it moves",
                                count_text(scene_.points.size() / picture_.every()),
                                count_text(snapshot.dataset ? snapshot.dataset->size() : 0));
        else if (desk.points && snapshot.dataset && snapshot.dataset->size() > kMostPoints)
            text += fmt::format(" \u00b7 showing {} of {}, stratified", count_text(kMostPoints),
                                count_text(snapshot.dataset->size()));
        return text;
    }

    [[nodiscard]] Drawn draw(Canvas& canvas, const ViewContext& context,
                             const Pointer& whole_pointer) override {
        Drawn drawn;
        const hsa::Snapshot& snapshot = context.snapshot;
        if (!snapshot.layout || !snapshot.registry || !snapshot.factors || !snapshot.dataset) {
            // Meanwhile what the first picture needs is compiled, a part a frame.
            if (!context.exporting && picture_.prepare()) drawn.animating = true;
            draw_nothing(canvas, context, drawn);
            return drawn;
        }
        const Rect bounds = canvas.bounds();
        // While axes move the handles would stand where the splat is not.
        const Pointer pointer =
            moving_ ? whole_pointer : handles_.take(context, bounds, whole_pointer, drawn);
        const bool changed = update_scene(context, !drawn.preview.empty());
        const bool moved = moving_;
        moving_ = motion_.move(context, still_, still_number_, kept_, scene_, drawn);
        if (!moving_ && (changed || moved)) scene_ = still_;
        if (moving_ || changed || moved) {
            ++numbers_.whole;
            ++numbers_.bodies;
        }
        if (!moving_ && handles_.follow(context, scene_, numbers_.whole)) ++numbers_.bodies;
        const std::vector<Rect> taken = taken_places(canvas, context, scene_);
        const OrbitCamera camera = camera_.frame(context, bounds, scene_, taken,
                                                 legend_margin(canvas, taken), pointer, drawn);
        // The header, which names the share of the tokens, was drawn before the picture.
        const bool was_sketch = picture_.is_sketch();
        picture_.draw(canvas, bounds, context, scene_, numbers_, camera);
        if (was_sketch || picture_.is_sketch()) drawn.animating = true;
        const std::vector<Rect> signs = draw_outlines(canvas, context, scene_, camera);
        if (context.session.desk.splats.points && !moving_) draw_asked(canvas, context, camera);
        if (!moving_) draw_axis_lines(canvas, context, camera);
        std::vector<Rect> plates;
        draw_legend(canvas, context, scene_, pointer, drawn, plates);
        const std::size_t axes_plate = plates.size();
        const float right_of_axes = draw_axes(canvas, context, scene_, camera, plates);
        if (axes_plate < plates.size() && pointer.inside &&
            plates[axes_plate].contains(pointer.position))
            drawn.tooltip = axes_tooltip(context);
        draw_scale_bar(canvas, context, scene_, camera, right_of_axes, plates);
        draw_cube(canvas, context, camera, pointer, drawn, plates);
        draw_surgery(canvas, context, pointer, drawn, plates);
        if (!moving_) handles_.draw(canvas, context, camera, pointer, drawn, plates);
        draw_notes(canvas, context, scene_, camera, pointer, drawn, plates);
        if (!moving_) {
            draw_axes_note(canvas, context, plates);
            draw_axis_names(canvas, context, camera, plates);
        }
        draw_names(canvas, context, scene_, camera, plates, signs, drawn);
        if (!take_region(canvas, context, camera, pointer, drawn) && !camera_.dragging())
            take_pointer(context, bounds, camera, pointer, drawn);
        for (const SplatsScene::Body& body : scene_.bodies)
            if (body.lit) drawn.lit_splats.push_back(body.id);
        drawn.lit_tokens = context.look.linked;
        drawn.mark = mark_of_attention(snapshot);
        return drawn;
    }

  private:
    // What the scene is made of.
    struct SceneKey {
        std::shared_ptr<const hsa::Layout> layout;
        std::shared_ptr<const hsa::Linked> linked;
        std::shared_ptr<const hsa::Measures> measures;
        std::shared_ptr<const hsa::History> history;
        std::shared_ptr<const hsa::Factors> factors;             // whose splats tokens belong to
        std::shared_ptr<const std::vector<float>> parent_share;  // of edges and properties
        hsa::Selection selection;
        SplatsDesk desk;
        ThemeName theme = ThemeName::dark;
        ColourMapName colours = ColourMapName::viridis;
        const Theme* look = nullptr;  // that of paper on white ground
        bool operator==(const SceneKey&) const = default;
    };

    // True where the still scene is another now. What a preview lights up (look.linked is another
    // with each) does not make it again: the splat that is dragged would lag behind its handle.
    bool update_scene(const ViewContext& context, bool previewing) {
        SceneKey key{context.snapshot.layout,
                     context.look.linked,
                     context.snapshot.measures,
                     context.snapshot.history,
                     context.snapshot.factors,
                     context.snapshot.parent_share,
                     context.session.document.selection,
                     context.session.desk.splats,
                     context.session.desk.theme,
                     context.session.desk.map.colours};
        key.look = &context.theme;
        if (previewing) key.linked = scene_key_.linked;
        const SplatsDesk plain;
        key.desk.pivot = plain.pivot;
        key.desk.yaw = plain.yaw;
        key.desk.pitch = plain.pitch;
        key.desk.distance = plain.distance;
        key.desk.orthographic = plain.orthographic;
        key.desk.cube = plain.cube;
        key.desk.handles = plain.handles;
        key.desk.touring = plain.touring;
        key.desk.tour_started = plain.tour_started;
        key.desk.tour_speed = plain.tour_speed;
        key.desk.cameras.clear();
        if (key.desk.way) {  // of a path the scene knows what its end frames, not how far it is
            CameraPose to;
            to.everything = key.desk.way->to.everything;
            key.desk.way = CameraWay{to, 0.0};
        }
        if (still_number_ > 0 && key == scene_key_) return false;
        scene_key_ = std::move(key);
        still_ = make_splats_scene(context, kept_);
        ++still_number_;
        return true;
    }

    // Shift+drag draws a rectangle, with Ctrl a free line; what is inside when the button comes up
    // is selected. True while it lasts.
    bool take_region(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera,
                     const Pointer& pointer, Drawn& drawn) {
        if (pointer.pressed[0] && pointer.shift) region_ = {pointer.position};
        if (region_.empty()) return false;
        const Vec2 from = region_.front();
        const Vec2 to = pointer.position;
        if (lasso_ || (pointer.ctrl && region_.size() == 1)) {
            lasso_ = true;
            if (!(region_.back() == to)) region_.push_back(to);
        }
        std::vector<Vec2> line = region_;
        if (!lasso_) line = {from, {to.x, from.y}, to, {from.x, to.y}};
        const bool is_large = std::any_of(line.begin(), line.end(), [&](Vec2 p) {
            return std::hypot(p.x - from.x, p.y - from.y) > kClickSlack;
        });
        if (pointer.down[0]) {
            if (is_large) canvas.polyline(line, context.theme.accent, 1.5F, true);
            drawn.animating = true;
            return is_large;
        }
        region_.clear();
        lasso_ = false;
        if (!is_large || !pointer.released[0]) return false;
        for (Vec2& p : line) p = {p.x - canvas.bounds().min.x, p.y - canvas.bounds().min.y};
        const auto command = select_inside(scene_, camera, line);
        drawn.commands.push_back(command ? *command : "select.none");
        return true;
    }

    // Tells what is under the pointer and takes clicks on it.
    void take_pointer(const ViewContext& context, const Rect& bounds, const OrbitCamera& camera,
                      const Pointer& pointer, Drawn& drawn) {
        const bool held = pointer.down[0] || pointer.down[1] || pointer.down[2];
        if (!pointer.inside || (held && !pointer.double_clicked) || !drawn.tooltip.empty()) return;
        const bool with_bodies = context.session.desk.splats.style != SplatStyle::centres;
        const Vec2 at = {pointer.position.x - bounds.min.x, pointer.position.y - bounds.min.y};
        const hsa::Selection& selected = context.session.document.selection;
        const PickCycle::Choice choice =
            pointer.clicked && !pointer.double_clicked && !after_double_click_
                ? cycle_.take(scene_, camera, at, with_bodies, selected)
                : cycle_.look(scene_, camera, at, with_bodies, selected);
        const Picked& picked = choice.picked;
        if (pointer.double_clicked) {
            after_double_click_ = true;  // its second release is no click
            drawn.commands.push_back(middle_command(camera, picked));
            return;
        }
        const bool clicked = pointer.clicked && !after_double_click_;
        if (pointer.clicked) after_double_click_ = false;
        const char* how = pointer.shift ? "add " : pointer.ctrl ? "remove " : "";
        if (picked.token) {
            const std::uint32_t i = *picked.token;
            drawn.tooltip = fmt::format("token {}  {}\n{}", count_text(i),
                                        context.snapshot.dataset->token_text(i),
                                        context.snapshot.dataset->context(i, 5));
            if (const std::string kind = kept_.colours.of(context, points_level(context)).words(i);
                !kind.empty())
                drawn.tooltip += "\n" + kind;
            if (const std::string far =
                    moving_ ? std::string()
                            : distance_text(context, i, points_level(context), kept_.metric);
                !far.empty())
                drawn.tooltip += "\n" + far;
            if (clicked)
                drawn.commands.push_back(fmt::format("select.tokens {}{}:{}", how, i, i + 1));
        } else if (picked.body) {
            const SplatsScene::Body& body = scene_.bodies[*picked.body];
            drawn.tooltip = fmt::format("{}\n{} splat {}, usage {} (raw {})",
                                        splat_name(context.snapshot, body.id),
                                        level_name(context.snapshot, body.level), body.id,
                                        percent_text(body.usage), raw_text(body.usage));
            if (clicked) drawn.commands.push_back(fmt::format("select.splats {}{}", how, body.id));
        } else if (clicked && !context.session.document.selection.empty()) {
            drawn.commands.emplace_back("select.none");
        }
        if (choice.hits > 1)
            drawn.tooltip += fmt::format("\n{} of {} here from the front: click again for the next",
                                         choice.place + 1, choice.hits);
    }

    // A double click makes a splat or token the middle and comes near; beside them everything is
    // framed.
    [[nodiscard]] std::string middle_command(const OrbitCamera& camera,
                                             const Picked& picked) const {
        Vec3 pivot;
        double distance = camera.distance;
        if (picked.token) {
            pivot = *picked.point;
        } else if (picked.body) {
            const Ellipsoid& shape = scene_.bodies[*picked.body].drawn.shape;
            pivot = shape.centre;
            distance = camera.framing_distance(2.5 * shape.radius_bound());
        } else {
            return "camera.frame";
        }
        return fmt::format("camera.set {} {} {} {} {} {}", camera.yaw, camera.pitch, distance,
                           pivot[0], pivot[1], pivot[2]);
    }

    SplatsScene still_;  // at rest
    SplatsScene scene_;  // as it is drawn
    bool moving_ = false;
    SplatsMotion motion_;
    SplatsKept kept_;
    SceneKey scene_key_;
    std::uint64_t still_number_ = 0;
    SceneNumbers numbers_;
    SplatsCamera camera_;
    SplatsPicture picture_;
    SplatsHandles handles_;
    PickCycle cycle_;
    bool after_double_click_ = false;
    std::vector<Vec2> region_;  // of the selection being drawn, in canvas pixels
    bool lasso_ = false;
};

}  // namespace

std::unique_ptr<View> make_splats_view() { return std::make_unique<SplatsView>(); }

}  // namespace splatscope
