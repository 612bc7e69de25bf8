#include "app/commands/table.h"

namespace splatscope {
namespace {

CommandRow row(const std::string& name, std::string help, std::string keys,
               std::function<void()> ProgramControl::*act) {
    return control_row(
        name, "", std::move(help), std::move(keys),
        [name, act](const ProgramControl& program, const Session&, const Args& args) {
            expect_count(name, args, 0, 0);
            (program.*act)();
        });
}

// Esc takes the nearest thing back: the tool in hand, then what is being computed.
void cancel(const ProgramControl& program, const Session& session, const Args& args) {
    expect_count("cancel", args, 0, 1);
    if (!args.empty()) program.cancel(args[0]);
    else if (session.desk.tool != Tool::move) program.run("tool.move");
    else program.cancel("");
}

}  // namespace

std::vector<CommandRow> program_commands() {
    return {
        row("undo", "takes the last change back", "Ctrl+Z", &ProgramControl::undo),
        row("redo", "does again what was taken back", "Ctrl+Shift+Z Ctrl+Y", &ProgramControl::redo),
        control_row("cancel", "[work|compare|sequence|\"LINE\"]",
                    "puts the tool away, or stops what is being computed; with a name that job of "
                    "the list alone: the work on the data, what it is compared with, pictures, or "
                    "a command that runs or waits",
                    "Esc", cancel),
        control_row(
            "guide.start", "", "shows the first five minutes again, from a sample on", "",
            [](const ProgramControl& program, const Session&, const Args& args) {
                expect_count("guide.start", args, 0, 0);
                for (const char* line : {"set guide true", "open sample:voyage", "select.none"})
                    program.run(line);
            }),
        control_row("guide.skip", "", "ends the first five minutes", "",
                    [](const ProgramControl& program, const Session&, const Args& args) {
                        expect_count("guide.skip", args, 0, 0);
                        program.run("set guide false");
                    }),
        control_row("data.reload", "[PATH]",
                    "reads open files again, or this one, of both sides; the views, what is "
                    "selected (by its words) and the history of adaptation stay",
                    "",
                    [](const ProgramControl& program, const Session&, const Args& args) {
                        expect_count("data.reload", args, 0, 1);
                        program.reload(args.empty() ? "" : args[0]);
                    }),
        row("quit", "closes the program", "Ctrl+Q", &ProgramControl::quit)};
}

}  // namespace splatscope
