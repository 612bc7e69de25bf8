#pragma once

#include "engine/model/splat_registry.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace splatscope {

enum class SplatStyle : std::uint8_t { ellipsoids, rings, centres, soft };
// Where the handles on the selected splat are drawn: never, in the window, in pictures too.
enum class HandlesShown : std::uint8_t { off, window, always };
// inside: whether a token can lie in a splat; distance: how much of a token's distance is shown.
enum class PointColour : std::uint8_t {
    level,
    section,
    label,
    selection,
    inside,
    distance,
    property
};
// What the colours of the tokens say; of a property of the data, which.
struct PointChoice {
    PointColour by = PointColour::section;
    std::string property = {};
    bool operator==(const PointChoice&) const = default;
};
// Where the camera of the 3-D view stands: an orbit that looks at `pivot` from `distance`; angles
// in radians.
struct CameraPose {
    std::array<double, 3> pivot{};
    double yaw = 0.6, pitch = 0.35, distance = 0.0;  // 0 = frame everything
    bool everything = false;                         // far outliers too
    bool orthographic = false;
    bool operator==(const CameraPose&) const = default;
};
struct KeptCamera {
    std::string name;
    CameraPose pose;
    bool operator==(const KeptCamera&) const = default;
};
// On the way to another pose: the view mixes the two, since it alone knows what framing everything
// is in its size.
struct CameraWay {
    CameraPose to;
    double share = 0.0;  // of the way, 0..1
    bool operator==(const CameraWay&) const = default;
};
struct SplatsDesk : CameraPose {
    SplatStyle style = SplatStyle::ellipsoids;
    double sigma = 1.0;                   // 0.25..4
    std::string opacity = "usage";        // amplitude, alike, or a property of splats
    std::set<std::string> hidden_levels;  // of the splats
    std::set<hsa::SplatId> hidden;        // splats by id
    std::string points_level;  // whose coordinates the points show; empty = second finest
    bool points = true;
    PointChoice point_colour;
    bool labels = true;
    std::size_t trails = 0;  // cycles back that the ways of the splats are drawn
    bool edges = false;      // of the tree
    bool grid = true;        // on the ground, and a scale bar
    bool cube = true;        // that turns the camera; in the window only
    HandlesShown handles = HandlesShown::window;
    double tour_speed = 1.0;          // seconds of the tour a second
    bool touring = false;             // moves, where the axes are those of a tour; not saved
    double tour_started = 0.0;        // ... since that second of the window's clock; not saved
    std::optional<CameraWay> way;     // from the pose above; nothing: the camera stands there
    std::vector<KeptCamera> cameras;  // in the order they were kept
    bool operator==(const SplatsDesk&) const = default;
};

}  // namespace splatscope
