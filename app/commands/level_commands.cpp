#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/timeline.h"
#include "engine/adapt/level_edits.h"
#include "engine/attention/columns.h"
#include "engine/core/error.h"
#include "engine/level_advice.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {
namespace {

// The levels that are shown; throws where there are none or where they are not changed by hand.
const hsa::Hierarchy& levels_of(const ChangeContext& context, const char* command) {
    if (!context.snapshot.registry || !context.snapshot.measures)
        hsa::fail("{}: there are no levels yet: open a text or an embedding file first.", command);
    hsa::require_form_token(*context.snapshot.registry, "Changing levels");
    return context.snapshot.registry->hierarchy;
}

void existing(const hsa::Hierarchy& hierarchy, const char* command, const std::string& name) {
    if (hierarchy.index_of(name)) return;
    std::string known;
    for (const hsa::Level& level : hierarchy.levels)
        known += (known.empty() ? "" : ", ") + level.name;
    hsa::fail("{}: there is no level '{}'; there are {}.", command, name, known);
}

std::string new_name(const hsa::Hierarchy& hierarchy, const char* command,
                     const std::string& words) {
    std::string name = checked_name(command, words);
    if (name.empty()) hsa::fail_usage("{}: a level needs a name.", command);
    if (hierarchy.index_of(name))
        hsa::fail("{}: there is a level {} already: levels must have different names.", command,
                  name);
    return name;
}

// A weight a level: as much as the information that passes through it, or the same for all.
void weigh(const ChangeContext& context, const Args& args) {
    expect_count("levels.weigh", args, 1, 1);
    if (args[0] != "information" && args[0] != "even")
        hsa::fail_usage("levels.weigh takes information or even, not '{}'.", args[0]);
    (void)levels_of(context, "levels.weigh");
    const hsa::Measures& measures = *context.snapshot.measures;
    std::vector<hsa::Edit> edits;
    for (const hsa::LevelMeasures& level : measures.levels) {
        hsa::Edit edit;
        edit.kind = hsa::Edit::Kind::level_weight;
        edit.level = level.name;
        edit.values = {args[0] == "even" ? 1.0 / static_cast<double>(measures.levels.size())
                                         : level.information};
        edits.push_back(std::move(edit));
    }
    // The heaviest first: at no time are all weights 0.
    std::stable_sort(edits.begin(), edits.end(), [](const hsa::Edit& x, const hsa::Edit& y) {
        return x.values[0] > y.values[0];
    });
    if (!(edits.front().values[0] > 0.0))
        hsa::fail("levels.weigh: no information passes through any level: the weights stay.");
    for (hsa::Edit& edit : edits) add_edit(context.session, std::move(edit));
}

void add(const ChangeContext& context, const Args& args) {
    expect_count("levels.add", args, 3, 4);
    const hsa::Hierarchy& hierarchy = levels_of(context, "levels.add");
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::add_level;
    edit.level = new_name(hierarchy, "levels.add", args[0]);
    if (args[1] != "before" && args[1] != "after")
        hsa::fail_usage("levels.add takes before (finer) or after (coarser) and a level, not '{}'.",
                        args[1]);
    existing(hierarchy, "levels.add", args[2]);
    edit.other = args[2];
    if (hierarchy.size() >= hsa::kMostLevels)
        hsa::fail("levels.add: there are {} levels: more are not possible; remove one first.",
                  hierarchy.size());
    const std::size_t most = std::max<std::size_t>(context.snapshot.measures->tokens / 4, 1);
    std::int64_t count = 0;
    if (args.size() == 4) {
        count = parse_integer("levels.add", args[3]);
        if (count < 1 || count > static_cast<std::int64_t>(most))
            hsa::fail("levels.add: {} splats; with {} tokens a level holds 1 to {}.", count,
                      context.snapshot.measures->tokens, most);
    }
    edit.values = {args[1] == "after" ? 1.0 : 0.0, static_cast<double>(count)};
    add_edit(context.session, std::move(edit));
}

// What looks at a level by its name follows it, or lets it go where the new name is empty.
void follow_name(Session& session, const std::string& from, const std::string& to) {
    const auto in_list = [&](std::vector<std::string>& names) {
        if (std::erase(names, from) > 0 && !to.empty()) names.push_back(to);
        std::sort(names.begin(), names.end());
    };
    hsa::LevelMask& mask = session.document.mask;
    in_list(mask.muted);
    in_list(mask.solo);
    if (auto temperature = mask.temperature.extract(from); !temperature.empty() && !to.empty()) {
        temperature.key() = to;
        mask.temperature.insert(std::move(temperature));
    }
    if (auto own = session.document.adapt.level.extract(from); !own.empty()) {
        own.key() = to;
        if (!to.empty()) session.document.adapt.level.insert(std::move(own));
        settings_changed(session);
    }
    Desk& desk = session.desk;
    for (std::string* name : {&desk.map.level, &desk.splats.points_level})
        if (*name == from) *name = to;
    if (desk.splats.hidden_levels.erase(from) > 0 && !to.empty())
        desk.splats.hidden_levels.insert(to);
}

void remove(const ChangeContext& context, const Args& args) {
    expect_count("levels.remove", args, 1, 1);
    const hsa::Hierarchy& hierarchy = levels_of(context, "levels.remove");
    existing(hierarchy, "levels.remove", args[0]);
    if (hierarchy.size() == 1) hsa::fail("levels.remove: {} is the only level and stays.", args[0]);
    const bool others = std::any_of(
        hierarchy.levels.begin(), hierarchy.levels.end(),
        [&](const hsa::Level& level) { return level.name != args[0] && level.weight > 0.0; });
    if (!others)
        hsa::fail(
            "levels.remove: {} carries all the weight and stays: give another level a weight "
            "first.",
            args[0]);
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::remove_level;
    edit.level = args[0];
    add_edit(context.session, std::move(edit));
    follow_name(context.session, args[0], "");
}

void rename(const ChangeContext& context, const Args& args) {
    expect_count("levels.rename", args, 2, 2);
    const hsa::Hierarchy& hierarchy = levels_of(context, "levels.rename");
    existing(hierarchy, "levels.rename", args[0]);
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::rename_level;
    edit.level = args[0];
    edit.other = new_name(hierarchy, "levels.rename", args[1]);
    const std::string from = edit.level;
    const std::string to = edit.other;
    add_edit(context.session, std::move(edit));
    follow_name(context.session, from, to);
}

hsa::Edit optimisation(const LevelLimits& limits) {
    if (limits.most < limits.least)
        hsa::fail(
            "levels.optimise: levels.most is {} and levels.least {}: the most must be at least the "
            "least.",
            limits.most, limits.least);
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::optimise_levels;
    edit.values = {static_cast<double>(limits.least), static_cast<double>(limits.most)};
    return edit;
}

void optimise(const ChangeContext& context, const Args& args) {
    expect_count("levels.optimise", args, 0, 0);
    (void)levels_of(context, "levels.optimise");
    if (!context.snapshot.target)
        hsa::fail(
            "levels.optimise changes levels where the row-KL supports it, and target.source is "
            "none: set target.source scores.");
    hsa::Edit edit = optimisation(context.session.document.levels);
    if (context.snapshot.factors) edit.kept = hsa::levels_of_parts(context.snapshot, hsa::Work{});
    add_edit(context.session, std::move(edit));
}

nlohmann::json suggest(const QuestionContext& context, const Args& args) {
    expect_count("levels.suggest", args, 0, 0);
    need_factors(context.snapshot);
    const LevelLimits& limits = context.session.document.levels;
    return hsa::answer_level_advice(hsa::level_advice(context.snapshot, context.work), limits.least,
                                    limits.most);
}

}  // namespace

std::vector<CommandRow> level_commands() {
    return {
        data_row("levels.add", "NAME before|after LEVEL [K]",
                 "adds a level, finer (before) or coarser (after) than another, with K splats that "
                 "are placed as the first ones are",
                 "", add),
        data_row("levels.remove", "NAME",
                 "removes a level with its splats; the others share its attention, children go to "
                 "the best parent one level further",
                 "", remove),
        data_row("levels.rename", "OLD NEW", "gives a level another name", "", rename),
        question_row("levels.suggest", "",
                     "how many levels the length and the parts of the text speak for, which one "
                     "can go and where one more would help, each with its numbers and the command",
                     suggest),
        data_row("levels.optimise", "",
                 "removes levels that can be spared and adds one where it is wanted most, as long "
                 "as the row-KL of trial rows supports it; between levels.least and levels.most, "
                 "without "
                 "touching those that parts of the text speak for",
                 "", optimise),
        data_row("levels.weigh", "information|even",
                 "gives every level a weight by the information that passes through it, or the "
                 "same to all",
                 "", weigh),
    };
}

}  // namespace splatscope
