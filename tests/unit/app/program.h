#pragma once

#include <string>
#include <utility>
#include <vector>

namespace program_test {

// How the program was run and what came of it.
struct Run {
    std::vector<std::string> words;                                  // after the program's name
    std::string input;                                               // on standard input
    std::vector<std::pair<std::string, std::string>> environment{};  // beside the usual one
    std::string folder{};                                            // where it runs; empty = here
    double interrupt_after = 0.0;    // seconds until SIGINT; 0 = never
    unsigned long largest_file = 0;  // bytes a file may have, as on a full disk; 0 = any
};
struct Result {
    int code = -1;  // the exit code; -1 when a signal ended it
    std::string out;
    std::string error;
};

// Runs the `splatscope` of this build without a display and waits for its end.
[[nodiscard]] Result run(const Run& run);
[[nodiscard]] Result run(std::vector<std::string> words);

}  // namespace program_test
