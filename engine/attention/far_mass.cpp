#include "engine/attention/far_mass.h"

#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
// Beyond this many nats a share is 0 or 1 in double precision.
constexpr double kSurely = 40.0;
constexpr int kHalvings = 80;

}  // namespace

std::vector<double> log_far_masses(const SplatRegistry& registry, MatrixView<const float> queries,
                                   std::span<const float> log_normalisers) {
    if (registry.form == Form::token)
        fail(
            "A near set needs splats whose masses can stand beside exact scores: those of the form "
            "shared or paired, and these have the form token.");
    if (queries.rows != log_normalisers.size() || queries.cols != registry.dimension)
        fault("far masses of {} x {} queries and {} rows", queries.rows, queries.cols,
              log_normalisers.size());
    std::vector<double> quadratic = registry.query_quadratic;
    if (quadratic.empty())
        quadratic.assign(queries.cols,
                         registry.kappa_query.value_or(registry.form == Form::shared ? 1.0 : 0.0));
    std::vector<double> log_mass(queries.rows);
    for (std::size_t i = 0; i < queries.rows; ++i) {
        double square = 0.0;
        for (std::size_t a = 0; a < queries.cols; ++a) {
            const auto q = static_cast<double>(queries(i, a));
            square += quadratic[a] * q * q;
        }
        log_mass[i] = static_cast<double>(log_normalisers[i]) + 0.5 * square;
    }
    return log_mass;
}

JoinedRow join_row(std::span<const float> scores, double log_mass, double outside) {
    if (scores.empty()) {
        if (!(outside > 0.0)) return {kNothing, 0.0};
        return {log_mass + std::log(outside), 1.0 / outside};
    }
    const double far = outside > 0.0 ? log_mass + std::log(outside) : kNothing;
    double most = far;
    for (const float score : scores) most = std::max(most, static_cast<double>(score));
    if (most == kNothing) return {kNothing, 0.0};
    double sum = std::exp(far - most);
    for (const float score : scores) sum += std::exp(static_cast<double>(score) - most);
    JoinedRow row;
    row.log_normaliser = most + std::log(sum);
    row.far_scale = outside > 0.0 ? std::exp(far - row.log_normaliser) / outside : 0.0;
    return row;
}

double solve_offset(std::span<const FarShare> rows) {
    std::vector<double> level;  // ln far - ln near without an offset
    double wanted = 0.0;
    for (const FarShare& row : rows) {
        if (!(row.log_near > kNothing) || !(row.log_far > kNothing)) continue;
        level.push_back(row.log_far - row.log_near);
        wanted += row.wanted;
    }
    if (level.empty()) return 0.0;
    const auto [least, most] = std::minmax_element(level.begin(), level.end());
    double low = -*most - kSurely;
    double high = -*least + kSurely;
    for (int halving = 0; halving < kHalvings; ++halving) {
        const double middle = 0.5 * (low + high);
        double share = 0.0;
        for (const double x : level) share += 1.0 / (1.0 + std::exp(-(x + middle)));
        (share < wanted ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

}  // namespace hsa
