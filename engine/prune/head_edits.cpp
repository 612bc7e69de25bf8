#include "engine/prune/head_edits.h"

#include "engine/adapt/birth.h"
#include "engine/adapt/draft.h"
#include "engine/adapt/moments.h"
#include "engine/adapt/narrate.h"
#include "engine/adapt/propose.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/prune/head_alone.h"
#include "engine/prune/head_birth.h"
#include "engine/prune/head_merge.h"
#include "engine/prune/head_mitosis.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

constexpr double kLargestShare = 0.5;

// One edit on its way: what it reads, the draft it writes and the event it tells.
struct HeadBench {
    const HeadContext& context;
    Draft& draft;
    Event& event;

    [[nodiscard]] HeadPool pool() const {
        return measure_head(context, draw_head_pool(context), draft.registry);
    }
    [[nodiscard]] Splat splat(SplatId id) const {
        return draft.registry.splat(draft.registry.row(id));
    }
    void tell_tokens(const Splat& splat) const {
        event.tokens = strongest_keys(context, draft.registry, splat);
    }
    [[nodiscard]] std::string around() const {
        const std::string words = words_of(context.input.dataset, event.tokens);
        return words.empty() ? "" : fmt::format(" (around {})", words);
    }
};

void expect_splats(const Edit& edit, std::size_t wanted, const char* what) {
    if (edit.splats.size() != wanted)
        fail("{} takes {} splat{}, {} were given.", what, wanted, wanted == 1 ? "" : "s",
             edit.splats.size());
}

void split_splat(const HeadBench& bench, const Edit& edit) {
    expect_splats(edit, 1, "A split");
    const Splat splat = bench.splat(edit.splats.front());
    const HeadPool pool = bench.pool();
    const SplitDirections along =
        split_directions(bench.context, pool, bench.draft.registry, place_of(pool.level, splat.id));
    std::vector<Splat> children =
        halves_of_head(bench.context, pool, bench.draft.registry, splat.id, along);
    bench.event.kind = EventKind::split;
    bench.tell_tokens(splat);
    bench.event.before = edit.splats;
    bench.event.after = exchange(bench.draft, edit.splats, std::move(children));
    bench.event.text = fmt::format(
        "You split splat {}{} into {} and {} along {}; {}.", splat.id, bench.around(),
        bench.event.after[0], bench.event.after[1],
        along.key.empty() ? "its principal axes" : "what its queries and keys miss of the target",
        restriction_note(splat.kind));
}

void merge_splats(const HeadBench& bench, const Edit& edit) {
    expect_splats(edit, 2, "A merge");
    const std::array<SplatId, 2> pair = {edit.splats[0], edit.splats[1]};
    if (pair[0] == pair[1])
        fail("Splat {} cannot be merged with itself: name two splats.", pair[0]);
    const Splat first = bench.splat(pair[0]);
    (void)bench.splat(pair[1]);
    const HeadPool pool = bench.pool();
    Splat one = joined_of_head(bench.context, pool, bench.draft.registry, pair);
    bench.event.kind = EventKind::join;
    bench.tell_tokens(one);
    bench.event.before = edit.splats;
    bench.event.decided_by = {
        {"usage of the first", pool.level.usage[place_of(pool.level, pair[0])], 0.0},
        {"usage of the second", pool.level.usage[place_of(pool.level, pair[1])], 0.0}};
    bench.event.after = exchange(bench.draft, edit.splats, {std::move(one)});
    bench.event.text =
        fmt::format("You merged splats {} and {} into {}{}; {}.", pair[0], pair[1],
                    bench.event.after[0], bench.around(), restriction_note(first.kind));
}

void remove_splats(const HeadBench& bench, const Edit& edit) {
    if (edit.splats.empty()) fail("A removal takes at least 1 splat, 0 were given.");
    const Splat first = bench.splat(edit.splats.front());
    bench.event.kind = EventKind::remove;
    bench.tell_tokens(first);
    bench.event.before = edit.splats;
    for (const SplatId id : edit.splats) bench.draft.registry.remove(id);
    bench.event.text = edit.splats.size() == 1
                           ? fmt::format("You removed splat {}{}.", first.id, bench.around())
                           : fmt::format("You removed {} splats, splat {} first{}.",
                                         edit.splats.size(), first.id, bench.around());
}

void move_splat(const HeadBench& bench, const Edit& edit) {
    expect_splats(edit, 1, "A move");
    SplatRegistry& registry = bench.draft.registry;
    Splat splat = bench.splat(edit.splats.front());
    const std::size_t d = registry.dimension;
    const std::size_t sides = splat.query ? 2 : 1;
    if (edit.values.size() != d && edit.values.size() != sides * d)
        fail("A move of {} numbers was given; the splats have {} dimensions{}.", edit.values.size(),
             d, splat.query ? " on each of two sides, keys first" : "");
    double length = 0.0;
    for (std::size_t a = 0; a < edit.values.size(); ++a) {
        const double step = edit.values[a];
        if (!std::isfinite(step)) fail("Axis {} of the move is {}; it must be finite.", a, step);
        length += step * step;
        float& centre = a < d ? splat.centre[a] : splat.query->centre[a - d];
        centre = static_cast<float>(static_cast<double>(centre) + step);
    }
    registry.assign(splat);
    bench.draft.state.moments.erase(splat.id);
    bench.event.kind = EventKind::move;
    bench.event.before = bench.event.after = edit.splats;
    bench.tell_tokens(splat);
    bench.event.decided_by = {{"distance", std::sqrt(length), 0.0}};
    bench.event.text =
        fmt::format("You moved splat {} by {:.3g}{}.", splat.id, std::sqrt(length), bench.around());
}

std::vector<std::uint32_t> tokens_of(const Edit& edit, std::size_t n) {
    std::vector<std::uint32_t> tokens;
    for (const Range& range : edit.tokens) {
        if (range.end > n)
            fail("Tokens {}:{} were given; there are {} tokens.", range.begin, range.end, n);
        for (std::size_t i = range.begin; i < range.end; ++i)
            tokens.push_back(static_cast<std::uint32_t>(i));
    }
    if (tokens.empty()) fail("A splat is added from tokens: select some first.");
    return tokens;
}

void add_splat(const HeadBench& bench, const Edit& edit) {
    const HeadContext& context = bench.context;
    const std::size_t n = context.head.tokens();
    std::vector<std::uint32_t> tokens = tokens_of(edit, n);
    const HeadPool pool = bench.pool();
    std::vector<double> keys(n, 0.0);
    for (const std::uint32_t token : tokens)
        keys[token] += 1.0 / static_cast<double>(tokens.size());
    std::vector<double> rows(pool.exact.rows.size(), 0.0);
    double all = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (const std::uint32_t token : tokens)
            rows[i] += static_cast<double>(pool.exact.target(i, token));
        all += rows[i];
    }
    for (double& row : rows) row = all > 0.0 ? row / all : 1.0 / static_cast<double>(rows.size());
    // What a birth puts in the middle between keys and queries stays with the keys chosen.
    Splat made = splat_between(context, bench.draft.registry, keys, pool.exact.rows, rows, 1.0);
    const Factors alone = splats_alone(context, bench.draft.registry,
                                       std::span<const Splat>(&made, 1), pool.exact.rows);
    const double share =
        std::min(static_cast<double>(tokens.size()) / static_cast<double>(n), kLargestShare);
    made.log_amplitude = static_cast<float>(
        solve_log_weight(alone.log_normaliser, pool.level.queries.log_normaliser, share));
    bench.event.kind = EventKind::add;
    bench.event.decided_by = {{"share", share, kLargestShare}};
    tokens.resize(std::min(tokens.size(), kTokensTold));
    bench.event.tokens = std::move(tokens);
    bench.event.after = exchange(bench.draft, {}, {std::move(made)});
    bench.event.text = fmt::format("You added splat {}{}: it takes {:.3g} of what splats give.",
                                   bench.event.after[0], bench.around(), share);
}

}  // namespace

CycleResult apply_head_edit(Backend& backend, const AdaptInput& input, const AdaptState& state,
                            const Edit& edit, const Work& work) {
    if (!state.registry || state.registry->form == Form::token)
        fault("an edit of a head's splats of the form token");
    Draft draft(state, state.cycle);
    const HeadContext context(backend, input, *state.registry, state.cycle, work);
    Event event;
    event.cycle = state.cycle;
    event.by = Actor::user;
    const HeadBench bench{context, draft, event};
    switch (edit.kind) {
        case Edit::Kind::split: split_splat(bench, edit); break;
        case Edit::Kind::merge: merge_splats(bench, edit); break;
        case Edit::Kind::remove: remove_splats(bench, edit); break;
        case Edit::Kind::add: add_splat(bench, edit); break;
        case Edit::Kind::move: move_splat(bench, edit); break;
        default:
            fail(
                "Splats that were fitted to a head are split, merged, removed, moved or added by "
                "hand; "
                "they are of one level and have the weights and shapes of their fit: fit them anew "
                "with splats.init distil.");
    }
    const auto objective = [&](const SplatRegistry& registry) {
        return context.probe_kl(registry) + context.lambda * static_cast<double>(registry.size());
    };
    event.objective_before = objective(*state.registry);
    event.objective_after = objective(draft.registry);
    event.d = event.objective_after - event.objective_before;
    draft.events.push_back(std::move(event));
    Ending ending;
    ending.count_cycle = false;
    ending.keep_level_shares = false;
    return finish_draft(backend, input, std::move(draft), ending, work);
}

}  // namespace hsa
