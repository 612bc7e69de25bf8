#include "app/views/inspector_card.h"

#include "app/widgets/sign.h"
#include "app/widgets/text_lines.h"
#include "app/widgets/theme.h"

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr float kRow = 21.0F;
constexpr float kBarHeight = 11.0F;
constexpr float kValueWidth = 46.0F;
constexpr float kSignWidth = 16.0F;  // before the name of a row of a table

TextStyle at_left(Colour colour, Font font = Font::text, float size = kTextSize) {
    return {colour, font, size, Align::start, Align::centre};
}
TextStyle at_right(Colour colour, Font font = Font::mono, float size = kTextSize) {
    return {colour, font, size, Align::end, Align::centre};
}
TextStyle cell_style(const Theme& theme, bool head) {
    return at_right(head ? theme.secondary : theme.text, head ? Font::text : Font::mono,
                    kSmallTextSize);
}

}  // namespace

CardWriter::CardWriter(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
                       const Rect& visible, float top, Drawn& drawn)
    : canvas_(canvas),
      context_(context),
      theme_(context.theme),
      pointer_(pointer),
      visible_(visible),
      drawn_(drawn),
      y_(top) {}

bool CardWriter::row(float height, const RowLink& link, Rect& place) {
    place = {{visible_.min.x + left_, y_}, {visible_.max.x - right_, y_ + height}};
    y_ += height;
    if (!seen(place.min.y, height)) return false;
    const Rect seen{{place.min.x, std::max(place.min.y, visible_.min.y)},
                    {place.max.x, std::min(place.max.y, visible_.max.y)}};
    const bool over = pointer_.inside && !context_.exporting && seen.contains(pointer_.position);
    if (over && !link.tooltip.empty()) drawn_.tooltip = link.tooltip;
    if (link.command.empty() && link.prompt.empty()) return true;
    if (over)
        canvas_.rect({{place.min.x - 4.0F, place.min.y}, {place.max.x + 4.0F, place.max.y}},
                     theme_.raised, 4.0F);
    // Only rows that are seen for the most part can be hit.
    if (seen.height() > 0.6F * height) drawn_.hits.push_back({link.id, seen, link.command});
    if (pointer_.clicked && seen.contains(pointer_.press_position)) {
        if (link.prompt.empty()) drawn_.commands.push_back(link.command);
        else drawn_.prompt = link.prompt;
    }
    return true;
}

bool CardWriter::seen(float top, float height) const {
    const float bottom = top + height;
    if (bottom <= visible_.min.y || top >= visible_.max.y) return false;
    return !context_.exporting || bottom <= visible_.max.y;  // a picture cannot scroll
}

void CardWriter::stripe(float top, Colour colour) {
    const float from = std::max(top, visible_.min.y);
    const float to = std::min(y_, visible_.max.y);
    if (to > from)
        canvas_.rect({{visible_.min.x, from}, {visible_.min.x + 3.0F, to}}, colour, 1.5F);
}

void CardWriter::title(std::string_view name, std::string_view note, Colour note_colour) {
    Rect place;
    if (!row(kRow + 2.0F, {}, place)) return;
    const float y = place.centre().y;
    float right = place.max.x;
    if (!note.empty()) {
        const TextStyle style = at_right(note_colour, Font::text, kSmallTextSize);
        right = canvas_.text({right, y}, note, style).min.x - 8.0F;
    }
    const TextStyle style = at_left(theme_.text, Font::bold);
    (void)canvas_.text({place.min.x, y}, canvas_.fit(name, style, right - place.min.x), style);
}

void CardWriter::marked_title(Marker marker, Colour colour, std::string_view name,
                              std::string_view note) {
    Rect place;
    if (!row(kRow + 2.0F, {}, place)) return;
    const float y = place.centre().y;
    canvas_.marker(marker, {place.min.x + 7.0F, y}, 12.0F, colour, 2.0F);
    const float right =
        canvas_.text({place.max.x, y}, note, at_right(theme_.secondary, Font::text, kSmallTextSize))
            .min.x;
    const TextStyle style = at_left(theme_.text, Font::bold);
    const float x = place.min.x + 22.0F;
    (void)canvas_.text({x, y}, canvas_.fit(name, style, right - 8.0F - x), style);
}

void CardWriter::heading(std::string_view words, std::string_view right) {
    y_ += 8.0F;
    Rect place;
    if (!row(18.0F, {}, place)) return;
    float limit = place.max.x;
    if (!right.empty())
        limit = canvas_
                    .text({place.max.x, place.centre().y}, right,
                          at_right(theme_.secondary, Font::text, kSmallTextSize))
                    .min.x -
                8.0F;
    const TextStyle style = at_left(theme_.secondary, Font::text, kSmallTextSize);
    (void)canvas_.text({place.min.x, place.centre().y},
                       canvas_.fit(words, style, limit - place.min.x), style);
}

void CardWriter::mono(std::string_view words, bool faint, const RowLink& link) {
    Rect place;
    if (!row(19.0F, link, place)) return;
    TextStyle style = at_left(faint ? theme_.secondary : theme_.text, Font::mono,
                              faint ? kSmallTextSize : kTextSize);
    if (canvas_.text_size(words, style).x > width()) style.size = kSmallTextSize;
    (void)canvas_.text({place.min.x, place.centre().y}, canvas_.fit(words, style, width()), style);
}

void CardWriter::fact(std::string_view name, std::string_view value, const RowLink& link) {
    constexpr float kLine = 19.0F, kGap = 12.0F;
    const TextStyle words = at_left(theme_.secondary, Font::text, kSmallTextSize);
    const TextStyle numbers = at_right(theme_.text, Font::mono, kTextSize);
    // A number that is cut says another: where it has no room it stands below its name.
    const float named = std::min(canvas_.text_size(name, words).x, 0.5F * width());
    const bool below = canvas_.text_size(value, numbers).x > width() - named - kGap;
    Rect place;
    if (!row(below ? 2.0F * kLine : kLine, link, place)) return;
    const float y = place.min.y + 0.5F * kLine;
    (void)canvas_.text({place.min.x, y}, canvas_.fit(name, words, below ? width() : named + 0.5F),
                       words);
    (void)canvas_.text({place.max.x, below ? y + kLine : y}, canvas_.fit(value, numbers, width()),
                       numbers);
}

void CardWriter::sentence(std::string_view words, Colour colour) {
    const TextStyle style = at_left(colour);
    for (const std::string& line : broken_lines(canvas_, words, style, width())) {
        Rect place;
        if (row(20.0F, {}, place)) (void)canvas_.text({place.min.x, place.centre().y}, line, style);
    }
}

void CardWriter::entry(const Sign& sign, std::string_view name, std::string_view note,
                       const RowLink& link) {
    Rect place;
    if (!row(kRow, link, place)) return;
    const float y = place.centre().y;
    draw_sign(canvas_, {place.min.x + 5.0F, y}, sign, 10.0F);
    float right = place.max.x;
    if (!note.empty())
        right =
            canvas_.text({right, y}, note, at_right(theme_.secondary, Font::mono, kSmallTextSize))
                .min.x -
            8.0F;
    const TextStyle style = at_left(theme_.text);
    const float x = place.min.x + 18.0F;
    (void)canvas_.text({x, y}, canvas_.fit(name, style, right - x), style);
}

void CardWriter::bar(const BarRow& bar) {
    Rect place;
    if (!row(kRow, bar.link, place)) return;
    const float y = place.centre().y;
    const float end = place.max.x - kValueWidth;
    const float begin = place.min.x + std::clamp(0.56F * width(), 80.0F, 260.0F) + 8.0F;
    const float bars = std::max(end - begin, 16.0F);
    constexpr float kSign = 16.0F;
    const TextStyle name = at_left(theme_.text);
    const float left = place.min.x + kSign;
    if (bar.sign.shape) draw_sign(canvas_, {place.min.x + 5.0F, y}, bar.sign, 9.0F);
    (void)canvas_.text({left, y}, canvas_.fit(bar.name, name, begin - left - 8.0F), name);
    canvas_.rect({{begin, y - 0.5F}, {end, y + 0.5F}}, theme_.lines);
    const float from = begin + bars * static_cast<float>(std::clamp(bar.begin, 0.0, 1.0));
    const float to = begin + bars * static_cast<float>(std::clamp(bar.end, 0.0, 1.0));
    canvas_.rect(
        {{from, y - 0.5F * kBarHeight}, {std::max(to, from + 1.5F), y + 0.5F * kBarHeight}},
        bar.sign.colour, std::min(3.0F, 0.5F * (to - from)));
    (void)canvas_.text({place.max.x, y}, bar.value,
                       at_right(theme_.secondary, Font::mono, kSmallTextSize));
}

void CardWriter::write_words(const InContext& words, float y, float left, float right) {
    TextStyle quiet = at_left(theme_.secondary);
    TextStyle strong = at_left(theme_.text, Font::bold);
    if (words.flowing && starts_right_to_left(words.before + words.word + words.after)) {
        // The same from the right.
        const float word_x = right - std::round(0.34F * (right - left));
        const bool parted = words.before.ends_with(' ');
        const float before_x = word_x + (parted ? canvas_.text_size(" ", quiet).x : 0.5F);
        const std::string_view neighbours(words.before.data(),
                                          words.before.size() - (parted ? 1 : 0));
        const std::string before = fit_end(canvas_, neighbours, quiet, right - before_x);
        if (!before.empty()) (void)canvas_.text({before_x, y}, before, quiet);
        strong.horizontal = quiet.horizontal = Align::end;
        const std::string word = canvas_.fit(words.word, strong, word_x - left);
        const float x = canvas_.text({word_x, y}, word, strong).min.x;
        const std::string after = canvas_.fit(words.after, quiet, x - left);
        if (!after.empty()) (void)canvas_.text({x, y}, after, quiet);
        return;
    }
    // The word begins in the same place on every row, so that rows can be compared.
    const float word_x = words.flowing ? left + std::round(0.34F * (right - left)) : left;
    const bool parted = words.before.ends_with(' ');
    const float before_end = word_x - (parted ? canvas_.text_size(" ", quiet).x : 0.5F);
    const std::string_view neighbours(words.before.data(), words.before.size() - (parted ? 1 : 0));
    const std::string before = fit_end(canvas_, neighbours, quiet, before_end - left);
    quiet.horizontal = Align::end;
    if (!before.empty()) (void)canvas_.text({before_end, y}, before, quiet);
    const std::string word = canvas_.fit(words.word, strong, right - word_x);
    const float x = canvas_.text({word_x, y}, word, strong).max.x;
    quiet.horizontal = Align::start;
    const std::string after = canvas_.fit(words.after, quiet, right - x);
    if (!after.empty()) (void)canvas_.text({x, y}, after, quiet);
}

float CardWriter::write_value(std::string_view value, const Rect& place) {
    const TextStyle style = at_right(theme_.secondary, Font::mono, kSmallTextSize);
    const float end = place.max.x;
    const float left =
        value.empty() ? end : canvas_.text({end, place.centre().y}, value, style).min.x;
    return std::min(left, end - kValueWidth);
}

void CardWriter::write_sign(const Sign& sign, const Rect& place) {
    const float y = place.centre().y;
    if (sign.shape) draw_sign(canvas_, {place.min.x + 3.5F, y}, sign, 7.0F);
    else canvas_.rect({{place.min.x, y - 6.0F}, {place.min.x + 3.0F, y + 6.0F}}, sign.colour, 1.5F);
}

void CardWriter::in_context(const InContext& words, std::string_view value, const Sign& sign,
                            const RowLink& link) {
    Rect place;
    if (!row(kRow, link, place)) return;
    const float y = place.centre().y;
    const float right = write_value(value, place) - 8.0F;
    write_sign(sign, place);
    write_words(words, y, place.min.x + 12.0F, right);
}

void CardWriter::link(const InContext& from, const InContext& to, std::string_view value,
                      const Sign& sign, const RowLink& link) {
    constexpr float kArrow = 12.0F;  // its length
    Rect place;
    if (!row(kRow, link, place)) return;
    const float y = place.centre().y;
    const float right = write_value(value, place) - 8.0F;
    const float left = place.min.x + 12.0F;
    const float middle = std::round(0.5F * (left + right));
    write_sign(sign, place);
    write_words(from, y, left, middle - kArrow);
    write_words(to, y, middle + kArrow, right);
    const Vec2 tip{middle + 0.5F * kArrow, y};
    canvas_.line({middle - 0.5F * kArrow, y}, tip, theme_.secondary, 1.5F);
    for (const float side : {-3.5F, 3.5F})
        canvas_.line({tip.x - 4.0F, y + side}, tip, theme_.secondary, 1.5F);
}

void CardWriter::write_numbers(const Rect& place, std::span<const std::string> cells,
                               std::span<const float> widths, bool head) {
    float right = place.max.x;
    for (std::size_t c = cells.size(); c-- > 1; right -= widths[c])
        (void)canvas_.text({right, place.centre().y}, cells[c], cell_style(theme_, head));
}

void CardWriter::write_name(const Rect& place, const CardCells& cells) {
    const float y = place.centre().y;
    if (cells.sign) draw_sign(canvas_, {place.min.x + 5.0F, y}, *cells.sign, 10.0F);
    const float x = place.min.x + (cells.sign ? kSignWidth : 0.0F);
    const TextStyle style = at_left(theme_.secondary, Font::text, kSmallTextSize);
    (void)canvas_.text({x, y}, canvas_.fit(cells.cells[0], style, place.max.x - x), style);
}

void CardWriter::table(const std::vector<std::string>& head, const std::vector<CardCells>& rows) {
    constexpr float kLine = 19.0F, kGap = 8.0F, kWidest = 84.0F;
    const TextStyle name = at_left(theme_.secondary, Font::text, kSmallTextSize);
    std::vector<float> widths(head.size(), 0.0F);
    float names = canvas_.text_size(head[0], name).x;
    for (std::size_t c = 1; c < head.size(); ++c)
        widths[c] = canvas_.text_size(head[c], cell_style(theme_, true)).x;
    for (const CardCells& each : rows) {
        names = std::max(
            names, canvas_.text_size(each.cells[0], name).x + (each.sign ? kSignWidth : 0.0F));
        for (std::size_t c = 1; c < head.size(); ++c)
            widths[c] =
                std::max(widths[c], canvas_.text_size(each.cells[c], cell_style(theme_, false)).x);
    }
    float numbers = 0.0F;
    for (std::size_t c = 1; c < head.size(); ++c) numbers += widths[c] += kGap;
    // Columns as wide as one another where they have room, else as wide as what is in them.
    const auto count = static_cast<float>(head.size() - 1);
    const float even = std::min(kWidest, 0.62F * width() / count);
    const float widest = *std::max_element(widths.begin(), widths.end());
    if (widest <= even && names <= width() - count * even) {
        std::fill(widths.begin() + 1, widths.end(), even);
        numbers = count * even;
    }
    const bool beside = names + numbers <= width();
    const bool above = !beside && numbers - kGap <= width();
    Rect place;
    if (beside || above) {
        if (row(kLine, {}, place)) {
            if (beside) write_name(place, {head, {}, std::nullopt});
            write_numbers(place, head, widths, true);
        }
    }
    for (const CardCells& cells : rows) {
        if (beside) {
            if (!row(kLine, cells.link, place)) continue;
            write_numbers(place, cells.cells, widths, false);
            place.max.x -= numbers;
            write_name(place, cells);
            continue;
        }
        if (row(kLine, cells.link, place)) write_name(place, cells);
        if (above && row(kLine, {}, place)) write_numbers(place, cells.cells, widths, false);
        for (std::size_t c = 1; !above && c < head.size(); ++c) {
            const float both = canvas_.text_size(head[c], name).x + kGap +
                               canvas_.text_size(cells.cells[c], cell_style(theme_, false)).x;
            if (both > width() && row(kLine, {}, place))
                write_name(place, {{head[c]}, {}, std::nullopt});
            if (!row(kLine, {}, place)) continue;
            if (both <= width()) write_name(place, {{head[c]}, {}, std::nullopt});
            write_numbers(place, std::vector<std::string>{"", cells.cells[c]}, widths, false);
        }
    }
}

void CardWriter::measure(Colour colour, std::string_view name, std::string_view value,
                         std::string_view limit, const RowLink& link) {
    constexpr float kLimitWidth = 58.0F;
    Rect place;
    if (!row(18.0F, link, place)) return;
    const float y = place.centre().y;
    canvas_.circle({place.min.x + 5.0F, y}, 3.0F, colour);
    const TextStyle faint = at_left(theme_.secondary, Font::mono, 12.0F);
    const float limit_width = std::max(kLimitWidth, canvas_.text_size(limit, faint).x);
    (void)canvas_.text({place.max.x - limit_width, y}, limit, faint);
    const float right = canvas_
                            .text({place.max.x - limit_width - 8.0F, y}, value,
                                  at_right(theme_.text, Font::mono, kSmallTextSize))
                            .min.x -
                        6.0F;
    const TextStyle words = at_left(theme_.secondary, Font::text, kSmallTextSize);
    const float x = place.min.x + 15.0F;
    (void)canvas_.text({x, y}, canvas_.fit(name, words, right - x), words);
}

void CardWriter::event(Marker marker, std::string_view when, std::string_view what,
                       const RowLink& link) {
    Rect place;
    if (!row(kRow, link, place)) return;
    const float y = place.centre().y;
    canvas_.marker(marker, {place.min.x + 6.0F, y}, 9.0F, theme_.text, 1.5F);
    const float x = canvas_
                        .text({place.min.x + 18.0F, y}, when,
                              at_left(theme_.secondary, Font::mono, kSmallTextSize))
                        .max.x +
                    8.0F;
    const TextStyle words = at_left(theme_.text);
    (void)canvas_.text({x, y}, canvas_.fit(what, words, place.max.x - x), words);
}

void CardWriter::spectrum(std::span<const double> values, Colour colour, const RowLink& link) {
    constexpr float kHeight = 34.0F;
    Rect place;
    if (!row(kHeight + 6.0F, link, place) || values.empty()) return;
    const double largest = *std::max_element(values.begin(), values.end());
    if (!(largest > 0.0)) return;
    const float step = std::min(width() / static_cast<float>(values.size()), 14.0F);
    const float gap = step >= 4.0F ? 1.0F : 0.0F;
    const float bottom = place.max.y - 2.0F;
    for (std::size_t v = 0; v < values.size(); ++v) {
        const float x = place.min.x + step * static_cast<float>(v);
        const float height = kHeight * static_cast<float>(values[v] / largest);
        canvas_.rect({{x, bottom - height}, {x + step - gap, bottom}}, colour);
    }
    canvas_.line({place.min.x, bottom},
                 {place.min.x + step * static_cast<float>(values.size()), bottom}, theme_.lines);
}

void CardWriter::rule() {
    y_ += 8.0F;
    if (y_ > visible_.min.y && y_ < visible_.max.y)
        canvas_.line({visible_.min.x, y_}, {visible_.max.x, y_}, theme_.lines);
    y_ += 8.0F;
}

}  // namespace splatscope
