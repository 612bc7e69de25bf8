#include "engine/attention/far_rows.h"

#include "engine/attention/row_lanes.h"
#include "engine/compute/formulas.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr std::size_t kRowsAtOnce = 8 * kChunkRows;

// softmax_s(ln w_s + c_s + ell_s), all in float64.
void clamped_row(const SplatRegistry& registry, std::span<const Whitening> whitening,
                 const Coordinates& coordinates, std::size_t i, double temperature, Side side,
                 const Factors& factors, std::span<float> row) {
    std::vector<double> logits =
        exact_log_kernel(registry, whitening, coordinates, i, temperature, side);
    double most = kNothing;
    for (std::size_t s = 0; s < logits.size(); ++s) {
        logits[s] += factors.log_weight[s] + factors.log_mass[s];
        most = std::max(most, logits[s]);
    }
    double sum = 0.0;
    for (double& logit : logits) {
        logit = std::exp(logit - most);
        sum += logit;
    }
    for (std::size_t s = 0; s < logits.size(); ++s) row[s] = static_cast<float>(logits[s] / sum);
}

std::vector<Whitening> whitening_of(const SplatRegistry& registry, Side side) {
    std::vector<Whitening> all;
    for (std::size_t s = 0; s < registry.size(); ++s)
        all.emplace_back(gaussians_of(registry, side).covariance(s));
    return all;
}

std::vector<double> shifts_of(const Factors& factors) {
    std::vector<double> shift(factors.columns());
    for (std::size_t s = 0; s < shift.size(); ++s)
        shift[s] = factors.log_weight[s] + factors.log_mass[s];
    return shift;
}

// Whether no splat that is heard is near enough for its ell to tell.
bool all_clamped(std::span<const float> ell, std::span<const double> shift) {
    for (std::size_t s = 0; s < ell.size(); ++s)
        if (shift[s] > kNothing && ell[s] > kLeastLogKernel) return false;
    return true;
}

}  // namespace

std::vector<double> exact_log_kernel(const SplatRegistry& registry,
                                     std::span<const Whitening> whitening,
                                     const Coordinates& coordinates, std::size_t token,
                                     double temperature, Side side) {
    std::vector<double> ell(registry.size());
    std::vector<double> delta(registry.dimension);
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const auto x = rows_of_side(coordinates, registry.level[s], side).row(token);
        const auto centre = gaussians_of(registry, side).centre.row(s);
        for (std::size_t a = 0; a < x.size(); ++a)
            delta[a] = static_cast<double>(x[a]) - static_cast<double>(centre[a]);
        ell[s] = -0.5 * static_cast<double>(registry.beta[s]) / temperature *
                 whitening[s].squared(delta);
    }
    return ell;
}

void write_far_rows(Backend& backend, const SplatRegistry& registry,
                    const std::vector<LevelKernel>& levels, const Coordinates& coordinates,
                    double temperature, std::span<const std::uint32_t> tokens, Factors& factors,
                    const Work& work) {
    if (tokens.empty()) return;
    const std::size_t k = registry.size();
    const std::vector<double> shift = shifts_of(factors);
    const std::vector<Whitening> whitening = whitening_of(registry, Side::key);
    for (std::size_t first = 0; first < tokens.size(); first += kRowsAtOnce) {
        work.check();
        const auto some = tokens.subspan(first, std::min(kRowsAtOnce, tokens.size() - first));
        for (const LevelKernel& level : levels) {
            const Matrix<float> ell = log_kernel_of_tokens(backend, level, coordinates, some);
            for (std::size_t r = 0; r < some.size(); ++r)
                for (std::size_t s = 0; s < level.rows.size(); ++s)
                    factors.p(some[r], level.rows[s]) = ell(r, s);
        }
        parallel_for(some.size(), [&](std::size_t r) {
            const std::span<float> row = factors.p.row(some[r]);
            if (factors.has_background()) row[k] = 0.0F;
            const bool clamped = all_clamped(row, shift);
            for (std::size_t s = 0; s < row.size(); ++s)
                row[s] = static_cast<float>(static_cast<double>(row[s]) + shift[s]);
            factors.log_normaliser[some[r]] = static_cast<float>(softmax(row));
            if (clamped)
                clamped_row(registry, whitening, coordinates, some[r], temperature, Side::key,
                            factors, row);
        });
    }
}

void write_query_rows(Backend& backend, const SplatRegistry& registry,
                      const std::vector<LevelKernel>& levels, const Coordinates& coordinates,
                      double temperature, Factors& factors, const Work& work) {
    const std::size_t n = factors.tokens();
    const std::size_t k = registry.size();
    const std::vector<double> shift = shifts_of(factors);
    const std::vector<Whitening> whitening = whitening_of(registry, Side::query);
    for (std::size_t begin = 0; begin < n; begin += kRowsAtOnce) {
        work.check();
        const std::size_t end = std::min(n, begin + kRowsAtOnce);
        log_kernel_of_range(backend, levels, coordinates, begin, end,
                            {factors.p.row(begin).data(), end - begin, k, factors.columns()});
        parallel_blocks(end - begin, kKernelTile, [&](std::size_t first, std::size_t last) {
            for (std::size_t i = begin + first; i < begin + last; ++i) {
                const std::span<float> row = factors.p.row(i);
                if (factors.has_background()) row[k] = 0.0F;
                if (all_clamped(row, shift)) {
                    clamped_row(registry, whitening, coordinates, i, temperature, Side::query,
                                factors, row);
                    factors.log_normaliser[i] = kLeastLogKernel;
                    continue;
                }
                const double most = largest_logit(row, shift);
                shift_logits(shift, most, row);
                factors.log_normaliser[i] = static_cast<float>(most + softmax(row));
            }
        });
        work.report("factors", 0.5 + 0.5 * static_cast<double>(end) / static_cast<double>(n));
    }
}

}  // namespace hsa
