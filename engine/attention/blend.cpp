#include "engine/attention/blend.h"

#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace hsa {
namespace {

// Rows that have a window.
void scale_rows(Matrix<float>& rows, double by, const NearSet& set) {
    parallel_blocks(rows.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            if (!set.row(i).empty())
                for (float& value : rows.row(i))
                    value = static_cast<float>(static_cast<double>(value) * by);
    });
}

}  // namespace

Factors blend_window(Factors factors, const Target& target, std::size_t window, double r,
                     const Work& work) {
    const std::size_t n = factors.tokens();
    if (factors.near || target.size() != n || window == 0)
        fault("a window of {} about {} tokens blended with a target of {}", window, n,
              target.size());
    const bool causal = factors.causal != nullptr;
    NearPairs near;
    near.replaces = false;
    near.far_scale.assign(n, static_cast<float>(r));
    near.set.begins.assign(1, 0);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t last = causal ? i : std::min(n - 1, i + window);
        for (std::size_t j = i - std::min(i, window); j <= last; ++j)
            if (!is_masked(factors.masked, j))
                near.set.columns.push_back(static_cast<std::uint32_t>(j));
        near.set.begins.push_back(near.set.columns.size());
        if (near.set.row(i).empty()) near.far_scale[i] = 1.0F;
    }
    near.exact.resize(near.set.pairs());
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> row =
                std::span(near.exact)
                    .subspan(near.set.begins[i], near.set.begins[i + 1] - near.set.begins[i]);
            for (std::size_t e = 0; e < row.size(); ++e)
                row[e] = target.score(i, near.set.columns[near.set.begins[i] + e]);
            (void)softmax(row);
            for (float& value : row)
                value = static_cast<float>(static_cast<double>(value) * (1.0 - r));
        }
    });
    near.correction = near.exact;
    scale_rows(factors.p.values(), r, near.set);
    if (causal) {
        auto scaled = std::make_shared<CausalFactors>(*factors.causal);
        scale_rows(scaled->weight.values(), r, near.set);
        factors.causal = std::move(scaled);
    }
    factors.near = std::make_shared<const NearPairs>(std::move(near));
    return factors;
}

}  // namespace hsa
