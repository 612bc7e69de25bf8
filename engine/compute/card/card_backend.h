#pragma once

#include "engine/compute/card/card.h"

#include <functional>
#include <memory>

namespace hsa {

// The operations of Backend on a card, block by block. Its first failure (lost, too little
// memory) hands that operation and all that follow to the CPU; info() then says why. The card is
// held against the CPU's numbers first: throws Error where it is wrong, or fails at once.
// `before_operation` is called before each operation on the card; what it throws is an error of
// the card, and a card that is not `checked` is trusted (tests).
[[nodiscard]] std::unique_ptr<Backend> make_card_backend(
    std::unique_ptr<Card> card, std::function<void()> before_operation = {}, bool checked = true);

}  // namespace hsa
