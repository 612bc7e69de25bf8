#pragma once

#include "app/commands/grammar.h"
#include "app/session.h"
#include "engine/engine.h"
#include "engine/snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

using Args = std::vector<std::string>;  // the words after the command's name

// The kinds of architecture.md: change (Session -> Session), question (Session, Snapshot -> one
// JSON value), file (a question written to a path), control (the program itself: undo, quit,
// pictures).
enum class CommandKind : std::uint8_t { change, question, file, control };

// What a change may read: the newest snapshot there is (its pointers may be null). `needs_data` in
// the row makes the runner wait for a complete one first.
struct ChangeContext {
    Session& session;
    const hsa::Snapshot& snapshot;
    std::function<std::string(const std::string&)> read_sample;
};

// What a question reads: the complete snapshot of the session it was asked for.
struct QuestionContext {
    const Session& session;
    const hsa::Snapshot& snapshot;
    hsa::Backend& backend;
    const hsa::Work& work;
};

// What only the running program can do.
struct ProgramControl {
    std::function<void()> undo, redo, quit, pause, cancel;
    std::function<void(const std::string& view, const std::string& path, PixelSize size, int scale,
                       bool transparent, bool overwrite)>
        export_view;
};

struct CommandRow {
    std::string name;
    std::string arguments;  // "[add|remove] RANGE..." as help shows it
    std::string help;
    CommandKind kind = CommandKind::change;
    bool undoable = true;            // a change of the desk alone is not
    bool needs_data = false;         // a change that reads the snapshot
    std::string shortcut;            // "Ctrl+Z"; several parted by a blank
    std::string shortcut_arguments;  // what the key adds to the name
    std::function<void(const ChangeContext&, const Args&)> change;
    std::function<nlohmann::json(const QuestionContext&, const Args&)> question;
    std::function<nlohmann::json(const QuestionContext&, const Args&, const std::string& path,
                                 bool overwrite)>
        file;
    std::function<void(const ProgramControl&, const Session&, const Args&)> control;
};

// Every command of the program, the families one after another.
[[nodiscard]] const std::vector<CommandRow>& command_table();
// Throws Error (usage) naming the nearest command when there is none of that name.
[[nodiscard]] const CommandRow& find_command(std::string_view name);

// The families: each file of app/commands adds its rows here.
[[nodiscard]] std::vector<CommandRow> file_commands();
[[nodiscard]] std::vector<CommandRow> run_commands();
[[nodiscard]] std::vector<CommandRow> restore_commands();
[[nodiscard]] std::vector<CommandRow> setting_commands();
[[nodiscard]] std::vector<CommandRow> splat_commands();
[[nodiscard]] std::vector<CommandRow> adapt_commands();
[[nodiscard]] std::vector<CommandRow> select_commands();
[[nodiscard]] std::vector<CommandRow> explain_commands();
[[nodiscard]] std::vector<CommandRow> save_commands();
[[nodiscard]] std::vector<CommandRow> expect_commands();
[[nodiscard]] std::vector<CommandRow> view_commands();
[[nodiscard]] std::vector<CommandRow> program_commands();

// Shared by the families.
// Throws Error (usage) with the row's pattern when the number of words is not in [least, most].
void expect_count(std::string_view command, const Args& args, std::size_t least, std::size_t most);
// Takes a trailing word "overwrite" away; true when it was there.
bool take_overwrite(Args& args);
// "overwrite", "to PATH" at the end of a question's words: the path, or empty.
[[nodiscard]] std::string take_path(Args& args);
[[nodiscard]] hsa::SplatId parse_splat(std::string_view text);
// A snapshot's part, or Error saying that nothing is open.
const hsa::Dataset& need_dataset(const hsa::Snapshot& snapshot);

}  // namespace splatscope
