#include "engine/attention/far_rows.h"

#include "engine/attention/row_lanes.h"
#include "engine/compute/formulas.h"
#include "engine/compute/twofold.h"
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

// Rows of P from log kernels that were never rounded; nothing is clamped.
void write_twofold_rows(const TwofoldKernels& kernels, const std::vector<LevelKernel>& levels,
                        const Coordinates& coordinates, std::size_t begin, std::size_t end,
                        std::span<const double> shift, Factors& factors) {
    Matrix<double> logits(end - begin, factors.columns(), 0.0);
    for (const LevelKernel& level : levels) {
        Matrix<double> ell(end - begin, level.rows.size());
        if (ell.empty()) continue;
        kernels.wide_log_kernel(
            *level.bound,
            rows_of_side(coordinates, level.level, Side::query).view().block(begin, end),
            ell.view());
        for (std::size_t i = 0; i < ell.rows(); ++i)
            for (std::size_t s = 0; s < ell.cols(); ++s) logits(i, level.rows[s]) = ell(i, s);
    }
    parallel_blocks(end - begin, kKernelTile, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const std::span<double> row = logits.row(i);
            double most = kNothing;
            for (std::size_t s = 0; s < row.size(); ++s) most = std::max(most, row[s] += shift[s]);
            double sum = 0.0;
            for (double& logit : row) sum += logit = std::exp(logit - most);
            for (std::size_t s = 0; s < row.size(); ++s)
                factors.p(begin + i, s) = static_cast<float>(row[s] / sum);
            factors.log_normaliser[begin + i] = static_cast<float>(
                std::max(most + std::log(sum), static_cast<double>(kLeastLogKernel)));
        }
    });
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
    const TwofoldKernels* twofold = twofold_of(backend);
    for (std::size_t begin = 0; begin < n; begin += kRowsAtOnce) {
        work.check();
        const std::size_t end = std::min(n, begin + kRowsAtOnce);
        if (twofold) {
            write_twofold_rows(*twofold, levels, coordinates, begin, end, shift, factors);
            continue;
        }
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
