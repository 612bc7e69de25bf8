#include "app/commands/settings_file.h"

#include "engine/io/file.h"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <system_error>

namespace splatscope {

std::string read_if_there(const std::string& path) {
    std::error_code fault;
    if (!std::filesystem::is_regular_file(path, fault) ||
        std::filesystem::file_size(path, fault) == 0)
        return {};
    return hsa::read_file(path);
}

std::vector<std::string> lines_if_there(const std::string& path) {
    const std::string text = read_if_there(path);
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

}  // namespace splatscope
