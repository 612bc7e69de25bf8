#include "app/map_desk.h"

#include "app/commands/grammar.h"
#include "app/setting_values.h"
#include "engine/core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

namespace splatscope {
namespace {

constexpr double kLeastShown = 12.0;  // tokens each way around a block that was gone to
constexpr double kAround = 3.0;       // times the block's side

std::vector<std::string> parts_between(std::string_view text, char sign) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t at = text.find(sign);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

// "R0:R1,C0:C1" inside n tokens, or nothing.
std::optional<hsa::Block> block_in(const std::string& text, std::size_t tokens) {
    const std::size_t comma = text.find(',');
    if (comma == std::string::npos) return std::nullopt;
    try {
        return hsa::Block{parse_range(std::string_view(text).substr(0, comma), tokens),
                          parse_range(std::string_view(text).substr(comma + 1), tokens)};
    } catch (const hsa::Error&) {
        return std::nullopt;  // of other data
    }
}

hsa::Range whole_tokens(double begin, double end, std::size_t tokens) {
    if (!(end > begin)) return {0, tokens};
    const auto n = static_cast<double>(tokens);
    const double low = std::clamp(std::floor(begin + 1e-6), 0.0, n - 1.0);
    const double high = std::clamp(std::ceil(end - 1e-6), low + 1.0, n);
    return {static_cast<std::size_t>(low), static_cast<std::size_t>(high)};
}

struct Shown {
    double begin = 0.0, end = 0.0;
};
Shown around(const hsa::Range& range, double size, std::size_t tokens) {
    const auto n = static_cast<double>(tokens);
    const double all = std::min(size, n);
    const double middle = 0.5 * static_cast<double>(range.begin + range.end);
    const double begin = std::clamp(std::round(middle - 0.5 * all), 0.0, n - all);
    return {begin, begin + all};
}

}  // namespace

hsa::PicturePart part_of(const MapDesk& desk, const hsa::SplatRegistry& registry) {
    hsa::PicturePart part;
    for (const hsa::SplatId id : desk.splats)
        if (registry.find(id)) part.splats.push_back(id);
    if (!part.splats.empty()) return part;
    if (const auto level = registry.hierarchy.index_of(desk.level); level && !desk.level.empty())
        part.level = static_cast<std::uint16_t>(*level);
    return part;
}

hsa::PicturePart channel_part(std::string_view word, const hsa::SplatRegistry& registry) {
    hsa::PicturePart part;
    if (const auto level = registry.hierarchy.index_of(word)) {
        part.level = static_cast<std::uint16_t>(*level);
        return part;
    }
    if (word.starts_with(kSplatPrefix)) {
        hsa::SplatId id = 0;
        const std::string_view number = word.substr(kSplatPrefix.size());
        const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), id);
        if (fault == std::errc() && end == number.data() + number.size() && registry.find(id)) {
            part.splats = {id};
            return part;
        }
    }
    std::string names;
    for (const hsa::Level& level : registry.hierarchy.levels) names += level.name + ", ";
    hsa::fail("There is no level or splat '{}' to show in a colour: there are {}and splat:ID.",
              word, names);
}

std::vector<MapChannel> channels_of(const MapDesk& desk, const hsa::SplatRegistry& registry) {
    std::vector<MapChannel> channels;
    if (desk.channels.empty()) return channels;
    const std::vector<std::string> words = parts_between(desk.channels, ',');
    for (std::size_t w = 0; w < std::min(words.size(), kMostChannels); ++w) {
        if (words[w].empty()) continue;
        try {
            channels.push_back({words[w], channel_part(words[w], registry), w});
        } catch (const hsa::Error&) {
            continue;  // a level or splat that the registry shown does not have
        }
    }
    if (channels.size() < 2) channels.clear();
    return channels;
}

hsa::Block shown_block(const MapDesk& desk, std::size_t tokens) {
    return {whole_tokens(desk.row_begin, desk.row_end, tokens),
            whole_tokens(desk.column_begin, desk.column_end, tokens)};
}

hsa::StrongestWanted jumps_wanted(const MapDesk& desk, const hsa::SplatRegistry& registry,
                                  std::size_t tokens) {
    hsa::Block block = shown_block(desk, tokens);
    if (desk.jump > 0) block = block_in(desk.jumps_from, tokens).value_or(block);
    hsa::StrongestWanted wanted;
    wanted.rows = block.rows;
    wanted.columns = block.columns;
    wanted.by = desk.jumps_by;
    wanted.apart = desk.jumps_apart;
    wanted.part = part_of(desk, registry);
    return wanted;
}

void show_on_map(MapDesk& desk, double row_begin, double row_end, double column_begin,
                 double column_end) {
    desk.row_begin = row_begin;
    desk.row_end = row_end;
    desk.column_begin = column_begin;
    desk.column_end = column_end;
    desk.jump = 0;
    desk.jumps_from.clear();
}

void go_to_jump(MapDesk& desk, const hsa::StrongestBlocks& list, std::size_t number,
                std::size_t tokens) {
    const hsa::Range rows = list.wanted.rows, columns = list.wanted.columns;
    if (number == 0) {
        const bool whole = rows.size() == tokens && columns.size() == tokens;
        if (whole) show_on_map(desk, 0, 0, 0, 0);
        else
            show_on_map(desk, static_cast<double>(rows.begin), static_cast<double>(rows.end),
                        static_cast<double>(columns.begin), static_cast<double>(columns.end));
        return;
    }
    if (list.blocks.empty())
        hsa::fail(
            "No block stands out here: map.jumps_apart 0 lists those on the diagonal, too, and "
            "zooming out shows more.");
    if (number > list.blocks.size())
        hsa::fail("There is no block {} to go to: the list has {}.", number, list.blocks.size());
    const hsa::Block& block = list.blocks[number - 1].block;
    const double size =
        std::max(kLeastShown,
                 kAround * static_cast<double>(std::max(block.rows.size(), block.columns.size())));
    const Shown down = around(block.rows, size, tokens);
    const Shown across = around(block.columns, size, tokens);
    show_on_map(desk, down.begin, down.end, across.begin, across.end);
    desk.jump = number;
    desk.jumps_from = fmt::format("{}:{},{}:{}", rows.begin, rows.end, columns.begin, columns.end);
}

}  // namespace splatscope
