#include "app/keys.h"

#include "engine/core/error.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

namespace splatscope {

std::vector<std::string> Keys::read(std::string_view text, const std::string& path,
                                    const IsKey& is_key) {
    own_.clear();
    given_.clear();
    std::vector<std::string> faults;
    std::size_t number = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line(text.substr(begin, end - begin));
        begin = end + 1;
        ++number;
        try {
            const std::vector<std::string> words = split_words(line);
            if (words.empty()) continue;
            const CommandRow& row = find_command(words[0]);
            for (std::size_t w = 1; w < words.size(); ++w) {
                if (!is_key(words[w]))
                    hsa::fail("there is no key '{}': write it as Ctrl+Shift+K, F5 or Home.",
                              words[w]);
                const auto other = given_.find(words[w]);
                if (other != given_.end() && other->second != row.name)
                    hsa::fail("the key {} is given to {} already.", words[w], other->second);
            }
            own_[row.name] = {words.begin() + 1, words.end()};
            for (std::size_t w = 1; w < words.size(); ++w) given_[words[w]] = row.name;
        } catch (const hsa::Error& error) {
            faults.push_back(fmt::format("{}, line {}: {}", path, number, error.what()));
        }
    }
    return faults;
}

std::string Keys::of(const CommandRow& row) const {
    const auto own = own_.find(row.name);
    if (own != own_.end()) return fmt::format("{}", fmt::join(own->second, " "));
    if (given_.empty()) return row.keys;
    std::string left;
    for (const std::string& key : split_words(row.keys))
        if (given_.find(key) == given_.end()) left += (left.empty() ? "" : " ") + key;
    return left;
}

std::string Keys::file_text() {
    std::string text =
        "# splatscope-keys 1: a command a line, then its keys, parted by blanks; none takes them\n"
        "# away. Take the # from a line to change it.\n";
    for (const CommandRow& row : command_table())
        text += fmt::format("# {}{}{}\n", row.name, row.keys.empty() ? "" : " ", row.keys);
    return text;
}

}  // namespace splatscope
