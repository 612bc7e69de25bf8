#include "app/views/splats_camera.h"

#include <fmt/core.h>

#include <cmath>

namespace splatscope {
namespace {

constexpr float kClickSlack = 4.0F;  // pixels the pointer may move in a click
constexpr double kWheelStep = 1.15;
constexpr double kEaseSeconds = 0.15;
constexpr int kMostFramesSent = 60;  // for a command to come back; then it failed

bool same_place(const OrbitCamera& a, const OrbitCamera& b) {
    return a.pivot == b.pivot && a.yaw == b.yaw && a.pitch == b.pitch && a.distance == b.distance &&
           a.orthographic == b.orthographic;
}

}  // namespace

OrbitCamera SplatsCamera::of_session(const ViewContext& context, const Rect& bounds,
                                     const SplatsScene& scene, std::span<const Rect> taken,
                                     float right_margin) {
    const SplatsDesk& desk = context.session.desk.splats;
    const auto at = [&](const CameraPose& pose, const SceneFrame& held, KeptFraming& framing) {
        OrbitCamera camera;
        camera.yaw = pose.yaw;
        camera.pitch = pose.pitch;
        camera.orthographic = pose.orthographic;
        camera.width = static_cast<double>(bounds.width());
        camera.height = static_cast<double>(bounds.height());
        camera.right_margin = static_cast<double>(right_margin);
        if (pose.distance <= 0.0) return framing.of(camera, held, taken);
        camera.pivot = pose.pivot;
        camera.distance = pose.distance;
        return camera;
    };
    const OrbitCamera camera = at(desk, scene.frame, framing_);
    if (!desk.way) return camera;
    return between(camera, at(desk.way->to, scene.frame_there, framing_there_), desk.way->share);
}

void SplatsCamera::take_drag(const Pointer& pointer, OrbitCamera& camera) {
    const bool held = pointer.down[0] || pointer.down[1] || pointer.down[2];
    if (!held) {
        dragging_ = false;
        return;
    }
    if (pointer.down[0] && pointer.shift && !dragging_) return;  // a rectangle or lasso
    if (!dragging_) {
        const float dx = pointer.position.x - pointer.press_position.x;
        const float dy = pointer.position.y - pointer.press_position.y;
        if (std::hypot(dx, dy) <= kClickSlack) return;
        dragging_ = true;
    }
    const auto dx = static_cast<double>(pointer.moved.x);
    const auto dy = static_cast<double>(pointer.moved.y);
    if (dx == 0.0 && dy == 0.0) return;
    if (pointer.down[0]) camera.orbit(dx, dy);
    else camera.pan(dx, dy);
    held_ = camera;
    changed_ = true;
}

void SplatsCamera::take_wheel(const Pointer& pointer, const Rect& bounds, OrbitCamera& camera) {
    if (!pointer.inside || pointer.wheel == 0.0F) return;
    const double speed = pointer.ctrl ? 0.25 : pointer.shift ? 3.0 : 1.0;
    camera.zoom(std::pow(kWheelStep, speed * static_cast<double>(pointer.wheel)),
                {pointer.position.x - bounds.min.x, pointer.position.y - bounds.min.y});
    held_ = camera;
    changed_ = true;
}

OrbitCamera SplatsCamera::eased(const OrbitCamera& target, Drawn& drawn) {
    if (!shown_ || shown_->width != target.width || shown_->right_margin != target.right_margin ||
        shown_->height != target.height || shown_->orthographic != target.orthographic) {
        to_ = target;
        started_ = {};
    } else if (!same_place(target, to_)) {
        from_ = *shown_;
        to_ = target;
        started_ = Clock::now();
    }
    const std::chrono::duration<double> passed = Clock::now() - started_;
    const double part = passed.count() / kEaseSeconds;
    if (part >= 1.0) return target;
    drawn.animating = true;
    const double t = part * part * (3.0 - 2.0 * part);
    OrbitCamera camera = between(from_, target, t);
    camera.orthographic = target.orthographic;
    return camera;
}

OrbitCamera SplatsCamera::frame(const ViewContext& context, const Rect& bounds,
                                const SplatsScene& scene, std::span<const Rect> taken,
                                float right_margin, const Pointer& pointer, Drawn& drawn) {
    const OrbitCamera session = of_session(context, bounds, scene, taken, right_margin);
    if (context.exporting) return session;
    // The gesture is over once the session has its camera.
    if (held_ && sent_ && !changed_ &&
        (!same_place(session, sent_->before) || ++sent_->frames > kMostFramesSent)) {
        held_.reset();
        sent_.reset();
        to_ = session;
        started_ = {};
    }
    OrbitCamera camera = held_ ? *held_ : eased(session, drawn);
    camera.width = session.width;
    camera.height = session.height;
    camera.orthographic = session.orthographic;
    take_drag(pointer, camera);
    take_wheel(pointer, bounds, camera);
    if (changed_ && !dragging_) {
        drawn.commands.push_back(fmt::format("camera.set {} {} {} {} {} {}", camera.yaw,
                                             camera.pitch, camera.distance, camera.pivot[0],
                                             camera.pivot[1], camera.pivot[2]));
        changed_ = false;
        sent_ = Sent{session, 0};
    }
    if (dragging_ || held_) drawn.animating = true;
    shown_ = camera;
    return camera;
}

}  // namespace splatscope
