#include "app/commands/table.h"
#include "app/settings.h"
#include "engine/core/error.h"

#include <algorithm>
#include <cstdlib>

namespace splatscope {

namespace {

// A level that the splats on screen do not have is a slip, and so is a weight of 0 for the only one
// that has any; without splats nobody knows.
void check_level(const hsa::Snapshot& snapshot, const std::string& name, const std::string& value) {
    const std::optional<std::string> level = level_of(name);
    if (!level || !snapshot.complete || !snapshot.registry) return;
    const hsa::Hierarchy& hierarchy = snapshot.registry->hierarchy;
    const bool weighs = std::any_of(
        hierarchy.levels.begin(), hierarchy.levels.end(),
        [&](const hsa::Level& each) { return each.name != *level && each.weight > 0.0; });
    if (name.starts_with("attention.level.") && name.ends_with(".weight") && !weighs &&
        std::strtod(value.c_str(), nullptr) == 0.0)
        hsa::fail("{} cannot be {}: all other levels have weight 0.", name, value);
    if (hierarchy.index_of(*level)) return;
    std::string names;
    for (const hsa::Level& each : hierarchy.levels)
        names += (names.empty() ? "" : ", ") + each.name;
    hsa::fail("{}: there is no level '{}': the levels are {}.", name, *level, names);
}

// A tour that moves goes on from where it is, at another speed.
void keep_tour_place(const ChangeContext& context) {
    Session& session = context.session;
    if (!is_touring(session)) return;
    session.document.axes.second = tour_second(session, context.now);
    session.desk.splats.tour_started = context.now;
}

// The same backend chosen again is a wish too: a card that failed is tried again.
void count_choice(const ChangeContext& context, const std::string& name) {
    if (name == "compute.backend") ++context.session.desk.backend_asked;
}

}  // namespace

std::vector<CommandRow> setting_commands() {
    return {
        change_row("set", "NAME VALUE",
                   "gives a setting a value; --list-settings shows names, ranges and defaults", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("set", args, 2, 2);
                       check_level(context.snapshot, args[0], args[1]);
                       if (args[0] == "view.splats.tour_speed") keep_tour_place(context);
                       set_setting(context.session, args[0], args[1]);
                       count_choice(context, args[0]);
                   }),
        change_row("toggle", "NAME", "turns a flag over, or takes the next choice", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("toggle", args, 1, 1);
                       toggle_setting(context.session, args[0]);
                       count_choice(context, args[0]);
                   }),
        change_row("reset", "NAME", "gives a setting its default value", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("reset", args, 1, 1);
                       if (args[0] == "view.splats.tour_speed") keep_tour_place(context);
                       reset_setting(context.session, args[0]);
                       count_choice(context, args[0]);
                   }),
    };
}

}  // namespace splatscope
