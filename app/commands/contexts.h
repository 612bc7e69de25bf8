#pragma once

#include "app/commands/grammar.h"
#include "app/commands/picture_words.h"
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
    double now = 0.0;  // seconds of the window's clock; stands still without a window
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
    export_picture,  // the sheet that composes a picture
    copy_picture,    // of the view under the pointer, or of the window
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

// Pictures of one view, of one cycle after another or of a camera that moves.
struct PictureSequence {
    PictureAsked picture;            // what all share; its path is that of the animation
    std::vector<std::string> paths;  // one a picture; empty: one animation
    std::size_t frames = 0;
    std::int32_t first = 0;  // cycle
    // At the cycle shown the camera goes once round in the frames, or from pose to pose.
    bool orbit = false;
    std::vector<CameraPose> path;
    int delay_ms = 100;
    int loops = 0;
    double quality = 0.0;  // of a WebP; 0 = every pixel as it is

    [[nodiscard]] bool moves_camera() const { return orbit || !path.empty(); }
};

// What only the running program can do.
struct ProgramControl {
    std::function<void()> undo, redo, quit, pause;
    std::function<void(const std::string& job)> cancel;   // Job::name; empty: all that runs
    std::function<void(const std::string& path)> reload;  // a file that is open; empty: all
    std::function<void(WindowAction)> window;
    std::function<void(const std::string& line)> run;  // another command
    std::function<void(const PictureAsked&)> export_view;
    std::function<void(PictureSequence)> sequence;
    std::function<void(const PictureAsked&)> copy_picture;
    // Holds the picture against the one at `reference`.
    std::function<void(PictureAsked, const PictureBound& bound)> compare_picture;
    std::function<void(const std::string& path, bool overwrite)> save_report;
};

}  // namespace splatscope
