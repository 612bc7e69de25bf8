#pragma once

#include "app/render/ellipsoid.h"
#include "app/views/view.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace splatscope {

// What a handle of the selected splat does when it is dragged.
enum class HandleKind : std::uint8_t {
    axis1,
    axis2,
    axis3,
    plane,
    width,
    amplitude,
    turn,
    stretch1,
    stretch2,
    stretch3
};

// The splat that the handles are on, as the picture shows it.
struct HandledSplat {
    hsa::SplatId id = hsa::kNoSplat;
    Vec3 centre{};
    std::array<float, 6> covariance{};  // xx, xy, xz, yy, yz, zz
    double amplitude = 1.0;
    std::string why_not_turned;     // empty: it turns
    std::string why_not_stretched;  // the same
    // What a stretched one is drawn from: the splat, and the axes shown.
    hsa::Splat gaussian = {};
    std::shared_ptr<const hsa::Layout> layout = nullptr;

    // As the picture shows it.
    bool operator==(const HandledSplat& other) const {
        return id == other.id && centre == other.centre && covariance == other.covariance &&
               amplitude == other.amplitude && why_not_turned == other.why_not_turned &&
               why_not_stretched == other.why_not_stretched;
    }
};

// The one selected splat, where it is drawn at its centre (form token) and not hidden.
[[nodiscard]] std::optional<HandledSplat> handled_splat(const ViewContext& context);

// What a drag makes of a splat; one of these differs from what it is at rest.
struct SplatChange {
    Vec3 moved{};            // along the axes shown
    double width = 1.0;      // times as wide
    double amplitude = 1.0;  // times as strong
    double angle = 0.0;      // radians, from `from` to `to`: along the axes shown, of length 1
    Vec3 from{}, to{};
    double stretch = 1.0;  // times as wide along `along`, one of the axes shown
    Vec3 along{};

    [[nodiscard]] bool is_nothing() const {
        return moved == Vec3{} && width == 1.0 && amplitude == 1.0 && angle == 0.0 &&
               stretch == 1.0;
    }
    bool operator==(const SplatChange&) const = default;
};

// Of a handle dragged between two places of the picture (pixels from its corner) before `camera`,
// which stays for the drag. Along an axis: to the point of it that is nearest to the line of sight;
// `plane`: in the plane that faces the eye; width: as the distance from the centre; amplitude:
// twice for every eight pixels upwards; turn: about the line of sight; stretch: as the distance
// from the centre along the axis.
[[nodiscard]] SplatChange dragged(HandleKind kind, const HandledSplat& splat,
                                  const OrbitCamera& camera, Vec2 from, Vec2 to);

// The body as it is drawn after the change: at once, before anything is computed. `sigma`: the size
// it is drawn at.
[[nodiscard]] Ellipsoid changed_shape(const HandledSplat& splat, const SplatChange& change,
                                      double sigma);
[[nodiscard]] float changed_alpha(float alpha, const SplatChange& change);

// The one command line that makes the change: splats.move, widen, stretch, amplitude or turn. A
// direction goes back to the d' coordinates along the layout's axes; what these do not show stays.
[[nodiscard]] std::string change_command(const HandledSplat& splat, const SplatChange& change,
                                         const hsa::Layout& layout);

// "moved by 0.31", "1.4 times as wide": for the pointer's words.
[[nodiscard]] std::string change_words(const HandledSplat& splat, const SplatChange& change);

}  // namespace splatscope
