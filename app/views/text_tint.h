#pragma once

#include "app/render/canvas.h"
#include "app/views/view.h"
#include "app/widgets/axis.h"
#include "app/widgets/colour_bar.h"
#include "app/widgets/sign.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace splatscope {

// The part of a token's attention that says most about it: its strongest splat, or its strongest
// level.
struct Dominant {
    std::size_t column = 0;  // of the factors
    std::uint16_t level = 0;
    double share = 0.0;  // of P
};

// How words are tinted: by attention from or to the selection (times uniform, on the logarithmic
// range of the map), by their strongest splat (of the level the map shows, if it shows one), by
// level, or by a number that they have.
class Tinting {
  public:
    explicit Tinting(const ViewContext& context);

    // The tint of a token over the panel; alpha 0 where it has none.
    [[nodiscard]] Colour colour(std::size_t token) const;
    // The same without fading what is weak: for the overview, where there is no text to read.
    [[nodiscard]] Colour strong_colour(hsa::Range tokens) const;
    [[nodiscard]] std::optional<double> attention(std::size_t token) const;  // times uniform
    [[nodiscard]] std::optional<Dominant> dominant(std::size_t token) const;
    // What most tokens of a range have, some looked at; nothing for attention and numbers.
    [[nodiscard]] std::optional<Dominant> dominant(hsa::Range tokens) const;
    // Colour and shape of a splat, or of its level: as the words are tinted.
    [[nodiscard]] Sign sign(const Dominant& strongest) const;
    [[nodiscard]] bool same(const Dominant& a, const Dominant& b) const;  // have one sign
    // A line for the tooltip; empty without a tint.
    [[nodiscard]] std::string words(std::size_t token) const;

    [[nodiscard]] TextTint kind() const { return kind_; }
    [[nodiscard]] bool by_attention() const {
        return kind_ == TextTint::from || kind_ == TextTint::to;
    }
    [[nodiscard]] bool by_number() const { return kind_ == TextTint::measure; }
    [[nodiscard]] bool empty() const;  // nothing to tint by: no selection, or no splats yet
    // The page with the attention of one word in the selection's place, while a pointer rests on
    // it.
    [[nodiscard]] Tinting of_word(std::uint32_t token, std::span<const float> values) const;
    // What is missing for a tint by a number, a sentence; empty where nothing is.
    [[nodiscard]] std::string fault() const;
    // What the numbers are: "received, times uniform".
    [[nodiscard]] std::string caption() const;
    // The colours of attention as they lie on the panel, and their axis: for the legend.
    [[nodiscard]] ColourTable legend_table() const;
    [[nodiscard]] Axis legend_axis() const;
    // Changes whenever colours change: a key for what is drawn once and kept.
    [[nodiscard]] std::uint64_t key() const;

  private:
    [[nodiscard]] std::size_t table_index(double ratio) const;
    // Where a number stands between the ends of its range, 0 to 1; nothing where it is none.
    [[nodiscard]] std::optional<double> share(std::size_t token) const;
    [[nodiscard]] Colour number_colour(double share) const;

    const hsa::Snapshot* snapshot_;
    const Theme* theme_;
    TextTint kind_;
    ColourTable table_{};
    std::span<const float> values_;
    std::shared_ptr<const hsa::TokenNumbers> numbers_;
    std::optional<std::uint32_t> word_;  // whose attention it is; the selection's without
    std::optional<std::uint16_t> level_;
    std::uint64_t key_ = 0;
};

}  // namespace splatscope
