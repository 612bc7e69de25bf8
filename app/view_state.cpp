#include "app/view_state.h"

#include "app/settings.h"
#include "engine/core/error.h"
#include "engine/io/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace splatscope {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 8> kFamilies = {
    "map.", "view.", "camera.", "tree.", "text.", "timeline.", "distributions.", "table."};

bool is_of_views(std::string_view name) {
    return std::any_of(kFamilies.begin(), kFamilies.end(),
                       [&](std::string_view family) { return name.starts_with(family); });
}

json as_json(const SettingRow& row, const std::string& value) {
    const bool plain = row.type == "flag" || row.type == "number" || row.type == "integer";
    return plain && value != "auto" ? json::parse(value) : json(value);
}

}  // namespace

json view_state(const Session& session) {
    json settings = json::object();
    for (const SettingRow& row : setting_rows())
        if (is_of_views(row.name))
            settings[row.name] = as_json(row, get_setting(session, row.name));
    return {{"command", "print"},
            {"version", 1},
            {"mark", "exact"},
            {"name", "view"},
            {"settings", std::move(settings)}};
}

void restore_view_state(Session& session, const std::string& text) {
    const json state = hsa::parse_json("view.restore", text);
    if (!state.is_object() || !state.contains("settings") || !state["settings"].is_object())
        hsa::fail(
            "This text does not say how views look: copy it with Ctrl+C, or with `print view`.");
    Session changed = session;
    for (const auto& [name, value] : state["settings"].items()) {
        const bool known =
            is_of_views(name) &&
            std::any_of(setting_rows().begin(), setting_rows().end(),
                        [&key = name](const SettingRow& row) { return row.name == key; });
        if (known)
            set_setting(changed, name, value.is_string() ? value.get<std::string>() : value.dump());
    }
    session = std::move(changed);
}

}  // namespace splatscope
