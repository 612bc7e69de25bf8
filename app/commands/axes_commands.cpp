#include "app/commands/axes_lines.h"
#include "app/commands/phrases.h"
#include "app/commands/selecting.h"
#include "app/setting_values.h"
#include "app/tour_limit.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/explain/axes.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

constexpr std::size_t kFewTourDimensions = 3;  // there the camera shows all there is
constexpr std::size_t kLongestName = 60;       // bytes, of what was not named by hand

// The tokens for which a splat speaks more than any other of its level.
std::vector<hsa::Range> tokens_of(const hsa::Snapshot& snapshot,
                                  const std::vector<hsa::SplatId>& splats) {
    need_factors(snapshot);
    const hsa::Factors& factors = *snapshot.factors;
    std::vector<char> chosen(factors.columns(), 0), level(factors.columns(), 0);
    for (const hsa::SplatId id : splats)
        for (std::size_t c = 0; c < factors.columns(); ++c) {
            if (factors.ids[c] != id) continue;
            chosen[c] = 1;
            for (std::size_t other = 0; other < factors.columns(); ++other)
                if (factors.level[other] == factors.level[c]) level[other] = 1;
        }
    std::vector<char> is_of(factors.tokens(), 0);
    hsa::parallel_blocks(
        factors.tokens(), hsa::kChunkRows, [&](std::size_t begin, std::size_t end) {
            std::vector<std::size_t> best;
            for (std::size_t i = begin; i < end; ++i) {
                const hsa::FactorRow shares = factors.p.row(i);
                best.clear();  // by level
                for (std::size_t c = 0; c < factors.columns(); ++c) {
                    if (level[c] == 0) continue;
                    const std::size_t of = factors.level[c];
                    if (best.size() <= of) best.resize(of + 1, factors.columns());
                    if (best[of] == factors.columns() || shares[c] > shares[best[of]]) best[of] = c;
                }
                for (const std::size_t c : best)
                    if (c < factors.columns() && chosen[c] != 0) is_of[i] = 1;
            }
        });
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < is_of.size(); ++i)
        if (is_of[i] != 0) found.push_back(i);
    return ranges_of(found);
}

std::string level_of_points(const ChangeContext& context) {
    const hsa::Hierarchy& hierarchy =
        need_splats("The axes of the 3-D view", context.snapshot).hierarchy;
    const std::string& named = context.session.desk.splats.points_level;
    return hierarchy.levels[hsa::axes_level(hierarchy, named)].name;
}

hsa::AxesChoice choice_of(const ChangeContext& context, hsa::AxesKind kind) {
    hsa::AxesChoice choice;
    choice.kind = kind;
    choice.level = level_of_points(context);
    return choice;
}

void take(const ChangeContext& context, hsa::AxesChoice choice) {
    context.session.document.axes = std::move(choice);
    context.session.desk.splats.touring = false;
}

// The tokens of a selection and those of its splats, or Error in the name of the command.
hsa::AxesClass class_of(std::string_view command, const ChangeContext& context,
                        const hsa::Selection& selection, std::string name) {
    hsa::AxesClass made;
    made.name = std::move(name);
    made.level = level_of_points(context);
    const std::size_t n = need_dataset(context.snapshot).size();
    std::vector<hsa::SplatId> splats;
    for (const hsa::SplatId id : selection.splats)
        if (context.snapshot.registry->find(id)) splats.push_back(id);
    if (!splats.empty()) made.tokens = tokens_of(context.snapshot, splats);
    const bool of_both = !made.tokens.empty();
    for (const hsa::Range& range : selection.tokens) {
        if (range.begin >= n) continue;
        const hsa::Range inside{range.begin, std::min(range.end, n)};
        if (of_both) made.tokens = hsa::with_range(made.tokens, inside);
        else made.tokens.push_back(inside);
    }
    if (made.tokens.empty() && !splats.empty())
        hsa::fail(
            "{}: for no token {} speaks more than others of its level: choose tokens or other "
            "splats.",
            command, splats.size() == 1 ? "this splat" : "one of these splats");
    if (made.tokens.empty())
        hsa::fail("{}: no tokens or splats are selected: select some first.", command);
    return made;
}

// "whale" for the word that is selected everywhere, the name of a splat that is selected alone.
std::string selected_words(const ChangeContext& context, const hsa::Selection& selection) {
    const hsa::Dataset& dataset = need_dataset(context.snapshot);
    if (selection.splats.size() == 1 && selection.tokens.empty() && context.snapshot.names) {
        const auto row = context.snapshot.registry->find(selection.splats.front());
        if (row && *row < context.snapshot.names->size()) return (*context.snapshot.names)[*row];
    }
    if (!selection.splats.empty()) return "the selection";
    std::string word;
    for (const hsa::Range& range : selection.tokens)
        for (std::size_t i = range.begin; i < range.end; ++i) {
            if (i >= dataset.size()) return "the selection";
            std::string here = dataset.token_text(i);
            for (char& c : here)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
            if (!word.empty() && here != word) return "the selection";
            word = here;
        }
    const bool writable = std::none_of(word.begin(), word.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20;  // a token may be the end of a line
    });
    return word.empty() || !writable ? "the selection" : word;
}

void separate(const ChangeContext& context, const Args& args) {
    constexpr std::string_view kName = "axes.separate";
    hsa::AxesChoice choice = choice_of(context, hsa::AxesKind::separate);
    if (args.empty()) {
        const hsa::Selection& selection = context.session.document.selection;
        choice.classes.push_back(
            class_of(kName, context, selection, selected_words(context, selection)));
        const std::size_t n = need_dataset(context.snapshot).size();
        if (hsa::total_size(choice.classes.front().tokens) == n)
            hsa::fail("{}: every token is selected: there is no rest to hold them against.", kName);
    }
    for (const std::string& name : args) {
        const auto kept = context.session.document.kept.find(name);
        if (kept == context.session.document.kept.end())
            hsa::fail(
                "{}: no selection was kept as '{}': select.keep NAME keeps this one, print "
                "selections lists them.",
                kName, name);
        choice.classes.push_back(class_of(kName, context, kept->second, name));
    }
    take(context, std::move(choice));
}

void separate_levels(const ChangeContext& context, const Args& args) {
    const hsa::SplatRegistry& registry = need_splats("axes.levels", context.snapshot);
    hsa::AxesChoice choice = choice_of(context, hsa::AxesKind::separate);
    std::vector<std::string> names = args;
    if (names.empty())
        for (const auto& level : registry.hierarchy.levels) names.push_back(level.name);
    for (const std::string& name : names) {
        if (!registry.hierarchy.index_of(name))
            hsa::fail("axes.levels: there is no level '{}'.", name);
        choice.classes.push_back({name, name, {{0, need_dataset(context.snapshot).size()}}});
    }
    std::set<const void*> blocks;
    for (const std::string& name : names)
        blocks.insert(
            context.snapshot.coordinates->levels.at(*registry.hierarchy.index_of(name)).get());
    if (choice.classes.size() > 1 && blocks.size() == 1)
        hsa::fail(
            "axes.levels: tokens have the same coordinates at these levels: nothing parts "
            "them.");
    if (choice.classes.size() < 2)
        hsa::fail("axes.levels: name at least two levels, or none for all of them.");
    take(context, std::move(choice));
}

// "splat 3", "10:20" or "token 7", the name of a kept selection, else a phrase.
hsa::AxesClass side(const ChangeContext& context, const std::string& words) {
    constexpr std::string_view kName = "axes.between";
    constexpr std::string_view kDigits = "0123456789";
    const std::size_t n = need_dataset(context.snapshot).size();
    const auto number_after = [&](std::string_view before) {
        return words.size() > before.size() && words.starts_with(before) &&
               words.find_first_not_of(kDigits, before.size()) == std::string::npos;
    };
    hsa::Selection selection;
    std::string name = words;
    const std::size_t colon = words.find(':');
    if (number_after("splat ")) {
        const hsa::SplatId id = parse_splat(words.substr(6));
        (void)need_splats(kName, context.snapshot).row(id);
        selection.splats = {id};
        name = selected_words(context, selection);
    } else if (number_after("token ")) {
        const hsa::Range range = parse_range(words.substr(6), n);
        selection.tokens = {range};
        name = selected_words(context, selection);
    } else if (colon != std::string::npos && words.size() > 1 &&
               words.find_first_not_of("0123456789:") == std::string::npos) {
        selection.tokens = {parse_range(words, n)};
        name = "tokens " + words;
    } else if (const auto kept = context.session.document.kept.find(words);
               kept != context.session.document.kept.end()) {
        selection = kept->second;
    } else {
        for (const hsa::Range& place : places_of(kName, need_dataset(context.snapshot), words))
            add_range(selection.tokens, place);
    }
    return class_of(kName, context, selection, name);
}

void between(const ChangeContext& context, const Args& args) {
    expect_count("axes.between", args, 2, 2);
    hsa::AxesChoice choice = choice_of(context, hsa::AxesKind::between);
    choice.classes = {side(context, args[0]), side(context, args[1])};
    if (choice.classes[0].tokens == choice.classes[1].tokens)
        hsa::fail(
            "axes.between: '{}' and '{}' are the same tokens: there is no way from one to the "
            "other.",
            args[0], args[1]);
    take(context, std::move(choice));
}

void tour(const ChangeContext& context, const Args& args) {
    expect_count("axes.tour", args, 0, 1);
    Session& session = context.session;
    const std::size_t d = need_splats("axes.tour", context.snapshot).dimension;
    if (d <= kFewTourDimensions)
        hsa::fail("axes.tour: these coordinates have {} dimensions: turn the camera instead.", d);
    hsa::AxesChoice& axes = session.document.axes;
    if (!args.empty() || axes.kind != hsa::AxesKind::tour) {
        hsa::AxesChoice choice = choice_of(context, hsa::AxesKind::tour);
        if (!args.empty()) {
            const std::int64_t seed = parse_integer("axes.tour", args[0]);
            if (seed < 0) hsa::fail("axes.tour: a seed is a whole number from 0, not {}.", seed);
            choice.seed = static_cast<std::uint64_t>(seed);
        }
        axes = std::move(choice);
    } else {
        axes.second = tour_second(session, context.now);  // goes on from where it is
    }
    session.desk.splats.touring = true;
    session.desk.splats.tour_started = context.now;
}

void stop_tour(const ChangeContext& context) {
    Session& session = context.session;
    session.document.axes.second = tour_second(session, context.now);
    session.desk.splats.touring = false;
}

void need_tour(std::string_view command, const Session& session) {
    if (session.document.axes.kind != hsa::AxesKind::tour)
        hsa::fail("{}: there is no tour: axes.tour begins one.", command);
}

void pause(const ChangeContext& context, const Args& args) {
    expect_count("axes.pause", args, 0, 0);
    need_tour("axes.pause", context.session);
    if (is_touring(context.session)) {
        stop_tour(context);
    } else {
        if (need_splats("axes.pause", context.snapshot).dimension <= kFewTourDimensions)
            hsa::fail("axes.pause: these coordinates have too few dimensions for a tour.");
        context.session.desk.splats.touring = true;
        context.session.desk.splats.tour_started = context.now;
    }
}

void at(const ChangeContext& context, const Args& args) {
    expect_count("axes.at", args, 1, 1);
    need_tour("axes.at", context.session);
    const double second = parse_number("axes.at", args[0]);
    if (!(second >= 0.0 && second <= kLongestTour))
        hsa::fail("axes.at: a second of the tour is 0 to {}, not {}.", kLongestTour, args[0]);
    context.session.desk.splats.touring = false;
    context.session.document.axes.second = second;
}

std::string kept_name(std::string_view command, const Args& args) {
    expect_count(command, args, 1, 1);
    std::string name = checked_name(command, args[0]);
    if (name.empty()) hsa::fail_usage("{} takes a name for the axes.", command);
    return name;
}

void freeze(const ChangeContext& context, const Args& args) {
    expect_count("axes.freeze", args, 0, 1);
    if (is_touring(context.session)) stop_tour(context);
    const hsa::AxesChoice& axes = context.session.document.axes;
    std::string name = hsa::name_of(axes);
    if (!args.empty()) name = kept_name("axes.freeze", args);
    else if (name.size() > kLongestName)
        name = fmt::format("axes {}", context.session.document.kept_axes.size() + 1);
    context.session.document.kept_axes[name] = axes;
}

const hsa::AxesChoice& find_axes(std::string_view command, const Document& document,
                                 const std::string& name) {
    const auto found = document.kept_axes.find(name);
    if (found != document.kept_axes.end()) return found->second;
    std::string known;
    for (const auto& [each, axes] : document.kept_axes)
        known += fmt::format("{}'{}'", known.empty() ? "" : ", ", each);
    if (known.empty()) hsa::fail("{}: no axes were kept: axes.freeze keeps these.", command);
    hsa::fail("{}: no axes were kept as '{}': there are {}.", command, name, known);
}

void use(const ChangeContext& context, const Args& args) {
    const std::string name = kept_name("axes.use", args);
    take(context, find_axes("axes.use", context.session.document, name));
}

void forget(const ChangeContext& context, const Args& args) {
    const std::string name = kept_name("axes.forget", args);
    (void)find_axes("axes.forget", context.session.document, name);
    context.session.document.kept_axes.erase(name);
}

Change plain(const char* command, hsa::AxesKind kind) {
    return [command, kind](const ChangeContext& context, const Args& args) {
        expect_count(command, args, 0, 0);
        take(context, kind == hsa::AxesKind::splats ? hsa::AxesChoice{} : choice_of(context, kind));
    };
}

}  // namespace

std::vector<CommandRow> axes_commands() {
    return {
        change_row("axes.splats", "", "3-D axes: PCA of the splats, weighted by usage, as at first",
                   "", plain("axes.splats", hsa::AxesKind::splats)),
        data_row("axes.tokens", "", "3-D axes: PCA of the tokens of the level whose points show",
                 "", plain("axes.tokens", hsa::AxesKind::tokens)),
        data_row("axes.separate", "[NAME...]",
                 "3-D axes: the projection that separates the selected tokens (or those of the "
                 "selected splats) from the rest, or kept selections from each other (LDA)",
                 "", separate),
        data_row("axes.levels", "[LEVEL...]",
                 "3-D axes: the projection that separates levels from each other (LDA)", "",
                 separate_levels),
        data_row("axes.between", R"("A" "B")",
                 "3-D axes: the first leads from the mean of A to that of B: each a phrase "
                 "(everywhere), 10:20, \"token 7\", \"splat 3\" or a kept selection",
                 "", between),
        data_row("axes.tour", "[SEED]",
                 "3-D axes: turns freely through all dimensions (grand tour), from where it "
                 "stopped; with a seed a new tour",
                 "", tour),
        change_row("axes.pause", "", "stops the tour where it is, or goes on", "", pause),
        change_row("axes.at", "SECOND", "the tour at this second, at rest", "", at),
        change_row("axes.freeze", "[NAME]",
                   "stops the tour and keeps the axes of this moment, or any axes, under a name",
                   "", freeze),
        change_row("axes.use", "NAME", "shows axes that were kept", "", use),
        change_row("axes.forget", "NAME", "forgets axes that were kept", "", forget),
        change_row("axes.restore",
                   "KIND [level NAME] [seed N] [second S] [class NAME LEVEL [token RANGE]...]...",
                   "in session files: the axes of the 3-D view", "",
                   [](const ChangeContext& context, const Args& args) {
                       take(context, read_axes("axes.restore", args, 0));
                   }),
        change_row("axes.kept",
                   "NAME KIND [level NAME] [seed N] [second S] [class NAME LEVEL [token "
                   "RANGE]...]...",
                   "in session files: axes that were kept under a name", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("axes.kept", args, 2, 1000000);
                       context.session.document.kept_axes[checked_name("axes.kept", args[0])] =
                           read_axes("axes.kept", args, 1);
                   }),
    };
}

}  // namespace splatscope
