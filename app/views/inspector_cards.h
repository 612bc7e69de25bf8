#pragma once

#include "app/views/inspector_card.h"
#include "engine/attention/cells.h"
#include "engine/explain/ask.h"
#include "engine/explain/cards.h"
#include "engine/look.h"

namespace splatscope {

// One card each; what they need of the snapshot may be missing and is then left out.

// Tokens, dimensions, what was understood, splats by level, row-KL; and how to get another card.
void write_dataset_card(CardWriter& card);
// A cell or block: its mean, times uniform, and a waterfall of splats that ends at it; with row
// steps the mean after them too.
void write_block_card(CardWriter& card, const hsa::Block& block, const hsa::LookResult& look);
// `does`: what it does; null while it is not known.
void write_splat_card(CardWriter& card, const hsa::SplatCard& splat,
                      const hsa::SplatSpecialisation* does, std::size_t selected);
// `output`: its output through the values; null where there are none.
void write_token_card(CardWriter& card, const hsa::TokenCard& token, const hsa::OutputChain* output,
                      std::size_t selected);
// Several tokens as one question: what they attend to, what attends to them, how far.
void write_ask_card(CardWriter& card, const hsa::Asked& asked);
// The strongest links of tokens over a distance, both ways; nothing where none were looked for.
void write_far_links(CardWriter& card, const hsa::Asked& asked);
// Why: numbers against thresholds, the objective before and after, what changed in A.
void write_event_card(CardWriter& card, std::size_t index, const hsa::Event& event,
                      const hsa::EventCard* changes);

// Links that several cards use.
[[nodiscard]] RowLink splat_link(const hsa::Snapshot& snapshot, hsa::SplatId splat,
                                 std::string tooltip = {});
[[nodiscard]] RowLink token_link(std::uint32_t token, std::string tooltip = {});

}  // namespace splatscope
