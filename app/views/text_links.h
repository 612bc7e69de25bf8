#pragma once

#include "app/render/canvas.h"
#include "app/views/text_page.h"
#include "app/widgets/theme.h"
#include "engine/explain/cards.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace splatscope {

// Arcs from the words that attend to those attended to, which have the dot: the stronger the
// darker. Those without a place on the page are left out.
void draw_arcs(Canvas& canvas, const Theme& theme, std::span<const TokenPlace> places,
               const hsa::StrongestPairs& links);

// The links of one word, a line each, the strongest three: "→ “keeper”: 12 x uniform".
[[nodiscard]] std::string words_of_links(const hsa::Dataset& dataset,
                                         const hsa::StrongestPairs& links, std::uint32_t token,
                                         bool causal);

// A section's tint from its first word (left) to its last in one row of cells.
void draw_heat(Canvas& canvas, const Rect& place, const Tinting& tinting, hsa::Range section);

}  // namespace splatscope
