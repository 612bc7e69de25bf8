#pragma once

#include "app/session.h"
#include "app/setting_list/setting_limits.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// One setting as every table, panel and help text shows it; made from visit().
struct SettingRow {
    std::string name;
    std::string type;  // "flag", "integer", "number", "choice", "text", "list"
    std::string help;
    std::vector<std::string> choices;  // of a choice
    Limits limits;
    std::string default_value;
    bool optional = false;  // "auto" is a value
};

// All settings in the order of visit(), the families attention.level.<Name>.* and
// adapt.level.<Name>.* last.
[[nodiscard]] const std::vector<SettingRow>& setting_rows();

// The level that a setting is of: of attention.level.<Name>.* and adapt.level.<Name>.*.
[[nodiscard]] std::optional<std::string> level_of(std::string_view name);

// The value as text, in the form set_setting takes. Throws Error (usage) for an unknown name, with
// the nearest names.
[[nodiscard]] std::string get_setting(const Session& session, std::string_view name);

// Parses and assigns; what depends on it follows (a re-initialisation restarts the timeline, a
// setting of the cycles is recorded at the cursor). Throws Error and leaves the session as it was:
// unknown name (usage), not a value of the type (usage), out of range (input).
void set_setting(Session& session, std::string_view name, std::string_view value);
void toggle_setting(Session& session, std::string_view name);
void reset_setting(Session& session, std::string_view name);

// "NAME VALUE" of everything that levels have of their own: adapt.level.<Name>.*.
[[nodiscard]] std::vector<std::string> level_cycle_settings(const hsa::AdaptSettings& settings);

// "set NAME VALUE" lines for everything that differs from a new Session, in the order of visit().
[[nodiscard]] std::vector<std::string> setting_lines(const Session& session);

}  // namespace splatscope
