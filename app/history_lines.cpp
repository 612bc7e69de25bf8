#include "app/history_lines.h"

#include "app/commands/grammar.h"
#include "app/setting_list.h"
#include "app/setting_values.h"
#include "app/settings.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/model/finding.h"

#include <algorithm>
#include <array>
#include <limits>

namespace splatscope {
namespace {

constexpr std::array<std::string_view, 17> kEdits = {
    "split",  "merge",     "remove",    "add",          "move",         "calibrate",
    "weight", "repair",    "add_level", "remove_level", "rename_level", "optimise_levels",
    "widen",  "amplitude", "turn",      "reparent",     "stretch"};
static_assert(kEdits.size() == static_cast<std::size_t>(hsa::Edit::kLastKind) + 1);

// Which words an edit of that kind has: the level it is about, and another.
bool names_level(hsa::Edit::Kind kind) {
    using Kind = hsa::Edit::Kind;
    return kind == Kind::add || kind == Kind::level_weight || kind == Kind::add_level ||
           kind == Kind::remove_level || kind == Kind::rename_level;
}
bool names_other(hsa::Edit::Kind kind) {
    return kind == hsa::Edit::Kind::add_level || kind == hsa::Edit::Kind::rename_level;
}

bool is_cycle_setting(std::string_view name) {
    return name.starts_with("adapt.") || name.starts_with("target.") ||
           name == "recover.automatic" || name == "attention.temperature" ||
           name == "attention.causal";
}

Session session_with(const hsa::CycleSettings& settings) {
    Session session;
    session.document.adapt = settings.adapt;
    session.document.target = settings.target;
    session.document.attention.temperature = settings.temperature;
    session.document.attention.causal = settings.causal;
    return session;
}

std::string write_edit(const hsa::Edit& edit) {
    std::string line(kEdits.at(static_cast<std::size_t>(edit.kind)));
    for (const hsa::SplatId id : edit.splats) line += fmt::format(" {}", id);
    if (names_level(edit.kind)) line += " " + quote_word(edit.level);
    if (names_other(edit.kind)) line += " " + quote_word(edit.other);
    if (!edit.repair.empty()) line += " " + quote_word(edit.repair);
    for (const hsa::Range& range : edit.tokens)
        line += fmt::format(" {}:{}", range.begin, range.end);
    for (const double value : edit.values) line += fmt::format(" {}", value);
    for (const std::string& name : edit.kept) line += " " + quote_word(name);
    return line;
}

hsa::Edit read_edit(const std::vector<std::string>& words, std::string_view line) {
    hsa::Edit edit;
    std::size_t kind = 0;
    while (kind < kEdits.size() && kEdits[kind] != words[0]) ++kind;
    if (kind == kEdits.size()) hsa::fail_usage("'{}' is no entry of a history.", line);
    edit.kind = static_cast<hsa::Edit::Kind>(kind);
    const std::size_t ids =
        edit.kind == hsa::Edit::Kind::merge      ? 2
        : edit.kind == hsa::Edit::Kind::reparent ? std::clamp<std::size_t>(words.size() - 1, 1, 2)
        : edit.kind == hsa::Edit::Kind::split || edit.kind == hsa::Edit::Kind::remove ||
                hsa::changes_one_splat(edit.kind)
            ? 1
            : 0;
    std::size_t at = 1;
    const auto need = [&](std::size_t count) {
        if (words.size() < at + count)
            hsa::fail_usage("'{}' lacks words for an entry of a history.", line);
    };
    need(ids);
    for (std::size_t i = 0; i < ids; ++i)
        edit.splats.push_back(static_cast<hsa::SplatId>(parse_integer(words[0], words[at++])));
    if (names_level(edit.kind)) {
        need(1);
        edit.level = words[at++];
    }
    if (names_other(edit.kind)) {
        need(1);
        edit.other = words[at++];
    }
    if (edit.kind == hsa::Edit::Kind::repair && at < words.size()) {
        edit.repair = words[at++];
        (void)hsa::repair_kind(edit.repair);
    }
    for (; at < words.size(); ++at) {
        if (edit.kind == hsa::Edit::Kind::add)
            edit.tokens.push_back(
                parse_range(words[at], std::numeric_limits<std::uint32_t>::max()));
        else if (edit.kind == hsa::Edit::Kind::optimise_levels && edit.values.size() == 2)
            edit.kept.push_back(words[at]);
        else edit.values.push_back(parse_number(words[0], words[at]));
    }
    return edit;
}

}  // namespace

std::vector<std::string> write_cycle_settings(const hsa::CycleSettings& settings) {
    std::vector<std::string> lines;
    const Session session = session_with(settings);
    const Session defaults;
    visit(session, [&](const char* name, const auto& member, const Limits&, const char*) {
        if (!is_cycle_setting(name)) return;
        const std::string value = to_text(member);
        if (value != get_setting(defaults, name))
            lines.push_back(std::string(name) + " " + quote_word(value));
    });
    for (std::string& own : level_cycle_settings(settings.adapt)) lines.push_back(std::move(own));
    return lines;
}

hsa::CycleSettings read_cycle_settings(const std::vector<std::string>& lines) {
    Session session;
    for (const std::string& line : lines) {
        const std::vector<std::string> words = split_words(line);
        if (words.size() != 2 || !is_cycle_setting(words[0]))
            hsa::fail_usage("'{}' is no setting of adaptation.", line);
        set_setting(session, words[0], words[1]);
    }
    return cycle_settings(session);
}

std::string write_entry(const hsa::HistoryEntry& entry) {
    if (entry.edit) return write_edit(*entry.edit);
    std::string line = "settings";
    for (const std::string& setting :
         write_cycle_settings(entry.settings.value_or(hsa::CycleSettings{})))
        line += " " + setting;
    return line;
}

hsa::HistoryEntry read_entry(std::int32_t cycle, std::string_view line) {
    const std::vector<std::string> words = split_words(line);
    if (words.empty()) hsa::fail_usage("An entry of a history is empty.");
    hsa::HistoryEntry entry;
    entry.cycle = cycle;
    if (words[0] != "settings") {
        entry.edit = read_edit(words, line);
        return entry;
    }
    std::vector<std::string> settings;
    for (std::size_t w = 1; w + 1 < words.size(); w += 2)
        settings.push_back(quote_word(words[w]) + " " + quote_word(words[w + 1]));
    entry.settings = read_cycle_settings(settings);
    return entry;
}

}  // namespace splatscope
