#include "engine/adapt/changed_splat.h"

#include "engine/adapt/level_attention.h"
#include "engine/attention/columns.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

namespace hsa {
namespace {

// LSE of ell over all tokens, in the fixed order of parallel_sum.
double log_sum(std::span<const float> ell) {
    const double most = static_cast<double>(*std::max_element(ell.begin(), ell.end()));
    const std::vector<double> sum =
        parallel_sum(ell.size(), 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                out[0] += std::exp(static_cast<double>(ell[j]) - most);
        });
    return most + std::log(sum[0]);
}

}  // namespace

bool can_change_splat(const Factors& factors) {
    return factors.tokens() > 0 && !factors.causal && !factors.near && !factors.p.packed() &&
           !factors.k.packed() && factors.mark == Mark::exact && factors.row_bound == 0.0 &&
           factors.masked.size() < factors.tokens();
}

Factors with_changed_splat(Backend& backend, const Factors& before, const SplatRegistry& registry,
                           std::size_t row, const Coordinates& coordinates, double temperature,
                           const LevelMask& mask, const Work& work) {
    const std::size_t n = before.tokens();
    if (!can_change_splat(before) || has_two_sides(registry) || row >= registry.size() ||
        before.ids.size() < registry.size() || before.ids[row] != registry.id[row] ||
        coordinates.size() != n)
        fault("factors of other splats brought up to date");
    Factors factors = before;
    factors.log_weight = column_log_weights(registry, mask);
    const Splat splat = registry.splat(row);
    const LevelSplats column = level_splats(std::span<const Splat>(&splat, 1));
    const auto bound = bind(backend, column, temperature);
    Matrix<float> ell(n, 1);
    backend.log_kernel(*bound, coordinates.levels[splat.level]->view(), ell.view());
    work.check();
    std::vector<float> key(ell.data(), ell.data() + n);
    const std::vector<float> more = log_key_factors(registry, coordinates);
    for (std::size_t j = 0; j < more.size(); ++j) key[j] += more[j];
    const double mass = log_sum(key);
    factors.log_mass[row] = mass;
    const double shift = factors.log_weight[row] + mass;
    const bool is_heard = shift > -std::numeric_limits<double>::infinity();
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        for (std::size_t i = begin; i < end; ++i) {
            factors.k(i, row) = static_cast<float>(std::exp(static_cast<double>(key[i]) - mass));
            if (!is_heard) continue;
            const std::span<float> p = factors.p.row(i);
            p[row] = 0.0F;
            double others = 0.0;
            for (const float entry : p) others += static_cast<double>(entry);
            // Both relative to the larger of Z of before and the splat's own weight.
            const auto was = static_cast<double>(factors.log_normaliser[i]);
            const double own = shift + static_cast<double>(ell(i, 0));
            const double most = others > 0.0 ? std::max(own, was) : own;
            const double mine = std::exp(own - most);
            const double rest = others > 0.0 ? std::exp(was - most) : 0.0;
            const double sum = mine + rest * others;
            const auto scale = static_cast<float>(rest / sum);
            for (float& entry : p) entry *= scale;
            p[row] = static_cast<float>(mine / sum);
            factors.log_normaliser[i] = static_cast<float>(most + std::log(sum));
        }
    });
    return factors;
}

}  // namespace hsa
