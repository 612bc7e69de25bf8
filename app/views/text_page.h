#pragma once

#include "app/render/canvas.h"
#include "app/views/text_layout.h"
#include "app/views/text_tint.h"
#include "app/views/view.h"
#include "app/widgets/theme.h"
#include "engine/core/range.h"
#include "engine/model/selection.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

inline constexpr float kTextLine = 20.0F;  // height of a line of the document, logical pixels

// A token, or its part on one line, as it stands on the screen.
struct TokenPlace {
    std::uint32_t token = 0;
    Rect place;
};

// The heat strip of a section, as it stands on the screen.
struct HeatPlace {
    std::size_t section = 0;
    hsa::Range tokens;
    Rect place;
};

// The token of the section that stands for a place of its strip.
[[nodiscard]] std::size_t token_of(const HeatPlace& heat, Vec2 at);

// What the lines of a page need to be drawn.
struct Page {
    Rect place;
    double first_line = 0.0;  // at the upper edge
    const Tinting* tinting = nullptr;
    std::span<const hsa::Range> selected;  // sorted
    std::span<const std::uint32_t> lit;    // sorted
    bool heat = false;  // a strip beside headings with the tint of the whole section ...
    const Tinting* section_tinting = nullptr;  // ... by this
    std::vector<HeatPlace>* heats = nullptr;   // gets where those strips are; null: nobody asks
};

// Draws the visible lines of a document and returns where its tokens stand.
[[nodiscard]] std::vector<TokenPlace> draw_page(Canvas& canvas, const Theme& theme,
                                                const Page& page, const TextLayout& layout,
                                                TextFonts& fonts);
// The same for data without a text: one token a line, its index and its label.
[[nodiscard]] std::vector<TokenPlace> draw_rows(Canvas& canvas, const Theme& theme,
                                                const Page& page, const hsa::Dataset& dataset);

// The token under a position; with `nearest`, the closest on its line where there is none. Nothing
// on a page without tokens.
[[nodiscard]] std::optional<std::uint32_t> token_at(std::span<const TokenPlace> places, Vec2 at,
                                                    bool nearest);

// What a click or a drag over words selects: Shift extends, Ctrl adds, or takes away one word that
// is selected.
struct PickedWords {
    std::string command;
    hsa::Selection after;  // what is selected once it is carried out
};
[[nodiscard]] PickedWords picked_words(const hsa::Selection& selection, std::uint32_t from,
                                       std::uint32_t to, const Pointer& pointer);

}  // namespace splatscope
