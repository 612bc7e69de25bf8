#include "engine/adapt/edits.h"

#include "engine/adapt/birth.h"
#include "engine/adapt/coverage.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/draft.h"
#include "engine/adapt/faults.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/level_edits.h"
#include "engine/adapt/level_optimise.h"
#include "engine/adapt/level_pool.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/measures.h"
#include "engine/adapt/members.h"
#include "engine/adapt/mend.h"
#include "engine/adapt/merge.h"
#include "engine/adapt/mitosis.h"
#include "engine/adapt/moments.h"
#include "engine/adapt/narrate.h"
#include "engine/adapt/splat_edits.h"
#include "engine/attention/columns.h"
#include "engine/attention/factors.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kTokens = 8;
constexpr std::size_t kShareRows = 4096;
constexpr double kLargestShare = 0.5;

// One edit on its way: what it reads, the draft it writes and the event it tells.
struct Workbench {
    Backend& backend;
    const AdaptInput& input;
    const Work& work;
    Draft& draft;
    Event& event;

    [[nodiscard]] const std::string& level_name(std::size_t level) const {
        return draft.registry.hierarchy.levels[level].name;
    }
    [[nodiscard]] MatrixView<const float> x(std::size_t level) const {
        return input.coordinates.levels[level]->view();
    }
    // Of the form token: what a mask adds to ell^k, or empty.
    [[nodiscard]] std::vector<float> key_factors() const {
        return log_key_factors(draft.registry, input.coordinates);
    }
};

// The tokens a splat holds most of: by falling log kernel.
std::vector<std::uint32_t> nearest_tokens(const Workbench& bench, const Splat& splat) {
    const LevelSplats column = level_splats(std::span<const Splat>(&splat, 1));
    const auto bound = bind(bench.backend, column, bench.input.temperature);
    Matrix<float> ell(bench.input.coordinates.size(), 1);
    bench.backend.log_kernel(*bound, bench.x(splat.level), ell.view());
    for (const std::uint32_t token : bench.input.coordinates.masked) ell(token, 0) = kMaskedKey;
    std::vector<std::uint32_t> order(ell.rows());
    std::iota(order.begin(), order.end(), 0U);
    const auto kept = static_cast<std::ptrdiff_t>(std::min(kTokens, order.size()));
    std::partial_sort(order.begin(), order.begin() + kept, order.end(),
                      [&](std::uint32_t a, std::uint32_t b) {
                          return ell(a, 0) != ell(b, 0) ? ell(a, 0) > ell(b, 0) : a < b;
                      });
    order.resize(static_cast<std::size_t>(kept));
    return order;
}

double log_mass_of(const Workbench& bench, const Splat& splat) {
    const LevelSplats column = level_splats(std::span<const Splat>(&splat, 1));
    const auto bound = bind(bench.backend, column, bench.input.temperature);
    return bench.backend.log_mass(*bound, bench.x(splat.level), bench.key_factors(), bench.work)[0];
}

std::string around(const Workbench& bench) {
    const std::string words = words_of(bench.input.dataset, bench.event.tokens);
    return words.empty() ? "" : fmt::format(" (around {})", words);
}

void split_splat(Workbench& bench, const Edit& edit) {
    expect_splats(edit, 1, 1, "A split");
    const SplatRegistry& registry = bench.draft.registry;
    const Splat splat = registry.splat(registry.row(edit.splats.front()));
    std::vector<double> direction;
    if (bench.input.target) {
        const CycleContext context(bench.backend, bench.input, registry, bench.draft.cycle,
                                   bench.work);
        const Pool pool = draw_pool(context);
        const LevelPool level = measure_level(context, pool, registry, splat.level);
        const auto column = static_cast<std::size_t>(
            std::find(level.splats.id.begin(), level.splats.id.end(), splat.id) -
            level.splats.id.begin());
        direction = residual_direction(context, pool, level, column);
    }
    std::vector<Splat> children = halves(splat, direction);
    bench.event.kind = EventKind::split;
    bench.event.level = splat.level;
    bench.event.tokens = nearest_tokens(bench, splat);
    bench.event.before = edit.splats;
    bench.event.after = exchange(bench.draft, edit.splats, std::move(children));
    bench.event.text = fmt::format(
        "You split splat {} of {}{} into {} and {} along {}; {}.", splat.id,
        bench.level_name(splat.level), around(bench), bench.event.after[0], bench.event.after[1],
        direction.empty() ? "its principal axis" : "the residual direction",
        restriction_note(splat.kind));
}

void merge_splats(Workbench& bench, const Edit& edit) {
    expect_splats(edit, 2, 2, "A merge");
    const SplatRegistry& registry = bench.draft.registry;
    const std::array<std::size_t, 2> rows = {registry.row(edit.splats[0]),
                                             registry.row(edit.splats[1])};
    const Splat a = registry.splat(rows[0]);
    const Splat b = registry.splat(rows[1]);
    if (a.id == b.id) fail("Splat {} cannot be merged with itself: name two splats.", a.id);
    if (a.level != b.level)
        fail("Splats {} and {} are of {} and {}: only splats of one level can be merged.", a.id,
             b.id, bench.level_name(a.level), bench.level_name(b.level));
    const Factors factors = compute_factors(bench.backend, registry, bench.input.coordinates,
                                            {bench.input.temperature, 0, {}, false}, bench.work);
    const std::vector<double> usage = usage_of(factors);
    Splat one = joined(a, b, usage[rows[0]], usage[rows[1]]);
    const std::array<double, 2> parts = {
        static_cast<double>(a.log_amplitude) + factors.log_mass[rows[0]],
        static_cast<double>(b.log_amplitude) + factors.log_mass[rows[1]]};
    keep_mass(parts, log_mass_of(bench, one), one);
    bench.event.kind = EventKind::join;
    bench.event.level = a.level;
    bench.event.tokens = nearest_tokens(bench, one);
    bench.event.before = edit.splats;
    bench.event.decided_by = {{"usage of the first", usage[rows[0]], 0.0},
                              {"usage of the second", usage[rows[1]], 0.0}};
    bench.event.after = exchange(bench.draft, edit.splats, {std::move(one)});
    bench.event.text = fmt::format("You merged splats {} and {} of {} into {}{}; {}.", a.id, b.id,
                                   bench.level_name(a.level), bench.event.after[0], around(bench),
                                   restriction_note(a.kind));
}

void remove_splats(Workbench& bench, const Edit& edit) {
    expect_splats(edit, 1, bench.draft.registry.size(), "A removal");
    const SplatRegistry& registry = bench.draft.registry;
    const Splat first = registry.splat(registry.row(edit.splats.front()));
    bench.event.kind = EventKind::remove;
    bench.event.level = first.level;
    bench.event.tokens = nearest_tokens(bench, first);
    bench.event.before = edit.splats;
    for (const SplatId id : edit.splats) bench.draft.registry.remove(id);
    bench.event.text =
        edit.splats.size() == 1
            ? fmt::format("You removed splat {} of {}{}.", first.id, bench.level_name(first.level),
                          around(bench))
            : fmt::format("You removed {} splats, splat {} of {} first{}.", edit.splats.size(),
                          first.id, bench.level_name(first.level), around(bench));
}

// Centre and spread of the chosen tokens at their level, the spread shrunk half way in the log to
// the level's median.
Splat splat_of_tokens(const Workbench& bench, std::size_t level,
                      std::span<const std::uint32_t> tokens) {
    Splat made = median_splat(bench.draft.registry, level);
    const MatrixView<const float> x = bench.x(level);
    const std::size_t d = x.cols;
    const auto count = static_cast<double>(tokens.size());
    std::vector<double> centre(d, 0.0);
    for (const std::uint32_t token : tokens)
        for (std::size_t a = 0; a < d; ++a) centre[a] += static_cast<double>(x(token, a)) / count;
    std::vector<double> spread(d, 0.0);
    for (const std::uint32_t token : tokens)
        for (std::size_t a = 0; a < d; ++a) {
            const double delta = static_cast<double>(x(token, a)) - centre[a];
            spread[a] += delta * delta / count;
        }
    if (made.kind == CovarianceKind::spherical)
        std::fill(spread.begin(), spread.end(), mean(spread));
    for (std::size_t a = 0; a < d; ++a) {
        made.centre[a] = static_cast<float>(centre[a]);
        const auto usual = static_cast<double>(made.variance[a]);
        const double own = std::clamp(spread[a], usual / 100.0, usual * 100.0);
        if (tokens.size() > 1) made.variance[a] = static_cast<float>(std::sqrt(own * usual));
    }
    return made;
}

void add_splat(Workbench& bench, const Edit& edit) {
    const std::size_t n = bench.input.coordinates.size();
    const std::optional<std::size_t> level = bench.draft.registry.hierarchy.index_of(edit.level);
    if (!level) fail("There is no level '{}' to add a splat to.", edit.level);
    std::vector<std::uint32_t> tokens;
    for (const Range& range : edit.tokens) {
        if (range.end > n)
            fail("Tokens {}:{} were given; there are {} tokens.", range.begin, range.end, n);
        for (std::size_t i = range.begin; i < range.end; ++i)
            tokens.push_back(static_cast<std::uint32_t>(i));
    }
    if (tokens.empty()) fail("A splat is added from tokens: select some first.");
    Splat made = splat_of_tokens(bench, *level, tokens);
    // Its weight gives it the share of its level that its tokens have of the data.
    const LevelSplats others = level_splats(bench.draft.registry, *level);
    const auto bound = bind(bench.backend, others, bench.input.temperature);
    const std::vector<double> log_mass =
        bench.backend.log_mass(*bound, bench.x(*level), bench.key_factors(), bench.work);
    std::vector<std::uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0U);
    const std::vector<std::uint32_t> rows =
        stratified(all, kShareRows, adapt_seed(bench.input), bench.draft.cycle, Purpose::pool, 1);
    const Matrix<float> x_rows = gather_rows(bench.x(*level), rows);
    const LevelQueries rest = level_queries(
        bench.backend, *bound, others.log_weight, log_mass,
        background_logit(bench.draft.registry, visible_count(bench.input.coordinates)),
        x_rows.view());
    const LevelSplats column = level_splats(std::span<const Splat>(&made, 1));
    const auto its = bind(bench.backend, column, bench.input.temperature);
    Matrix<float> logit(rows.size(), 1);
    bench.backend.log_kernel(*its, x_rows.view(), logit.view());
    const auto own_mass = static_cast<float>(log_mass_of(bench, made));
    for (std::size_t i = 0; i < rows.size(); ++i) logit(i, 0) += own_mass;
    const double share =
        std::min(static_cast<double>(tokens.size()) / static_cast<double>(n), kLargestShare);
    made.log_amplitude = static_cast<float>(solve_log_weight(
        std::span<const float>(logit.data(), logit.size()), rest.log_normaliser, share));
    bench.event.kind = EventKind::add;
    bench.event.level = static_cast<std::uint16_t>(*level);
    bench.event.decided_by = {{"share", share, kLargestShare}};
    tokens.resize(std::min(tokens.size(), kTokens));
    bench.event.tokens = std::move(tokens);
    bench.event.after = exchange(bench.draft, {}, {std::move(made)});
    bench.event.text =
        fmt::format("You added splat {} to {}{}: it takes {:.3g} of the level's attention.",
                    bench.event.after[0], edit.level, around(bench), share);
}

// The splat of an edit of one splat's own Gaussian goes back changed.
void change_splat(Workbench& bench, const Edit& edit) {
    const Splat splat = edited_splat(bench.draft.registry, edit);
    const Splat before = bench.draft.registry.splat(bench.draft.registry.row(splat.id));
    bench.draft.registry.assign(splat);
    bench.draft.state.moments.erase(splat.id);
    bench.event.kind = edit.kind == Edit::Kind::move ? EventKind::move : EventKind::adjust;
    bench.event.level = splat.level;
    bench.event.before = bench.event.after = edit.splats;
    bench.event.tokens = nearest_tokens(bench, splat);
    ChangeTold told = tell_change(edit, before, bench.level_name(splat.level), around(bench));
    bench.event.decided_by = {std::move(told.decided_by)};
    bench.event.text = std::move(told.text);
}

// Shares of a child that the splats one level up hold: (id, share).
std::vector<std::pair<SplatId, double>> shares_above(const Workbench& bench, SplatId child) {
    const SplatRegistry& registry = bench.draft.registry;
    std::vector<std::pair<SplatId, double>> shares;
    for (const LevelOverlap& level :
         level_overlaps(bench.backend, bench.input.coordinates, registry, bench.work))
        for (std::size_t c = 0; c < level.children.size(); ++c)
            for (std::size_t t = 0;
                 registry.id[level.children[c]] == child && t < level.parents.size(); ++t)
                shares.emplace_back(registry.id[level.parents[t]], level.share(c, t));
    return shares;
}

// The child's parent becomes the one named, and stays so; with none, the one of largest overlap.
void reparent_splat(Workbench& bench, const Edit& edit) {
    expect_splats(edit, 1, 2, "A change of parent");
    SplatRegistry& registry = bench.draft.registry;
    const std::size_t row = registry.row(edit.splats.front());
    const Splat child = registry.splat(row);
    const std::string& below = bench.level_name(child.level);
    if (child.level + 1U >= registry.hierarchy.size())
        fail("Splat {} is of {}, the coarsest level: no splat can be its parent.", child.id, below);
    const std::string& above = bench.level_name(child.level + 1U);
    const std::vector<std::pair<SplatId, double>> shares = shares_above(bench, child.id);
    const auto share_of = [&](SplatId parent) {
        const auto found = std::find_if(shares.begin(), shares.end(),
                                        [&](const auto& one) { return one.first == parent; });
        return found == shares.end() ? 0.0 : found->second;
    };
    SplatId parent = kNoSplat;
    if (edit.splats.size() == 2) {
        parent = edit.splats[1];
        const std::size_t level = registry.level[registry.row(parent)];
        if (level != child.level + 1U)
            fail(
                "Splat {} of {} cannot be the parent of splat {} of {}: a parent is of the level "
                "above, {}.",
                parent, bench.level_name(level), child.id, below, above);
        bench.draft.state.held_parents[child.id] = parent;
    } else {
        parent = std::max_element(shares.begin(), shares.end(), [](const auto& a, const auto& b) {
                     return a.second < b.second;
                 })->first;
        bench.draft.state.held_parents.erase(child.id);
    }
    registry.parent[row] = parent;
    bench.event.kind = EventKind::reparent;
    bench.event.level = child.level;
    bench.event.before = bench.event.after = {child.id};
    bench.event.tokens = nearest_tokens(bench, child);
    bench.event.decided_by = {{"overlap", share_of(parent), share_of(child.parent)}};
    const std::string was = child.parent == kNoSplat || child.parent == parent
                                ? std::string()
                                : fmt::format("; it was under {}, which holds {:.0f} %",
                                              child.parent, 100.0 * share_of(child.parent));
    bench.event.text =
        edit.splats.size() == 2
            ? fmt::format(
                  "You put splat {} of {}{} under splat {} of {}, which holds {:.0f} % of it{}.",
                  child.id, below, around(bench), parent, above, 100.0 * share_of(parent), was)
            : fmt::format(
                  "You let splat {} of {}{} find its parent: splat {} of {} holds {:.0f} % of "
                  "it{}.",
                  child.id, below, around(bench), parent, above, 100.0 * share_of(parent), was);
}

void calibrate_weights(Workbench& bench) {
    const Calibration found =
        calibrate(bench.backend, bench.input.coordinates,
                  members_of(bench.backend, bench.input.coordinates, bench.draft.registry,
                             bench.input.temperature, bench.work),
                  bench.draft.registry, bench.work);
    bench.draft.state.moments.clear();
    bench.event.kind = EventKind::calibrate;
    bench.event.decided_by = {{"largest_deviation", found.largest_deviation, Calibration::kClose}};
    bench.event.text = fmt::format(
        "You calibrated the weights: after {} rounds every splat's usage is within {:.3g} of its "
        "share.",
        found.rounds, found.largest_deviation);
}

void weigh_level(Workbench& bench, const Edit& edit) {
    SplatRegistry& registry = bench.draft.registry;
    const std::optional<std::size_t> level = registry.hierarchy.index_of(edit.level);
    if (!level) fail("There is no level '{}' to weigh.", edit.level);
    if (edit.values.size() != 1 || !std::isfinite(edit.values[0]) || edit.values[0] < 0.0)
        fail("The weight of {} must be one finite number, at least 0.", edit.level);
    const double before = registry.hierarchy.share(*level);
    registry.hierarchy.levels[*level].weight = edit.values[0];
    if (std::all_of(registry.hierarchy.levels.begin(), registry.hierarchy.levels.end(),
                    [](const Level& each) { return each.weight <= 0.0; }))
        fail("The weight of {} cannot be 0: all other levels have weight 0.", edit.level);
    bench.event.kind = EventKind::adjust;
    bench.event.level = static_cast<std::uint16_t>(*level);
    bench.event.decided_by = {{"share", registry.hierarchy.share(*level), before}};
    bench.event.text = fmt::format(
        "You gave {} the weight {:.4g}: its share of attention is meant to be {:.3g}, it was "
        "{:.3g}{}.",
        edit.level, edit.values[0], registry.hierarchy.share(*level), before,
        registry.made_here ? "; one offset a level keeps it so" : "");
}

// The loss of a level on the rows V, or minus its log-coverage without a target, and what its
// splats cost.
double level_objective(const Workbench& bench, const SplatRegistry& registry, std::size_t level) {
    const LevelSplats splats = level_splats(registry, level);
    const auto count = static_cast<double>(splats.size());
    if (!bench.input.target)
        return coverage_loss(bench.backend, splats, bench.input.temperature,
                             visible_coordinates(bench.input.coordinates).levels[level]->view(),
                             bench.work) +
               at_level(bench.input.settings, bench.level_name(level)).lambda * count;
    const CycleContext context(bench.backend, bench.input, registry, bench.draft.cycle, bench.work);
    return context.probe_kl(splats) + context.lambda[level] * count;
}

// What was wrong is put right, each an event of its own; nothing wrong is said, too.
CycleResult apply_repair(Backend& backend, const AdaptInput& input, const AdaptState& state,
                         const Edit& edit, const Work& work) {
    Draft draft(state, state.cycle);
    MendScope scope;
    if (!edit.repair.empty()) scope.only = repair_kind(edit.repair);
    if (mend_draft(backend, input, scope, draft, work) == 0) {
        Event event;
        event.cycle = state.cycle;
        event.kind = EventKind::repair;
        event.by = Actor::repair;
        event.accepted = false;
        event.text = edit.repair.empty()
                         ? "Nothing was repaired: no splat, link or level is out of order."
                         : fmt::format("Nothing was repaired: {} are in order.", edit.repair);
        draft.events.push_back(std::move(event));
    }
    Ending ending;
    ending.count_cycle = false;
    ending.keep_level_shares = false;  // what is sound stays as it is
    return finish_draft(backend, input, std::move(draft), ending, work);
}

}  // namespace

bool changes_levels(Edit::Kind kind) {
    return kind == Edit::Kind::add_level || kind == Edit::Kind::remove_level ||
           kind == Edit::Kind::rename_level || kind == Edit::Kind::optimise_levels;
}

CycleResult apply_edit(Backend& backend, const AdaptInput& input, const AdaptState& state,
                       const Edit& edit, const Work& work) {
    if (!state.registry) fault("an edit without a registry");
    require_form_token(*state.registry, "Editing splats by hand");
    if (edit.kind == Edit::Kind::optimise_levels)
        return optimise_levels(backend, input, state, edit, work);
    if (changes_levels(edit.kind)) return apply_level_edit(backend, input, state, edit, work);
    if (edit.kind == Edit::Kind::repair) return apply_repair(backend, input, state, edit, work);
    Draft draft(state, state.cycle);
    Event event;
    event.cycle = state.cycle;
    event.by = Actor::user;
    Workbench bench{backend, input, work, draft, event};
    Ending ending;
    ending.count_cycle = false;
    ending.keep_level_shares = edit.kind == Edit::Kind::level_weight;
    ending.reparent = edit.kind != Edit::Kind::level_weight && edit.kind != Edit::Kind::reparent;
    switch (edit.kind) {
        case Edit::Kind::split: split_splat(bench, edit); break;
        case Edit::Kind::merge: merge_splats(bench, edit); break;
        case Edit::Kind::remove: remove_splats(bench, edit); break;
        case Edit::Kind::add: add_splat(bench, edit); break;
        case Edit::Kind::move:
        case Edit::Kind::widen:
        case Edit::Kind::stretch:
        case Edit::Kind::amplitude:
        case Edit::Kind::turn: change_splat(bench, edit); break;
        case Edit::Kind::calibrate: calibrate_weights(bench); break;
        case Edit::Kind::reparent: reparent_splat(bench, edit); break;
        case Edit::Kind::level_weight: weigh_level(bench, edit); break;
        default: break;  // a repair is done by now, and so is a change of levels
    }
    event.objective_before = level_objective(bench, *state.registry, event.level);
    event.objective_after = level_objective(bench, draft.registry, event.level);
    event.d = event.objective_after - event.objective_before;
    draft.events.push_back(std::move(event));
    return finish_draft(backend, input, std::move(draft), ending, work);
}

}  // namespace hsa
