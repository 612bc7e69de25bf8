#pragma once

#include "app/runner.h"

#include <cstdint>
#include <string>
#include <vector>

namespace splatscope {

// Sheets above the views: what the program told, what it works on, what can be undone, and how a
// view is read. They change nothing but by commands.
class ShellSheets {
  public:
    enum class Sheet : std::uint8_t { log, jobs, history, help };

    explicit ShellSheets(Runner& runner) : runner_(runner) {}

    // Opens a sheet, or closes it.
    void toggle(Sheet sheet);
    void show_help(const std::string& title, const std::string& help);
    [[nodiscard]] bool any_open() const;
    void close();
    // Remembers what was told, with the time of the clock; the last thousand.
    void note(const std::string& text, bool is_error);
    void draw();

  private:
    struct Entry {
        std::string time;
        std::string text;
        bool is_error = false;
    };
    [[nodiscard]] bool& is_open(Sheet sheet) { return open_[static_cast<std::size_t>(sheet)]; }
    void draw_log();
    void draw_jobs();
    void draw_history();
    void draw_help();

    Runner& runner_;
    bool open_[4] = {};
    std::vector<Entry> entries_;
    std::string help_title_, help_;
};

}  // namespace splatscope
