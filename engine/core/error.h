#pragma once

#include <fmt/core.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

namespace hsa {

// What went wrong, in the terms of the exit codes of the command line.
enum class ErrorKind {
    input = 1,        // a file, the disk, memory, or an argument out of range
    usage = 2,        // an unknown option, command or setting, or bad syntax
    renderer = 3,     // a picture was asked for and nothing can draw it
    expectation = 4,  // `expect` or a reference picture differs
    fault = 70,       // a fault of the program itself
};

// One sentence for the user: what happened, where, what was expected, what to do.
class Error : public std::runtime_error {
  public:
    Error(ErrorKind kind, const std::string& sentence)
        : std::runtime_error(sentence), kind_(kind) {}

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
    [[nodiscard]] int exit_code() const noexcept { return static_cast<int>(kind_); }

  private:
    ErrorKind kind_;
};

// Thrown inside a stage when its stop token was set; never shown to the user.
class Cancelled : public std::exception {
  public:
    [[nodiscard]] const char* what() const noexcept override { return "cancelled"; }
};

template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::input, fmt::format(sentence, std::forward<Args>(args)...));
}

template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::usage, fmt::format(sentence, std::forward<Args>(args)...));
}

// For what cannot happen unless the program is wrong (a shape that a caller must guarantee).
template <class... Args>
[[noreturn]] void fault(fmt::format_string<Args...> sentence, Args&&... args) {
    throw Error(ErrorKind::fault, fmt::format(sentence, std::forward<Args>(args)...));
}

}  // namespace hsa
