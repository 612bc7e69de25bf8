#include "app/commands/table.h"

namespace splatscope {
namespace {

CommandRow control(std::string name, std::string help, std::string shortcut,
                   std::function<void()> ProgramControl::*act) {
    CommandRow row;
    row.name = name;
    row.help = std::move(help);
    row.kind = CommandKind::control;
    row.shortcut = std::move(shortcut);
    row.control = [name, act](const ProgramControl& program, const Session&, const Args& args) {
        expect_count(name, args, 0, 0);
        (program.*act)();
    };
    return row;
}

}  // namespace

std::vector<CommandRow> program_commands() {
    return {control("undo", "takes the last change back", "Ctrl+Z", &ProgramControl::undo),
            control("redo", "does again what was taken back", "Ctrl+Shift+Z Ctrl+Y",
                    &ProgramControl::redo),
            control("cancel", "stops what is being computed", "Esc", &ProgramControl::cancel),
            control("quit", "closes the program", "Ctrl+Q", &ProgramControl::quit)};
}

}  // namespace splatscope
