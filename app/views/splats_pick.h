#pragma once

#include "app/views/splats_scene.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

// What stands under a place of the picture.
struct Picked {
    std::optional<std::size_t> body;  // index into the scene's bodies
    std::optional<std::uint32_t> token;
    std::optional<Vec3> point;  // of the token
};

// Exact: the line of sight against each surface, the finest level it meets first, then the nearest;
// and the tokens whose drawn point lies within a few pixels, unless a body that hides them stands
// before them. `at`: pixels from the picture's corner. Without bodies a splat is met within a few
// pixels of its centre. Of soft Gaussians (SplatsScene::soft) the one is picked that gives the
// place most of its colour; they hide tokens where together they cover most of what is behind.
[[nodiscard]] Picked pick(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                          bool with_bodies);

// Everything there, front to back, whatever hides it. A body counts where the line of sight enters
// it, or, without bodies, where its centre is; a soft one where the line passes within two standard
// deviations.
[[nodiscard]] std::vector<Picked> hits_at(const SplatsScene& scene, const OrbitCamera& camera,
                                          Vec2 at, bool with_bodies);

// Clicks on one and the same place take what lies there in turn: first what `pick` says, then
// what stands behind it, after the last the front one. What is selected no more begins anew.
class PickCycle {
  public:
    struct Choice {
        Picked picked;
        std::size_t place = 0;  // among the hits, from the front
        std::size_t hits = 0;
    };
    // What a click at `at` takes, and remembers.
    Choice take(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at, bool with_bodies,
                const hsa::Selection& selected);
    // What the pointer at `at` points to: what the last click there took, else what `pick` says.
    [[nodiscard]] Choice look(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                              bool with_bodies, const hsa::Selection& selected) const;

  private:
    // By what does not change when the scene is made anew.
    struct Taken {
        Vec2 at;
        std::optional<hsa::SplatId> splat;
        std::optional<std::uint32_t> token;
    };
    // `again`: the last click was here, and what it took is `steps` before what is chosen.
    [[nodiscard]] Choice choose(const SplatsScene& scene, const OrbitCamera& camera, Vec2 at,
                                bool with_bodies, bool again, std::size_t steps) const;
    [[nodiscard]] bool goes_on(Vec2 at, const hsa::Selection& selected) const;

    std::optional<Taken> last_;
};

// Whether a place is inside a polygon, by the crossings of a line to its right.
[[nodiscard]] bool inside(std::span<const Vec2> polygon, Vec2 p);

// What lies inside a closed line on the picture (pixels from its corner): the splats whose centres
// do, else the tokens whose points do. Returns the command that selects it, or nothing.
[[nodiscard]] std::optional<std::string> select_inside(const SplatsScene& scene,
                                                       const OrbitCamera& camera,
                                                       std::span<const Vec2> line);

}  // namespace splatscope
