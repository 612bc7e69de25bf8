#include "engine/adapt/mend_parts.h"

#include "engine/adapt/initialise.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kNamed = 4;

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
