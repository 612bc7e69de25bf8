#pragma once

#include "tests/ui/user.h"

#include <functional>
#include <string>
#include <vector>

namespace splatscope::tests {

// One thing a person does in the window, and what must then be so.
struct UiCase {
    std::string name;
    std::string command;              // what the act sends; without it `check` must fail
    std::vector<std::string> before;  // lines that put the Session where the act begins
    std::function<void(User&)> act;
    std::function<void(User&)> check;  // throws Failed
    bool selects_too = false;          // as the first half of a double click does
};

// Runs the case twice in the window: with its command disconnected, when it must fail and leave the
// Document as it was, and as it is, when it must hold.
void check_case(TestedWindow& window, const UiCase& one);

// An act: a path in the menu bar.
[[nodiscard]] std::function<void(User&)> choosing(const std::string& menu);
// An act: a line typed into the palette.
[[nodiscard]] std::function<void(User&)> saying(const std::string& line);

}  // namespace splatscope::tests
