#pragma once

#include "app/render/canvas.h"
#include "app/views/view.h"
#include "app/views/view_names.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// What a row does: its id for the hit list, the command a click sends, and words for the tooltip.
// All may be empty.
struct RowLink {
    std::string id;
    std::string command;
    std::string tooltip;
    std::string prompt = {};  // a command that the user finishes (Drawn::prompt)
};

// A bar from `begin` to `end` in 0..1 of the bar column.
struct BarRow {
    std::string name;
    Sign sign;
    double begin = 0.0, end = 0.0;
    std::string value;
    RowLink link;
};

// A row of a table: the first cell is its name, with a sign before it where the table has signs.
struct CardCells {
    std::vector<std::string> cells;
    RowLink link = {};
    std::optional<Sign> sign = std::nullopt;
};

// Writes a card from top to bottom into a column of a view: headings, facts, bars, words in
// context. What lies outside the visible part is measured but not drawn.
class CardWriter {
  public:
    // `visible` clips; the first line stands at `top`, which scrolling may put above it.
    CardWriter(Canvas& canvas, const ViewContext& context, const Pointer& pointer,
               const Rect& visible, float top, Drawn& drawn);

    void space(float height) { y_ += height; }
    // A name in bold; `note` in its colour at the right (a level).
    void title(std::string_view name, std::string_view note = {}, Colour note_colour = {});
    // A shape before a title: the kind of an event.
    void marked_title(Marker marker, Colour colour, std::string_view name, std::string_view note);
    // A quiet line that opens a list.
    void heading(std::string_view words, std::string_view at_right = {});
    // Numbers and words in the fixed-width font; `faint` for what only locates.
    void mono(std::string_view words, bool faint, const RowLink& link = {});
    // "usage ......... 1.8 %"
    void fact(std::string_view name, std::string_view value, const RowLink& link = {});
    // Flowing words.
    void sentence(std::string_view words, Colour colour);
    void sentence(std::string_view words) { sentence(words, theme_.text); }
    // A sign, a name and a note at the right.
    void entry(const Sign& sign, std::string_view name, std::string_view note, const RowLink& link);
    void bar(const BarRow& row);
    // A word among its neighbours, bold; a number at the right.
    void in_context(const InContext& words, std::string_view value, const Sign& sign,
                    const RowLink& link);
    // A word that attends to another, each among its neighbours; a number at the right.
    void link(const InContext& from, const InContext& to, std::string_view value, const Sign& sign,
              const RowLink& link);
    // A table of two columns or more, the first at the left, the others at the right. No cell is
    // cut: where a row has no room its name stands above, and where its numbers have none side by
    // side each has a line with the name of its column.
    void table(const std::vector<std::string>& head, const std::vector<CardCells>& rows);
    // A dot in `colour`, a name, a number and, fainter, what it is held against.
    void measure(Colour colour, std::string_view name, std::string_view value,
                 std::string_view limit, const RowLink& link);
    // A shape, when, and what happened, on one line.
    void event(Marker marker, std::string_view when, std::string_view what, const RowLink& link);
    // Small upright bars side by side, heights as shares of the largest value.
    void spectrum(std::span<const double> values, Colour colour, const RowLink& link);
    void rule();
    // What follows stands so far from the left and the right edge of the column.
    void inset(float left, float right) {
        left_ = left;
        right_ = right;
    }
    // A stripe at the left edge from `top` to here, which says of what sort that is.
    void stripe(float top, Colour colour);
    // Whether a row of that height at `top` is drawn.
    [[nodiscard]] bool seen(float top, float height) const;

    [[nodiscard]] float y() const { return y_; }
    [[nodiscard]] const ViewContext& context() const { return context_; }
    [[nodiscard]] const Theme& theme() const { return theme_; }
    [[nodiscard]] float visible_height() const { return visible_.height(); }

  private:
    // The place of the next row, and whether it is seen. Handles pointer, tooltip and hit list.
    bool row(float height, const RowLink& link, Rect& place);
    // A word among its neighbours in what lies between two edges.
    void write_words(const InContext& words, float y, float left, float right);
    // The shape of a sign, or a stroke in its colour, before such a row.
    void write_sign(const Sign& sign, const Rect& place);
    // The number at the right of such a row: where it begins, or would if it were wide.
    float write_value(std::string_view value, const Rect& place);
    // Cells from the second on, each ending `widths` before the next; the last at the right edge.
    void write_numbers(const Rect& place, std::span<const std::string> cells,
                       std::span<const float> widths, bool head);
    void write_name(const Rect& place, const CardCells& cells);
    [[nodiscard]] float width() const { return visible_.width() - left_ - right_; }

    Canvas& canvas_;
    const ViewContext& context_;
    const Theme& theme_;
    const Pointer& pointer_;
    Rect visible_;
    Drawn& drawn_;
    float y_;
    float left_ = 0.0F, right_ = 0.0F;  // how far rows stand in
};

}  // namespace splatscope
