#include "app/views/splats_colours.h"

#include "app/views/splats_distance.h"
#include "app/widgets/colour_map.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace splatscope {
namespace {

constexpr std::size_t kMostClasses = 7;  // and one for all the rest
constexpr std::size_t kSteps = 128;      // of a scale of numbers
constexpr double kSwallowed = 0.12;      // of a colour map, too near to the panel

// Numbers the classes by the order of their names as given, the largest kMostClasses of them alone.
PointColours coloured(const std::vector<std::uint32_t>& raw, const std::vector<std::string>& names,
                      std::string title, const Theme& theme) {
    std::vector<std::size_t> sizes(names.size());
    for (const std::uint32_t c : raw) ++sizes[c];
    std::vector<std::uint32_t> order(names.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return sizes[a] > sizes[b]; });
    const std::size_t alone = names.size() <= kMostClasses + 1 ? names.size() : kMostClasses;
    order.resize(alone);
    std::sort(order.begin(), order.end());
    PointColours colours;
    colours.title = std::move(title);
    std::vector<std::uint8_t> kind_of(names.size(), static_cast<std::uint8_t>(alone));
    for (std::size_t c = 0; c < order.size(); ++c) {
        kind_of[order[c]] = static_cast<std::uint8_t>(c);
        colours.classes.push_back({names[order[c]], class_colour(c), level_shape(c)});
    }
    if (alone < names.size()) colours.classes.push_back({"others", theme.secondary, Marker::ring});
    colours.kind.reserve(raw.size());
    for (const std::uint32_t c : raw) colours.kind.push_back(kind_of[c]);
    return colours;
}

std::optional<PointColours> by_section(const ViewContext& context) {
    const hsa::Structure& structure = context.snapshot.dataset->structure;
    if (structure.sections.size() < 2 || structure.section.empty()) return std::nullopt;
    std::vector<std::string> names;
    for (const hsa::Section& section : structure.sections)
        names.push_back(section.title.empty() ? "before the first heading" : section.title);
    return coloured(structure.section, names, "sections", context.theme);
}

// The part of a label that names its group: before the first '/' where every label has one.
std::optional<PointColours> by_label(const ViewContext& context) {
    const hsa::Dataset& dataset = *context.snapshot.dataset;
    if (dataset.labels.empty() || dataset.types.empty()) return std::nullopt;
    const bool grouped =
        std::all_of(dataset.type_names.begin(), dataset.type_names.end(),
                    [](const std::string& name) { return name.find('/') != std::string::npos; });
    std::vector<std::string> names;
    std::vector<std::uint32_t> group_of_type;
    for (const std::string& type : dataset.type_names) {
        const std::string name = grouped ? type.substr(0, type.find('/')) : type;
        const auto known = std::find(names.begin(), names.end(), name);
        group_of_type.push_back(static_cast<std::uint32_t>(known - names.begin()));
        if (known == names.end()) names.push_back(name);
        if (names.size() > 4096) return std::nullopt;  // as good as no classes
    }
    if (names.size() < 2) return std::nullopt;
    std::vector<std::uint32_t> raw;
    raw.reserve(dataset.types.size());
    for (const std::uint32_t type : dataset.types) raw.push_back(group_of_type[type]);
    return coloured(raw, names, "labels", context.theme);
}

// The level of the splat with the largest P(s|i); the background speaks for nobody.
std::optional<PointColours> by_level(const ViewContext& context) {
    const hsa::Factors* factors = context.snapshot.factors.get();
    const hsa::Hierarchy& hierarchy = context.snapshot.registry->hierarchy;
    if (factors == nullptr || factors->p.rows() != context.snapshot.dataset->size())
        return std::nullopt;
    PointColours colours;
    colours.title = "level that speaks most";
    for (std::size_t l = 0; l < hierarchy.size(); ++l)
        colours.classes.push_back({hierarchy.levels[l].name, level_colour(l), level_shape(l)});
    const std::size_t columns = factors->columns() - (factors->has_background() ? 1 : 0);
    colours.kind.reserve(factors->p.rows());
    for (std::size_t i = 0; i < factors->p.rows(); ++i) {
        const hsa::FactorRow row = factors->p.row(i);
        const auto best = static_cast<std::size_t>(
            std::max_element(row.data(), row.data() + columns) - row.data());
        colours.kind.push_back(static_cast<std::uint8_t>(factors->level[best]));
    }
    return colours;
}

// Numbers in even steps of the map's colours, the end that the background swallows left out.
PointColours scaled(const std::vector<double>& numbers, const std::string& title,
                    const ViewContext& context) {
    PointBar bar;
    bar.least = std::numeric_limits<double>::infinity();
    bar.most = -bar.least;
    for (const double number : numbers) {
        if (std::isnan(number)) {
            bar.missing = true;
            continue;
        }
        bar.least = std::min(bar.least, number);
        bar.most = std::max(bar.most, number);
    }
    PointColours colours;
    colours.title = title;
    const double from = context.theme.is_dark ? kSwallowed : 0.0;
    for (std::size_t c = 0; c < kSteps; ++c) {
        const double t = static_cast<double>(c) / static_cast<double>(kSteps - 1);
        bar.colours.push_back(
            colour_at(context.session.desk.map.colours, from + (1.0 - kSwallowed) * t));
        colours.classes.push_back({"", bar.colours.back(), Marker::circle});
    }
    colours.classes.push_back({"", missing_colour(context.theme), Marker::ring});
    const double width = bar.most - bar.least;
    for (const double number : numbers) {
        const double t = width > 0.0 ? (number - bar.least) / width : 0.5;
        colours.kind.push_back(std::isnan(number) ? static_cast<std::uint8_t>(kSteps)
                                                  : static_cast<std::uint8_t>(std::lround(
                                                        t * static_cast<double>(kSteps - 1))));
    }
    if (!(bar.least <= bar.most)) bar.least = bar.most = 0.0;
    colours.bar = std::move(bar);
    return colours;
}

// Whether a token can lie in the selected splats of the level; without any in one of those shown.
std::optional<PointColours> by_inside(const ViewContext& context, std::size_t level) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::SplatRegistry& registry = *snapshot.registry;
    if (registry.form != hsa::Form::token || !snapshot.coordinates ||
        level >= snapshot.coordinates->levels.size())
        return std::nullopt;
    const SplatsDesk& desk = context.session.desk.splats;
    const std::string sigma = number_text(desk.sigma) + "\u03c3";
    std::vector<std::size_t> rows;
    for (const hsa::SplatId id : context.session.document.selection.splats)
        if (const auto row = registry.find(id); row && registry.level[*row] == level)
            rows.push_back(*row);
    PointColours colours;
    if (rows.size() == 1) {
        colours.title = fmt::format("splat {} at {}", registry.id[rows.front()], sigma);
    } else if (!rows.empty()) {
        colours.title = fmt::format("the {} selected at {}", counted(rows.size(), "splat"), sigma);
    } else {
        const std::string& name = registry.hierarchy.levels[level].name;
        colours.title = fmt::format("{} splats at {}", name, sigma);
        if (desk.hidden_levels.count(name) == 0)
            for (const std::size_t row : registry.rows_of_level(level))
                if (desk.hidden.count(registry.id[row]) == 0) rows.push_back(row);
    }
    std::array<std::size_t, 3> counts{};
    for (const Lies lies : where_tokens_lie(context, level, rows)) {
        colours.kind.push_back(static_cast<std::uint8_t>(lies));
        ++counts[static_cast<std::size_t>(lies)];
    }
    colours.classes = {
        {"certainly outside  " + count_text(counts[0]), missing_colour(context.theme),
         Marker::ring},
        {"possibly inside  " + count_text(counts[1]), class_colour(0), Marker::triangle},
        {fmt::format("in all {} dimensions inside  {}", registry.dimension, count_text(counts[2])),
         class_colour(1), Marker::square}};
    return colours;
}

// The share of the distance from the first selected splat of the level, else from the middle.
std::optional<PointColours> by_distance(const ViewContext& context, std::size_t level) {
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    std::size_t from = registry.size();
    std::string title = "distance shown, from the middle";
    if (registry.form == hsa::Form::token)
        for (const hsa::SplatId id : context.session.document.selection.splats) {
            const auto row = registry.find(id);
            if (!row || registry.level[*row] != level) continue;
            from = *row;
            title = fmt::format("distance shown, from splat {}", id);
            break;
        }
    std::vector<double> shares = shown_shares(context, level, from);
    if (shares.empty()) return std::nullopt;
    for (double& share : shares) share *= 100.0;
    return scaled(shares, title + ", %", context);
}

std::optional<PointColours> by_property(const ViewContext& context) {
    const hsa::Dataset& dataset = *context.snapshot.dataset;
    const std::string& wanted = context.session.desk.splats.point_colour.property;
    const auto column =
        std::find_if(dataset.properties.begin(), dataset.properties.end(),
                     [&](const hsa::MetadataColumn& one) { return one.name == wanted; });
    if (column == dataset.properties.end()) return std::nullopt;
    if (!column->numbers.empty()) return scaled(column->numbers, wanted, context);
    std::vector<std::string> names;
    std::unordered_map<std::string_view, std::uint32_t> known;
    std::vector<std::uint32_t> raw;
    for (const std::string& word : column->words) {
        const auto [place, fresh] =
            known.try_emplace(word, static_cast<std::uint32_t>(known.size()));
        if (fresh) names.push_back(word.empty() ? "(nothing)" : word);
        raw.push_back(place->second);
    }
    return coloured(raw, names, wanted, context.theme);
}

}  // namespace

Colour missing_colour(const Theme& theme) { return mix(theme.secondary, theme.panel, 0.5F); }

PointColours point_colours(const ViewContext& context, std::size_t level) {
    std::optional<PointColours> colours;
    switch (context.session.desk.splats.point_colour.by) {
        case PointColour::section:
            colours = by_section(context);
            if (!colours) colours = by_label(context);
            break;
        case PointColour::inside:
            colours = by_inside(context, level);
            if (!colours) colours = by_label(context);
            break;
        case PointColour::distance:
            colours = by_distance(context, level);
            if (!colours) colours = by_label(context);
            break;
        case PointColour::label: colours = by_label(context); break;
        case PointColour::level: colours = by_level(context); break;
        case PointColour::property:
            colours = by_property(context);
            if (!colours) colours = by_label(context);
            break;
        case PointColour::selection: {
            PointColours plain;
            plain.plain = context.theme.secondary;
            return plain;
        }
    }
    if (colours) return *colours;
    PointColours plain;
    plain.plain = context.theme.secondary;  // a level's colour would say that they are splats
    return plain;
}

const PointColours& KeptColours::of(const ViewContext& context, std::size_t level) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const SplatsDesk& desk = context.session.desk.splats;
    Key key;
    key.dataset = snapshot.dataset;
    key.registry = snapshot.registry;
    key.factors = snapshot.factors;
    key.layout = snapshot.layout;
    key.coordinates = snapshot.coordinates;
    key.level = level;
    key.choice = desk.point_colour;
    key.theme = context.session.desk.theme;
    key.look = &context.theme;
    key.colours = context.session.desk.map.colours;
    const bool by_splats =
        key.choice.by == PointColour::inside || key.choice.by == PointColour::distance;
    if (by_splats) key.selected = context.session.document.selection.splats;
    if (key.choice.by == PointColour::inside) {
        key.sigma = desk.sigma;
        key.hidden_levels = desk.hidden_levels;
        key.hidden = desk.hidden;
    }
    if (key_ == key) return colours_;
    colours_ = point_colours(context, level);
    key_ = std::move(key);
    return colours_;
}

}  // namespace splatscope
