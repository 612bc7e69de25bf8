#pragma once

#include "engine/core/work.h"
#include "engine/model/dataset.h"
#include "engine/model/selection.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace hsa {

// Where tokens of a text are in another version of it: before the first and after the last change
// at the same place; between, at the same word whose neighbours agree most, of several the nearest.
class Carry {
  public:
    // Both must outlive it. Throws Cancelled.
    Carry(const Dataset& from, const Dataset& to, const Work& work);

    // Nothing where the word is there no more.
    [[nodiscard]] std::optional<std::size_t> of(std::size_t token) const;
    // Tokens whose words are gone are no longer selected, nor a block none of whose rows or columns
    // is left; splats and event stay.
    [[nodiscard]] Selection of(const Selection& selection) const;

  private:
    [[nodiscard]] std::optional<Range> span_of(Range range) const;
    [[nodiscard]] bool agree(std::size_t a, std::size_t b, std::ptrdiff_t by) const;

    const Dataset& from_;
    const Dataset& to_;
    std::size_t same_before_ = 0, same_after_ = 0;                        // tokens
    std::unordered_map<std::string, std::vector<std::uint32_t>> places_;  // of words between
};

}  // namespace hsa
