#pragma once

#include "engine/attention/cells.h"
#include "engine/attention/picture.h"
#include "engine/compute/backend.h"
#include "engine/explain/cards.h"
#include "engine/explain/event_card.h"
#include "engine/explain/linked.h"
#include "engine/model/selection.h"
#include "engine/snapshot.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// What the screen wants to see of a snapshot: pictures of the map and what the selection lights up.
struct LookRequest {
    std::uint64_t id = 0;
    std::shared_ptr<const Snapshot> snapshot;
    std::vector<PictureRequest> pictures;
    AttentionSettings attention;
    Selection selection;
    std::shared_ptr<const struct LookResult>
        previous;  // parts whose inputs did not change are kept
};

// The answers; immutable.
struct LookResult {
    std::uint64_t id = 0;
    std::shared_ptr<const Snapshot> of;
    Selection selection;
    AttentionSettings attention;
    std::vector<std::shared_ptr<const Picture>> pictures;  // of the requests, in order
    std::shared_ptr<const Linked> linked;
    std::shared_ptr<const CellParts> block;  // of selection.block, or the one cell
    std::optional<double> finished;          // its mean after the row steps, where there are any
    std::shared_ptr<const TokenCard> token;  // of the first selected token
    std::shared_ptr<const SplatCard> splat;  // of the first selected splat
    std::shared_ptr<const EventCard> event;  // of the selected event
    std::string error;
};

[[nodiscard]] std::shared_ptr<const LookResult> look(const LookRequest& request, Backend& backend,
                                                     const Work& work);

}  // namespace hsa
