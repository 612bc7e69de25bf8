#include "app/views/splats_handles.h"

#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace splatscope {
namespace {

constexpr float kGrip = 9.0F;      // pixels around a handle that take it
constexpr float kSlack = 2.0F;     // pixels that a hand may shake
constexpr double kArrow = 62.0;    // pixels of an arrow that is seen from the side
constexpr double kStretch = 48.0;  // the same of a handle that stretches
constexpr float kLeastArrow = 16.0F;
constexpr float kLeastReach = 34.0F;  // of the handles around a small splat
constexpr float kClear = 17.0F;       // pixels between handles
constexpr float kDoublings = 5.0F;    // of the amplitude, from its middle to an end
constexpr float kNumber = 15.0F;      // pixels from the tip of an arrow to its number
constexpr float kSlider = 40.0F;      // half of it
constexpr float kEdge = 14.0F;        // pixels between handles and the border
constexpr int kMostFramesSent = 60;   // for a command to come back; then it failed
constexpr std::size_t kOutlinePoints = 72;

Vec2 on_canvas(const Rect& bounds, Vec2 at) { return {bounds.min.x + at.x, bounds.min.y + at.y}; }
Vec2 from_corner(const Rect& bounds, Vec2 at) { return {at.x - bounds.min.x, at.y - bounds.min.y}; }
float apart(Vec2 a, Vec2 b) { return std::hypot(a.x - b.x, a.y - b.y); }

// With room for `half` above and below.
Vec2 kept_inside(const Rect& bounds, Vec2 at, float half) {
    const auto within = [](float x, float low, float high) {
        return std::clamp(x, low, std::max(low, high));
    };
    return {within(at.x, bounds.min.x + kEdge, bounds.max.x - kEdge),
            within(at.y, bounds.min.y + kEdge + half, bounds.max.y - kEdge - half)};
}

// Distance of a point from a line between two others.
float from_line(Vec2 at, Vec2 a, Vec2 b) {
    const Vec2 way = {b.x - a.x, b.y - a.y};
    const float square = way.x * way.x + way.y * way.y;
    const float t =
        square > 0.0F
            ? std::clamp(((at.x - a.x) * way.x + (at.y - a.y) * way.y) / square, 0.0F, 1.0F)
            : 0.0F;
    return apart(at, {a.x + t * way.x, a.y + t * way.y});
}

// Places around a drawn splat for handles that keep clear of its arrows and of each other.
class Surroundings {
  public:
    Surroundings(const Rect& bounds, Vec2 middle, std::vector<Vec2> edge)
        : bounds_(bounds), middle_(middle), outline_(std::move(edge)) {}

    // What stands there already, from end to end.
    void take(Vec2 from, Vec2 to) { taken_.emplace_back(from, to); }
    // The first place in one of the directions, `beyond` what is drawn, that is clear; the clearest
    // where none is. `half`: of what stands there, upwards and downwards.
    [[nodiscard]] Vec2 find(std::span<const Vec2> ways, float beyond, float half) const {
        Vec2 best = middle_;
        float most = -1.0F;
        for (const float more : {0.0F, 18.0F, 36.0F, 54.0F})
            for (const Vec2& way : ways) {
                const float far = reach(way) + beyond + more;
                const Vec2 at =
                    kept_inside(bounds_, {middle_.x + far * way.x, middle_.y + far * way.y}, half);
                const float room = clearance(at, half);
                if (room >= kClear) return at;
                if (room <= most) continue;
                most = room;
                best = at;
            }
        return best;
    }

  private:
    [[nodiscard]] float reach(Vec2 way) const {
        float most = kLeastReach;
        for (const Vec2& p : outline_)
            most = std::max(most, (p.x - middle_.x) * way.x + (p.y - middle_.y) * way.y);
        return most;
    }
    [[nodiscard]] float clearance(Vec2 at, float half) const {
        float least = apart(at, middle_);
        for (const auto& [from, to] : taken_)
            for (const float step : {-1.0F, -0.5F, 0.0F, 0.5F, 1.0F})
                least = std::min(least, from_line({at.x, at.y + step * half}, from, to));
        return least;
    }

    Rect bounds_;
    Vec2 middle_;
    std::vector<Vec2> outline_;
    std::vector<std::pair<Vec2, Vec2>> taken_;
};

void add_arrows(const HandledSplat& splat, const Vec3& centre, const OrbitCamera& camera,
                const Rect& bounds, Vec2 middle, double depth, std::vector<Handle>& handles) {
    const double unit =
        camera.pixel_length() * (camera.orthographic ? 1.0 : depth / camera.distance);
    for (std::size_t a = 0; a < 3; ++a) {
        Vec3 tip = centre;
        tip[a] += kArrow * unit;
        const auto place = camera.project(tip);
        if (!place) continue;
        Handle handle;
        handle.kind = static_cast<HandleKind>(a);
        handle.grip = on_canvas(bounds, place->position);
        if (apart(handle.grip, middle) < kLeastArrow) continue;
        handle.line = {middle, handle.grip};
        handle.words = fmt::format("drag to move splat {} along axis {}", splat.id, a + 1);
        handles.push_back(std::move(handle));
    }
}

// On the other side of the arrows, where the kind of the splat can be stretched.
void add_stretches(const HandledSplat& splat, const SplatChange& now, const Vec3& centre,
                   const OrbitCamera& camera, const Rect& bounds, Vec2 middle, double depth,
                   std::vector<Handle>& handles) {
    if (!splat.why_not_stretched.empty()) return;
    const double unit =
        camera.pixel_length() * (camera.orthographic ? 1.0 : depth / camera.distance);
    for (std::size_t a = 0; a < 3; ++a) {
        Vec3 end = centre;
        end[a] -= kStretch * unit * (now.along[a] != 0.0 ? now.stretch : 1.0);
        const auto place = camera.project(end);
        if (!place) continue;
        Handle handle;
        handle.kind = static_cast<HandleKind>(static_cast<std::size_t>(HandleKind::stretch1) + a);
        handle.grip = on_canvas(bounds, place->position);
        if (apart(handle.grip, middle) < kLeastArrow) continue;
        handle.line = {middle, handle.grip};
        handle.words = fmt::format("drag to stretch splat {} along axis {}", splat.id, a + 1);
        handles.push_back(std::move(handle));
    }
}

// So many pixels beyond the tip of an arrow.
Vec2 beyond(const Handle& arrow, float pixels) {
    const Vec2 from = arrow.line.front();
    const float part = pixels / std::max(apart(from, arrow.grip), 1.0F);
    return {arrow.grip.x + part * (arrow.grip.x - from.x),
            arrow.grip.y + part * (arrow.grip.y - from.y)};
}

void draw_arrow(Canvas& canvas, const Handle& handle, Colour colour, Colour around) {
    const Vec2 from = handle.line.front();
    const Vec2 tip = handle.grip;
    const float reach = apart(from, tip);
    const Vec2 way = {(tip.x - from.x) / reach, (tip.y - from.y) / reach};
    const auto place = [&](float along, float across) {
        return Vec2{tip.x + along * way.x - across * way.y, tip.y + along * way.y + across * way.x};
    };
    canvas.line(from, place(-6.0F, 0.0F), around, 5.0F);
    canvas.line(from, place(-6.0F, 0.0F), colour, 2.5F);
    const std::array<Vec2, 3> edge = {place(7.0F, 0.0F), place(-8.0F, 7.5F), place(-8.0F, -7.5F)};
    const std::array<Vec2, 3> head = {place(5.0F, 0.0F), place(-6.5F, 5.5F), place(-6.5F, -5.5F)};
    canvas.polygon(edge, around);
    canvas.polygon(head, colour);
}

void draw_square(Canvas& canvas, Vec2 at, float half, Colour fill, Colour around) {
    canvas.rect(
        {{at.x - half - 1.5F, at.y - half - 1.5F}, {at.x + half + 1.5F, at.y + half + 1.5F}},
        around, 2.0F);
    canvas.rect({{at.x - half, at.y - half}, {at.x + half, at.y + half}}, fill, 1.0F);
}

void draw_dot(Canvas& canvas, Vec2 at, float radius, Colour fill, Colour around) {
    canvas.circle(at, radius + 1.5F, around);
    canvas.circle(at, radius, fill);
}

bool are_shown(const ViewContext& context) {
    const HandlesShown shown = context.session.desk.splats.handles;
    return shown == HandlesShown::always || (shown == HandlesShown::window && !context.exporting);
}

}  // namespace

std::vector<Handle> handles_of(const HandledSplat& splat, const SplatChange& now,
                               const Ellipsoid& shape, const OrbitCamera& camera,
                               const Rect& bounds) {
    const auto centre = camera.project(shape.centre);
    if (!centre) return {};
    const Vec2 middle = on_canvas(bounds, centre->position);
    std::vector<Handle> handles;
    add_arrows(splat, shape.centre, camera, bounds, middle, centre->depth, handles);
    std::vector<Vec2> outside;
    for (const Vec3& point : outline(shape, camera, kOutlinePoints))
        if (const auto place = camera.project(point))
            outside.push_back(on_canvas(bounds, place->position));
    Surroundings around(bounds, middle, std::move(outside));
    for (const Handle& arrow : handles) {
        const Vec2 tip = beyond(arrow, kNumber);
        around.take(middle, tip);
    }
    std::vector<Handle> stretches;
    add_stretches(splat, now, shape.centre, camera, bounds, middle, centre->depth, stretches);
    for (const Handle& stretch : stretches) around.take(middle, stretch.grip);
    constexpr float kSlant = 0.70710678F;
    constexpr std::array<Vec2, 8> kWays = {{{-kSlant, -kSlant},
                                            {kSlant, -kSlant},
                                            {kSlant, kSlant},
                                            {-kSlant, kSlant},
                                            {0.0F, -1.0F},
                                            {1.0F, 0.0F},
                                            {0.0F, 1.0F},
                                            {-1.0F, 0.0F}}};
    constexpr std::array<Vec2, 2> kBeside = {{{-1.0F, 0.0F}, {1.0F, 0.0F}}};
    // A slider: its middle is the amplitude of now.
    Handle amplitude;
    amplitude.kind = HandleKind::amplitude;
    const Vec2 zero = around.find(kBeside, 22.0F, kSlider);
    amplitude.line = {{zero.x, zero.y - kSlider}, {zero.x, zero.y + kSlider}};
    around.take(amplitude.line[0], amplitude.line[1]);
    amplitude.grip = {zero.x,
                      zero.y - kSlider * static_cast<float>(std::log2(now.amplitude)) / kDoublings};
    amplitude.words = fmt::format("drag up or down: amplitude of splat {}, {}", splat.id,
                                  number_text(splat.amplitude));
    Handle width;
    width.kind = HandleKind::width;
    width.grip = around.find(kWays, 0.0F, 0.0F);
    width.words = fmt::format("drag to widen or narrow splat {}", splat.id);
    width.line = {middle, width.grip};
    around.take(width.grip, width.grip);
    Handle turn;
    turn.kind = HandleKind::turn;
    turn.grip = around.find(kWays, 10.0F, 0.0F);
    turn.offered = splat.why_not_turned.empty();
    turn.words = turn.offered
                     ? fmt::format("drag to turn splat {} about the line of sight", splat.id)
                     : fmt::format("splat {} {}", splat.id, splat.why_not_turned);
    for (Handle& each : stretches) handles.push_back(std::move(each));
    for (Handle* each : {&width, &turn, &amplitude}) handles.push_back(std::move(*each));
    Handle plane;
    plane.kind = HandleKind::plane;
    plane.grip = middle;
    plane.words = fmt::format("drag to move splat {} across the picture", splat.id);
    handles.push_back(std::move(plane));
    return handles;
}

std::optional<HandledSplat> SplatsHandles::shown(const ViewContext& context) const {
    if (!are_shown(context)) return std::nullopt;
    if (held_) return held_->splat;
    if (sent_) return sent_->splat;
    return handled_splat(context);
}

// The drawn change stands for what was sent until the splats are others, or until it is clear that
// nothing comes.
void SplatsHandles::end_what_was_sent(const ViewContext& context, Drawn& drawn) {
    if (!sent_) return;
    const bool waits = ++sent_->frames <= kMostFramesSent;
    const bool taken = !(context.session.document.timeline == sent_->timeline);
    if (context.snapshot.registry != sent_->registry || (!waits && !taken)) {
        sent_.reset();
        change_ = {};
    } else {
        drawn.preview = sent_->line;
        if (waits) drawn.animating = true;
    }
}

void SplatsHandles::take_hold(const ViewContext& context, const Rect& bounds,
                              const Pointer& pointer) {
    const auto splat = handled_splat(context);
    if (!splat || !camera_) return;
    const Handle* nearest = nullptr;
    float least = kGrip;
    for (const Handle& handle : handles_) {
        const float gap = apart(handle.grip, pointer.position);
        if (gap > least) continue;
        least = gap;
        nearest = &handle;
    }
    if (nearest == nullptr || !nearest->offered) return;
    held_ = Held{nearest->kind, *splat, *camera_, from_corner(bounds, pointer.position), false};
}

void SplatsHandles::let_go(const ViewContext& context, Drawn& drawn) {
    if (!change_.is_nothing()) {
        std::string line = change_command(held_->splat, change_, *context.snapshot.layout);
        drawn.commands.push_back(line);
        drawn.preview = line;
        sent_ = Sent{context.snapshot.registry, context.session.document.timeline, held_->splat,
                     std::move(line), 0};
        drawn.animating = true;
    }
    held_.reset();
}

Pointer SplatsHandles::take(const ViewContext& context, const Rect& bounds, const Pointer& pointer,
                            Drawn& drawn) {
    end_what_was_sent(context, drawn);
    if (!held_ && !sent_ && pointer.pressed[0] && !pointer.shift && !pointer.ctrl &&
        are_shown(context))
        take_hold(context, bounds, pointer);
    if (!held_) return pointer;
    // Other splats, or another selection: what is held is no more.
    const auto now = handled_splat(context);
    const bool unseen = !pointer.down[0] && !pointer.released[0];  // let go while this was hidden
    if (pointer.escape || unseen || !now || !(*now == held_->splat)) held_->put_back = true;
    const Vec2 at = from_corner(bounds, pointer.position);
    if (held_->put_back || apart(at, held_->from) <= kSlack) change_ = {};
    else change_ = dragged(held_->kind, held_->splat, held_->camera, held_->from, at);
    drawn.animating = true;
    drawn.holding = pointer.down[0] && !held_->put_back;
    if (!change_.is_nothing()) {
        drawn.tooltip = change_words(held_->splat, change_) + "\nEsc puts it back";
        if (context.snapshot.layout)
            drawn.preview = change_command(held_->splat, change_, *context.snapshot.layout);
    }
    // A press that moves nothing stays a click on what is there.
    const bool is_click = change_.is_nothing() && !held_->put_back;
    if (!pointer.down[0]) let_go(context, drawn);
    Pointer rest = pointer;
    for (int button = 0; button < 3; ++button)
        rest.down[button] = rest.pressed[button] = rest.released[button] = false;
    rest.clicked = rest.clicked && is_click;
    rest.double_clicked = rest.double_clicked && is_click;
    return rest;
}

bool SplatsHandles::follow(const ViewContext& context, SplatsScene& scene,
                           std::uint64_t scene_number) {
    if (scene_number_ != scene_number) {
        scene_number_ = scene_number;
        applied_ = {};
        before_.reset();
    }
    if (change_ == applied_) return false;
    const auto drawn_of = [&scene](hsa::SplatId id) -> SplatBody* {
        for (SplatsScene::Body& body : scene.bodies)
            if (body.id == id) return &body.drawn;
        return nullptr;
    };
    if (before_)
        if (SplatBody* body = drawn_of(before_->id)) *body = before_->drawn;
    before_.reset();
    applied_ = change_;
    if (change_.is_nothing() || (!held_ && !sent_)) return true;
    const HandledSplat& splat = held_ ? held_->splat : sent_->splat;
    if (SplatBody* body = drawn_of(splat.id)) {
        before_ = Before{splat.id, *body};
        body->shape = changed_shape(splat, change_, context.session.desk.splats.sigma);
        body->alpha = changed_alpha(body->alpha, change_);
    }
    return true;
}

void SplatsHandles::draw(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera,
                         const Pointer& pointer, Drawn& drawn, std::vector<Rect>& plates) {
    handles_.clear();
    camera_ = camera;
    const Rect bounds = canvas.bounds();
    const std::optional<HandledSplat> splat = shown(context);
    if (!splat || bounds.width() < 160.0F || bounds.height() < 120.0F) return;
    const double sigma = context.session.desk.splats.sigma;
    const Ellipsoid shape = changed_shape(*splat, change_, sigma);
    handles_ = handles_of(*splat, change_, shape, camera, bounds);
    const Theme& theme = context.theme;
    // Where it was.
    const auto was = camera.project(splat->centre);
    const auto is = camera.project(shape.centre);
    if (!change_.is_nothing() && was && is) {
        std::vector<Vec2> ghost;
        for (const Vec3& point :
             outline(ellipsoid_at(splat->centre, splat->covariance, sigma), camera, kOutlinePoints))
            if (const auto place = camera.project(point))
                ghost.push_back(on_canvas(bounds, place->position));
        if (ghost.size() > 2) canvas.polyline(ghost, theme.secondary, 1.0F, true);
        canvas.line(on_canvas(bounds, was->position), on_canvas(bounds, is->position),
                    theme.secondary, 1.0F);
    }
    const Handle* under = nullptr;
    float least = kGrip;
    for (const Handle& handle : handles_) {
        const float gap = apart(handle.grip, pointer.position);
        if (!pointer.inside || held_ || gap > least) continue;
        least = gap;
        under = &handle;
    }
    for (const Handle& handle : handles_) {
        const bool is_held = held_ && held_->kind == handle.kind && !held_->put_back;
        const Colour colour = !handle.offered ? mix(theme.secondary, theme.panel, 0.45F)
                              : is_held || under == &handle ? theme.accent
                                                            : theme.text;
        switch (handle.kind) {
            case HandleKind::stretch1:
            case HandleKind::stretch2:
            case HandleKind::stretch3:
                canvas.line(handle.line.front(), handle.grip, theme.panel, 4.0F);
                canvas.line(handle.line.front(), handle.grip, colour, 1.5F);
                draw_square(canvas, handle.grip, 4.0F, theme.panel, colour);
                break;
            case HandleKind::width:
                canvas.line(handle.line.front(), handle.grip, theme.text.with_alpha(0.35F), 1.0F);
                draw_square(canvas, handle.grip, 4.5F, colour, theme.panel);
                break;
            case HandleKind::turn:
                canvas.circle(handle.grip, 8.0F, theme.panel);
                canvas.circle_outline(handle.grip, 5.5F, colour, 2.0F);
                if (!handle.offered)
                    canvas.line({handle.grip.x - 5.0F, handle.grip.y + 5.0F},
                                {handle.grip.x + 5.0F, handle.grip.y - 5.0F}, colour, 1.5F);
                break;
            case HandleKind::amplitude: {
                const Vec2 zero = {handle.line[0].x, 0.5F * (handle.line[0].y + handle.line[1].y)};
                canvas.line(handle.line[0], handle.line[1], theme.panel, 5.0F);
                canvas.line(handle.line[0], handle.line[1], theme.secondary, 2.0F);
                canvas.line({zero.x - 5.0F, zero.y}, {zero.x + 5.0F, zero.y}, theme.secondary,
                            2.0F);
                draw_dot(canvas, handle.grip, 5.0F, colour, theme.panel);
                break;
            }
            case HandleKind::plane: draw_dot(canvas, handle.grip, 5.5F, colour, theme.panel); break;
            default: draw_arrow(canvas, handle, colour, theme.panel); break;
        }
        const Rect place = {{handle.grip.x - 4.0F, handle.grip.y - 4.0F},
                            {handle.grip.x + 4.0F, handle.grip.y + 4.0F}};
        constexpr std::array<const char*, 10> kNames = {
            "axis 1",    "axis 2", "axis 3",    "plane",     "width",
            "amplitude", "turn",   "stretch 1", "stretch 2", "stretch 3"};
        drawn.hits.push_back(
            {fmt::format("handle {}", kNames[static_cast<std::size_t>(handle.kind)]), place, ""});
        plates.push_back(
            {{place.min.x - 4.0F, place.min.y - 4.0F}, {place.max.x + 4.0F, place.max.y + 4.0F}});
    }
    // Which axis an arrow is of.
    for (const Handle& handle : handles_) {
        if (handle.kind > HandleKind::axis3) continue;
        TextStyle style{theme.text,    Font::bold,    12.0F,
                        Align::centre, Align::centre, theme.panel.with_alpha(0.7F)};
        (void)canvas.label(beyond(handle, kNumber),
                           fmt::format("{}", static_cast<int>(handle.kind) + 1), style);
    }
    if (under != nullptr && drawn.tooltip.empty() && !pointer.clicked && !pointer.double_clicked)
        drawn.tooltip = under->words;
}

}  // namespace splatscope
