#pragma once

#include "app/commands/table.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace splatscope {

// Which keys send which command: those of the command table, but for what the user's file of keys
// says otherwise.
class Keys {
  public:
    using IsKey = std::function<bool(const std::string& key)>;
    // A command a line, then its keys; a command alone has none. # begins a comment. A key that is
    // given away here is taken from the command that had it. Returns one sentence for each line
    // that says nothing, with `path` and its number; the rest is taken. What was read before is
    // forgotten.
    std::vector<std::string> read(std::string_view text, const std::string& path,
                                  const IsKey& is_key);
    // "Ctrl+Y Ctrl+Shift+Z": parted by blanks, as in the table.
    [[nodiscard]] std::string of(const CommandRow& row) const;

    // Every command with its keys, as such a file that changes nothing: each line a comment.
    [[nodiscard]] static std::string file_text();

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> own_;  // by command
    std::map<std::string, std::string, std::less<>> given_;             // command by key
};

}  // namespace splatscope
