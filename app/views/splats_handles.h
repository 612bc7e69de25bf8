#pragma once

#include "app/views/splats_drag.h"
#include "app/views/splats_scene.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

// A handle as it is drawn, in canvas pixels.
struct Handle {
    HandleKind kind = HandleKind::plane;
    Vec2 grip;               // what the pointer takes
    bool offered = true;     // else it only says why not
    std::string words;       // for the pointer over it
    std::vector<Vec2> line;  // that leads to it; empty: none
};

// The handles of a splat drawn as `shape` (the change of `now` made already), those of the axes
// first. An axis that points at the eye is not among them, and nothing where the centre is behind
// it.
[[nodiscard]] std::vector<Handle> handles_of(const HandledSplat& splat, const SplatChange& now,
                                             const Ellipsoid& shape, const OrbitCamera& camera,
                                             const Rect& bounds);

// Handles on the one selected splat from frame to frame. While one is dragged the drawn body
// follows at once and the other views as fast as their preview comes (Drawn::preview); the release
// sends one command, and the body stays as it was left until the splats of that command are there.
// Esc, or another selection, puts it back and sends nothing.
class SplatsHandles {
  public:
    // Takes what the pointer does with a handle of the last frame; what is left of it for others
    // comes back. To be called before the camera takes the pointer.
    [[nodiscard]] Pointer take(const ViewContext& context, const Rect& bounds,
                               const Pointer& pointer, Drawn& drawn);
    // Makes the body in the scene what the drag makes of it; `scene_number` differs whenever the
    // scene does. True where a body changed.
    bool follow(const ViewContext& context, SplatsScene& scene, std::uint64_t scene_number);
    // Draws the handles before `camera` and remembers where they are.
    void draw(Canvas& canvas, const ViewContext& context, const OrbitCamera& camera,
              const Pointer& pointer, Drawn& drawn, std::vector<Rect>& plates);

  private:
    struct Held {
        HandleKind kind = HandleKind::plane;
        HandledSplat splat;
        OrbitCamera camera;
        Vec2 from;              // pixels from the picture's corner
        bool put_back = false;  // by Esc: the button is still down
    };
    struct Sent {
        std::shared_ptr<const hsa::SplatRegistry> registry;  // of before
        Timeline timeline;
        HandledSplat splat;
        std::string line;
        int frames = 0;
    };
    // A body of the scene without the change.
    struct Before {
        hsa::SplatId id = hsa::kNoSplat;
        SplatBody drawn;
    };
    void end_what_was_sent(const ViewContext& context, Drawn& drawn);
    void take_hold(const ViewContext& context, const Rect& bounds, const Pointer& pointer);
    void let_go(const ViewContext& context, Drawn& drawn);
    [[nodiscard]] std::optional<HandledSplat> shown(const ViewContext& context) const;

    std::vector<Handle> handles_;  // of the last frame
    std::optional<OrbitCamera> camera_;
    std::optional<Held> held_;
    std::optional<Sent> sent_;
    SplatChange change_;   // of the drag, or of what was sent
    SplatChange applied_;  // to the scene of that number
    std::uint64_t scene_number_ = 0;
    std::optional<Before> before_;
};

}  // namespace splatscope
