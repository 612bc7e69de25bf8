#include "engine/embed/find_model.h"

#include "engine/core/error.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace hsa {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

bool is_model(const fs::path& folder) {
    std::error_code ignored;
    return fs::is_regular_file(folder / "config.json", ignored) &&
           fs::is_regular_file(folder / "model.safetensors", ignored);
}

// $SPLATSCOPE_HOME/own, else $xdg/splatscope/own, else ~/home/splatscope/own.
std::string user_folder(const char* xdg, const char* home, const char* own) {
    if (const std::string moved = environment("SPLATSCOPE_HOME"); !moved.empty())
        return moved + own;
    if (const std::string base = environment(xdg); !base.empty()) return base + "/splatscope" + own;
    if (const std::string base = environment("HOME"); !base.empty())
        return base + home + "/splatscope" + own;
    return "";
}

}  // namespace

std::vector<std::string> model_folders() {
    std::vector<std::string> folders;
    if (const char* named = std::getenv("SPLATSCOPE_MODELS"); named != nullptr) {
        const std::string all = named;
        for (std::size_t begin = 0; begin <= all.size();) {
            const std::size_t end = std::min(all.find(':', begin), all.size());
            if (end > begin) folders.push_back(all.substr(begin, end - begin));
            begin = end + 1;
        }
        return folders;
    }
    if (std::string folder = user_folder("XDG_DATA_HOME", "/.local/share", "/models");
        !folder.empty())
        folders.push_back(std::move(folder));
    return folders;
}

std::string cache_folder() {
    if (const char* named = std::getenv("SPLATSCOPE_CACHE"); named != nullptr) return named;
    if (!environment("SPLATSCOPE_HOME").empty()) return environment("SPLATSCOPE_HOME") + "/cache";
    return user_folder("XDG_CACHE_HOME", "/.cache", "");
}

std::optional<std::string> find_model(const std::string& name) {
    if (name.empty()) return std::nullopt;
    if (is_model(name)) return name;
    for (const std::string& folder : model_folders()) {
        if (is_model(fs::path(folder) / name)) return (fs::path(folder) / name).string();
        // A folder of SPLATSCOPE_MODELS may be the model itself.
        if (fs::path(folder).filename() == name && is_model(folder)) return folder;
    }
    return std::nullopt;
}

std::string need_model(const std::string& name) {
    if (std::optional<std::string> found = find_model(name)) return *found;
    std::string places;
    for (const std::string& folder : model_folders())
        places += (places.empty() ? "" : ", ") + folder;
    fail(
        "There is no model '{}': a folder with config.json and model.safetensors is needed, by its "
        "path or by its name in {}. ./run fetches minilm; set embed.model names another.",
        name, places.empty() ? "a folder of SPLATSCOPE_MODELS" : places);
}

}  // namespace hsa
