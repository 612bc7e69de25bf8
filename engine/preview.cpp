#include "engine/preview.h"

#include "engine/adapt/changed_splat.h"
#include "engine/adapt/held_parents.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/measures.h"
#include "engine/attention/columns.h"
#include "engine/attention/factors.h"
#include "engine/first_picture.h"
#include "engine/stages.h"

#include <cmath>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hsa {
namespace {

// Tokens x columns that are brought up to date while a hand moves, ...
constexpr std::size_t kMostAtOnce = std::size_t{1} << 25U;
// ... and that are computed anew when it rests.
constexpr std::size_t kMostAtRest = std::size_t{1} << 27U;

// What the factors of the snapshot depend on, with other splats.
LookKey key_of(const Snapshot& of, const Request& asked,
               std::shared_ptr<const SplatRegistry> registry) {
    LookKey key{std::move(registry), of.coordinates, of.temperature, 0, {}, of.causal};
    key.storage = asked.compute.storage;
    std::vector<std::string> notes;
    key.exact = exact_pairs_of(asked.attention, of.registry->form, nullptr, notes);
    key.exact.near = of.near;
    if (key.exact.any()) key.target = of.target;
    key.splats_per_token = asked.attention.splats_per_token;
    key.mode = asked.attention.mode;
    key.mask = asked.mask;
    return key;
}

// As the end of an edit does it; those along remembered paths stay until then.
void find_parents(Backend& backend, const Snapshot& of, const Request& asked,
                  SplatRegistry& registry, const Work& work) {
    if (registry.hierarchy.size() < 2 || settings_at(asked, of.cycle).adapt.path_memory > 0.0)
        return;
    (void)assign_parents(backend, *of.coordinates, registry, work);
    if (!of.history || of.cycle < 0 || of.cycle > of.history->last()) return;
    const auto& state = of.history->cycles[static_cast<std::size_t>(of.cycle)]->state;
    if (!state) return;
    std::map<SplatId, SplatId> held = state->held_parents;
    keep_held_parents({}, registry, held);
}

void show_changed(Backend& backend, const LookKey& key, std::size_t row, const Snapshot& of,
                  const Work& work, Snapshot& preview) {
    const std::shared_ptr<const SplatRegistry> warmed =
        with_level_temperatures(*key.registry, key.mask);
    preview.factors = std::make_shared<const Factors>(
        with_changed_splat(backend, *of.factors, warmed ? *warmed : *key.registry, row,
                           *key.coordinates, key.temperature, key.mask, work));
    preview.sums = std::make_shared<const TileSums>(tile_sums(*preview.factors, work));
    if (!key.plain()) return;  // measures are of the attention without mutes
    auto measures =
        std::make_shared<Measures>(measure_shares(*preview.factors, *key.registry, work));
    if (of.measures) {
        measures->row_entropy_mean = of.measures->row_entropy_mean;
        measures->report_rows = of.measures->report_rows;
    }
    preview.measures = std::move(measures);
}

void show_exact(Backend& backend, const LookKey& key, const Request& asked, const Work& work,
                Snapshot& preview) {
    const std::size_t budget = memory_budget(asked.compute);
    const LookedAt seen = stage_attention(backend, key, nullptr, budget, work);
    std::shared_ptr<const Factors> whole = seen.factors;
    if (!key.plain()) {
        LookKey plain = key;
        plain.splats_per_token = 0;
        plain.mode = AttentionMode::dense;
        plain.mask = {};
        plain.exact.window = 0;
        whole = stage_attention(backend, plain, nullptr, budget, work).factors;
    }
    preview.factors = seen.factors;
    preview.sums = seen.sums;
    preview.factors_exact = true;
    preview.measures = std::make_shared<const Measures>(
        measure(*whole, *key.registry, backend, *key.coordinates, preview.target.get(),
                measure_options(asked, preview.cycle, *key.registry), work));
}

// With the edit done; null where there is nothing to do it to.
std::shared_ptr<SplatRegistry> edited(const SplatRegistry& registry, const Edit& edit) {
    auto changed = std::make_shared<SplatRegistry>(registry);
    if (changes_one_splat(edit.kind)) {
        if (edit.splats.size() != 1 || !registry.find(edit.splats.front())) return nullptr;
        changed->assign(edited_splat(registry, edit));
        return changed;
    }
    const std::optional<std::size_t> level = registry.hierarchy.index_of(edit.level);
    if (!level || edit.values.size() != 1) return nullptr;
    changed->hierarchy.levels[*level].weight = edit.values.front();
    double sum = 0.0;
    for (const Level& each : changed->hierarchy.levels) sum += each.weight;
    return std::isfinite(sum) && sum > 0.0 && edit.values.front() >= 0.0 ? changed : nullptr;
}

}  // namespace

bool follows_a_hand(Edit::Kind kind) {
    return changes_one_splat(kind) || kind == Edit::Kind::level_weight;
}

std::shared_ptr<const Snapshot> preview_of(const Snapshot& of, const Request& asked,
                                           const PreviewWanted& wanted, Backend& backend,
                                           const Work& work) {
    if (!of.factors || !of.sums || !of.factors_exact || !of.registry || !of.coordinates ||
        of.registry->form != Form::token || !follows_a_hand(wanted.edit.kind) ||
        asked.compute.precision != Precision::single)
        return nullptr;
    const bool one_splat = changes_one_splat(wanted.edit.kind);
    const std::shared_ptr<SplatRegistry> registry = edited(*of.registry, wanted.edit);
    if (!registry) return nullptr;
    const std::size_t numbers = of.factors->tokens() * of.factors->columns();
    const bool exact = wanted.exact && numbers <= kMostAtRest;
    if (exact && one_splat) find_parents(backend, of, asked, *registry, work);
    if (exact && !one_splat && registry->made_here)
        (void)solve_level_offsets(backend, *of.coordinates, *registry, work);
    const LookKey key = key_of(of, asked, registry);
    auto preview = std::make_shared<Snapshot>(of);
    preview->registry = registry;
    preview->complete = false;
    if (exact) {
        preview->preview = PreviewKind::exact;
        show_exact(backend, key, asked, work, *preview);
        return preview;
    }
    preview->preview = PreviewKind::coarse;
    // A level muted while the hand is at it: the factors at hand do not know of that yet.
    const bool same_mask = column_log_weights(*of.registry, key.mask) == of.factors->log_weight;
    if (one_splat && same_mask && numbers <= kMostAtOnce && can_change_splat(*of.factors) &&
        key.splats_per_token == 0 && key.mode == AttentionMode::dense && !key.exact.any())
        show_changed(backend, key, of.registry->row(wanted.edit.splats.front()), of, work,
                     *preview);
    else show_sample(sample_factors(backend, key, work), *preview);
    return preview;
}

}  // namespace hsa
