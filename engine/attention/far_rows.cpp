#include "engine/attention/far_rows.h"

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
                 const Coordinates& coordinates, std::size_t i, double temperature,
                 const Factors& factors, std::span<float> row) {
    std::vector<double> logits = exact_log_kernel(registry, whitening, coordinates, i, temperature);
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

}  // namespace

std::vector<double> exact_log_kernel(const SplatRegistry& registry,
                                     std::span<const Whitening> whitening,
                                     const Coordinates& coordinates, std::size_t token,
                                     double temperature) {
    std::vector<double> ell(registry.size());
    std::vector<double> delta(registry.dimension);
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const auto x = coordinates.levels[registry.level[s]]->row(token);
        const auto centre = registry.gaussians.centre.row(s);
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
    const std::size_t k = registry.size();
    std::vector<double> shift(factors.columns());
    for (std::size_t s = 0; s < shift.size(); ++s)
        shift[s] = factors.log_weight[s] + factors.log_mass[s];
    std::vector<Whitening> whitening;
    for (std::size_t s = 0; s < k && !tokens.empty(); ++s)
        whitening.emplace_back(registry.gaussians.covariance(s));
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
            bool all_clamped = !factors.has_background();
            for (std::size_t s = 0; s < row.size(); ++s) {
                const double ell = s < k ? static_cast<double>(row[s]) : 0.0;
                if (shift[s] > kNothing && ell > static_cast<double>(kLeastLogKernel))
                    all_clamped = false;
                row[s] = static_cast<float>(ell + shift[s]);
            }
            factors.log_normaliser[some[r]] = static_cast<float>(softmax(row));
            if (all_clamped)
                clamped_row(registry, whitening, coordinates, some[r], temperature, factors, row);
        });
    }
}

}  // namespace hsa
