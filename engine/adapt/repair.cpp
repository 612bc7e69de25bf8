#include "engine/adapt/repair.h"

#include "engine/adapt/faults.h"
#include "engine/core/median.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace hsa {
namespace {

constexpr double kWorstCondition = 1e12;

bool sound_variance(float v) { return std::isfinite(v) && v > 0.0F; }
bool sound_weight(float w) {
    return std::isfinite(w) || w == -std::numeric_limits<float>::infinity();
}

bool sound_shape(const CovarianceView& covariance) {
    return covariance.shape.empty() || condition_at_most(covariance, kWorstCondition);
}

float median_or(std::vector<float> values, float otherwise) {
    return values.empty() ? otherwise : median(std::move(values));
}

// What a level's splats are like, axis by axis.
struct Typical {
    std::vector<float> centre;
    std::vector<float> variance;
    float beta = 1.0F;
    float log_amplitude = 0.0F;
};

Typical typical_of(const SplatRegistry& registry, const Matrix<float>& x, std::size_t level) {
    Typical typical;
    std::vector<std::size_t> rows;
    for (const std::size_t row : registry.rows_of_level(level))
        if (sound_numbers(registry, row)) rows.push_back(row);
    const auto n = static_cast<double>(std::max<std::size_t>(x.rows(), 1));
    for (std::size_t a = 0; a < registry.dimension; ++a) {
        double sum = 0.0;
        double square = 0.0;
        if (rows.empty()) {
            for (std::size_t i = 0; i < x.rows(); ++i) {
                sum += static_cast<double>(x(i, a));
                square += static_cast<double>(x(i, a)) * static_cast<double>(x(i, a));
            }
            sum /= n;
            const double variance = square / n - sum * sum;
            typical.variance.push_back(variance > 0.0 ? static_cast<float>(variance) : 1.0F);
        } else {
            std::vector<float> variances;
            for (const std::size_t row : rows) {
                sum += static_cast<double>(registry.gaussians.centre(row, a));
                variances.push_back(registry.gaussians.variance(row, a));
            }
            sum /= static_cast<double>(rows.size());
            typical.variance.push_back(median_or(variances, 1.0F));
        }
        typical.centre.push_back(static_cast<float>(sum));
    }
    std::vector<float> betas;
    std::vector<float> weights;
    for (const std::size_t row : rows) {
        betas.push_back(registry.beta[row]);
        if (std::isfinite(registry.log_amplitude[row]))
            weights.push_back(registry.log_amplitude[row]);
    }
    typical.beta = median_or(betas, 1.0F);
    typical.log_amplitude = median_or(weights, 0.0F);
    return typical;
}

// Puts one splat right and says what was wrong first.
Repair repair_splat(const Typical& typical, Splat& splat) {
    Repair note;
    note.id = splat.id;
    note.level = splat.level;
    const auto found = [&note](const std::string& fault) {
        if (note.numbers++ == 0) note.fault = fault;
    };
    for (std::size_t a = 0; a < splat.centre.size(); ++a) {
        if (std::isfinite(splat.centre[a])) continue;
        found(fmt::format("axis {} of its centre was {}", a, splat.centre[a]));
        splat.centre[a] = typical.centre[a];
    }
    const bool spherical = splat.kind == CovarianceKind::spherical;
    bool broken = false;
    for (std::size_t a = 0; a < splat.variance.size(); ++a) {
        if (sound_variance(splat.variance[a])) continue;
        found(fmt::format("axis {} of its variance was {}", a, splat.variance[a]));
        splat.variance[a] = typical.variance[a];
        broken = true;
    }
    if (broken && spherical)
        std::fill(splat.variance.begin(), splat.variance.end(), typical.variance.front());
    if (!sound_shape(splat.covariance())) {
        found("its covariance was not positive definite");
        std::fill(splat.shape.begin(), splat.shape.end(), 0.0F);
    }
    if (!sound_variance(splat.beta)) {
        found(fmt::format("its beta was {}", splat.beta));
        splat.beta = typical.beta;
    }
    if (!sound_weight(splat.log_amplitude)) {
        found(fmt::format("its log amplitude was {}", splat.log_amplitude));
        splat.log_amplitude = typical.log_amplitude;
    }
    return note;
}

}  // namespace

std::vector<Repair> repair(const Coordinates& coordinates, SplatRegistry& registry) {
    std::vector<Repair> notes;
    // From the splats that were sound to begin with: a repaired one is no example for the next.
    std::map<std::size_t, Typical> typical;
    std::vector<std::size_t> faulty;
    for (std::size_t row = 0; row < registry.size(); ++row) {
        if (sound_numbers(registry, row)) continue;
        faulty.push_back(row);
        const std::size_t level = registry.level[row];
        if (typical.count(level) == 0)
            typical.emplace(level, typical_of(registry, *coordinates.levels[level], level));
    }
    for (const std::size_t row : faulty) {
        Splat splat = registry.splat(row);
        notes.push_back(repair_splat(typical.at(registry.level[row]), splat));
        registry.assign(splat);
    }
    if (registry.background_log_weight &&
        !sound_weight(static_cast<float>(*registry.background_log_weight))) {
        float least = std::numeric_limits<float>::infinity();
        for (const float w : registry.log_amplitude)
            if (std::isfinite(w)) least = std::min(least, w);
        notes.push_back(
            {kNoSplat, 0,
             fmt::format("the background's ln w was {}", *registry.background_log_weight), 1});
        registry.background_log_weight = std::isfinite(least) ? static_cast<double>(least) : 0.0;
    }
    return notes;
}

}  // namespace hsa
