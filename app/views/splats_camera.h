#pragma once

#include "app/render/camera.h"
#include "app/views/splats_frame.h"
#include "app/views/splats_scene.h"
#include "app/views/view.h"

#include <chrono>
#include <optional>
#include <span>

namespace splatscope {

// The camera of the 3-D view from frame to frame: the session's, or the view's own while a gesture
// lasts and until its one command has come back as a new session; eased where a command moved it.
class SplatsCamera {
  public:
    // Takes the gestures (left drag orbits, others pan, wheel zooms) and adds their commands to
    // `drawn`. Pixels are logical, from the corner of `bounds`. A session's distance of 0 shows the
    // frame of `scene` (where it is of the pose a path leads to, frame_there), clear of the places
    // `taken`; `right_margin`: how far its middle lies to the left.
    [[nodiscard]] OrbitCamera frame(const ViewContext& context, const Rect& bounds,
                                    const SplatsScene& scene, std::span<const Rect> taken,
                                    float right_margin, const Pointer& pointer, Drawn& drawn);

    // Whether the pointer turns or pans right now: nothing is pointed at then.
    [[nodiscard]] bool dragging() const { return dragging_; }

  private:
    using Clock = std::chrono::steady_clock;
    struct Sent {
        OrbitCamera before;  // the session's camera when the command left
        int frames = 0;
    };
    [[nodiscard]] OrbitCamera of_session(const ViewContext& context, const Rect& bounds,
                                         const SplatsScene& scene, std::span<const Rect> taken,
                                         float right_margin);
    void take_drag(const Pointer& pointer, OrbitCamera& camera);
    void take_wheel(const Pointer& pointer, const Rect& bounds, OrbitCamera& camera);
    [[nodiscard]] OrbitCamera eased(const OrbitCamera& target, Drawn& drawn);

    KeptFraming framing_, framing_there_;  // of the pose, and of the one it is on its way to
    bool dragging_ = false;
    bool changed_ = false;             // since the last command
    std::optional<OrbitCamera> held_;  // the view's own camera
    std::optional<Sent> sent_;
    std::optional<OrbitCamera> shown_;  // in the last frame
    OrbitCamera from_, to_;             // of the transition
    Clock::time_point started_;
};

}  // namespace splatscope
