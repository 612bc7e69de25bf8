#pragma once

#include "engine/attention/cells.h"
#include "engine/core/work.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"
#include "engine/model/history.h"
#include "engine/model/measures.h"
#include "engine/model/selection.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hsa {

struct WeightedToken {
    std::uint32_t token = 0;
    float value = 0.0F;        // A, or K of the splat
    SplatId splat = kNoSplat;  // the splat that carries most of it; kNoSplat: the background
};

struct WeightedSplat {
    SplatId splat = kNoSplat;  // kNoSplat: the background
    std::uint16_t level = 0;
    float p = 0.0F;
};

// A token: its splats, what it attends to and what attends to it, 20 each (falling, ties lower
// index).
struct TokenCard {
    std::uint32_t token = 0;
    std::vector<WeightedSplat> splats;
    std::vector<WeightedToken> to;
    std::vector<WeightedToken> from;
};
// Throws Error when there is no such token.
[[nodiscard]] TokenCard token_card(const Factors& factors, std::size_t token);

struct SplatCard {
    SplatId splat = kNoSplat;
    std::uint16_t level = 0;
    SplatId parent = kNoSplat;
    double parent_share =
        0.0;  // sum_j K(j|splat) P(parent|j) within the parent's level; 0 without one
    // What its parents had of it over the cycles, falling (levels.memory); empty where nothing is
    // remembered, or no longer known of this cycle.
    std::vector<PathShare> paths;
    double usage = 0.0;
    double information = 0.0;
    std::vector<WeightedToken> top;   // 20, by K
    std::vector<double> spectrum;     // standard deviations of Sigma / beta, falling: [d']
    std::vector<std::size_t> events;  // flat indices of events and refused trials that name it (but
                                      // for adjust and initialise, which name all), up to the cycle
};
// Throws Error when there is no such splat at this cycle.
[[nodiscard]] SplatCard splat_card(const Factors& factors, const SplatRegistry& registry,
                                   const Measures& measures, const History& history,
                                   std::int32_t cycle, SplatId splat);

// Rows of A that an event changed most: indices and L1 changes, falling, at most `count`.
struct ChangedRow {
    std::uint32_t row = 0;
    double l1 = 0.0;  // sum_j |after - before|: 0..2
};

struct LevelCard {
    std::string name;
    std::size_t splats = 0;
    double usage = 0.0;
    double weight = 0.0;
    double agreement = 0.0;  // mean over rows of sum_j min(A_l, A) on sampled rows, 0..1
    bool exact = false;      // every row was looked at: n <= 256
};
// Throws Error when there is no such level.
[[nodiscard]] LevelCard level_card(const Factors& factors, const SplatRegistry& registry,
                                   const Measures& measures, std::size_t level);

// The strongest cells of A, falling, ties by lower i, then lower j; (i, j) and (j, i) are two pairs
// and i = j is one. Exact: sorted tokens in tiles, whose bound sum_s max P max K is never below a
// cell.
struct Pair {
    std::uint32_t i = 0, j = 0;
    double value = 0.0;
    std::vector<SplatId> splats;  // the parts that make .8 of it; kNoSplat: the background
};
struct StrongestPairs {
    std::vector<Pair> pairs;
    // Where the time of the work was over: no cell that was not looked at is larger; else 0.
    double left_out = 0.0;

    [[nodiscard]] bool exact() const { return left_out == 0.0; }
};
// Which cells are looked at.
struct PairsWanted {
    std::vector<Range> rows;     // sorted and disjoint, within the tokens; empty: all
    std::vector<Range> columns;  // the same
    std::size_t beyond = 0;      // of the distance |i - j|: more than that; 0: any, i = j too
};
// Throws Cancelled; when Work::late(), what was found by then.
[[nodiscard]] StrongestPairs strongest_pairs(const Factors& factors, std::size_t count,
                                             const Work& work, const PairsWanted& wanted = {});

}  // namespace hsa
