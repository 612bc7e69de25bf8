#include "app/commands/table.h"
#include "app/settings.h"
#include "engine/core/error.h"

namespace splatscope {

namespace {

// A level that the splats on screen do not have is a slip; without splats nobody knows.
void check_level(const hsa::Snapshot& snapshot, const std::string& name) {
    const std::optional<std::string> level = level_of(name);
    if (!level || !snapshot.complete || !snapshot.registry) return;
    const hsa::Hierarchy& hierarchy = snapshot.registry->hierarchy;
    if (hierarchy.index_of(*level)) return;
    std::string names;
    for (const hsa::Level& each : hierarchy.levels)
        names += (names.empty() ? "" : ", ") + each.name;
    hsa::fail("{}: there is no level '{}': the levels are {}.", name, *level, names);
}

}  // namespace

std::vector<CommandRow> setting_commands() {
    return {
        change_row("set", "NAME VALUE",
                   "gives a setting a value; --list-settings shows names, ranges and defaults", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("set", args, 2, 2);
                       check_level(context.snapshot, args[0]);
                       set_setting(context.session, args[0], args[1]);
                   }),
        change_row("toggle", "NAME", "turns a flag over, or takes the next choice", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("toggle", args, 1, 1);
                       toggle_setting(context.session, args[0]);
                   }),
        change_row("reset", "NAME", "gives a setting its default value", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("reset", args, 1, 1);
                       reset_setting(context.session, args[0]);
                   }),
    };
}

}  // namespace splatscope
