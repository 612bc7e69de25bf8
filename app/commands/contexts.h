#pragma once

#include "app/commands/grammar.h"
#include "app/other_state.h"
#include "app/session.h"
#include "engine/engine.h"
#include "engine/snapshot.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

// What commands are given: the Session, what was computed of it, the running program.
namespace splatscope {

// What a change may read: the newest snapshot there is (its pointers may be null). `needs_data` in
// the row makes the runner wait for a complete one first.
struct ChangeContext {
    Session& session;
    const hsa::Snapshot& snapshot;
    hsa::SampleReader read_sample;
};

// What a question reads: the complete snapshot of the session it was asked for.
struct QuestionContext {
    const Session& session;
    const hsa::Snapshot& snapshot;
    hsa::Backend& backend;
    const hsa::Work& work;
    const hsa::SampleReader& read_sample;
    const OtherState* other = nullptr;  // what is compared with; null: nobody knows
};

// What only a window can do: it has no meaning in a run without one.
enum class WindowAction : std::uint8_t {
    open,         // asks for a file
    compare,      // asks for a file to compare with
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
    paste_view
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
    std::function<void(const std::string& path)> reload;  // a file that is open; empty: all
    std::function<void(WindowAction)> window;
    std::function<void(const std::string& line)> run;  // another command
    std::function<void(const std::string& view, const std::string& path, PixelSize size, int scale,
                       bool transparent, bool overwrite)>
        export_view;
    std::function<void(PictureSequence)> sequence;
    std::function<void(const std::string& path, bool overwrite)> save_report;
};

}  // namespace splatscope
