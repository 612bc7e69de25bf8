#pragma once

#include "app/keys.h"

#include <string>
#include <vector>

namespace splatscope {

// What a key or a gesture of the mouse does: the key sheet, --list-bindings and the README.
struct Binding {
    std::string key;      // "Ctrl+Z", "Shift+drag"
    std::string command;  // what it sends; of a gesture, the commands it stands for
    std::string help;
};

// The keys of the command table in its order, then the mouse.
[[nodiscard]] std::vector<Binding> bindings(const Keys& keys = {});

}  // namespace splatscope
