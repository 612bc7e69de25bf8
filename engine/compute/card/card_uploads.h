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

    // Rows and the sums before their tiles, for as long as their owner lives. They are sent when
    // they are asked for again: those of a moving slider are seen once. Both null until then, and
    // where they do not fit beside what their owner has here (Card::bytes_to_keep).
    struct Kept {
        std::shared_ptr<const OnCard> rows;
        std::shared_ptr<const OnCard> before;
    };
    [[nodiscard]] Kept kept(Card& card, const KeptRows& rows);
    // They are sent anew when they are asked for again; rows() stay.
    void forget_kept();
    [[nodiscard]] bool empty() const { return uploads_.empty() && owned_.empty(); }
    [[nodiscard]] std::size_t sent() const { return sent_; }  // so far, for tests

  private:
    struct Upload {
        std::uint64_t hash = 0;
        std::size_t rows = 0;
        std::size_t columns = 0;
        std::shared_ptr<const OnCard> on;

        [[nodiscard]] std::uint64_t bytes() const { return rows * columns * sizeof(float); }
    };
    struct Owned {
        std::weak_ptr<const void> owner;
        const float* data = nullptr;
        std::uint64_t bytes = 0;
        Kept on;
    };
    [[nodiscard]] bool make_room(Card& card, const Owned& wanted);

    std::list<Upload> uploads_;  // the last used first
    std::list<Owned> owned_;     // the same
    std::uint64_t bytes_ = 0;
    std::size_t sent_ = 0;
};

}  // namespace hsa
