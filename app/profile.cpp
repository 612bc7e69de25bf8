#include "app/profile.h"

#include "app/commands/grammar.h"
#include "app/commands/settings_file.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "engine/core/error.h"
#include "engine/io/file.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace splatscope {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostRecent = 12;

// What a person keeps from work to work.
constexpr std::array<std::string_view, 27> kOfTheUser = {"theme",
                                                         "guide",
                                                         "scale",
                                                         "compute.backend",
                                                         "views.closed",
                                                         "map.colours",
                                                         "map.scale",
                                                         "view.splats.style",
                                                         "view.splats.sigma",
                                                         "view.splats.points",
                                                         "view.splats.point_colour",
                                                         "view.splats.labels",
                                                         "tree.form",
                                                         "text.tint",
                                                         "timeline.speed",
                                                         "timeline.refused",
                                                         "distributions.logarithmic",
                                                         "picture.format",
                                                         "picture.unit",
                                                         "picture.width",
                                                         "picture.height",
                                                         "picture.width_mm",
                                                         "picture.height_mm",
                                                         "picture.dpi",
                                                         "picture.finer",
                                                         "picture.background",
                                                         "picture.without"};

bool is_of_the_user(std::string_view name) {
    return std::find(kOfTheUser.begin(), kOfTheUser.end(), name) != kOfTheUser.end();
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

}  // namespace

std::string Profile::usual_folder() {
    if (std::string own = environment("SPLATSCOPE_HOME"); !own.empty()) return own;
    if (const std::string xdg = environment("XDG_CONFIG_HOME"); !xdg.empty())
        return xdg + "/splatscope";
    if (const std::string home = environment("HOME"); !home.empty())
        return home + "/.config/splatscope";
    return {};
}

std::vector<std::string> Profile::read(Session& session) const {
    std::vector<std::string> faults;
    const auto take = [&](const std::string& line) {
        const std::vector<std::string> words = split_words(line);
        if (words.empty()) return;
        if (words.size() != 3 || words[0] != "set")
            hsa::fail_usage("expected `set NAME VALUE`, not `{}`.", line);
        set_setting(session, words[1], words[2]);
    };
    try {
        std::size_t number = 0;
        for (const std::string& line : lines_if_there(path_of("settings"))) {
            ++number;
            try {
                take(line);
            } catch (const hsa::Error& error) {
                faults.push_back(
                    fmt::format("{}, line {}: {}", path_of("settings"), number, error.what()));
            }
        }
        session.desk.layout = read_if_there(path_of("layout"));
    } catch (const hsa::Error& error) {
        faults.emplace_back(error.what());
    }
    return faults;
}

void Profile::write(const Session& session) const {
    std::string text = std::string(kSettingsBegin) + "\n";
    for (const std::string& line : lines_if_there(path_of("settings"))) {
        const std::size_t name = std::string_view("set ").size();
        const bool ours = line.starts_with("set ") && is_of_the_user(std::string_view(line).substr(
                                                          name, line.find(' ', name) - name));
        if (!ours && line != kSettingsBegin) text += line + "\n";
    }
    const Session fresh;
    for (const std::string_view name : kOfTheUser) {
        const std::string value = get_setting(session, name);
        if (value != get_setting(fresh, name))
            text += fmt::format("set {} {}\n", name, quote_word(value));
    }
    write_own("settings", text);
    write_own("layout", session.desk.layout);
}

std::vector<std::string> Profile::recent() const {
    std::vector<std::string> paths;
    try {
        paths = lines_if_there(path_of("recent"));
    } catch (const hsa::Error&) {
        // A list that cannot be read is an empty one.
    }
    std::erase_if(paths, [](const std::string& path) {
        std::error_code fault;
        return path.empty() || !fs::exists(path, fault);
    });
    return paths;
}

void Profile::remember(const std::string& path) const {
    if (path.empty() || path == "-" || path.starts_with("sample:") ||
        path.find('\n') != std::string::npos)
        return;
    const std::string whole = fs::absolute(path).lexically_normal().string();
    std::vector<std::string> paths = recent();
    if (!paths.empty() && paths.front() == whole) return;
    std::erase(paths, whole);
    paths.insert(paths.begin(), whole);
    if (paths.size() > kMostRecent) paths.resize(kMostRecent);
    std::string text;
    for (const std::string& each : paths) text += each + "\n";
    write_own("recent", text);
}

void Profile::write_own(const char* name, const std::string& text) const {
    std::error_code fault;
    fs::create_directories(folder_, fault);
    hsa::write_file(path_of(name), text, hsa::Existing::replace);
}

}  // namespace splatscope
