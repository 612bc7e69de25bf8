#pragma once

#include "app/render/ellipsoid.h"
#include "app/render/line_painter.h"
#include "app/render/point_painter.h"
#include "app/render/splat_painter.h"
#include "app/views/splats_frame.h"
#include "app/views/view.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

// A colour and shape of the points and what they stand for.
struct PointClass {
    std::string name;
    Colour colour;
    Marker shape = Marker::circle;
};

// Where the colours of the points are steps of a scale.
struct PointBar {
    double least = 0.0, most = 0.0;
    std::vector<Colour> colours;  // from the least to the most
    bool missing = false;         // some points have no number (missing_colour)
};

// What the 3-D view draws, made from a snapshot and the session: ready for painters and for
// picking. It depends on what is computed, lit and chosen, never on the camera.
struct SplatsScene {
    struct Body {
        hsa::SplatId id = hsa::kNoSplat;
        std::uint16_t level = 0;
        double usage = 0.0;
        bool lit = false;
        SplatBody drawn;
    };
    std::vector<Body> bodies;                // of the levels that are shown, in registry order
    bool soft = false;                       // the bodies are Gaussians without a surface
    std::vector<ScenePoint> points;          // a stratified part of the tokens where they are many
    std::vector<std::uint32_t> point_token;  // [points]
    std::vector<ScenePoint> lit_points;
    std::vector<std::uint32_t> lit_token;  // [lit_points]
    std::array<double, 3> explained{};     // share of the variance along each axis
    std::vector<SceneLine> ground;
    std::vector<SceneLine> lines;     // trails and edges of the tree
    double square = 0.0;              // side of a square of the ground; 0 = no ground
    std::string without_trails;       // why there are none, though they are wanted
    std::size_t tokens = 0;           // all there are
    std::vector<PointClass> classes;  // of the colours of the points; empty: they say nothing
    std::optional<PointBar> bar;      // of numbers, in place of classes
    std::string classes_title;        // "sections"
    SceneFrame frame;                 // what the camera holds at first
    SceneFrame frame_there;           // ... where its path leads; without a path the same
};

// Points drawn at most, and as many lit ones; beyond, every so manieth token stands for its
// neighbours.
inline constexpr std::size_t kMostPoints = 200000;

// The tokens drawn as lit: the selected ones of all, then those that these light; where both
// together are more than `most` each once, rising, and one of so many that they are not: the
// subtitle says that not all tokens are shown.
[[nodiscard]] std::vector<std::uint32_t> lit_tokens(std::span<const hsa::Range> selected,
                                                    std::span<const std::uint32_t> linked,
                                                    std::size_t tokens, std::size_t most);

struct SplatsKept;  // splats_kept.h

// Needs layout, registry and dataset in the snapshot. Whatever is kept, or nothing, the
// scene is the same.
[[nodiscard]] SplatsScene make_splats_scene(const ViewContext& context, SplatsKept& kept);
[[nodiscard]] SplatsScene make_splats_scene(const ViewContext& context);

// The level whose coordinates the points show: the one the session names; else, where the points
// say whether they can lie in the selected splats or how far from them they are, the level of the
// first; else the second finest, where words stand in their phrases and the text is a path through
// the splats.
[[nodiscard]] std::size_t points_level(const ViewContext& context);

// Share of a 3-D Gaussian inside `sigma` standard deviations (maths.md 6: .199, .739, .971 at 1, 2,
// 3).
[[nodiscard]] double mass_within(double sigma);

}  // namespace splatscope
