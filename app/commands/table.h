#pragma once

#include "app/commands/contexts.h"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

using Args = std::vector<std::string>;  // the words after the command's name

// The kinds of architecture.md: change (Session -> Session), question (Session, Snapshot -> one
// JSON value), file (a question written to a path), control (the program itself: undo, quit,
// pictures).
enum class CommandKind : std::uint8_t { change, question, file, control };

using Change = std::function<void(const ChangeContext&, const Args&)>;
// A change that is found out on a lane, of the Session and snapshot of the moment it was asked for;
// what it returns is then done to the Session, at once. Throws Error or Cancelled.
using Found = std::function<void(Session&)>;
using Search = std::function<Found(const QuestionContext&, const Args&)>;
using Question = std::function<nlohmann::json(const QuestionContext&, const Args&)>;
using Save = std::function<nlohmann::json(const QuestionContext&, const Args&, bool overwrite)>;
using Control = std::function<void(const ProgramControl&, const Session&, const Args&)>;

struct CommandRow {
    std::string name;
    std::string arguments;  // "[add|remove] RANGE..." as help shows it
    std::string help;
    std::string keys;  // "Ctrl+Z"; several parted by a blank
    CommandKind kind = CommandKind::change;
    bool undoable = true;       // a change of the desk alone is not
    bool needs_data = false;    // a change that reads the snapshot
    bool while_typing = false;  // its keys with Ctrl and F1 to F12 act in a text field, too
    Change change;              // the function of its kind ...
    Search search;              // ... or, of a change that takes long, what is done on a lane
    Question question;
    bool apart = false;        // a question that takes long: others are answered before it
    bool needs_other = false;  // waits for what is compared with
    bool copies = false;       // a question whose answer is a text for the clipboard
    Save file;
    Control control;
    std::function<void(Session&, const Args&)> after;  // what a file leaves in the Session
};

// Rows as the families make them, each with the function of its kind.
[[nodiscard]] CommandRow change_row(std::string name, std::string arguments, std::string help,
                                    std::string keys, Change act);
// A change of the desk alone: looking, not undoable.
[[nodiscard]] CommandRow desk_row(std::string name, std::string arguments, std::string help,
                                  std::string keys, Change act);
// A change that reads a complete snapshot.
[[nodiscard]] CommandRow data_row(std::string name, std::string arguments, std::string help,
                                  std::string keys, Change act);
// The same of one that takes long: it runs on the look lane.
[[nodiscard]] CommandRow search_row(std::string name, std::string arguments, std::string help,
                                    std::string keys, Search find);
[[nodiscard]] CommandRow question_row(std::string name, std::string arguments, std::string help,
                                      Question ask);
[[nodiscard]] CommandRow file_row(std::string name, std::string arguments, std::string help,
                                  Save save);
[[nodiscard]] CommandRow control_row(std::string name, std::string arguments, std::string help,
                                     std::string keys, Control act);

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
[[nodiscard]] std::vector<CommandRow> level_commands();
[[nodiscard]] std::vector<CommandRow> adapt_commands();
[[nodiscard]] std::vector<CommandRow> timeline_commands();
[[nodiscard]] std::vector<CommandRow> select_commands();
[[nodiscard]] std::vector<CommandRow> explain_commands();
[[nodiscard]] std::vector<CommandRow> ask_commands();
[[nodiscard]] std::vector<CommandRow> recover_commands();
[[nodiscard]] std::vector<CommandRow> save_commands();
[[nodiscard]] std::vector<CommandRow> head_commands();
[[nodiscard]] std::vector<CommandRow> replace_commands();
[[nodiscard]] std::vector<CommandRow> compare_commands();
[[nodiscard]] std::vector<CommandRow> expect_commands();
[[nodiscard]] std::vector<CommandRow> report_commands();
[[nodiscard]] std::vector<CommandRow> view_commands();
[[nodiscard]] std::vector<CommandRow> camera_commands();
[[nodiscard]] std::vector<CommandRow> axes_commands();
[[nodiscard]] std::vector<CommandRow> map_commands();
[[nodiscard]] std::vector<CommandRow> table_commands();
[[nodiscard]] std::vector<CommandRow> window_commands();
[[nodiscard]] std::vector<CommandRow> program_commands();

// Shared by the families.
// Throws Error (usage) with the row's pattern when the number of words is not in [least, most].
void expect_count(std::string_view command, const Args& args, std::size_t least, std::size_t most);
// Takes a trailing word "overwrite" away; true when it was there.
bool take_overwrite(Args& args);
// "overwrite", "to PATH" at the end of a question's words: the path, or empty.
[[nodiscard]] std::string take_path(Args& args);
[[nodiscard]] hsa::SplatId parse_splat(std::string_view text);
// 16 hexadecimal digits, as session files tell data.
[[nodiscard]] std::uint64_t parse_hash(std::string_view command, std::string_view text);
// One line of at most 80 letters, without blanks at its ends. Throws Error for what is none.
[[nodiscard]] std::string checked_name(std::string_view command, std::string_view words);
// A snapshot's part, or Error saying that nothing is open.
const hsa::Dataset& need_dataset(const hsa::Snapshot& snapshot);
// Everything there is when attention could be computed, or the Error that says why it was not.
void need_factors(const hsa::Snapshot& snapshot);

}  // namespace splatscope
