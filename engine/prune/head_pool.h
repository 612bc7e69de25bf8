#pragma once

#include "engine/adapt/level_pool.h"
#include "engine/attention/near_set.h"
#include "engine/prune/head_context.h"

namespace hsa {

// The rows that a head's cycle measures on, and its splats there.
struct HeadPool {
    ExactRows exact;          // of the pool: rows that the fit may draw
    NearSet near;             // of the same rows; empty without one
    Matrix<float> attention;  // [rows, n] A
    // P as what a splat gives outside the near set, `weight` what it gives each of its keys there;
    // shares of that P as usage. error_share is empty until measure_errors().
    LevelPool level;

    // Zeroes what a row's splats do not give: near or hidden keys, columns [begin, ...).
    void clear_exact(const HeadContext& context, std::size_t place, std::size_t begin,
                     std::span<float> columns) const;
    // T / A - 1 of some rows on columns [begin, end), 0 where the splats give nothing.
    [[nodiscard]] Matrix<float> missing_ratio(const HeadContext& context,
                                              std::span<const std::size_t> places,
                                              std::size_t begin, std::size_t end) const;
};
[[nodiscard]] ExactRows draw_head_pool(const HeadContext& context);
[[nodiscard]] HeadPool measure_head(const HeadContext& context, ExactRows exact,
                                    const SplatRegistry& registry);

// level.error_share: e_s = mean_i weight_is [(R ln R) K^T]_is with R = T / A outside the near set
// (adaptation.md 2); with what the background and the exact pairs miss they sum to the row-KL.
void measure_errors(const HeadContext& context, HeadPool& pool);

}  // namespace hsa
