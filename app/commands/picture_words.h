#pragma once

#include "app/commands/grammar.h"
#include "app/render/canvas.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// A picture of a view as view.export is asked for it: a value, one line.
struct PictureAsked {
    std::string view;  // or "window"
    std::string path;
    PixelSize size;         // of the layout, as a window of that size would have it
    double width_mm = 0.0;  // > 0: on paper, instead of `size`: letters have the size in print that
    double height_mm = 0.0;  // they have on a screen of 96 pixels an inch
    double dpi = 0.0;        // dots an inch; 0 = not said, of a size in mm 300
    int scale = 1;           // pixels a pixel of the layout, of a size in pixels
    Ground ground = Ground::theme;
    Parts without;
    bool overwrite = false;
    bool operator==(const PictureAsked&) const = default;

    [[nodiscard]] bool on_paper() const { return width_mm > 0.0; }
    // Pixels of the layout, which need not be whole.
    [[nodiscard]] Vec2 layout() const;
    // Pixels of the picture a pixel of the layout.
    [[nodiscard]] double density() const;
    // Of the picture.
    [[nodiscard]] PixelSize pixels() const;
    // 1/72 inches a pixel of the layout; 1 where nothing is said of paper.
    [[nodiscard]] double points() const;
    // As a PNG says it: 0 where nothing is said of paper.
    [[nodiscard]] std::uint32_t pixels_per_metre() const;
};

// How far a picture may be from its reference (engine/io/picture_difference.h).
struct PictureBound {
    std::string reference;
    std::string drawn;  // where the picture that was drawn goes; empty = nowhere
    double mean = 0.0;
    double largest = 0.0;
    bool sized = false;  // the words named a size; else it is the reference's
};

// The usual size of a view's picture.
[[nodiscard]] PixelSize usual_picture_size(std::string_view view);

// Takes one of `[WxH] [mm WxH] [dpi N] [x1..x4] [transparent] [background theme|white|transparent]
// [without title,legend,bar,notes,axes]` that begins at words[at] and moves `at` behind it; false
// where another word stands there. Throws Error: usage for one of these without its value, input
// for a number outside its range (mm 5..2000, dpi 36..2400).
bool take_picture_word(PictureAsked& asked, const std::vector<std::string>& words, std::size_t& at);
// What cannot stand together, and pictures of no or too many pixels (each side 16 .. 16384). Throws
// Error; `command` begins its sentence.
void check_picture(const PictureAsked& asked, std::string_view command);
// All words from `begin` on.
void take_picture_words(PictureAsked& asked, const std::vector<std::string>& words,
                        std::size_t begin, std::string_view command);

// The line of view.export that asks for this.
[[nodiscard]] std::string export_line(const PictureAsked& asked);
// Its words after the path, each with a blank before it.
[[nodiscard]] std::string picture_words(const PictureAsked& asked);

}  // namespace splatscope
