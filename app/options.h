#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace splatscope {

// One --export with what belongs to it.
struct ExportOption {
    std::string view;
    std::string path;  // of the -o after it
    std::string size;  // of the --size after it; empty = the view's own
};

// The command line, parsed (commands.md "Command line").
struct Options {
    std::vector<std::string> files;
    std::vector<std::string> settings;  // NAME=VALUE
    std::vector<std::string> commands;
    std::vector<std::string> scripts;
    std::vector<ExportOption> exports;
    bool headless = false;
    std::string backend;  // empty: that of the user's settings, or auto
    std::size_t threads = 0;
    bool force = false;
    bool watch = false;
    std::string profile;
    bool quiet = false;
    std::string log = "warning";
    bool diagnose = false;
    bool licences = false;
    bool json = false;
    std::vector<std::string> lists;  // "commands", "settings", "bindings", "views", "formats"
    bool done = false;               // --help or --version was printed
};

// Throws hsa::Error (usage) for an unknown option or a value that is none.
[[nodiscard]] Options parse_options(int argc, const char* const* argv);

// The lines that these options stand for, in the contract's order: files, settings, commands,
// scripts, exports. Reads the scripts.
[[nodiscard]] std::vector<std::string> command_lines(const Options& options);

}  // namespace splatscope
