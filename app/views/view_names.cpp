#include "app/views/view_names.h"

#include "app/widgets/numbers.h"
#include "app/widgets/theme.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }

std::string folded(std::string_view raw) {
    std::string line;
    for (const char c : raw) {
        if (is_blank(c) && (line.empty() || line.back() == ' ')) continue;
        line += is_blank(c) ? ' ' : c;
    }
    return line;
}

// The tokens [begin, end) as they stand in the text, blanks around them included.
std::string piece(const hsa::Dataset& dataset, std::size_t begin, std::size_t end) {
    if (begin >= end) return {};
    if (dataset.text && end <= dataset.tokens.size()) {
        const std::size_t from = dataset.tokens[begin].begin;
        return folded(
            std::string_view(*dataset.text).substr(from, dataset.tokens[end - 1].end - from));
    }
    std::string line;
    for (std::size_t t = begin; t < end; ++t)
        line += (t > begin ? " " : "") + dataset.token_text(t);
    return line;
}

// True when something blank stands between tokens i and i + 1 (always without a text).
bool parted(const hsa::Dataset& dataset, std::size_t i) {
    if (!dataset.text || i + 1 >= dataset.tokens.size()) return true;
    return dataset.tokens[i].end < dataset.tokens[i + 1].begin;
}

}  // namespace

std::optional<std::size_t> column_of(const hsa::Factors& factors, hsa::SplatId splat) {
    const auto found = std::lower_bound(factors.ids.begin(), factors.ids.end(), splat);
    if (found == factors.ids.end() || *found != splat) return std::nullopt;
    return static_cast<std::size_t>(found - factors.ids.begin());
}

std::string shared_path(const std::string& name) {
    std::vector<std::vector<std::string>> paths;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t end = std::min(name.find(' ', at), name.size());
        const std::string word = name.substr(at, end - at);
        if (word.find('/') == std::string::npos) return name;
        paths.emplace_back();
        for (std::size_t from = 0; from <= word.size();) {
            const std::size_t slash = std::min(word.find('/', from), word.size());
            paths.back().push_back(word.substr(from, slash - from));
            from = slash + 1;
        }
        at = end + 1;
    }
    std::size_t common = paths[0].size();
    for (const auto& path : paths) {
        common = std::min(common, path.size());
        for (std::size_t part = 0; part < common; ++part)
            if (path[part] != paths[0][part]) common = part;
    }
    std::string shared;
    for (std::size_t part = 0; part < common; ++part)
        shared += (part > 0 ? "/" : "") + paths[0][part];
    std::vector<std::string> parted;  // what follows it
    for (const auto& path : paths)
        if (path.size() > common &&
            std::find(parted.begin(), parted.end(), path[common]) == parted.end())
            parted.push_back(path[common]);
    for (std::size_t p = 0; p < parted.size(); ++p)
        shared += (p > 0 ? " " : common > 0 ? ": " : "") + parted[p];
    return shared;
}

std::string splat_name(const hsa::Snapshot& snapshot, hsa::SplatId splat) {
    if (splat == hsa::kNoSplat) return "background";
    if (splat == hsa::kExactPairs) return "exact pairs";
    if (snapshot.factors && snapshot.names) {
        const auto column = column_of(*snapshot.factors, splat);
        if (column && *column < snapshot.names->size() && !(*snapshot.names)[*column].empty())
            return shared_path((*snapshot.names)[*column]);
    }
    return fmt::format("splat {}", splat);
}

std::string level_name(const hsa::Snapshot& snapshot, std::uint16_t level) {
    if (level == hsa::kBackgroundLevel) return "background";
    if (level == hsa::kExactLevel) return "exact";
    if (snapshot.registry && level < snapshot.registry->hierarchy.size())
        return snapshot.registry->hierarchy.levels[level].name;
    return fmt::format("level {}", level);
}

Colour colour_of_level(std::uint16_t level) {
    return level >= hsa::kExactLevel ? background_splat_colour() : level_colour(level);
}

Sign sign_of_level(std::uint16_t level) {
    return level >= hsa::kExactLevel ? background_splat_sign() : level_sign(level);
}

Sign sign_of_level(const hsa::Snapshot& snapshot, const std::string& name, const Theme& theme) {
    const auto level = level_of_name(snapshot, name);
    return level ? level_sign(*level) : Sign{theme.secondary};
}

Colour colour_of_level(const hsa::Snapshot& snapshot, const std::string& name, const Theme& theme) {
    const auto level = level_of_name(snapshot, name);
    return level ? level_colour(*level) : theme.secondary;
}

Colour HistoryLevel::colour(const Theme& theme) const {
    return index ? level_colour(*index) : theme.secondary;
}

std::vector<HistoryLevel> levels_over_time(const hsa::Snapshot& snapshot) {
    std::vector<HistoryLevel> levels;
    if (snapshot.registry)
        for (const hsa::Level& level : snapshot.registry->hierarchy.levels)
            levels.push_back({level.name, levels.size()});
    if (!snapshot.history) return levels;
    for (const auto& cycle : snapshot.history->cycles) {
        // Each after the one that it came after.
        std::size_t place = 0;
        for (const std::string& name : cycle->measures.level_names) {
            const auto known = std::find_if(levels.begin(), levels.end(),
                                            [&](const auto& level) { return level.name == name; });
            if (known != levels.end()) {
                place = static_cast<std::size_t>(known - levels.begin()) + 1;
                continue;
            }
            levels.insert(levels.begin() + static_cast<std::ptrdiff_t>(place),
                          {name, std::nullopt});
            ++place;
        }
        for (const hsa::Event& event : cycle->events) {  // one that no cycle ended with
            const auto its = [&](const auto& level) { return level.name == event.level_name; };
            if (event.kind == hsa::EventKind::level &&
                std::none_of(levels.begin(), levels.end(), its))
                levels.insert(levels.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(
                                                   event.level, levels.size())),
                              {event.level_name, std::nullopt});
        }
    }
    return levels;
}

std::optional<std::uint16_t> level_of_name(const hsa::Snapshot& snapshot, std::string_view name) {
    if (name.empty() || !snapshot.registry) return std::nullopt;
    const auto index = snapshot.registry->hierarchy.index_of(name);
    if (!index) return std::nullopt;
    return static_cast<std::uint16_t>(*index);
}

std::string section_title(const hsa::Dataset& dataset, std::size_t token) {
    const hsa::Structure& structure = dataset.structure;
    if (token >= structure.section.size()) return {};
    const std::size_t section = structure.section[token];
    return section < structure.sections.size() ? structure.sections[section].title : std::string();
}

bool has_words(const hsa::Dataset& dataset) {
    return (dataset.text && !dataset.tokens.empty()) || !dataset.labels.empty();
}

bool is_word(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte >= 0xc3U && byte != 0xe2U) || (c >= '0' && c <= '9') ||
               (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    });
}

InContext in_context(const hsa::Dataset& dataset, std::size_t token, std::size_t words) {
    const std::size_t n = dataset.size();
    InContext around;
    if (token >= n) return around;
    around.word = folded(dataset.token_text(token));
    if (!dataset.text) {
        around.flowing = false;
        if (has_words(dataset)) around.after = fmt::format("  row {}", count_text(token));
        else around.word = "row " + count_text(token);
        return around;
    }
    const std::size_t first = token > words ? token - words : 0;
    around.before = piece(dataset, first, token);
    if (!around.before.empty() && parted(dataset, token - 1)) around.before += ' ';
    const std::size_t last = std::min(n, token + 1 + words);
    around.after = piece(dataset, token + 1, last);
    if (!around.after.empty() && parted(dataset, token)) around.after = " " + around.after;
    return around;
}

std::string words_of(const hsa::Dataset& dataset, hsa::Range tokens) {
    constexpr std::size_t kEnds = 4;  // words kept at either end
    tokens.end = std::min(tokens.end, dataset.size());
    if (tokens.empty()) return {};
    while (tokens.size() > 1 && !is_word(dataset.token_text(tokens.begin))) ++tokens.begin;
    if (tokens.size() <= 2 * kEnds + 1) return piece(dataset, tokens.begin, tokens.end);
    return piece(dataset, tokens.begin, tokens.begin + kEnds) + " … " +
           piece(dataset, tokens.end - kEnds, tokens.end);
}

Marker marker_of(hsa::EventKind kind) {
    switch (kind) {
        case hsa::EventKind::mitosis:
        case hsa::EventKind::split: return Marker::fork;
        case hsa::EventKind::merge:
        case hsa::EventKind::join: return Marker::join;
        case hsa::EventKind::birth:
        case hsa::EventKind::add: return Marker::plus;
        case hsa::EventKind::death:
        case hsa::EventKind::remove: return Marker::cross;
        case hsa::EventKind::adjust:
        case hsa::EventKind::move: return Marker::dot;
        case hsa::EventKind::repair: return Marker::triangle;
        case hsa::EventKind::level:
        case hsa::EventKind::calibrate:
        case hsa::EventKind::reparent:
        case hsa::EventKind::setting: return Marker::diamond;
        case hsa::EventKind::initialise:
        case hsa::EventKind::open: return Marker::ring;
    }
    return Marker::dot;
}

std::string nothing_yet(const hsa::Snapshot& snapshot) {
    if (!snapshot.error.empty()) return snapshot.error;
    if (!snapshot.progress.step.empty()) {
        std::string step = snapshot.progress.step;
        if (step[0] >= 'a' && step[0] <= 'z') step[0] = static_cast<char>(step[0] - 'a' + 'A');
        return step + " …";
    }
    if (!snapshot.dataset) return "Open a text or drop one here";
    return "Waiting for the first numbers …";
}

}  // namespace splatscope
