#pragma once

#include "engine/compute/card/card.h"

#include <cstdint>
#include <list>
#include <memory>

namespace hsa {

// Rows on a card by the hash of what is in them, so that the same rows are sent once: every level
// may have the same coordinates, the second pass of attention has those of the first, and the next
// picture is of the same factors. The longest unused are freed beyond Card::bytes_at_once().
class CardUploads {
  public:
    // What is returned outlasts its place here.
    [[nodiscard]] std::shared_ptr<const OnCard> rows(Card& card, MatrixView<const float> rows);
    [[nodiscard]] bool empty() const { return uploads_.empty(); }
    [[nodiscard]] std::size_t sent() const { return sent_; }  // so far, for tests

  private:
    struct Upload {
        std::uint64_t hash = 0;
        std::size_t rows = 0;
        std::size_t columns = 0;
        std::shared_ptr<const OnCard> on;

        [[nodiscard]] std::uint64_t bytes() const { return rows * columns * sizeof(float); }
    };
    std::list<Upload> uploads_;  // the last used first
    std::uint64_t bytes_ = 0;
    std::size_t sent_ = 0;
};

}  // namespace hsa
