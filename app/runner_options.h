#pragma once

#include "app/commands/contexts.h"
#include "app/log.h"
#include "app/session.h"
#include "engine/compute/backend.h"
#include "engine/io/png.h"

#include <exception>
#include <functional>
#include <string>
#include <vector>

namespace splatscope {

// What happened to a command line, for the screen, the standard streams and tests.
struct Outcome {
    std::string line;
    std::string output;  // one line of JSON of a question; empty for a change
    std::string error;   // one sentence; empty when it went well
    int exit_code = 0;
};

// Thrown out of what waits when Options::interrupted says so; never shown to the user.
class Interrupted : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

// What a Runner is given.
struct RunnerOptions {
    std::string backend;  // that must compute; empty = that of `start`, where it can be had
    std::vector<hsa::BackendEntry> offered;  // backends beside the engine's own
    Session start;                           // what a new session begins with: the user's settings
    Log log;
    std::function<void()> on_news;      // from a lane's thread: wake the window
    std::function<bool()> interrupted;  // asked while something is waited for: true stops it
    std::function<void(const hsa::Progress&)> on_wait;  // told now and then while waiting
    // Draws a view into a file once the runner says that everything is there; set by who can
    // draw.
    std::function<void(const PictureAsked&)> export_view;
    // The same as pixels, with what a PNG of them tells.
    std::function<hsa::PngImage(const PictureAsked&)> picture;
    std::function<void()> quit;
    // Asked before a line is queued: one that is refused never runs. Tests take a command away
    // and see that what needs it then fails.
    std::function<bool(const std::string& line)> accepts;
};

}  // namespace splatscope
