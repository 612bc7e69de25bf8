#include "app/commands/table.h"

namespace splatscope {
namespace {

void save(const ProgramControl& control, const Session&, const Args& args) {
    Args words = args;
    const bool overwrite = take_overwrite(words);
    expect_count("report.save", words, 1, 1);
    control.save_report(words[0], overwrite);
}

}  // namespace

std::vector<CommandRow> report_commands() {
    return {control_row(
        "report.save", "PATH.html|PATH.md [overwrite]",
        "writes what the session found as one page: data, settings, health, levels, splats with "
        "what they do, strongest pairs, flow, events, comparison, and the commands that made it; "
        ".html with its pictures inside, .md with them in PATH.files",
        "", save)};
}

}  // namespace splatscope
