#pragma once

#include "engine/attention/target.h"
#include "engine/core/matrix.h"
#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/explain/structure_agreement.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"
#include "engine/model/hierarchy.h"
#include "engine/model/mark.h"

#include <bit>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// A part of the text that attention flows from and to.
struct FlowPart {
    std::string title;
    Range tokens;
};

// Of the rows looked at.
struct Spread {
    double mean = 0.0, low = 0.0, median = 0.0, high = 0.0;  // low, high: 5 and 95 in 100
};

// Tokens from `first` to `last` apart, both included.
struct DistanceBin {
    std::size_t first = 0, last = 0;
};

// Attention by how far it goes; bins without a pair have NaN as ratio.
struct DistanceProfile {
    std::vector<double> ratio;  // [bins] mean attention of a pair over what uniform attention gives
    std::vector<double> share;  // [bins] of a row's attention, mean over rows
    double earlier = 0.0, self = 0.0, later = 0.0;  // shares, sum 1
    double far = 0.0;                               // share beyond Flow::far_from
};

// Where attention goes.
struct Flow {
    std::vector<FlowPart> parts;  // in order, covering all tokens
    bool by_sections = false;     // of the text; false: equal stretches or runs of labels
    Matrix<double> between;       // [parts, parts] share of the row part's attention; rows sum to 1
    Mark mark = Mark::exact;      // of `between`
    std::vector<std::string> levels;  // finest first, the background, if there is one, last
    // [levels, levels] share of all attention that leaves through splats of one level and arrives
    // at tokens which speak through another; a row sums to the level's usage.
    Matrix<double> levels_between;
    Mark levels_mark = Mark::exact;
    // [levels but the background] how they part the text; empty where factors are of a sample.
    std::vector<StructureAgreement> agreement;

    std::size_t rows = 0;           // looked at for what follows, in equal distances
    bool rows_exact = false;        // all of them
    Spread entropy;                 // of a row of A, nats
    Spread effective;               // exp(entropy): tokens that a row spreads over
    std::vector<DistanceBin> bins;  // 0, 1, 2..3, 4..7, ...; empty where rows follow no text
    DistanceProfile all;
    std::vector<DistanceProfile> by_level;  // each level's own attention A_l
    std::optional<DistanceProfile> target;  // standard attention, where there is one
    std::optional<Spread> target_effective;
    std::size_t far_from = 0;  // "far" is beyond so many tokens ...
    double far_uniform = 0.0;  // ... and this share uniform attention has there
};

// `between` by sums over blocks (attention/cells.h), `levels_between` from the factors (of a causal
// A or one with exact pairs approximate), the rest from at most 2,048 rows, fewer where n c is
// large. Throws Cancelled.
[[nodiscard]] Flow attention_flow(const Dataset& dataset, const Factors& factors,
                                  const TileSums& sums, const Hierarchy& hierarchy,
                                  const Target* target, const Work& work);

// The parts: sections where there are 2 to 24, runs of labels that begin alike, else 12 equal
// stretches (fewer where there are fewer tokens).
[[nodiscard]] std::vector<FlowPart> flow_parts(const Dataset& dataset, bool& by_sections);

// The spread of some values; all 0 of none.
[[nodiscard]] Spread spread_of(std::vector<double> values);

// Which bin a distance is in, and bins 0, 1, 2..3, 4..7, ... up to n - 1.
[[nodiscard]] inline std::size_t distance_bin(std::size_t distance) {
    return static_cast<std::size_t>(std::bit_width(distance));
}
[[nodiscard]] std::vector<DistanceBin> distance_bins(std::size_t n);

}  // namespace hsa
