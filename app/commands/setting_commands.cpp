#include "app/commands/grammar.h"
#include "app/commands/settings_file.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "engine/core/error.h"
#include "engine/embed/find_model.h"
#include "engine/io/file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace splatscope {
namespace {

namespace fs = std::filesystem;

// A level that the splats on screen do not have is a slip, and so is a weight of 0 for the only one
// that has any; without splats nobody knows.
void check_level(const hsa::Snapshot& snapshot, const std::string& name, const std::string& value) {
    const std::optional<std::string> level = level_of(name);
    if (!level || !snapshot.complete || !snapshot.registry) return;
    const hsa::Hierarchy& hierarchy = snapshot.registry->hierarchy;
    const bool weighs = std::any_of(
        hierarchy.levels.begin(), hierarchy.levels.end(),
        [&](const hsa::Level& each) { return each.name != *level && each.weight > 0.0; });
    if (name.starts_with("attention.level.") && name.ends_with(".weight") && !weighs &&
        std::strtod(value.c_str(), nullptr) == 0.0)
        hsa::fail("{} cannot be {}: all other levels have weight 0.", name, value);
    if (hierarchy.index_of(*level)) return;
    std::string names;
    for (const hsa::Level& each : hierarchy.levels)
        names += (names.empty() ? "" : ", ") + each.name;
    hsa::fail("{}: there is no level '{}': the levels are {}.", name, *level, names);
}

// A tour that moves goes on from where it is, at another speed.
void keep_tour_place(const ChangeContext& context) {
    Session& session = context.session;
    if (!is_touring(session)) return;
    session.document.axes.second = tour_second(session, context.now);
    session.desk.splats.tour_started = context.now;
}

// The same backend chosen again is a wish too: a card that failed is tried again.
void count_choice(const ChangeContext& context, const std::string& name) {
    if (name == "compute.backend") ++context.session.desk.backend_asked;
}

// Says what of the open data is looked at, which means nothing for others: by the beginnings of
// their names.
constexpr std::array<std::string_view, 33> kOfTheData = {"attention.level.",
                                                         "attention.form",
                                                         "attention.mask",
                                                         "adapt.level.",
                                                         "target.",
                                                         "replace.heads",
                                                         "embed.layer",
                                                         "embed.head",
                                                         "map.level",
                                                         "map.splats",
                                                         "map.channels",
                                                         "map.compare",
                                                         "map.side",
                                                         "map.blinking",
                                                         "map.jump ",
                                                         "map.jumps_from",
                                                         "map.row_",
                                                         "map.column_",
                                                         "compare.",
                                                         "view.splats.points_level",
                                                         "view.splats.hidden",
                                                         "camera.",
                                                         "tree.find",
                                                         "tree.collapsed",
                                                         "text.measure",
                                                         "text.scroll",
                                                         "timeline.begin",
                                                         "timeline.end",
                                                         "timeline.range_",
                                                         "distributions.property",
                                                         "distributions.against",
                                                         "table.",
                                                         "watch"};

// Of a line `set NAME VALUE`.
bool is_of_the_data(std::string_view line) {
    std::string_view name = line.substr(std::string_view("set ").size());
    if (name.starts_with('"')) name.remove_prefix(1);
    return std::any_of(kOfTheData.begin(), kOfTheData.end(),
                       [&](std::string_view begin) { return name.starts_with(begin); });
}

// Of embed.tokenizer what names no place, even where a file is called so.
bool is_kind_of_tokens(std::string_view value) {
    constexpr std::array<std::string_view, 5> kKinds = {"auto", "words", "characters", "bytes",
                                                        "lines"};
    return std::find(kKinds.begin(), kKinds.end(), value) != kKinds.end();
}

// Names of a model or a file are relative to where this program began; the next begins elsewhere.
std::string from_anywhere(const std::string& line) {
    const std::vector<std::string> words = split_words(line);
    if (words.size() != 3) return line;
    const std::string& name = words[1];
    const std::string& value = words[2];
    std::error_code none;
    const bool is_place =
        (name == "embed.model" && hsa::find_model(value) == value) ||
        (name == "embed.tokenizer" && !is_kind_of_tokens(value) && fs::exists(value, none));
    if (!is_place) return line;
    const fs::path whole = fs::absolute(value, none);
    if (none) return line;
    return "set " + name + " " + quote_word(whole.lexically_normal().string());
}

// Lines that a new session may begin with: of `set NAME VALUE` those that are not of the data.
std::string lines_to_begin_with(const Session& session) {
    std::string text;
    for (const std::string& line : setting_lines(session))
        if (!is_of_the_data(line)) text += from_anywhere(line) + "\n";
    return text;
}

// What the user wrote into a file of settings himself: no line of lines_to_begin_with() is such.
std::string lines_to_keep(const std::string& path) {
    const std::vector<std::string> lines = lines_if_there(path);
    std::string text;
    if (lines.empty() || lines.front() != kSettingsBegin) return text;
    for (const std::string& line : lines)
        if (line != kSettingsBegin && (!line.starts_with("set ") || is_of_the_data(line)))
            text += line + "\n";
    return text;
}

nlohmann::json save_settings(const QuestionContext& context, const Args& args, bool overwrite) {
    expect_count("settings.save", args, 1, 1);
    const std::string text = lines_to_begin_with(context.session);
    const std::string kept = overwrite ? lines_to_keep(args[0]) : "";
    hsa::write_file(args[0], fmt::format("{}\n{}{}", kSettingsBegin, kept, text),
                    overwrite ? hsa::Existing::replace : hsa::Existing::refuse);
    return {{"command", "settings.save"},
            {"version", 1},
            {"mark", "exact"},
            {"path", args[0]},
            {"settings", std::count(text.begin(), text.end(), '\n')}};
}

}  // namespace

std::vector<CommandRow> setting_commands() {
    return {
        change_row("set", "NAME VALUE",
                   "gives a setting a value; --list-settings shows names, ranges and defaults", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("set", args, 2, 2);
                       check_level(context.snapshot, args[0], args[1]);
                       if (args[0] == "view.splats.tour_speed") keep_tour_place(context);
                       set_setting(context.session, args[0], args[1]);
                       count_choice(context, args[0]);
                   }),
        change_row("toggle", "NAME", "turns a flag over, or takes the next choice", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("toggle", args, 1, 1);
                       toggle_setting(context.session, args[0]);
                       count_choice(context, args[0]);
                   }),
        change_row("reset", "NAME", "gives a setting its default value", "",
                   [](const ChangeContext& context, const Args& args) {
                       expect_count("reset", args, 1, 1);
                       if (args[0] == "view.splats.tour_speed") keep_tour_place(context);
                       reset_setting(context.session, args[0]);
                       count_choice(context, args[0]);
                   }),
        file_row(
            "settings.save", "PATH [overwrite]",
            "writes what is set otherwise than at first, but for what is of the data, as lines "
            "to run; as the file `settings` of your own folder new work begins with them",
            save_settings),
    };
}

}  // namespace splatscope
