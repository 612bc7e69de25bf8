#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// How the levels of a hierarchy hang together: what of a finer level's attention lies in which
// splats of a coarser one, and what is lost on the way. A level taken for itself gives token i the
// distribution P_l(s|i); u_l(s) is its mean over the tokens, so that it sums to 1. The mass that
// child c passes to parent t is M(c, t) = u_l(c) sum_j K(j|c) P_m(t|j): maths.md 4 "overlap",
// weighted by usage.

// One level of the diagram.
struct FlowLevel {
    std::string name;
    std::vector<SplatId> splats;  // rising
    std::vector<double> usage;    // [splats] u_l, sums to 1
    double entropy = 0.0;         // of u_l, nats
    double information = 0.0;     // I(token; splat) within the level, nats
    // The share of a token's attention that goes through the level: its gate. Mean over the tokens,
    // and what one in ten stays below or goes beyond.
    double gate_mean = 0.0;
    double gate_low = 0.0;
    double gate_high = 0.0;
    std::vector<SplatId> unused;  // usage below 5 % of an equal share
};

// From a finer level to a coarser one; levels that lie between make it a skip link.
struct FlowLink {
    std::size_t finer = 0;
    std::size_t coarser = 0;
    Matrix<double> mass;               // M [splats of finer, splats of coarser], sums to 1
    std::vector<double> into;          // [splats of coarser] column sums
    double conditional_entropy = 0.0;  // H(coarser | finer), nats: how open it is where mass goes
    double information = 0.0;          // I(finer; coarser), nats
    // Information over the most that could pass: what the finer level has of the tokens, or the
    // entropy of the coarser, whichever is less; 1 where that is nothing.
    double kept = 0.0;
    // Mass that comes in over the usage of the coarser splat: the splats with least and most.
    SplatId starved = kNoSplat;
    SplatId flooded = kNoSplat;
    double least_ratio = 1.0;
    double most_ratio = 1.0;
    // Of neighbours alone: the share of the mass that goes to each child's own parent.
    std::optional<double> along_tree;

    [[nodiscard]] bool skips() const { return coarser != finer + 1; }
};

struct LevelFlow {
    std::vector<FlowLevel> levels;  // finest first
    std::vector<FlowLink> links;    // of all pairs: by finer, then coarser
    std::size_t tokens = 0;         // read; fewer than there are: the rest was left out evenly
    bool exact = true;              // every token was read

    [[nodiscard]] const FlowLink* link(std::size_t finer, std::size_t coarser) const;
    // The neighbours between which the smallest share of what could pass does pass; null with one
    // level.
    [[nodiscard]] const FlowLink* bottleneck() const;
};

// Tokens that are read at most.
inline constexpr std::size_t kFlowTokens = 16384;

// Throws Cancelled. Masked tokens are left out. The factors are of the registry's splats.
[[nodiscard]] LevelFlow level_flow(const Factors& factors, const SplatRegistry& registry,
                                   const Work& work);

}  // namespace hsa
