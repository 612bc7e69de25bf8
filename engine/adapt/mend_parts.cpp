#include "engine/adapt/mend_parts.h"

#include "engine/adapt/initialise.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/members.h"
#include "engine/adapt/propose.h"
#include "engine/adapt/rows.h"
#include "engine/core/stratified.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kNamed = 4;
constexpr std::size_t kShareRows = 4096;
constexpr double kLeastShare = 1e-6;  // of its level, that a splat is given
constexpr double kMostShare = 0.5;

// "3, 8, 9 and 12 others".
std::string ids_text(const std::vector<SplatId>& ids) {
    std::string text;
    for (std::size_t i = 0; i < std::min(kNamed, ids.size()); ++i)
        text += fmt::format("{}{}", i == 0 ? "" : ", ", ids[i]);
    if (ids.size() > kNamed) text += fmt::format(" and {} others", ids.size() - kNamed);
    return text;
}

}  // namespace

std::map<std::uint16_t, OfLevel> by_level(const std::vector<StrangeSplat>& strange) {
    std::map<std::uint16_t, OfLevel> levels;
    for (const StrangeSplat& splat : strange) {
        OfLevel& of = levels[splat.level];
        of.ids.push_back(splat.id);
        const auto far = [](double value) { return std::abs(std::log(std::max(value, 1e-300))); };
        if (of.ids.size() == 1 || far(splat.value) > far(of.worst)) of.worst = splat.value;
    }
    return levels;
}

bool holds(const std::vector<SplatId>& ids, SplatId id) {
    return std::binary_search(ids.begin(), ids.end(), id);
}

std::vector<SplatId> ids_of(const SplatRegistry& registry, const std::vector<std::size_t>& rows) {
    std::vector<SplatId> ids;
    ids.reserve(rows.size());
    for (const std::size_t row : rows) ids.push_back(registry.id[row]);
    return ids;
}

std::string splats_text(const std::vector<SplatId>& ids, const std::string& level) {
    return fmt::format("Splat{} {} of {} {}", ids.size() == 1 ? "" : "s", ids_text(ids), level,
                       ids.size() == 1 ? "was" : "were");
}

std::vector<double> last_usage(const SplatRegistry& registry) {
    std::vector<double> usage;
    usage.reserve(registry.size());
    for (const UsageHistory& history : registry.usage_history) {
        if (history.count == 0) return {};
        usage.push_back(static_cast<double>(history.recent().back()));
    }
    return usage;
}

void weigh_splats(const MendInput& bench, std::size_t level, const std::vector<SplatId>& splats,
                  SplatRegistry& registry) {
    const Coordinates visible = visible_coordinates(bench.input.coordinates);
    std::vector<double> claim = last_usage(registry);
    if (claim.empty()) {
        claim = members_of(bench.backend, bench.input.coordinates, registry,
                           bench.input.temperature, bench.work);
        for (double& members : claim) members = std::sqrt(members);
    }
    std::vector<Splat> others;
    double all = 0.0;
    double theirs = 0.0;
    for (const std::size_t row : registry.rows_of_level(level)) {
        all += claim[row];
        if (holds(splats, registry.id[row])) theirs += claim[row];
        else others.push_back(registry.splat(row));
    }
    if (others.empty() || !(all > 0.0)) return;
    const MatrixView<const float> x = visible.levels[level]->view();
    const std::vector<std::uint32_t> rows = stratified_rows(x.rows, kShareRows);
    const Matrix<float> x_rows = gather_rows(x, rows);
    const LevelSplats rest = level_splats(others);
    const auto bound = bind(bench.backend, rest, bench.input.temperature);
    const LevelQueries queries = level_queries(bench.backend, *bound, rest.log_weight,
                                               bench.backend.log_mass(*bound, x, {}, bench.work),
                                               background_logit(registry, x.rows), x_rows.view());
    for (const SplatId id : splats) {
        const std::size_t row = registry.row(id);
        const Splat splat = registry.splat(row);
        const LevelSplats column = level_splats(std::span<const Splat>(&splat, 1));
        const auto own = bind(bench.backend, column, bench.input.temperature);
        Matrix<float> logit(rows.size(), 1);
        bench.backend.log_kernel(*own, x_rows.view(), logit.view());
        const auto mass =
            static_cast<float>(bench.backend.log_mass(*own, x, {}, bench.work).front());
        for (std::size_t i = 0; i < rows.size(); ++i) logit(i, 0) += mass;
        // Beside the others alone: the rest of `splats` are weighed by themselves.
        const double beside = claim[row] / std::max(all - theirs + claim[row], 1e-300);
        registry.log_amplitude[row] = static_cast<float>(
            solve_log_weight(std::span<const float>(logit.data(), logit.size()),
                             queries.log_normaliser, std::clamp(beside, kLeastShare, kMostShare)));
    }
}

void shift_level(SplatRegistry& registry, std::size_t level, double by) {
    for (const std::size_t row : registry.rows_of_level(level))
        registry.log_amplitude[row] =
            static_cast<float>(static_cast<double>(registry.log_amplitude[row]) + by);
}

void weigh_level(const MendInput& bench, std::size_t level, SplatRegistry& registry) {
    SplatRegistry solved = registry;
    const std::vector<double> offsets =
        solve_level_offsets(bench.backend, bench.input.coordinates, solved, bench.work);
    std::vector<double> others;
    for (std::size_t l = 0; l < offsets.size(); ++l)
        if (l != level) others.push_back(offsets[l]);
    shift_level(registry, level, offsets[level] - median_of(std::move(others), 0.0));
}

}  // namespace hsa
