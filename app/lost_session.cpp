#include "app/lost_session.h"

#include "app/commands/grammar.h"
#include "engine/io/file.h"

#include <filesystem>
#include <string_view>
#include <vector>

namespace splatscope {

LostSession read_lost_session(const std::string& path) {
    const std::string bytes = hsa::read_file(path);
    LostSession lost;
    lost.path = path;
    for (std::string_view text = bytes; !text.empty();) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        const std::string_view own = kOwnFileComment;
        if (line.starts_with(own)) lost.own_file = line.substr(own.size());
        if (!line.starts_with("open ")) continue;
        const std::vector<std::string> words = split_words(line);
        if (!lost.data.empty()) lost.data += " + ";
        lost.data += std::filesystem::path(words.at(1)).filename().string();
    }
    return lost;
}

}  // namespace splatscope
