#include "engine/adapt/shift.h"

#include "engine/adapt/coverage.h"
#include "engine/core/gather.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr std::size_t kFewTokens = 64;

// Mean over all rows, error from the means of stretches of nearly equal length.
Covered mean_of_stretches(std::span<const double> covered) {
    Covered found;
    for (const double c : covered) found.mean += c / static_cast<double>(covered.size());
    double square = 0.0;
    for (std::size_t s = 0; s < kShiftStretches; ++s) {
        const std::size_t begin = s * covered.size() / kShiftStretches;
        const std::size_t end = (s + 1) * covered.size() / kShiftStretches;
        double own = 0.0;
        for (std::size_t i = begin; i < end; ++i) own += covered[i];
        const double away = own / static_cast<double>(end - begin) - found.mean;
        square += away * away;
    }
    constexpr auto kCount = static_cast<double>(kShiftStretches);
    found.error = std::sqrt(square / (kCount * (kCount - 1.0)));
    return found;
}

// Of one level: how far the mean moved, drift included, in standard errors.
double z_of(const SeenData& seen, std::span<const Covered> now, std::size_t level) {
    const Covered& before = seen.levels[level];
    const bool same = before == now[level];  // the very same data
    double moved = now[level].mean - before.mean;
    double variance =
        same ? 0.0 : before.error * before.error + now[level].error * now[level].error;
    if (level < seen.drift.size() && level < seen.variance.size()) {
        moved += seen.drift[level];
        variance += seen.variance[level];
    }
    if (moved == 0.0) return 0.0;
    if (!(variance > 0.0)) return std::copysign(kLargestShift, moved);
    return std::clamp(moved / std::sqrt(variance), -kLargestShift, kLargestShift);
}

}  // namespace

std::vector<std::uint32_t> spread_tokens(const Coordinates& coordinates) {
    std::vector<std::uint32_t> visible = visible_tokens(coordinates.masked, coordinates.size());
    if (visible.size() <= kShiftRows) return visible;
    std::vector<std::uint32_t> tokens(kShiftRows);
    for (std::size_t t = 0; t < kShiftRows; ++t)
        tokens[t] = visible[(2 * t + 1) * visible.size() / (2 * kShiftRows)];
    return tokens;
}

std::vector<Covered> covered_by(Backend& backend, const Coordinates& coordinates,
                                const SplatRegistry& registry, double temperature,
                                const Work& work) {
    const std::vector<std::uint32_t> tokens = spread_tokens(coordinates);
    if (tokens.size() < kFewTokens || registry.form != Form::token) return {};
    std::vector<Covered> levels;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        work.check();
        const Matrix<float> x = gather_rows(coordinates.levels[l]->view(), tokens);
        levels.push_back(mean_of_stretches(
            log_coverage(backend, level_splats(registry, l), temperature, x.view())));
        if (!std::isfinite(levels.back().mean) || !std::isfinite(levels.back().error)) return {};
    }
    return levels;
}

std::optional<double> shift_of(const SeenData& seen, std::span<const Covered> now) {
    if (now.empty() || seen.levels.size() != now.size()) return std::nullopt;
    double largest = 0.0;
    for (std::size_t l = 0; l < now.size(); ++l) {
        const double z = z_of(seen, now, l);
        if (std::abs(z) > std::abs(largest)) largest = z;
    }
    return largest;
}

SeenData seen_by(std::vector<Covered> now, const SplatRegistry& registry, double temperature) {
    SeenData seen;
    seen.drift.assign(now.size(), 0.0);
    seen.variance.assign(now.size(), 0.0);
    seen.levels = std::move(now);
    seen.registry_hash = hash_registry(registry);
    seen.temperature = temperature;
    return seen;
}

bool speaks_of(const SeenData& seen, const SplatRegistry& registry, double temperature) {
    return !seen.levels.empty() && seen.temperature == temperature &&
           seen.registry_hash == hash_registry(registry);
}

void remember_data(Backend& backend, const AdaptInput& input, const SplatRegistry& registry,
                   AdaptState& state, const Work& work) {
    if (!(input.settings.shift > 0.0)) {
        state.seen = {};
        return;
    }
    SeenData seen =
        seen_by(covered_by(backend, input.coordinates, registry, input.temperature, work), registry,
                input.temperature);
    if (state.seen.drift.size() == seen.levels.size() &&
        state.seen.variance.size() == seen.levels.size()) {
        seen.drift = std::move(state.seen.drift);
        seen.variance = std::move(state.seen.variance);
    }
    state.seen = std::move(seen);
}

void add_drift(std::span<const Covered> now, SeenData& seen) {
    if (seen.levels.size() != now.size()) return;
    seen.drift.resize(now.size());
    seen.variance.resize(now.size());
    for (std::size_t l = 0; l < now.size(); ++l) {
        const Covered& before = seen.levels[l];
        if (before == now[l]) continue;
        seen.drift[l] += now[l].mean - before.mean;
        seen.variance[l] += before.error * before.error + now[l].error * now[l].error;
    }
}

}  // namespace hsa
