#include "engine/adapt/cycle_context.h"

#include "engine/adapt/level_settings.h"
#include "engine/core/work_part.h"
#include "engine/model/key_mask.h"

#include <algorithm>

namespace hsa {

std::uint64_t adapt_seed(const AdaptInput& input) {
    return input.settings.seed.value_or(input.seed);
}

CycleContext::CycleContext(Backend& used, const AdaptInput& read, const SplatRegistry& registry,
                           std::int32_t number, const Work& tied)
    : backend(used),
      input(read),
      work(tied),
      seed(adapt_seed(read)),
      cycle(number),
      rows(row_sets(read.coordinates.size(), read.settings.probe_rows, seed)),
      columns(choose_columns(read.coordinates, seed, number)),
      probe(*read.target, rows.probe, tied, &used),
      background(background_logit(registry, visible_count(read.coordinates))),
      lambda(level_lambdas(read.settings, registry.hierarchy)) {
    for (double& price : lambda) price *= probe.reference();
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        scale.push_back(step_scale(columns.x[l]));
}

Matrix<float> CycleContext::target(std::span<const std::uint32_t> of_rows) const {
    Matrix<float> t(of_rows.size(), columns.size());
    if (columns.sample.empty()) input.target->rows(of_rows, t.view());
    else input.target->sampled_rows(of_rows, columns.sample, {}, t.view());
    return t;
}

Matrix<float> CycleContext::coordinates(std::size_t level,
                                        std::span<const std::uint32_t> of_rows) const {
    return gather_rows(input.coordinates.levels[level]->view(), of_rows);
}

std::vector<std::size_t> CycleContext::seen(std::span<const std::uint32_t> of_rows) const {
    std::vector<std::size_t> counts;
    if (!input.causal) return counts;
    for (const std::uint32_t row : of_rows) {
        const auto sampled = std::upper_bound(columns.sample.begin(), columns.sample.end(), row);
        counts.push_back(columns.sample.empty()
                             ? row + std::size_t{1}
                             : static_cast<std::size_t>(sampled - columns.sample.begin()));
    }
    return counts;
}

std::vector<double> CycleContext::probe_rows_kl(const LevelSplats& splats) const {
    const auto levels = static_cast<double>(scale.size());
    const auto level = static_cast<double>(splats.level);
    return full_row_divergence(
        backend, splats, input.temperature, background,
        input.coordinates.levels[splats.level]->view(), probe,
        part_of(work, "measuring levels", level / levels, (level + 1.0) / levels));
}

double CycleContext::probe_kl(const LevelSplats& splats) const {
    return mean(probe_rows_kl(splats));
}

}  // namespace hsa
