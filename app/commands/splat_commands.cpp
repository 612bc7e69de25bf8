#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/timeline.h"
#include "engine/adapt/shape_edits.h"
#include "engine/attention/columns.h"
#include "engine/core/error.h"
#include "engine/io/detect.h"
#include "engine/io/file.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

hsa::SplatId existing(const ChangeContext& context, std::string_view text) {
    if (!context.snapshot.registry)
        hsa::fail("There are no splats yet: open a text or an embedding file first.");
    const hsa::SplatId id = parse_splat(text);
    (void)context.snapshot.registry->row(id);
    return id;
}

// Splats that were fitted to a head have the weights of their fit.
void add_by_hand(const ChangeContext& context, hsa::Edit edit) {
    if (context.snapshot.registry && edit.kind == hsa::Edit::Kind::calibrate)
        hsa::require_form_token(*context.snapshot.registry, "Calibration");
    add_edit(context.session, std::move(edit));
}

void add_splat_edit(const ChangeContext& context, hsa::Edit::Kind kind,
                    std::vector<hsa::SplatId> splats) {
    hsa::Edit edit;
    edit.kind = kind;
    edit.splats = std::move(splats);
    add_by_hand(context, std::move(edit));
}

void init(const ChangeContext& context, const Args& args) {
    expect_count("splats.init", args, 1, 64);
    static const std::vector<std::string> methods = {"levels", "kmeans", "pca", "random", "distil"};
    const auto method = std::find(methods.begin(), methods.end(), args[0]);
    if (method == methods.end())
        hsa::fail_usage("splats.init takes levels, kmeans, pca, random or distil, not '{}'.",
                        args[0]);
    hsa::InitSettings settings = context.session.document.init;  // what it is warmed up on stays
    settings.counts.clear();
    settings.path.clear();
    settings.method = static_cast<hsa::InitMethod>(method - methods.begin());
    for (std::size_t a = 1; a < args.size(); ++a) {
        const std::int64_t count = parse_integer("splats.init", args[a]);
        if (count < 1)
            hsa::fail("splats.init: {} splats is not possible; each level needs at least 1.",
                      count);
        settings.counts.push_back(static_cast<std::size_t>(count));
    }
    context.session.document.init = settings;
    context.session.document.run.clear();
    restart(context.session);
}

// Whether a file is a text is told by its beginning; its rows are read when they are adapted to.
void check_vectors(const ChangeContext& context, const std::string& path) {
    const std::string bytes = path.starts_with("sample:")
                                  ? context.read_sample(path.substr(std::string("sample:").size()))
                                  : hsa::read_beginning(path, hsa::kDetectBytes);
    const hsa::FileKind kind = hsa::detect(path, bytes);
    if (!hsa::holds_embeddings(kind))
        hsa::fail(
            "splats.warm_up: {} is {}: splats are warmed up on vectors of the model that made the "
            "open ones (.npy, .npz, .tsv, .csv). The vectors of a text without a model are of its "
            "own words' co-occurrence and mean nothing in another.",
            path, hsa::name_of(kind));
}

void warm_up(const ChangeContext& context, const Args& args) {
    constexpr std::int64_t kMostCycles = 1000;
    const hsa::InitSettings usual;
    std::size_t cycles = usual.warm_up_cycles;
    const bool counted =
        !args.empty() && args[0].find_first_not_of("0123456789") == std::string::npos;
    if (counted) {
        const std::int64_t count = parse_integer("splats.warm_up", args[0]);
        if (count < 1 || count > kMostCycles)
            hsa::fail("splats.warm_up: {} cycles on each file; expected 1 to {}.", count,
                      kMostCycles);
        if (args.size() == 1)
            hsa::fail_usage("splats.warm_up {}: no file is named to be warmed up on.", args[0]);
        cycles = static_cast<std::size_t>(count);
    }
    const std::vector<std::string> files(args.begin() + (counted ? 1 : 0), args.end());
    for (const std::string& file : files) check_vectors(context, file);
    Document& document = context.session.document;
    if (files.empty() && document.init.warm_up.empty()) return;
    document.init.warm_up = files;
    document.init.warm_up_cycles = cycles;
    document.run.clear();
    restart(context.session);
}

void add(const ChangeContext& context, const Args& args) {
    expect_count("splats.add", args, 0, 1);
    const hsa::Selection& selection = context.session.document.selection;
    if (selection.tokens.empty())
        hsa::fail(
            "splats.add makes a splat from the selected tokens: select some first, for "
            "instance with select.tokens 10:30.");
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::add;
    edit.tokens = selection.tokens;
    if (!args.empty()) edit.level = args[0];
    else if (context.snapshot.registry)
        edit.level = context.snapshot.registry->hierarchy.levels.front().name;
    if (context.snapshot.registry && !edit.level.empty() &&
        !context.snapshot.registry->hierarchy.index_of(edit.level))
        hsa::fail("splats.add: there is no level '{}'.", edit.level);
    add_by_hand(context, std::move(edit));
}

// Refused here already where it is impossible, so that the sentence comes at once.
void reparent(const ChangeContext& context, const Args& args) {
    expect_count("splats.reparent", args, 2, 2);
    const hsa::SplatId child = existing(context, args[0]);
    std::vector<hsa::SplatId> splats = {child};
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const std::size_t level = registry.level[registry.row(child)];
    const auto level_name = [&](std::size_t l) { return registry.hierarchy.levels[l].name; };
    if (level + 1 >= registry.hierarchy.size())
        hsa::fail("splats.reparent: splat {} is of {}, the coarsest level: none can be its parent.",
                  child, level_name(level));
    if (args[1] != "auto") {
        splats.push_back(existing(context, args[1]));
        const std::size_t above = registry.level[registry.row(splats[1])];
        if (above != level + 1)
            hsa::fail(
                "splats.reparent: splat {} of {} cannot be the parent of splat {} of {}: a parent "
                "is of the level above, {}.",
                splats[1], level_name(above), child, level_name(level), level_name(level + 1));
    }
    add_splat_edit(context, hsa::Edit::Kind::reparent, std::move(splats));
}

void name(const ChangeContext& context, const Args& args) {
    expect_count("splats.name", args, 2, 2);
    const hsa::SplatId id = existing(context, args[0]);
    const std::string words = checked_name("splats.name", args[1]);
    if (words.empty()) context.session.document.names.erase(id);
    else context.session.document.names[id] = words;
}

void move(const ChangeContext& context, const Args& args) {
    expect_count("splats.move", args, 2, 100000);
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::move;
    edit.splats = {existing(context, args[0])};
    for (std::size_t a = 1; a < args.size(); ++a)
        edit.values.push_back(parse_number("splats.move", args[a]));
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const bool both = registry.query_gaussians && edit.values.size() == 2 * registry.dimension;
    if (edit.values.size() != registry.dimension && !both)
        hsa::fail(
            "splats.move: {} numbers were given; the displacement needs {}, one a dimension{}.",
            edit.values.size(), registry.dimension,
            registry.query_gaussians ? ", or as many again for the query side" : "");
    add_by_hand(context, std::move(edit));
}

// An edit of one splat and so many numbers.
void change_shape(const ChangeContext& context, const char* command, hsa::Edit::Kind kind,
                  const Args& args) {
    hsa::Edit edit;
    edit.kind = kind;
    edit.splats = {existing(context, args[0])};
    for (std::size_t a = 1; a < args.size(); ++a)
        edit.values.push_back(parse_number(command, args[a]));
    add_by_hand(context, std::move(edit));
}

void widen(const ChangeContext& context, const Args& args) {
    expect_count("splats.widen", args, 2, 2);
    const hsa::SplatId id = existing(context, args[0]);
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    (void)hsa::widened(registry.splat(registry.row(id)), parse_number("splats.widen", args[1]));
    change_shape(context, "splats.widen", hsa::Edit::Kind::widen, args);
}

void stretch(const ChangeContext& context, const Args& args) {
    expect_count("splats.stretch", args, 3, 100000);
    const hsa::SplatId id = existing(context, args[0]);
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const std::size_t wanted = 2 + registry.dimension;
    if (args.size() != wanted)
        hsa::fail(
            "splats.stretch: {} words were given; a splat, a factor and a direction of {} numbers "
            "make {}.",
            args.size(), registry.dimension, wanted);
    std::vector<double> direction;
    for (std::size_t a = 2; a < args.size(); ++a)
        direction.push_back(parse_number("splats.stretch", args[a]));
    (void)hsa::stretched(registry.splat(registry.row(id)), parse_number("splats.stretch", args[1]),
                         direction);
    change_shape(context, "splats.stretch", hsa::Edit::Kind::stretch, args);
}

void weigh(const ChangeContext& context, const Args& args) {
    expect_count("splats.amplitude", args, 2, 2);
    const double amplitude = parse_number("splats.amplitude", args[1]);
    if (amplitude <= 0.0)
        hsa::fail(
            "splats.amplitude: {} is no amplitude; it is above 0 (splats.remove takes a "
            "splat away).",
            amplitude);
    change_shape(context, "splats.amplitude", hsa::Edit::Kind::amplitude, args);
}

void turn(const ChangeContext& context, const Args& args) {
    expect_count("splats.turn", args, 2, 200000);
    const hsa::SplatId id = existing(context, args[0]);
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    const std::size_t wanted = 2 + 2 * registry.dimension;
    if (args.size() != wanted)
        hsa::fail(
            "splats.turn: {} words were given; a splat, an angle and two directions of {} "
            "numbers each make {}.",
            args.size(), registry.dimension, wanted);
    const std::string why = hsa::why_not_turned(registry.gaussians.covariance(registry.row(id)));
    if (!why.empty()) hsa::fail("splats.turn: splat {} {}.", id, why);
    change_shape(context, "splats.turn", hsa::Edit::Kind::turn, args);
}

}  // namespace

std::vector<CommandRow> splat_commands() {
    std::vector<CommandRow> rows;
    rows.push_back(change_row(
        "splats.init", "levels|kmeans|pca|random|distil [K...]",
        "makes the splats anew, with one count a level (finest first) or the default's; distil "
        "fits them to the target in the forms shared and paired",
        "", init));
    rows.push_back(change_row(
        "splats.warm_up", "[CYCLES] FILE...",
        "adapts the splats of cycle 0 to files of vectors of the same model, CYCLES (10) each, "
        "before they are used here; without a file: none; splats fitted here are better than "
        "splats carried over",
        "", warm_up));
    rows.push_back(data_row("splats.add", "[LEVEL]",
                            "adds a splat that fits the selected tokens (finest level)", "", add));
    rows.push_back(data_row(
        "splats.remove", "ID", "removes a splat; its children go to the best remaining parent", "",
        [](const ChangeContext& context, const Args& args) {
            expect_count("splats.remove", args, 1, 1);
            const hsa::SplatId id = existing(context, args[0]);
            const hsa::SplatRegistry& registry = *context.snapshot.registry;
            const std::size_t level = registry.level[registry.row(id)];
            if (registry.count(level) < 2)
                hsa::fail(
                    "splats.remove: splat {} is the only one of {} and stays: a level never "
                    "empties.",
                    id, registry.hierarchy.levels[level].name);
            add_splat_edit(context, hsa::Edit::Kind::remove, {id});
        }));
    rows.push_back(
        data_row("splats.split", "ID",
                 "splits a splat along its longest axis, keeping mean and covariance of the pair",
                 "", [](const ChangeContext& context, const Args& args) {
                     expect_count("splats.split", args, 1, 1);
                     add_splat_edit(context, hsa::Edit::Kind::split, {existing(context, args[0])});
                 }));
    rows.push_back(
        data_row("splats.merge", "ID ID", "merges two splats of one level by moment matching", "",
                 [](const ChangeContext& context, const Args& args) {
                     expect_count("splats.merge", args, 2, 2);
                     const hsa::SplatId a = existing(context, args[0]);
                     const hsa::SplatId b = existing(context, args[1]);
                     const hsa::SplatRegistry& registry = *context.snapshot.registry;
                     if (a == b) hsa::fail("splats.merge: splat {} was named twice.", a);
                     if (registry.level[registry.row(a)] != registry.level[registry.row(b)])
                         hsa::fail("splats.merge: splats {} and {} are of different levels.", a, b);
                     add_splat_edit(context, hsa::Edit::Kind::merge, {a, b});
                 }));
    rows.push_back(data_row(
        "splats.move", "ID D1 D2 ...",
        "moves a splat's centre by a displacement, one number a dimension (form paired: of the "
        "keys; twice as many: keys, then queries)",
        "", move));
    rows.push_back(data_row("splats.widen", "ID FACTOR",
                            "makes a splat so many times as wide in every direction", "", widen));
    rows.push_back(data_row(
        "splats.stretch", "ID FACTOR V1 V2 ...",
        "makes a splat so many times as wide along the direction V, within its kind: a diagonal "
        "one "
        "or one of low rank along the coordinates that V is made of; a spherical one does not "
        "stretch",
        "", stretch));
    rows.push_back(data_row("splats.amplitude", "ID AMPLITUDE",
                            "gives a splat an amplitude: how strongly it asks and is asked", "",
                            weigh));
    rows.push_back(data_row("splats.turn", "ID ANGLE U1 U2 ... V1 V2 ...",
                            "turns a splat's shape by an angle in radians from the direction U to "
                            "V; only full covariances, and those of low rank on a round rest, turn",
                            "", turn));
    rows.push_back(data_row(
        "splats.reparent", "ID PARENT|auto",
        "puts a splat under a parent of the level above, which stays its parent; auto: under the "
        "one of largest overlap again",
        "", reparent));
    rows.push_back(data_row("splats.name", "ID \"WORDS\"",
                            "names a splat by hand; an empty name restores the one made of its "
                            "strongest words",
                            "", name));
    rows.push_back(data_row("splats.calibrate", "",
                            "solves the amplitudes so that usage meets the level weights", "",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("splats.calibrate", args, 0, 0);
                                add_splat_edit(context, hsa::Edit::Kind::calibrate, {});
                            }));
    return rows;
}

}  // namespace splatscope
