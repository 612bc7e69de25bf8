#include "engine/fit/head_numbers.h"

#include "engine/attention/near_set.h"
#include "engine/core/parallel.h"
#include "engine/fit/distil.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace hsa {

HeadNumbers head_numbers(const Target& target) {
    const std::size_t n = target.size();
    const std::vector<std::uint32_t> rows = sampled_rows(n);
    const std::vector<double> normalisers = target.log_normalisers(rows);
    std::vector<double> mass(n, 0.0);
    enum { entropy, near, sums };
    const std::vector<double> total =
        parallel_sum(n, sums, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            Matrix<float> part(rows.size(), end - begin);
            target.block(rows, normalisers, {begin, end}, part.view());
            for (std::size_t r = 0; r < rows.size(); ++r)
                for (std::size_t j = begin; j < end; ++j) {
                    const auto t = static_cast<double>(part(r, j - begin));
                    if (!(t > 0.0)) continue;
                    mass[j] += t;
                    out[entropy] -= t * std::log(t);
                    const std::size_t i = rows[r];
                    if ((i > j ? i - j : j - i) <= kNearTokens) out[near] += t;
                }
        });
    // A row that sees no key, as before a mask ends, is no row of these means.
    const auto seeing = static_cast<std::size_t>(
        std::count_if(normalisers.begin(), normalisers.end(),
                      [](double normaliser) { return std::isfinite(normaliser); }));
    const auto count = static_cast<double>(std::max<std::size_t>(seeing, 1));
    const auto heaviest = std::max_element(mass.begin(), mass.end());
    HeadNumbers numbers;
    numbers.rows = seeing;
    numbers.row_entropy = total[entropy] / count;
    numbers.near_share = total[near] / count;
    numbers.sink = static_cast<std::uint32_t>(heaviest - mass.begin());
    numbers.sink_share = *heaviest / count;
    numbers.splats = splats_for_entropy(numbers.row_entropy, false);
    numbers.splats_near = splats_for_entropy(numbers.row_entropy, true);
    return numbers;
}

}  // namespace hsa
