#include "app/commands/table.h"
#include "app/settings.h"

namespace splatscope {

std::vector<CommandRow> setting_commands() {
    std::vector<CommandRow> rows;
    {
        CommandRow row;
        row.name = "set";
        row.arguments = "NAME VALUE";
        row.help = "gives a setting a value; --list-settings shows names, ranges and defaults";
        row.change = [](const ChangeContext& context, const Args& args) {
            expect_count("set", args, 2, 2);
            set_setting(context.session, args[0], args[1]);
        };
        rows.push_back(std::move(row));
    }
    {
        CommandRow row;
        row.name = "toggle";
        row.arguments = "NAME";
        row.help = "turns a flag over, or takes the next choice";
        row.change = [](const ChangeContext& context, const Args& args) {
            expect_count("toggle", args, 1, 1);
            toggle_setting(context.session, args[0]);
        };
        rows.push_back(std::move(row));
    }
    {
        CommandRow row;
        row.name = "reset";
        row.arguments = "NAME";
        row.help = "gives a setting its default value";
        row.change = [](const ChangeContext& context, const Args& args) {
            expect_count("reset", args, 1, 1);
            reset_setting(context.session, args[0]);
        };
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace splatscope
