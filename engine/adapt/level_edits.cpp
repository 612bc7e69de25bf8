#include "engine/adapt/level_edits.h"

#include "engine/adapt/adjust.h"
#include "engine/adapt/coverage.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/draft.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/measures.h"
#include "engine/adapt/members.h"
#include "engine/adapt/places.h"
#include "engine/adapt/propose.h"
#include "engine/attention/columns.h"
#include "engine/attention/factors.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/random.h"
#include "engine/core/stratified.h"
#include "engine/model/key_mask.h"
#include "engine/model/level_coordinates.h"
#include "engine/model/smoothing.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kShareRows = 4096;
constexpr std::size_t kLeastSplats = 2;  // of a level that nothing is said of
constexpr double kNextCount = 4.0;       // beyond the coarsest: a quarter of its splats
constexpr double kNextWidth = 2.0;       // ... and twice its smoothing; half before the finest
enum Purpose : std::uint64_t { new_places = 11 };  // after those of initialise.cpp

// A change of the hierarchy on its way: the draft, and the coordinates it will have.
struct Change {
    Draft draft;
    Coordinates coordinates;
    Event event;
};

AdaptInput with_coordinates(const AdaptInput& input, const Coordinates& coordinates) {
    return {input.dataset,     coordinates,  input.target, input.settings, input.seed,
            input.temperature, input.causal, input.near,   input.storage};
}

std::size_t level_named(const Hierarchy& hierarchy, const std::string& name, const char* what) {
    const std::optional<std::size_t> level = hierarchy.index_of(name);
    if (level) return *level;
    std::string known;
    for (const Level& each : hierarchy.levels) known += (known.empty() ? "" : ", ") + each.name;
    fail("There is no level '{}' to {}: there are {}.", name, what, known);
}

void check_name(const Hierarchy& hierarchy, const std::string& name) {
    if (name.empty()) fail("A level needs a name.");
    if (hierarchy.index_of(name))
        fail("There is a level {} already: levels must have different names.", name);
}

// The recipe of the coordinates as one that may be changed, with a name for every level.
std::shared_ptr<CoordinateRecipe> own_recipe(const Coordinates& coordinates,
                                             const Hierarchy& hierarchy) {
    if (!coordinates.recipe) return nullptr;
    auto recipe = std::make_shared<CoordinateRecipe>(*coordinates.recipe);
    recipe->level_names.clear();
    for (const Level& level : hierarchy.levels) recipe->level_names.push_back(level.name);
    return recipe;
}

template <class T>
auto at(std::vector<T>& values, std::size_t index) {
    return values.begin() + static_cast<std::ptrdiff_t>(index);
}

void add_coordinates(Change& change, const std::string& name, std::size_t index, double h,
                     const Work& work) {
    Coordinates& own = change.coordinates;
    const auto recipe = own_recipe(own, change.draft.registry.hierarchy);
    if (!recipe) {
        own.levels.insert(at(own.levels, index), own.base);
        return;
    }
    std::size_t same = 0;
    while (same < recipe->levels.size() && recipe->levels[same].h != h) ++same;
    LevelBlock block;
    if (same < recipe->levels.size()) block = {recipe->levels[same], own.levels[same]};
    else block = estimate_level(*own.base, own.token_weight, h, recipe->trailing, work);
    recipe->levels.insert(at(recipe->levels, index), std::move(block.numbers));
    recipe->level_names.insert(at(recipe->level_names, index), name);
    own.levels.insert(at(own.levels, index), std::move(block.rows));
    own.recipe = recipe;
    change.draft.registry.coordinates = recipe;
}

Places places_of_new(Backend& backend, const AdaptInput& input, const Change& change,
                     const Coordinates& visible, std::size_t index, std::size_t count,
                     const Work& work) {
    const SplatRegistry& before = change.draft.registry;
    const std::uint64_t seed =
        random_bits({adapt_seed(input), static_cast<std::uint64_t>(change.draft.cycle), index,
                     new_places, before.next_id});
    const Matrix<float>& y = *visible.levels[index];
    if (index > 0 && index < before.hierarchy.size()) {
        const Places cells =
            cells_of_level(backend, input.coordinates, before, index, input.temperature, work);
        if (cells.count <= count)
            return nested_kmeans(y, visible.token_weight, cells, count, seed, work);
    }
    std::vector<std::uint32_t> rows(y.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    return weighted_kmeans(y, visible.token_weight, rows, count, seed, work);
}

// Scales the others so that the new level has this share, and the sum of weights stays.
void give_share(double share, std::size_t index, Hierarchy& hierarchy) {
    double total = 0.0;
    for (const Level& level : hierarchy.levels) total += level.weight;
    for (std::size_t l = 0; l < hierarchy.size(); ++l)
        if (l == index) hierarchy.levels[l].weight = share * total;
        else hierarchy.levels[l].weight *= 1.0 - share;
}

// Amplitudes of the new level, common factor, so that it takes its share of all attention.
void take_share(Backend& backend, const Coordinates& visible, std::size_t index,
                SplatRegistry& registry, const Work& work) {
    if (registry.hierarchy.size() == 1) return;
    const std::vector<std::uint32_t> rows = stratified_rows(visible.size(), kShareRows);
    const JointKernel joint = joint_kernel(backend, registry, visible, rows, 1.0, work);
    const std::vector<double> log_weight = registry.log_weights();
    std::vector<float> own(rows.size());
    std::vector<double> rest(rows.size());
    const auto background = static_cast<float>(registry.background_log_weight.value_or(-1e30) +
                                               std::log(static_cast<double>(visible.size())));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        std::vector<float> inside;
        std::vector<float> outside = {background};
        for (std::size_t s = 0; s < registry.size(); ++s)
            (registry.level[s] == index ? inside : outside)
                .push_back(joint.log_kernel(i, s) +
                           static_cast<float>(joint.log_mass[s] + log_weight[s]));
        own[i] = static_cast<float>(log_sum_exp(inside));
        rest[i] = log_sum_exp(outside);
    }
    const double offset = solve_log_weight(own, rest, registry.hierarchy.share(index));
    for (const std::size_t row : registry.rows_of_level(index))
        registry.log_amplitude[row] =
            static_cast<float>(static_cast<double>(registry.log_amplitude[row]) + offset);
}

void begin_level(Backend& backend, const AdaptInput& input, Change& change, std::size_t index,
                 const Work& work) {
    AdaptState& state = change.draft.state;
    const SplatRegistry& registry = change.draft.registry;
    const AdaptInput after = with_coordinates(input, change.coordinates);
    double loss = 0.0;
    if (input.target)
        loss = CycleContext(backend, after, registry, change.draft.cycle, work)
                   .probe_kl(level_splats(registry, index));
    else
        loss = coverage_loss(backend, level_splats(registry, index), input.temperature,
                             visible_coordinates(change.coordinates).levels[index]->view(), work);
    state.best_kl.insert(at(state.best_kl, index), loss);
    state.learning_rate.insert(
        at(state.learning_rate, index),
        far_rate(at_level(input.settings, registry.hierarchy.levels[index].name).learning_rate));
    state.starting_splats.insert(at(state.starting_splats, index), registry.count(index));
}

void add_level(Backend& backend, const AdaptInput& input, const Edit& edit, Change& change,
               const Work& work) {
    SplatRegistry& registry = change.draft.registry;
    check_name(registry.hierarchy, edit.level);
    if (edit.values.size() != 2 || !(edit.values[1] >= 0.0))
        fail("Level {} is to come before or after another, with a number of splats.", edit.level);
    const std::size_t beside = level_named(registry.hierarchy, edit.other, "put another beside");
    if (registry.hierarchy.size() >= kMostLevels)
        fail("There are {} levels: more are not possible; remove one first.", kMostLevels);
    const std::size_t index = beside + (edit.values.front() != 0.0 ? 1U : 0U);
    NewLevel made = level_between(registry, change.coordinates, input.dataset.ordered, index);
    const std::size_t most = std::max<std::size_t>(visible_count(input.coordinates) / 4, 1);
    if (edit.values[1] > static_cast<double>(most))
        fail("{} splats were asked for level {}: with {} tokens a level holds at most {}.",
             edit.values[1], edit.level, visible_count(input.coordinates), most);
    if (edit.values[1] > 0.0) made.splats = static_cast<std::size_t>(edit.values[1]);
    add_coordinates(change, edit.level, index, made.h, work);
    const Coordinates visible = visible_coordinates(change.coordinates);
    Coordinates alone = visible;
    alone.levels = {visible.levels[index]};
    const std::size_t neighbour = registry.rows_of_level(beside).front();
    const SplatRegistry splats = splats_of_level(
        backend, alone, places_of_new(backend, input, change, visible, index, made.splats, work),
        registry.gaussians.kind[neighbour],
        default_perplexity(index, registry.hierarchy.size() + 1), work);
    registry.insert_level(index, {edit.level, 0.0});
    give_share(made.share, index, registry.hierarchy);
    for (std::size_t row = 0; row < splats.size(); ++row) {
        Splat splat = splats.splat(row);
        splat.level = static_cast<std::uint16_t>(index);
        change.event.after.push_back(registry.add(splat));
        change.draft.born.insert(change.event.after.back());
    }
    take_share(backend, visible, index, registry, work);
    begin_level(backend, input, change, index, work);
    change.event.level = static_cast<std::uint16_t>(index);
    change.event.level_name = edit.level;
    change.event.decided_by = {{"splats", static_cast<double>(splats.size()), 0.0},
                               {"smoothing", made.h, 0.0},
                               {"share", made.share, 0.0}};
    const std::string place =
        index == 0 ? fmt::format("before {}", registry.hierarchy.levels[1].name)
        : index + 1 == registry.hierarchy.size()
            ? fmt::format("after {}", registry.hierarchy.levels[index - 1].name)
            : fmt::format("between {} and {}", registry.hierarchy.levels[index - 1].name,
                          registry.hierarchy.levels[index + 1].name);
    change.event.text = fmt::format(
        "the level {} {}: {} splats{}, with {:.3g} of attention", edit.level, place, splats.size(),
        made.h > 0.0 ? fmt::format(" of tokens smoothed over {:.3g}", made.h) : "", made.share);
}

void remove_level(const Edit& edit, Change& change) {
    SplatRegistry& registry = change.draft.registry;
    const std::size_t index = level_named(registry.hierarchy, edit.level, "remove");
    const double share = registry.hierarchy.share(index);
    for (const std::size_t row : registry.rows_of_level(index))
        change.event.before.push_back(registry.id[row]);
    const auto recipe = own_recipe(change.coordinates, registry.hierarchy);
    registry.remove_level(index);
    for (Level& level : registry.hierarchy.levels) level.weight /= 1.0 - share;
    Coordinates& own = change.coordinates;
    own.levels.erase(at(own.levels, index));
    if (recipe) {
        recipe->levels.erase(at(recipe->levels, index));
        recipe->level_names.erase(at(recipe->level_names, index));
        own.recipe = recipe;
        registry.coordinates = recipe;
    }
    AdaptState& state = change.draft.state;
    for (std::vector<double>* each : {&state.learning_rate, &state.best_kl})
        if (index < each->size()) each->erase(at(*each, index));
    if (index < state.starting_splats.size())
        state.starting_splats.erase(at(state.starting_splats, index));
    change.event.level = static_cast<std::uint16_t>(index);
    change.event.level_name = edit.level;
    change.event.decided_by = {{"splats", static_cast<double>(change.event.before.size()), 0.0},
                               {"share", 0.0, share}};
    change.event.text = fmt::format(
        "the level {}: its {} splats had {:.3g} of attention, which the other levels share",
        edit.level, change.event.before.size(), share);
}

void rename_level(const Edit& edit, Change& change) {
    SplatRegistry& registry = change.draft.registry;
    const std::size_t index = level_named(registry.hierarchy, edit.level, "rename");
    check_name(registry.hierarchy, edit.other);
    registry.hierarchy.levels[index].name = edit.other;
    if (const auto recipe = own_recipe(change.coordinates, registry.hierarchy)) {
        change.coordinates.recipe = recipe;
        registry.coordinates = recipe;
    }
    change.event.level = static_cast<std::uint16_t>(index);
    change.event.level_name = edit.other;
    change.event.text = fmt::format("the level {} to {}", edit.level, edit.other);
}

Measures measured(Backend& backend, const AdaptInput& input, const SplatRegistry& registry,
                  const Work& work) {
    const FactorOptions all{input.temperature, 0, {}, input.causal, input.storage};
    const Factors factors = compute_factors(backend, registry, input.coordinates, all, work);
    const MeasureOptions options{adapt_seed(input), input.settings.probe_rows,
                                 level_lambdas(input.settings, registry.hierarchy),
                                 input.temperature};
    return measure(factors, registry, backend, input.coordinates, input.target.get(), options,
                   work);
}

}  // namespace

NewLevel level_between(const SplatRegistry& registry, const Coordinates& coordinates, bool ordered,
                       std::size_t index) {
    const std::size_t levels = registry.hierarchy.size();
    const bool finer = index > 0;
    const bool coarser = index < levels;
    const auto splats = [&](std::size_t l) { return static_cast<double>(registry.count(l)); };
    const auto h = [&](std::size_t l) {
        return coordinates.recipe ? coordinates.recipe->levels[l].h : 0.0;
    };
    const std::size_t tokens = visible_count(coordinates);
    NewLevel made;
    double count = 1.0;
    double share = 0.0;
    if (finer && coarser) {
        count = std::sqrt(splats(index - 1) * splats(index));
        share = 0.5 * (registry.hierarchy.share(index - 1) + registry.hierarchy.share(index));
        made.h = h(index - 1) > 0.0 ? std::sqrt(h(index - 1) * h(index)) : 0.5 * h(index);
    } else if (finer) {
        count = std::max(splats(index - 1) / kNextCount, static_cast<double>(kLeastSplats));
        share = registry.hierarchy.share(index - 1);
        made.h = kNextWidth * h(index - 1);
        if (levels == 1 && ordered && coordinates.recipe && made.h == 0.0)
            made.h = smoothing_widths(coordinates.size(), 2).back();
    } else {
        count = splats(index) * kNextWidth;
        share = registry.hierarchy.share(index);
        made.h = h(index) / kNextWidth;
    }
    if (!(share > 0.0)) share = 1.0 / static_cast<double>(levels);
    made.h = std::min(made.h, static_cast<double>(coordinates.size()) / 4.0);
    made.share = share / (1.0 + share);
    made.splats = std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(count)), 1,
                                          std::max<std::size_t>(tokens / 4, 1));
    return made;
}

CycleResult apply_level_edit(Backend& backend, const AdaptInput& input, const AdaptState& state,
                             const Edit& edit, const Work& work) {
    if (!state.registry) fault("an edit without a registry");
    require_form_token(*state.registry, "Changing levels");
    Change change{Draft(state, state.cycle), input.coordinates, {}};
    change.event.cycle = state.cycle;
    change.event.kind = EventKind::level;
    change.event.by = Actor::user;
    const char* what = "";
    const bool renamed = edit.kind == Edit::Kind::rename_level;
    switch (edit.kind) {
        case Edit::Kind::add_level:
            add_level(backend, input, edit, change, work);
            what = "added";
            break;
        case Edit::Kind::remove_level:
            remove_level(edit, change);
            what = "removed";
            break;
        case Edit::Kind::rename_level:
            rename_level(edit, change);
            what = "renamed";
            break;
        default: fault("an edit of no level");
    }
    const Measures before = measured(backend, input, *state.registry, work);
    Ending ending;
    ending.count_cycle = false;
    ending.reparent = !renamed;
    ending.keep_level_shares = !renamed;
    change.draft.events.push_back(std::move(change.event));
    CycleResult result = finish_draft(backend, with_coordinates(input, change.coordinates),
                                      std::move(change.draft), ending, work);
    Event& event = result.events.back();
    event.objective_before = before.objective.value_or(0.0);
    event.objective_after = result.whole->objective.value_or(0.0);
    event.text = fmt::format("You {} {}", what, event.text);
    if (before.row_kl && result.whole->row_kl && !renamed) {
        event.d = *result.whole->row_kl - *before.row_kl;
        event.decided_by.push_back({"row-KL", *result.whole->row_kl, *before.row_kl});
        event.text +=
            fmt::format("; row-KL {:.4g}, it was {:.4g}", *result.whole->row_kl, *before.row_kl);
    }
    event.text += ".";
    return result;
}

}  // namespace hsa
