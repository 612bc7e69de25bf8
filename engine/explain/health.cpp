#include "engine/explain/health.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr double kDeadShare = 0.05;  // of the level's mean usage
constexpr double kWrongSum = 0.05;
constexpr std::size_t kNamedRows = 256;

// Mean difference of two splats' usage over twice the mean.
double gini(std::vector<double> usage) {
    std::sort(usage.begin(), usage.end());
    const auto k = static_cast<double>(usage.size());
    double sum = 0.0;
    double ranked = 0.0;
    for (std::size_t r = 0; r < usage.size(); ++r) {
        sum += usage[r];
        ranked += (2.0 * static_cast<double>(r + 1) - k - 1.0) * usage[r];
    }
    return sum > 0.0 ? ranked / (k * sum) : 0.0;
}

}  // namespace

FactorHealth factor_health(const Factors& factors) {
    const std::size_t columns = factors.columns();
    const std::size_t n = factors.tokens();
    FactorHealth health;
    std::vector<double> row_error(n);
    std::vector<char> empty(n, 0);
    std::vector<char> broken(n, 0);
    // Sums of the columns of K, and the count of entries that are not finite.
    const std::vector<double> sums = parallel_sum(
        n, columns + 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i) {
                double row = 0.0;
                for (std::size_t s = 0; s < columns; ++s) {
                    const float p = factors.p(i, s);
                    const float k = factors.k(i, s);
                    if (std::isfinite(p)) row += static_cast<double>(p);
                    else out[columns] += 1.0;
                    if (std::isfinite(k)) out[s] += static_cast<double>(k);
                    else out[columns] += 1.0;
                    if (!std::isfinite(p) || !std::isfinite(k)) broken[i] = 1;
                }
                const double wanted =
                    factors.near ? static_cast<double>(factors.near->far_scale[i]) : 1.0;
                empty[i] = row == 0.0 && wanted > 0.0 ? 1 : 0;
                row_error[i] = row == 0.0 ? 0.0 : std::abs(row / wanted - 1.0);
            }
        });
    for (std::size_t i = 0; i < n; ++i) {
        health.row_sum_error = std::max(health.row_sum_error, row_error[i]);
        health.empty_rows += static_cast<std::size_t>(empty[i]);
        if ((broken[i] != 0 || row_error[i] > kWrongSum) && health.faulty_rows.size() < kNamedRows)
            health.faulty_rows.push_back(static_cast<std::uint32_t>(i));
    }
    for (std::size_t s = 0; s < columns; ++s)
        health.key_sum_error = std::max(health.key_sum_error, std::abs(sums[s] - 1.0));
    health.not_finite = static_cast<std::size_t>(sums[columns]);
    return health;
}

std::vector<LevelHealth> level_health(const SplatRegistry& registry, const Measures& measures) {
    std::vector<LevelHealth> levels;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        LevelHealth level;
        level.name = registry.hierarchy.levels[l].name;
        const std::vector<std::size_t> rows = registry.rows_of_level(l);
        std::vector<double> usage;
        double sum = 0.0;
        for (const std::size_t row : rows) {
            usage.push_back(measures.usage[row]);
            sum += measures.usage[row];
        }
        for (const std::size_t row : rows)
            if (measures.usage[row] * static_cast<double>(rows.size()) < kDeadShare * sum)
                level.dead.push_back(registry.id[row]);
        level.usage_gini = gini(std::move(usage));
        levels.push_back(std::move(level));
    }
    return levels;
}

}  // namespace hsa
