#pragma once

#include "engine/adapt/controller.h"
#include "engine/engine.h"
#include "engine/memo.h"
#include "engine/model/history.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

namespace hsa {

// What every cycle of a timeline starts from.
struct CycleBase {
    std::shared_ptr<const Dataset> dataset;
    std::shared_ptr<const Coordinates> coordinates;
    std::shared_ptr<const SplatRegistry> registry;  // of cycle 0
    NearOptions near = {};                          // beside splats fitted to queries and keys
    Storage storage = Storage::float32;             // of the factors that cycles are measured with
    EmbedSettings embed = {};                       // which head of a target's file is meant
    std::size_t edits = 0;  // by hand at cycle 0 that the registry has already: of a stored history
    bool operator==(const CycleBase&) const = default;
};

// How many edits by hand these entries hold at cycle 0.
[[nodiscard]] std::size_t edits_at_start(std::span<const HistoryEntry> entries);

// The finished cycles of timelines on one base, by the hash of everything before them, so that
// going back, undo and branches cost nothing (architecture.md "History"). Whole states are kept for
// the last 32 cycles of a timeline and every 32nd; the rest follows from the deltas.
class CycleCache {
  public:
    explicit CycleCache(CycleBase base) : base_(std::move(base)) {}

    // Takes over a stored history, so that its cycles need no computing for the timeline it was
    // saved with: these first settings and entries, whose splats were made with this seed.
    void adopt(const History& history, const AdaptState& last, const CycleSettings& first,
               std::span<const HistoryEntry> entries, std::uint64_t splats_seed);

    [[nodiscard]] const CycleBase& base() const { return base_; }

    struct Result {
        std::shared_ptr<const History> history;
        bool settled =
            false;  // came to rest by itself, or was stopped, before the last cycle asked for
        bool cancelled = false;
    };
    // Cycles 0 .. request.last_cycle, computing what is missing. `finished` is called after each
    // computed cycle. A stop keeps what is finished, but for cycle 0, whose Cancelled is passed on.
    // Throws EditFailed (edit_failed.h) for an edit by hand that cannot be done.
    [[nodiscard]] Result run(Backend& backend, const Request& request, const Work& work,
                             const std::function<void(const History&)>& finished);

    // The factors and measures of the cycle that was computed last, if it was this one with these
    // settings by this backend: nulls otherwise.
    struct Fresh {
        std::uint64_t registry_hash = 0;
        CycleSettings settings;
        std::string backend;
        std::shared_ptr<const Factors> factors;
        std::shared_ptr<const Measures> measures;
    };
    [[nodiscard]] Fresh fresh(std::uint64_t registry_hash, const CycleSettings& settings,
                              const std::string& backend) const {
        const bool same = fresh_.registry_hash == registry_hash && fresh_.settings == settings &&
                          fresh_.backend == backend;
        return same ? fresh_ : Fresh{};
    }

    // The coordinates of a registry of these timelines: those of the base, or of its levels.
    [[nodiscard]] std::shared_ptr<const Coordinates> coordinates_for(const SplatRegistry& registry,
                                                                     const Work& work);

    // What attention is held against with these settings; null with target.source none. Throws
    // Error when a file is no target.
    [[nodiscard]] std::shared_ptr<const Target> target_for(const CycleSettings& settings);

  private:
    struct Link {
        std::shared_ptr<const Cycle> cycle;
        std::shared_ptr<const AdaptState> state;  // null once it was dropped
    };
    struct Step;  // one cycle of the request at hand
    static std::vector<Step> steps_of(const CycleSettings& first,
                                      std::span<const HistoryEntry> entries, std::size_t last,
                                      std::uint64_t splats_seed);

    AdaptInput input_for(const CycleSettings& settings, std::uint64_t seed,
                         const Coordinates& coordinates);
    Link compute(Backend& backend, const Request& request, const std::vector<Step>& steps,
                 std::size_t index, const Work& work);
    std::shared_ptr<const AdaptState> state_before(Backend& backend, const Request& request,
                                                   const std::vector<Step>& steps,
                                                   std::size_t index, const Work& work);
    std::shared_ptr<const Cycle> drop_state(const std::vector<Step>& steps, std::size_t last);

    CycleBase base_;
    std::map<std::uint64_t, Link> links_;
    Fresh fresh_;
    std::deque<std::shared_ptr<const Coordinates>> coordinates_;  // of other levels, newest first
    Memo<std::pair<TargetSettings, bool>, Target> targets_;       // by settings and causal
};

}  // namespace hsa
