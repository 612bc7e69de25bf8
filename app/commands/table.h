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
    hsa::SampleReader read_sample;
    double now = 0.0;  // seconds of the window's clock; stands still without a window
};

// What a question reads: the complete snapshot of the session it was asked for.
struct QuestionContext {
    const Session& session;
    const hsa::Snapshot& snapshot;
    hsa::Backend& backend;
    const hsa::Work& work;
    const hsa::SampleReader& read_sample;
};

// What only a window can do: it has no meaning in a run without one.
enum class WindowAction : std::uint8_t {
    open,         // asks for a file
    save,         // the session into its own file, or into one that is asked for
    save_as,      // asks for a file
    palette,      // all commands
    search,       // the field of words to look for
    keys,         // the sheet of keys
    panels,       // hides or shows all views
    full_screen,  // on or off
    picture,
    picture_transparent,
    play,  // runs at the last cycle, plays the past before it, pauses while something runs
    copy_view,
    paste_view,
    log,        // what was told so far
    jobs,       // what runs and what waits
    history,    // what can be undone
    menu,       // gives the keys to the menu bar
    keys_file,  // writes the file of keys, or reads it again
    next_view,  // gives the keys to another view
    previous_view,
    help_of_view,  // how the view with the focus is read
    settings_of_view
};

// Numbered pictures of one view, of one cycle after another.
struct PictureSequence {
    std::string view;
    std::int32_t first = 0;          // cycle
    std::vector<std::string> paths;  // of the cycles from it on
    PixelSize size;
    int scale = 1;
    bool transparent = false;
    bool overwrite = false;
};

// What only the running program can do.
struct ProgramControl {
    std::function<void()> undo, redo, quit, pause, cancel;
    std::function<void(WindowAction)> window;
    std::function<void(const std::string& line)> run;  // another command
    std::function<void(const std::string& view, const std::string& path, PixelSize size, int scale,
                       bool transparent, bool overwrite)>
        export_view;
    std::function<void(PictureSequence)> sequence;
    std::function<void(const std::string& path, bool overwrite)> save_report;
};

using Change = std::function<void(const ChangeContext&, const Args&)>;
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
    Change change;              // the function of its kind
    Question question;
    bool apart = false;   // a question that takes long: others are answered before it
    bool copies = false;  // a question whose answer is a text for the clipboard
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
// One line of at most 80 letters, without blanks at its ends. Throws Error for what is none.
[[nodiscard]] std::string checked_name(std::string_view command, std::string_view words);
// A snapshot's part, or Error saying that nothing is open.
const hsa::Dataset& need_dataset(const hsa::Snapshot& snapshot);
// Everything there is when attention could be computed, or the Error that says why it was not.
void need_factors(const hsa::Snapshot& snapshot);

}  // namespace splatscope
