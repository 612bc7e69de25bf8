#include "app/views/map_axes.h"

#include "app/widgets/axis.h"
#include "app/widgets/text_lines.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
namespace {

constexpr float kGutter = 10.0F;  // between frame and labels: bands and marks stand in it
constexpr float kLine = kSmallTextSize + 2.0F;
constexpr float kNumber = 18.0F;  // from the numbers of rows to their names

// A part of an axis with a name: a section of a text, or rows whose labels begin alike.
struct VisibleSection {
    std::string title;
    double begin = 0.0, end = 0.0;  // its visible part
};

std::vector<VisibleSection> sections_in(const hsa::Dataset& dataset, const VisibleTokens& range) {
    std::vector<VisibleSection> found;
    for (const hsa::Section& section : dataset.structure.sections) {
        const double begin = std::max(range.begin, static_cast<double>(section.tokens.begin));
        const double end = std::min(range.end, static_cast<double>(section.tokens.end));
        if (end > begin) found.push_back({section.title, begin, end});
    }
    return found;
}

hsa::Range whole_tokens(const VisibleTokens& range, std::size_t n) {
    const auto begin = static_cast<std::size_t>(std::max(0.0, std::floor(range.begin)));
    const auto end = static_cast<std::size_t>(std::max(0.0, std::ceil(range.end)));
    return {std::min(begin, n), std::min(end, n)};
}

// A label's first `parts` parts: "owl/barn" of "owl/barn/hushel".
std::string_view label_start(std::string_view label, std::size_t parts) {
    std::size_t at = 0;
    for (std::size_t part = 0; part < parts; ++part) {
        at = label.find('/', part == 0 ? 0 : at + 1);
        if (at == std::string_view::npos) return label;
    }
    return label.substr(0, at);
}

// Neighbouring rows whose labels share a start, the shortest that tells two stretches apart;
// nothing when they are too many to be read.
std::vector<VisibleSection> labels_in(const hsa::Dataset& dataset, const VisibleTokens& range) {
    constexpr std::size_t kMostTokens = 20000;
    constexpr std::size_t kMostStretches = 24;
    constexpr std::size_t kMostParts = 6;
    const hsa::Range tokens = whole_tokens(range, dataset.size());
    if (dataset.labels.empty() || dataset.types.size() != dataset.size() ||
        tokens.size() > kMostTokens)
        return {};
    for (std::size_t parts = 1; parts <= kMostParts; ++parts) {
        std::vector<VisibleSection> found;
        for (std::size_t i = tokens.begin; i < tokens.end; ++i) {
            const std::string_view start = label_start(dataset.type_names[dataset.types[i]], parts);
            const double begin = std::max(range.begin, static_cast<double>(i));
            const double end = std::min(range.end, static_cast<double>(i + 1));
            if (found.empty() || found.back().title != start)
                found.push_back({std::string(start), begin, end});
            found.back().end = end;
            if (found.size() > kMostStretches) return {};
        }
        if (found.size() > 1) return found;
    }
    return {};
}

// Lines of a label, the first at `at`; each is drawn only where it covers nothing.
void draw_lines(Canvas& canvas, const std::vector<std::string>& lines, Vec2 at,
                const TextStyle& style) {
    for (std::size_t l = 0; l < lines.size(); ++l)
        (void)canvas.label({at.x, at.y + kLine * static_cast<float>(l)}, lines[l], style);
}

TextStyle row_style(const Theme& theme, Font font) {
    return {theme.secondary, font, kSmallTextSize, Align::end, Align::centre};
}
TextStyle column_style(const Theme& theme, Font font) {
    return {theme.secondary, font, kSmallTextSize, Align::centre, Align::start};
}

void row_words(Canvas& canvas, const Theme& theme, const MapFrame& frame,
               const hsa::Dataset& dataset, float left) {
    const TextStyle style = row_style(theme, Font::mono);
    const hsa::Range tokens = whole_tokens(frame.viewport.rows, dataset.size());
    for (std::size_t i = tokens.begin; i < tokens.end; ++i) {
        const float y = frame.y(static_cast<double>(i) + 0.5);
        if (y < frame.place.min.y || y > frame.place.max.y) continue;
        const std::string word = canvas.fit(dataset.token_text(i), style, left - kGutter - 2.0F);
        (void)canvas.label({frame.place.min.x - kGutter, y}, word, style);
    }
}

// A label that is a path keeps its last part where the whole has no room.
std::string short_label(const Canvas& canvas, const std::string& label, const TextStyle& style,
                        float width) {
    const std::size_t slash = label.rfind('/');
    const bool whole = canvas.text_size(label, style).x <= width;
    return canvas.fit(whole || slash == std::string::npos ? label : label.substr(slash + 1), style,
                      width);
}

// Words of columns stand in lanes below one another, each under its column, with a hair to it.
void column_words(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                  const hsa::Dataset& dataset, float below) {
    const TextStyle style = column_style(theme, Font::mono);
    const auto lanes = static_cast<std::size_t>(std::max(1.0F, (below - kGutter) / kLine));
    std::vector<float> used(lanes, -1e9F);
    const hsa::Range tokens = whole_tokens(frame.viewport.columns, dataset.size());
    const auto cell = static_cast<float>(frame.token_pixels());
    for (std::size_t j = tokens.begin; j < tokens.end; ++j) {
        const float x = frame.x(static_cast<double>(j) + 0.5);
        if (x < frame.place.min.x || x > frame.place.max.x) continue;
        const std::string word =
            short_label(canvas, dataset.token_text(j), style, std::max(72.0F, cell - 4.0F));
        const float half = 0.5F * canvas.text_size(word, style).x;
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            if (x - half < used[lane] + 6.0F) continue;
            const float y = frame.place.max.y + kGutter + kLine * static_cast<float>(lane);
            if (!canvas.label({x, y}, word, style)) break;
            used[lane] = x + half;
            // Hairs pass between the words of higher lanes, never through them.
            if (lane > 0)
                canvas.line({x, frame.place.max.y + 2.0F}, {x, frame.place.max.y + kGutter},
                            theme.lines);
            break;
        }
    }
}

// False for what is left of a title when it is cut to a few letters.
bool says_something(const std::vector<std::string>& lines) {
    constexpr std::size_t kLeast = 8;  // bytes, the ellipsis' three among them
    return !lines.empty() && std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
        return !line.ends_with("…") || line.size() >= kLeast;
    });
}

struct SectionLabel {
    std::vector<std::string> lines;
    float at = 0.0F;         // of the part's middle
    std::size_t number = 0;  // of the part, from 1
};

bool is_cut(const std::vector<SectionLabel>& labels) {
    return std::any_of(labels.begin(), labels.end(), [](const SectionLabel& label) {
        return std::any_of(label.lines.begin(), label.lines.end(),
                           [](const std::string& line) { return line.ends_with("…"); });
    });
}

// Two names that were cut to the same words say less than positions.
bool any_alike(const std::vector<SectionLabel>& labels) {
    for (std::size_t a = 0; a < labels.size(); ++a)
        for (std::size_t b = a + 1; b < labels.size(); ++b)
            if (labels[a].lines == labels[b].lines) return true;
    return false;
}

// Labels of the sections, the longest part first; none when most of them cannot be read.
std::vector<SectionLabel> section_labels(const Canvas& canvas, const TextStyle& style,
                                         const MapFrame& frame, bool rows,
                                         const std::vector<VisibleSection>& sections, float room) {
    constexpr std::size_t kMost = 64;  // more have no room, and would take time to measure
    std::vector<SectionLabel> labels;
    for (std::size_t s = 0; s < sections.size(); ++s) {
        const VisibleSection& part = sections[s];
        if (part.title.empty()) continue;
        const float begin = rows ? frame.y(part.begin) : frame.x(part.begin);
        const float size = (rows ? frame.y(part.end) : frame.x(part.end)) - begin;
        if (!rows && size < 24.0F) continue;
        const float width = rows ? room : size - 8.0F;
        const auto most =
            static_cast<std::size_t>(std::clamp((rows ? size : room) / kLine, 1.0F, 3.0F));
        SectionLabel label{broken_lines(canvas, part.title, style, width, most),
                           begin + 0.5F * size, s + 1};
        if (says_something(label.lines)) labels.push_back(std::move(label));
    }
    if (2 * labels.size() < std::min<std::size_t>(sections.size(), 12)) labels.clear();
    const auto length = [&](const SectionLabel& label) {
        return sections[label.number - 1].end - sections[label.number - 1].begin;
    };
    std::stable_sort(
        labels.begin(), labels.end(),
        [&](const SectionLabel& a, const SectionLabel& b) { return length(a) > length(b); });
    if (labels.size() > kMost) labels.resize(kMost);
    return labels;
}

void draw_row_labels(Canvas& canvas, const MapFrame& frame, const std::vector<SectionLabel>& labels,
                     const TextStyle& style, float right) {
    for (const SectionLabel& label : labels) {
        const float first =
            label.at - 0.5F * kLine * (static_cast<float>(label.lines.size()) - 1.0F);
        draw_lines(canvas, label.lines, {frame.place.min.x - right, first}, style);
    }
}

// The numbers of the parts, where their names have no room below the columns.
void draw_numbers(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                  const std::vector<VisibleSection>& sections, bool rows) {
    TextStyle style = rows ? row_style(theme, Font::bold) : column_style(theme, Font::bold);
    for (std::size_t s = 0; s < sections.size(); ++s) {
        const double middle = 0.5 * (sections[s].begin + sections[s].end);
        const Vec2 at = rows ? Vec2{frame.place.min.x - kGutter, frame.y(middle)}
                             : Vec2{frame.x(middle), frame.place.max.y + kGutter};
        (void)canvas.label(at, std::to_string(s + 1), style);
    }
}

struct AxisNames {
    std::vector<SectionLabel> rows, columns;
    bool numbered = false;
};

// Names on both axes; where those of the columns would be cut and both axes show the same parts,
// the parts are numbered and only the rows have names.
AxisNames axis_names(const Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     const std::vector<VisibleSection>& rows,
                     const std::vector<VisibleSection>& columns, float left, float below) {
    constexpr std::size_t kMostNumbers = 9;
    AxisNames names;
    const TextStyle row = row_style(theme, Font::text);
    const TextStyle column = column_style(theme, Font::text);
    if (rows.size() > 1)
        names.rows = section_labels(canvas, row, frame, true, rows, left - kGutter - 2.0F);
    if (columns.size() > 1)
        names.columns =
            section_labels(canvas, column, frame, false, columns, below - kGutter + 2.0F);
    const auto same = [](const VisibleSection& a, const VisibleSection& b) {
        return a.title == b.title && a.begin == b.begin && a.end == b.end;
    };
    const bool alike = rows.size() == columns.size() && rows.size() <= kMostNumbers &&
                       std::equal(rows.begin(), rows.end(), columns.begin(), same);
    if (!alike || rows.size() < 2) return names;
    if (names.columns.size() == columns.size() && !is_cut(names.columns)) return names;
    std::vector<SectionLabel> named =
        section_labels(canvas, row, frame, true, rows, left - kGutter - kNumber - 2.0F);
    if (named.size() < rows.size()) return names;
    if (any_alike(named)) return {};
    names.rows = std::move(named);
    names.columns.clear();
    names.numbered = true;
    return names;
}

void row_positions(Canvas& canvas, const Theme& theme, const MapFrame& frame) {
    const TextStyle style = row_style(theme, Font::mono);
    const Axis axis{frame.viewport.rows.begin, frame.viewport.rows.end, AxisScale::integer};
    for (const Tick& tick : ticks(axis, static_cast<std::size_t>(frame.place.height() / 40.0F))) {
        const float y = frame.y(tick.value);
        canvas.line({frame.place.min.x - 5.0F, y}, {frame.place.min.x - 1.0F, y}, theme.secondary);
        (void)canvas.label({frame.place.min.x - kGutter, y}, tick.label, style);
    }
}

void column_positions(Canvas& canvas, const Theme& theme, const MapFrame& frame) {
    const TextStyle style = column_style(theme, Font::mono);
    const Axis axis{frame.viewport.columns.begin, frame.viewport.columns.end, AxisScale::integer};
    for (const Tick& tick : ticks(axis, static_cast<std::size_t>(frame.place.width() / 72.0F))) {
        const float x = frame.x(tick.value);
        canvas.line({x, frame.place.max.y + 1.0F}, {x, frame.place.max.y + 5.0F}, theme.secondary);
        (void)canvas.label({x, frame.place.max.y + kGutter}, tick.label, style);
    }
}

// Borders of sections: a mark beside the axis and a thin line through the map, unless they are so
// many that they would cover it.
void section_borders(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     const std::vector<VisibleSection>& rows,
                     const std::vector<VisibleSection>& columns, Colour across) {
    constexpr float kApart = 12.0F;  // pixels a section needs on average
    const Rect& place = frame.place;
    if (static_cast<float>(rows.size()) * kApart <= place.height())
        for (const VisibleSection& part : rows) {
            if (part.begin <= frame.viewport.rows.begin) continue;
            const float y = std::round(frame.y(part.begin)) + 0.5F;
            canvas.line({place.min.x - 6.0F, y}, {place.min.x - 1.0F, y}, theme.secondary);
            canvas.line({place.min.x, y}, {place.max.x, y}, across);
        }
    if (static_cast<float>(columns.size()) * kApart <= place.width())
        for (const VisibleSection& part : columns) {
            if (part.begin <= frame.viewport.columns.begin) continue;
            const float x = std::round(frame.x(part.begin)) + 0.5F;
            canvas.line({x, place.max.y + 1.0F}, {x, place.max.y + 6.0F}, theme.secondary);
            canvas.line({x, place.min.y}, {x, place.max.y}, across);
        }
}

}  // namespace

void draw_map_axes(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                   const hsa::Dataset& dataset, Colour across, float left, float below) {
    const bool labelled = dataset.structure.sections.size() < 2;
    const auto parts = [&](const VisibleTokens& range) {
        return labelled ? labels_in(dataset, range) : sections_in(dataset, range);
    };
    const std::vector<VisibleSection> rows = parts(frame.viewport.rows);
    const std::vector<VisibleSection> columns = parts(frame.viewport.columns);
    section_borders(canvas, theme, frame, rows, columns, across.with_alpha(0.22F));
    if (!canvas.shows(Part::axes)) return;
    if (frame.token_pixels() >= kWordPixels) {
        row_words(canvas, theme, frame, dataset, left);
        column_words(canvas, theme, frame, dataset, below);
        return;
    }
    const AxisNames names = axis_names(canvas, theme, frame, rows, columns, left, below);
    if (names.numbered) {
        draw_numbers(canvas, theme, frame, rows, true);
        draw_numbers(canvas, theme, frame, columns, false);
    }
    draw_row_labels(canvas, frame, names.rows, row_style(theme, Font::text),
                    kGutter + (names.numbered ? kNumber : 0.0F));
    for (const SectionLabel& label : names.columns)
        draw_lines(canvas, label.lines, {label.at, frame.place.max.y + kGutter},
                   column_style(theme, Font::text));
    if (names.rows.empty()) row_positions(canvas, theme, frame);
    if (names.columns.empty() && !names.numbered) column_positions(canvas, theme, frame);
}

void draw_axis_marks(Canvas& canvas, const Theme& theme, const MapFrame& frame,
                     std::span<const hsa::Range> selected, const LitAxes& lit) {
    const Rect& place = frame.place;
    const auto band = [&](double begin, double end, bool rows, float from, float to,
                          Colour colour) {
        const VisibleTokens& range = rows ? frame.viewport.rows : frame.viewport.columns;
        begin = std::max(begin, range.begin);
        end = std::min(end, range.end);
        if (end <= begin) return;
        float low = rows ? frame.y(begin) : frame.x(begin);
        float high = rows ? frame.y(end) : frame.x(end);
        if (high - low < 2.0F) {
            const float centre = 0.5F * (low + high);
            low = centre - 1.0F;
            high = centre + 1.0F;
        }
        if (rows) canvas.rect({{place.min.x - to, low}, {place.min.x - from, high}}, colour);
        else canvas.rect({{low, place.max.y + from}, {high, place.max.y + to}}, colour);
    };
    // Lit tokens as marks; neighbours on the same pixel are drawn once.
    const double pixel = 1.0 / std::max(frame.token_pixels(), 1e-9);
    const Colour faint = theme.accent.with_alpha(0.75F);
    for (const bool rows : {true, false}) {
        const std::vector<std::uint32_t>& tokens = rows ? lit.rows : lit.columns;
        for (std::size_t i = 0; i < tokens.size();) {
            const auto begin = static_cast<double>(tokens[i]);
            double end = begin + 1.0;
            for (++i; i < tokens.size() && static_cast<double>(tokens[i]) - end < pixel; ++i)
                end = static_cast<double>(tokens[i]) + 1.0;
            band(begin, end, rows, 2.0F, 5.0F, faint);
        }
    }
    for (const bool rows : {true, false})
        for (const hsa::Range& range : selected)
            band(static_cast<double>(range.begin), static_cast<double>(range.end), rows, 1.0F, 7.0F,
                 theme.accent);
}

}  // namespace splatscope
