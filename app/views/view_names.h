#pragma once

#include "app/render/canvas.h"
#include "app/widgets/sign.h"
#include "app/widgets/theme.h"
#include "engine/model/event.h"
#include "engine/model/mark.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// Words for things of a snapshot, the same in every view.

// Column of a splat in the factors (kNoSplat: the background), by binary search.
[[nodiscard]] std::optional<std::size_t> column_of(const hsa::Factors& factors, hsa::SplatId splat);
// "terns fog island flock"; "splat 17" while there are no names; "background".
[[nodiscard]] std::string splat_name(const hsa::Snapshot& snapshot, hsa::SplatId splat);
// A name made of labels that are paths, by what they share: "owl/barn/raftern owl/barn/hushel" is
// "owl/barn: raftern hushel", labels of several families are "seal ray". Other names stay.
[[nodiscard]] std::string shared_path(const std::string& name);
[[nodiscard]] std::string level_name(const hsa::Snapshot& snapshot, std::uint16_t level);
// The level's colour, or that of the background splat; the sign has its shape too.
[[nodiscard]] Colour colour_of_level(std::uint16_t level);
[[nodiscard]] Sign sign_of_level(std::uint16_t level);
// Of a level by the name it had at some time: grey where it is none of the levels shown.
[[nodiscard]] Colour colour_of_level(const hsa::Snapshot& snapshot, const std::string& name,
                                     const Theme& theme);
[[nodiscard]] Sign sign_of_level(const hsa::Snapshot& snapshot, const std::string& name,
                                 const Theme& theme);

// A level that some cycle of the history had, and where it is among those shown.
struct HistoryLevel {
    std::string name;
    std::optional<std::size_t> index;

    [[nodiscard]] Colour colour(const Theme& theme) const;
};
// Those shown, in order, and between them those that only other cycles have.
[[nodiscard]] std::vector<HistoryLevel> levels_over_time(const hsa::Snapshot& snapshot);

// Index of the level of that name; nothing for the empty name or an unknown one.
[[nodiscard]] std::optional<std::uint16_t> level_of_name(const hsa::Snapshot& snapshot,
                                                         std::string_view name);
// The title of the section of token i; empty where there is none.
[[nodiscard]] std::string section_title(const hsa::Dataset& dataset, std::size_t token);
// True when tokens are words (a text or labels), not mere rows of an array.
[[nodiscard]] bool has_words(const hsa::Dataset& dataset);

// True when a letter or digit is in it; beyond ASCII all but the marks of U+2000 .. U+2FFF count.
[[nodiscard]] bool is_word(std::string_view text);

// A token between its neighbours, white space folded, so that the word can be drawn apart.
struct InContext {
    std::string before, word, after;
    bool flowing = true;  // words of a text; rows of an array have no context, their number follows
};
[[nodiscard]] InContext in_context(const hsa::Dataset& dataset, std::size_t token,
                                   std::size_t words);
// The words of a range in one line, its middle left out when it is long.
[[nodiscard]] std::string words_of(const hsa::Dataset& dataset, hsa::Range tokens);

// The shape of an event (experience.md: birth +, death x, mitosis fork, merge join, adjust dot).
[[nodiscard]] Marker marker_of(hsa::EventKind kind);

// What a view says while it has nothing to show: how to open something, what is being computed, or
// what went wrong.
[[nodiscard]] std::string nothing_yet(const hsa::Snapshot& snapshot);

}  // namespace splatscope
