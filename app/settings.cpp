#include "app/settings.h"

#include "app/setting_list.h"
#include "app/setting_values.h"
#include "app/timeline.h"

#include <algorithm>
#include <optional>

namespace splatscope {
namespace {

// attention.level.<Name>.mute and its kin: names depend on the data.
struct LevelSetting {
    std::string level;
    std::string key;  // "weight", "temperature", "mute", "solo"
};

constexpr Limits kLevelTemperature{0.01, 100};

// adapt.level.<Name>.lambda and its kin.
constexpr std::string_view kOwnPrefix = "adapt.level.";

// What a level may have of its own of the settings of cycles: calls visitor(key, member, limits).
// The keys, limits and meanings are those of adapt.<key>.
template <class L, class Visitor>
void visit_level(L&& own, Visitor&& visitor) {
    visitor("rate.death", own.rate_death, Limits{0, 64});
    visitor("rate.merge", own.rate_merge, Limits{0, 64});
    visitor("rate.mitosis", own.rate_mitosis, Limits{0, 64});
    visitor("rate.birth", own.rate_birth, Limits{0, 64});
    visitor("max_events", own.max_events, Limits{0, 256});
    visitor("lambda", own.lambda, Limits{0, 1});
    visitor("learning_rate", own.learning_rate, Limits{0, 1, true});
    visitor("cooldown", own.cooldown, Limits{1, 64});
}

// Level and key of adapt.level.<Name>.<key>: a name may hold dots, and so do keys.
std::optional<LevelSetting> own_setting(std::string_view name) {
    if (!name.starts_with(kOwnPrefix)) return std::nullopt;
    const std::string_view rest = name.substr(kOwnPrefix.size());
    std::optional<LevelSetting> found;
    hsa::LevelAdapt none;
    visit_level(none, [&](std::string_view key, const auto&, const Limits&) {
        const std::string tail = "." + std::string(key);
        if (rest.size() > tail.size() && rest.ends_with(tail))
            found = {std::string(rest.substr(0, rest.size() - tail.size())), std::string(key)};
    });
    if (!found) {
        std::string keys;
        visit_level(none, [&](const char* key, const auto&, const Limits&) {
            keys += (keys.empty() ? "" : ", ") + std::string(key);
        });
        hsa::fail_usage("There is no setting {}: adapt.level.<Name> has {}.", name, keys);
    }
    return found;
}

std::string own_name(const std::string& level, std::string_view key) {
    return std::string(kOwnPrefix) + level + "." + std::string(key);
}

// auto: what all levels have in common.
std::string get_own(const Session& session, const LevelSetting& setting) {
    const auto& levels = session.document.adapt.level;
    const auto found = levels.find(setting.level);
    std::string text = "auto";
    if (found == levels.end()) return text;
    visit_level(found->second, [&](std::string_view key, const auto& member, const Limits&) {
        if (key == setting.key) text = to_text(member);
    });
    return text;
}

void set_own(Session& session, std::string_view name, const LevelSetting& setting,
             std::string_view value) {
    auto& levels = session.document.adapt.level;
    hsa::LevelAdapt& own = levels[setting.level];
    visit_level(own, [&](std::string_view key, auto& member, const Limits& limits) {
        if (key == setting.key)
            member = parse_value<std::remove_cvref_t<decltype(member)>>(name, value, limits);
    });
    if (own == hsa::LevelAdapt{}) levels.erase(setting.level);
}

std::optional<LevelSetting> level_setting(std::string_view name) {
    constexpr std::string_view kPrefix = "attention.level.";
    if (!name.starts_with(kPrefix)) return std::nullopt;
    name.remove_prefix(kPrefix.size());
    const std::size_t dot = name.rfind('.');
    if (dot == std::string_view::npos || dot == 0) return std::nullopt;
    return LevelSetting{std::string(name.substr(0, dot)), std::string(name.substr(dot + 1))};
}

std::vector<std::string>* names_of(Session& session, const LevelSetting& setting) {
    if (setting.key == "mute") return &session.document.mask.muted;
    if (setting.key == "solo") return &session.document.mask.solo;
    return nullptr;
}

void set_level(Session& session, std::string_view name, const LevelSetting& setting,
               std::string_view value) {
    if (setting.key == "weight") {
        const double weight = parse_number(name, value);
        if (weight < 0.0) hsa::fail("{} is {}: a level weight must be at least 0.", name, weight);
        hsa::Edit edit;
        edit.kind = hsa::Edit::Kind::level_weight;
        edit.level = setting.level;
        edit.values = {weight};
        add_edit(session, std::move(edit));
        return;
    }
    if (setting.key == "temperature") {
        const double temperature = parse_number(name, value);
        check_limits(name, temperature, kLevelTemperature);
        auto& temperatures = session.document.mask.temperature;
        if (temperature == 1.0) temperatures.erase(setting.level);
        else temperatures[setting.level] = temperature;
        return;
    }
    std::vector<std::string>* names = names_of(session, setting);
    if (names == nullptr)
        hsa::fail_usage("There is no setting {}: a level has weight, temperature, mute and solo.",
                        name);
    const bool wanted = parse_flag(name, value);
    std::erase(*names, setting.level);
    if (wanted) names->push_back(setting.level);
    std::sort(names->begin(), names->end());
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] =
                std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

[[noreturn]] void fail_unknown(std::string_view name) {
    std::string nearest;
    std::size_t best = std::string::npos;
    for (const SettingRow& row : setting_rows()) {
        const std::size_t distance = edit_distance(name, row.name);
        if (distance < best) {
            best = distance;
            nearest = row.name;
        }
    }
    if (2 * best > name.size() + 2)
        hsa::fail_usage("There is no setting '{}'. --list-settings shows all.", name);
    hsa::fail_usage("There is no setting '{}'. Did you mean '{}'? --list-settings shows all.", name,
                    nearest);
}

// What a change of a setting makes of the timeline.
void follow(Session& session, const Document& before) {
    const Document& now = session.document;
    if (before.embed != now.embed || before.coordinates != now.coordinates ||
        before.init != now.init || before.splats != now.splats ||
        before.attention.form != now.attention.form) {
        restart(session);
    } else if (before.adapt != now.adapt || before.target != now.target ||
               before.attention.temperature != now.attention.temperature ||
               before.attention.causal != now.attention.causal) {
        settings_changed(session);
    }
}

}  // namespace

const std::vector<SettingRow>& setting_rows() {
    static const std::vector<SettingRow> rows = [] {
        std::vector<SettingRow> made;
        const Session defaults;
        visit(defaults,
              [&](const char* name, const auto& member, const Limits& limits, const char* help) {
                  using T = std::remove_cvref_t<decltype(member)>;
                  SettingRow row;
                  row.name = name;
                  row.type = type_name<T>();
                  row.help = help;
                  row.limits = limits;
                  row.default_value = to_text(member);
                  row.optional = IsOptional<T>::value;
                  if constexpr (std::is_enum_v<T>) row.choices = choice_names<T>();
                  if constexpr (std::is_same_v<T, PointChoice>)
                      row.choices = choice_names<PointColour>();
                  if constexpr (IsOptionalChoice<T>::value) {
                      row.choices = choice_names<typename T::value_type>();
                      row.choices.insert(row.choices.begin(), "auto");
                  }
                  made.push_back(std::move(row));
              });
        made.push_back({"attention.level.<Name>.weight",
                        "number",
                        "share of attention the level is meant to carry",
                        {},
                        {0, 1e9},
                        "the registry's",
                        false});
        made.push_back({"attention.level.<Name>.temperature",
                        "number",
                        "divides the Gaussian parts of the level's splats while looking: above 1 "
                        "wider, below 1 narrower",
                        {},
                        kLevelTemperature,
                        "1",
                        false});
        made.push_back({"attention.level.<Name>.mute",
                        "flag",
                        "leave the level out while looking",
                        {},
                        {},
                        "false",
                        false});
        made.push_back({"attention.level.<Name>.solo",
                        "flag",
                        "show the levels that are solo only",
                        {},
                        {},
                        "false",
                        false});
        visit_level(hsa::LevelAdapt{},
                    [&](const char* key, const auto& member, const Limits& limits) {
                        using T = std::remove_cvref_t<decltype(member)>;
                        SettingRow row;
                        row.name = own_name("<Name>", key);
                        row.type = type_name<T>();
                        row.help = fmt::format("adapt.{} of one level; auto = that of all", key);
                        row.limits = limits;
                        row.default_value = "auto";
                        row.optional = true;
                        made.push_back(std::move(row));
                    });
        return made;
    }();
    return rows;
}

std::optional<std::string> level_of(std::string_view name) {
    std::optional<LevelSetting> setting = level_setting(name);
    if (!setting) setting = own_setting(name);
    return setting ? std::optional(setting->level) : std::nullopt;
}

std::string get_setting(const Session& session, std::string_view name) {
    if (const auto own = own_setting(name)) return get_own(session, *own);
    if (const auto level = level_setting(name); level && level->key != "weight") {
        if (level->key == "temperature") {
            const auto& temperatures = session.document.mask.temperature;
            const auto own = temperatures.find(level->level);
            return to_text(own == temperatures.end() ? 1.0 : own->second);
        }
        Session copy = session;
        const std::vector<std::string>* names = names_of(copy, *level);
        if (names == nullptr) fail_unknown(name);
        return std::find(names->begin(), names->end(), level->level) != names->end() ? "true"
                                                                                     : "false";
    }
    std::optional<std::string> text;
    visit(session, [&](const char* own, const auto& member, const Limits&, const char*) {
        if (name == own) text = to_text(member);
    });
    if (!text) fail_unknown(name);
    return *text;
}

void set_setting(Session& session, std::string_view name, std::string_view value) {
    Session changed = session;
    if (const auto level = level_setting(name)) {
        set_level(changed, name, *level, value);
        session = std::move(changed);
        return;
    }
    if (const auto own = own_setting(name)) {
        set_own(changed, name, *own, value);
        follow(changed, session.document);
        session = std::move(changed);
        return;
    }
    bool found = false;
    visit(changed, [&](const char* own, auto& member, const Limits& limits, const char*) {
        if (name != own) return;
        member = parse_value<std::remove_cvref_t<decltype(member)>>(name, value, limits);
        found = true;
    });
    if (!found) fail_unknown(name);
    follow(changed, session.document);
    session = std::move(changed);
}

void toggle_setting(Session& session, std::string_view name) {
    const std::string now = get_setting(session, name);
    if (now == "true" || now == "false") {
        set_setting(session, name, now == "true" ? "false" : "true");
        return;
    }
    for (const SettingRow& row : setting_rows()) {
        if (row.name != name || row.choices.empty()) continue;
        const auto place = std::find(row.choices.begin(), row.choices.end(), now);
        const std::size_t next =
            static_cast<std::size_t>(place - row.choices.begin() + 1) % row.choices.size();
        set_setting(session, name, row.choices[next]);
        return;
    }
    hsa::fail_usage("toggle {}: it is {}, neither true or false nor a choice.", name, now);
}

void reset_setting(Session& session, std::string_view name) {
    if (own_setting(name)) {
        set_setting(session, name, "auto");
        return;
    }
    if (const auto level = level_setting(name); level && level->key != "weight") {
        set_setting(session, name, level->key == "temperature" ? "1" : "false");
        return;
    }
    set_setting(session, name, get_setting(Session{}, name));
}

std::vector<std::string> level_cycle_settings(const hsa::AdaptSettings& settings) {
    std::vector<std::string> lines;
    for (const auto& level : settings.level)
        visit_level(level.second, [&](const char* key, const auto& member, const Limits&) {
            if (member)
                lines.push_back(quote_word(own_name(level.first, key)) + " " + to_text(member));
        });
    return lines;
}

std::vector<std::string> setting_lines(const Session& session) {
    std::vector<std::string> lines;
    const Session defaults;
    visit(session, [&](const char* name, const auto& member, const Limits&, const char*) {
        const std::string value = to_text(member);
        if (value != get_setting(defaults, name))
            lines.push_back(fmt::format("set {} {}", name, quote_word(value)));
    });
    for (const std::string& level : session.document.mask.muted)
        lines.push_back(
            fmt::format("set {} true", quote_word("attention.level." + level + ".mute")));
    for (const std::string& level : session.document.mask.solo)
        lines.push_back(
            fmt::format("set {} true", quote_word("attention.level." + level + ".solo")));
    for (const auto& [level, temperature] : session.document.mask.temperature)
        lines.push_back(fmt::format("set {} {}",
                                    quote_word("attention.level." + level + ".temperature"),
                                    to_text(temperature)));
    for (const std::string& own : level_cycle_settings(session.document.adapt))
        lines.push_back("set " + own);
    return lines;
}

}  // namespace splatscope
