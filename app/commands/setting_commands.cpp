#include "app/commands/table.h"
#include "app/settings.h"

namespace splatscope {

std::vector<CommandRow> setting_commands() {
    return {
        change_row("set", "NAME VALUE",
                   "gives a setting a value; --list-settings shows names, ranges and defaults", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("set", args, 2, 2);
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
