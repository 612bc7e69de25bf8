#pragma once

#include "engine/attention/cells.h"
#include "engine/attention/picture.h"
#include "engine/attention/strongest_blocks.h"
#include "engine/compute/backend.h"
#include "engine/explain/ask.h"
#include "engine/explain/cards.h"
#include "engine/explain/compare.h"
#include "engine/explain/event_card.h"
#include "engine/explain/flow.h"
#include "engine/explain/level_flow.h"
#include "engine/explain/linked.h"
#include "engine/explain/listing.h"
#include "engine/explain/output_chain.h"
#include "engine/explain/second_side.h"
#include "engine/explain/specialisation/specialisation.h"
#include "engine/explain/text_look.h"
#include "engine/explain/token_paths.h"
#include "engine/explain/tour.h"
#include "engine/head_grid.h"
#include "engine/level_advice.h"
#include "engine/model/selection.h"
#include "engine/preview.h"
#include "engine/recover/report.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// The grid of a model's heads, with the fits of splats to them or without.
struct HeadsWanted {
    std::size_t pixels = 64;  // of a thumbnail, each way
    bool fits = false;
    bool operator==(const HeadsWanted&) const = default;
};

// A glance at A before and after an event that is not selected.
struct PeekWanted {
    std::size_t event = 0;  // in the flat list of all events
    PictureRequest picture;
    bool operator==(const PeekWanted&) const = default;
};

// What the views on screen want to see.
struct Wanted {
    std::vector<PictureRequest> pictures;      // of the map
    std::vector<PictureRequest> targets;       // of what it is held against
    std::vector<PictureRequest> changes;       // of A before and after the selected event
    std::optional<std::int32_t> second_cycle;  // whose A stands beside the one shown ...
    std::vector<PictureRequest> seconds;       // ... in these
    std::optional<StrongestWanted> strongest;  // blocks of the map
    std::vector<PictureRequest> others;        // of the other side, in its own tokens
    bool comparison = false;                   // how far the other side is from what is shown
    std::optional<HeadsWanted> heads;
    bool levels = false;  // what passes between them
    bool health = false;
    bool specialisations = false;  // of every splat
    bool flow = false;
    std::optional<ListingWanted> listing;  // of the table
    std::optional<TextWanted> text;        // of the page of the text
    std::optional<TourWanted> tour;        // while the 3-D view moves through its dimensions
    std::optional<PeekWanted> peek;
    std::optional<PreviewWanted> preview;  // while a gesture lasts: everything is of this
    bool operator==(const Wanted&) const = default;
};

// What the screen wants to see of a snapshot: pictures, heads, and what the selection lights up.
struct LookRequest {
    std::uint64_t id = 0;
    std::shared_ptr<const Snapshot> snapshot;
    Wanted wanted;
    std::shared_ptr<const Snapshot> other;  // what it is compared with; null: nothing
    std::shared_ptr<const Request> asked;   // what the snapshot answers: its settings make the fits
    AttentionSettings attention;
    Selection selection;
    double time_limit = 0.0;  // seconds for a picture; 0 = as long as it takes
    std::shared_ptr<const struct LookResult>
        previous;  // parts whose inputs did not change are kept
};

// Both pictures are null where the event changed nothing.
struct Peek {
    PeekWanted wanted;
    std::shared_ptr<const EventFactors> factors;
    std::shared_ptr<const Picture> before, after;
};

// The answers; immutable.
struct LookResult {
    std::uint64_t id = 0;
    std::shared_ptr<const Snapshot> of;         // that of the request, or its preview
    std::shared_ptr<const Snapshot> previewed;  // what `of` is a preview of; null: it is none
    std::optional<PreviewWanted> preview;
    Selection selection;
    AttentionSettings attention;
    double time_limit = 0.0;
    std::vector<std::shared_ptr<const Picture>> pictures;  // of the requests, in order
    // Of Wanted::targets, in order; none where there is no target.
    std::vector<std::shared_ptr<const Picture>> targets;
    // While its pictures are wanted: the second side, and Wanted::seconds, in order.
    std::shared_ptr<const SecondSide> second;
    std::vector<std::shared_ptr<const Picture>> seconds;
    std::shared_ptr<const StrongestBlocks> strongest;
    std::shared_ptr<const HeadGrid> heads;               // may lack fits: ask again for the next
    std::shared_ptr<const Snapshot> other;               // which the next two are of
    std::vector<std::shared_ptr<const Picture>> others;  // of Wanted::others, in order
    std::shared_ptr<const Comparison> comparison;        // where both have the same tokens
    std::shared_ptr<const HealthReport> health;
    std::shared_ptr<const Traits> traits;  // of the tokens of `of`
    // Of every column of the factors; none where they would take long (splats x tokens above 2^28).
    std::shared_ptr<const Specialisations> specialisations;
    std::shared_ptr<const Flow> flow;
    std::shared_ptr<const LevelFlow> levels;
    std::shared_ptr<const TokenPaths> paths;    // of the first selected token, beside `levels`
    std::shared_ptr<const LevelAdvice> advice;  // with the levels, of a snapshot that is complete
    std::shared_ptr<const Linked> linked;       // its tokens are those of `asked`, too
    std::shared_ptr<const CellParts> block;     // of selection.block, or the one cell
    std::optional<double> finished;             // its mean after the row steps, where there are any
    std::shared_ptr<const Asked> asked;         // of the selected tokens
    std::shared_ptr<const TokenCard> token;     // of the first selected token
    std::shared_ptr<const OutputChain> output;  // its own, where the data have values
    std::shared_ptr<const SplatCard> splat;     // of the first selected splat
    std::shared_ptr<const SplatSpecialisation> does;  // what that one does
    std::shared_ptr<const EventCard> event;           // of the selected event
    // While its pictures are wanted: what Wanted::changes show, in order; none where it changed
    // nothing.
    std::shared_ptr<const EventFactors> event_factors;
    std::vector<std::shared_ptr<const Picture>> before, after;
    std::shared_ptr<const Peek> peek;
    std::shared_ptr<const Listing> listing;  // as soon as there are data; none without
    std::shared_ptr<const TextLook> text;    // the same
    std::shared_ptr<const TourSpace> tour;   // while it is wanted
    std::string error;
};

[[nodiscard]] std::shared_ptr<const LookResult> look(const LookRequest& request, Backend& backend,
                                                     const Work& work);

}  // namespace hsa
