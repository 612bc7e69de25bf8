#include "app/views/text_page.h"

#include "app/views/text_links.h"
#include "app/views/text_set.h"
#include "app/widgets/numbers.h"
#include "app/widgets/sign.h"
#include "app/widgets/text_lines.h"
#include "engine/model/selection.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace splatscope {
namespace {

bool in_ranges(std::span<const hsa::Range> ranges, std::size_t token) {
    const auto after = std::upper_bound(
        ranges.begin(), ranges.end(), token,
        [](std::size_t value, const hsa::Range& range) { return value < range.begin; });
    return after != ranges.begin() && (after - 1)->contains(token);
}

// The ground of a line's words: one band where neighbours are tinted, round at its ends.
void draw_tints(Canvas& canvas, const Page& page, const std::vector<Piece>& pieces, float y) {
    constexpr std::uint8_t kVisible = 8;
    const float top = y + 1.0F, bottom = y + kTextLine - 1.0F;
    bool before = false;
    for (std::size_t p = 0; p < pieces.size(); ++p) {
        const Colour tint = page.tinting->colour(pieces[p].token);
        if (tint.a < kVisible) {
            before = false;
            continue;
        }
        const bool after =
            p + 1 < pieces.size() && page.tinting->colour(pieces[p + 1].token).a >= kVisible;
        const float begin = before ? pieces[p].begin : pieces[p].begin - 2.0F;
        const float end = after ? pieces[p + 1].begin : pieces[p].end + 2.0F;
        canvas.rect({{begin, top}, {end, bottom}}, tint, before || after ? 0.0F : 3.0F);
        before = true;
    }
}

// The colour of a word over its tint: dark where that is bright.
Colour ink(const Theme& theme, const Page& page, std::size_t token, Colour plain) {
    const Colour tint = page.tinting->colour(token);
    if (tint.a <= 80) return plain;
    const Colour ground =
        mix(theme.panel, {tint.r, tint.g, tint.b}, static_cast<float>(tint.a) / 255.0F);
    const Colour wanted = readable_on(ground);
    if (wanted.r > 128) return theme.is_dark ? plain : Colour{0xff, 0xff, 0xff};
    return wanted;
}

// Whether a piece of a line with these letters is read from its right end. Two pieces may share a
// letter.
bool is_leftward(const std::vector<SetLetter>& letters, const Piece& piece) {
    const float middle = 0.5F * (piece.begin + piece.end);
    const auto letter = std::find_if(
        letters.begin(), letters.end(),
        [middle](const SetLetter& each) { return each.begin <= middle && middle < each.end; });
    return letter != letters.end() && letter->right_to_left;
}

// Where words are tinted by level or splat, its sign before the first, as they are read, of those
// that share it, above what is lower than a capital; none where no blank stands there, before a
// comma, say. `letters`: of a line with runs.
void draw_signs(Canvas& canvas, const Page& page, const std::vector<Piece>& pieces,
                const std::vector<SetLetter>& letters, float y) {
    constexpr float kSize = 4.0F, kLeastBlank = 2.5F;
    if (page.tinting->by_attention() || page.tinting->by_number()) return;
    std::vector<Piece> read = pieces;
    std::stable_sort(read.begin(), read.end(),
                     [](const Piece& a, const Piece& b) { return a.token < b.token; });
    std::optional<Dominant> before;
    for (const Piece& piece : read) {
        const auto strongest = page.tinting->dominant(piece.token);
        if (!strongest || (before && page.tinting->same(*strongest, *before))) continue;
        const bool leftward = is_leftward(letters, piece);
        const bool touches = std::any_of(pieces.begin(), pieces.end(), [&](const Piece& other) {
            if (other.token == piece.token) return false;
            const float blank = leftward ? other.begin - piece.end : piece.begin - other.end;
            return blank > -1.0F && blank < kLeastBlank;
        });
        if (touches) continue;
        const float x = leftward ? piece.end + 0.5F * kSize : piece.begin - 0.5F * kSize;
        draw_sign(canvas, {x, y + 4.0F}, page.tinting->sign(*strongest), kSize);
        before = strongest;
    }
}

// Whether the blank behind a piece lies in the selection: between two words of it.
bool gap_selected(const Page& page, const std::vector<Piece>& pieces, std::size_t p) {
    return p + 1 < pieces.size() && pieces[p].gap_after != kNoToken &&
           in_ranges(page.selected, pieces[p].gap_before) &&
           in_ranges(page.selected, pieces[p].gap_after);
}

// A stroke below the token; over the blank to the next one too when that is marked alike.
void draw_underlines(Canvas& canvas, const Theme& theme, const Page& page,
                     const std::vector<Piece>& pieces, float y) {
    for (std::size_t p = 0; p < pieces.size(); ++p) {
        const bool selected = in_ranges(page.selected, pieces[p].token);
        const bool lit = std::binary_search(page.lit.begin(), page.lit.end(),
                                            static_cast<std::uint32_t>(pieces[p].token));
        if (!selected && gap_selected(page, pieces, p))  // a blank of the passage among other words
            canvas.rect({{pieces[p].end, y + kTextLine - 3.0F},
                         {pieces[p + 1].begin, y + kTextLine - 1.0F}},
                        theme.accent);
        if (!selected && !lit) continue;
        const float end =
            selected && gap_selected(page, pieces, p) ? pieces[p + 1].begin : pieces[p].end;
        const float base = y + kTextLine - 2.0F;
        if (selected)
            canvas.rect({{pieces[p].begin, base - 1.0F}, {end, base + 1.0F}}, theme.accent);
        else
            canvas.rect({{pieces[p].begin, base - 0.5F}, {end, base + 0.5F}},
                        theme.accent.with_alpha(0.75F));
    }
}

// Letters of one colour are drawn as one text.
void draw_letters(Canvas& canvas, const Theme& theme, const Page& page, const SetLine& line,
                  TextStyle style, float x, float y) {
    const Colour plain = style.colour;
    std::size_t run = 0;
    float run_x = x;
    Colour colour = plain;
    const auto flush = [&](std::size_t to) {
        if (to > run) {
            style.colour = colour;
            std::string_view letters = std::string_view(line.text).substr(run, to - run);
            while (letters.ends_with(' ')) letters.remove_suffix(1);
            (void)canvas.text({run_x, y + 0.5F * (kTextLine - style.size) - 1.0F}, letters, style);
        }
        run = to;
    };
    for (const Piece& piece : line.pieces) {
        const Colour wanted = ink(theme, page, piece.token, plain);
        if (wanted == colour) continue;
        flush(piece.letters_begin);
        colour = wanted;
        run_x = piece.begin;
    }
    flush(line.text.size());
}

// The same of a line that has runs: a text ends with its run, too.
void draw_runs(Canvas& canvas, const Theme& theme, const Page& page, const SetLine& line,
               TextStyle style, float y) {
    const Colour plain = style.colour;
    const auto colour_of = [&](const SetLetter& letter) {
        return letter.token == kNoToken ? plain : ink(theme, page, letter.token, plain);
    };
    for (std::size_t first = 0; first < line.letters.size();) {
        const Colour colour = colour_of(line.letters[first]);
        std::size_t last = first + 1;
        while (last < line.letters.size() && line.letters[last].run == line.letters[first].run &&
               colour_of(line.letters[last]) == colour)
            ++last;
        style.colour = colour;
        style.direction =
            line.letters[first].right_to_left ? Direction::right_to_left : Direction::left_to_right;
        const std::string letters = text_of(line, first, last);
        if (letters.find_first_not_of(' ') != std::string::npos)
            (void)canvas.text(
                {line.letters[first].begin, y + 0.5F * (kTextLine - style.size) - 1.0F}, letters,
                style);
        first = last;
    }
}

// Beside the last line of a heading, where there is room: behind its words.
void draw_section_heat(Canvas& canvas, const Page& page, const hsa::Dataset& dataset,
                       const TextLine& line, const std::vector<Piece>& pieces, float y) {
    constexpr float kGap = 12.0F, kLeast = 24.0F, kMost = 160.0F;
    if (pieces.empty() || dataset.structure.section.size() != dataset.size()) return;
    const std::uint32_t section = dataset.structure.section[pieces.front().token];
    if (section >= dataset.structure.sections.size()) return;
    Rect place{{0.0F, y + 7.0F}, {0.0F, y + 13.0F}};
    if (line.right_to_left) {
        place.max.x = pieces.front().begin - kGap;
        place.min.x = std::max(page.place.min.x, place.max.x - kMost);
    } else {
        place.min.x = pieces.back().end + kGap;
        place.max.x = std::min(page.place.max.x, place.min.x + kMost);
    }
    if (place.width() < kLeast) return;
    const hsa::Range tokens = dataset.structure.sections[section].tokens;
    draw_heat(canvas, place, *page.section_tinting, tokens);
    // A little higher than it is drawn, so that it can be met.
    if (page.heats != nullptr && !tokens.empty() && !page.section_tinting->empty())
        page.heats->push_back(
            {section,
             tokens,
             {{place.min.x, place.min.y - 4.0F}, {place.max.x, place.max.y + 4.0F}}});
}

}  // namespace

std::size_t token_of(const HeatPlace& heat, Vec2 at) {
    const double share =
        static_cast<double>(at.x - heat.place.min.x) / static_cast<double>(heat.place.width());
    const double count = static_cast<double>(heat.tokens.size());
    return heat.tokens.begin +
           static_cast<std::size_t>(std::clamp(share * count, 0.0, count - 1.0));
}

std::vector<TokenPlace> draw_page(Canvas& canvas, const Theme& theme, const Page& page,
                                  const TextLayout& layout, TextFonts& fonts) {
    std::vector<TokenPlace> places;
    const std::vector<TextLine>& lines = layout.lines();
    if (lines.empty()) return places;
    const hsa::Dataset& dataset = *layout.dataset();
    const double first = std::floor(page.first_line);
    float y =
        std::round(page.place.min.y - static_cast<float>((page.first_line - first)) * kTextLine);
    std::size_t token = layout.first_token(static_cast<std::size_t>(std::max(0.0, first)));
    for (auto l = static_cast<std::size_t>(std::max(0.0, first));
         l < lines.size() && y < page.place.max.y; ++l, y += kTextLine) {
        if (lines[l].end <= lines[l].begin) continue;
        TextStyle style = lines[l].heading ? fonts.heading : fonts.body;
        style.colour = lines[l].heading ? theme.secondary : theme.text;
        LetterWidths& widths = lines[l].heading ? fonts.heading_widths : fonts.body_widths;
        const bool ordered = lines[l].run_count > 0;
        const SetLine line =
            ordered ? set_runs(canvas, dataset, lines[l], layout.runs(lines[l]), token, widths,
                               page.place.min.x, page.place.max.x)
                    : set_line(canvas, dataset, lines[l], token, widths, page.place.min.x);
        draw_tints(canvas, page, line.pieces, y);
        draw_signs(canvas, page, line.pieces, line.letters, y);
        for (const Piece& piece : line.pieces) {
            places.push_back({static_cast<std::uint32_t>(piece.token),
                              {{piece.begin, y}, {piece.end, y + kTextLine}}});
        }
        if (ordered) draw_runs(canvas, theme, page, line, style, y);
        else draw_letters(canvas, theme, page, line, style, page.place.min.x, y);
        draw_underlines(canvas, theme, page, line.pieces, y);
        if (page.heat && lines[l].heading && (l + 1 == lines.size() || !lines[l + 1].heading))
            draw_section_heat(canvas, page, dataset, lines[l], line.pieces, y);
        for (const Piece& piece : line.pieces) token = std::max(token, piece.token);
    }
    return places;
}

std::vector<TokenPlace> draw_rows(Canvas& canvas, const Theme& theme, const Page& page,
                                  const hsa::Dataset& dataset) {
    std::vector<TokenPlace> places;
    const TextStyle label{theme.text, Font::text, kTextSize, Align::start, Align::centre};
    const TextStyle index{theme.secondary, Font::mono, kSmallTextSize, Align::end, Align::centre};
    const bool labelled = !dataset.labels.empty();
    const float column = canvas.text_size(count_text(dataset.size()), index).x;
    const double first = std::floor(page.first_line);
    float y =
        std::round(page.place.min.y - static_cast<float>((page.first_line - first)) * kTextLine);
    for (auto token = static_cast<std::size_t>(std::max(0.0, first));
         token < dataset.size() && y < page.place.max.y; ++token, y += kTextLine) {
        const float x = page.place.min.x + column + 12.0F;
        const std::string words = labelled ? dataset.token_text(token) : "row " + count_text(token);
        const std::string fitted = canvas.fit(words, label, page.place.max.x - x);
        const float end = x + canvas.text_size(fitted, label).x;
        const Colour tint = page.tinting->colour(token);
        draw_tints(canvas, page, {Piece{token, x, end}}, y);
        draw_signs(canvas, page, {Piece{token, x, end}}, {}, y);
        (void)canvas.text({page.place.min.x + column, y + 0.5F * kTextLine - 1.0F},
                          count_text(token), index);
        TextStyle style = label;
        if (tint.a > 80) {
            const Colour ground =
                mix(theme.panel, {tint.r, tint.g, tint.b}, static_cast<float>(tint.a) / 255.0F);
            style.colour = readable_on(ground);
        }
        (void)canvas.text({x, y + 0.5F * kTextLine - 1.0F}, fitted, style);
        draw_underlines(canvas, theme, page, {Piece{token, x, end}}, y);
        places.push_back({static_cast<std::uint32_t>(token),
                          {{page.place.min.x, y}, {page.place.max.x, y + kTextLine}}});
    }
    return places;
}

std::optional<std::uint32_t> token_at(std::span<const TokenPlace> places, Vec2 at, bool nearest) {
    for (const TokenPlace& place : places)
        if (place.place.contains(at)) return place.token;
    if (!nearest || places.empty()) return std::nullopt;
    const auto distance = [at](const Rect& place) {
        const float dy = std::max({place.min.y - at.y, at.y - place.max.y, 0.0F});
        const float dx = std::max({place.min.x - at.x, at.x - place.max.x, 0.0F});
        return 1000.0F * dy + dx;  // first the line, then the word
    };
    const auto best = std::min_element(places.begin(), places.end(),
                                       [&](const TokenPlace& a, const TokenPlace& b) {
                                           return distance(a.place) < distance(b.place);
                                       });
    return best->token;
}

PickedWords picked_words(const hsa::Selection& selection, std::uint32_t from, std::uint32_t to,
                         const Pointer& pointer) {
    const std::vector<hsa::Range>& selected = selection.tokens;
    hsa::Range range{std::min(from, to), std::max(from, to) + std::size_t{1}};
    const char* how = "";
    hsa::Selection after;
    if (pointer.ctrl && !(pointer.shift && !selected.empty())) {
        const bool removes = range.size() == 1 && hsa::covers(selected, range.begin);
        how = removes ? "remove " : "add ";
        after = selection;
        after.tokens =
            removes ? hsa::without_range(selected, range) : hsa::with_range(selected, range);
    } else {
        if (pointer.shift && !selected.empty())
            range = {std::min(selected.front().begin, range.begin),
                     std::max(range.end, selected.front().begin + 1)};
        after.tokens = {range};
    }
    const std::string words =
        range.size() == 1 ? fmt::format("{}", range.begin) : range_argument(range);
    return {fmt::format("select.tokens {}{}", how, words), after};
}

}  // namespace splatscope
