#pragma once

#include "app/other_state.h"
#include "app/session.h"
#include "engine/lanes.h"

#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>

namespace splatscope {

// Both sides live on one budget: what a request of either may use.
void share_memory(hsa::Request& request);

// What the attention on screen is compared with, computed in the background by lanes of its own:
// another file, branch or head has its own data, coordinates and splats; a cycle is taken from the
// history that is shown. Belongs to the runner's thread.
class OtherSide {
  public:
    struct Options {
        hsa::SampleReader read_sample;
        std::function<void()> on_news;  // on a lane's thread: there is something to take
        std::vector<hsa::BackendEntry> offered;
    };
    void begin(Options options) { options_ = std::move(options); }

    // Asks for what the Session compares with, where that is something else than before: after
    // every change of the Session or of what is shown. `lanes` are those of the first side.
    void follow(const Session& session, const std::shared_ptr<const hsa::Snapshot>& shown,
                hsa::Engine& lanes);
    // Takes what has been computed. Returns the sentence of what went wrong, once.
    std::string take_news();
    // Stops what is being computed, until something else is asked for.
    void cancel();
    // Waits until there is something to take, or a short while.
    void wait_news();
    [[nodiscard]] const OtherState& state() const { return state_; }
    // Whether lanes of its own compute, so that memory is shared with them.
    [[nodiscard]] bool has_lanes() const { return engine_ != nullptr; }

  private:
    // What a cycle of the history is made from.
    struct OfCycle {
        std::shared_ptr<const hsa::Snapshot> shown;
        std::int32_t cycle = 0;
        std::uint64_t version = 0;
        bool operator==(const OfCycle&) const = default;
    };
    void forget();
    [[nodiscard]] std::string newly_lost();
    void fail(std::string sentence, int code);
    void follow_cycle(const Session& session, const std::shared_ptr<const hsa::Snapshot>& shown,
                      hsa::Engine& lanes);
    void ask_lanes(hsa::Request request, bool again);

    Options options_;
    OtherState state_;
    std::optional<Document> followed_;    // what the request was made from ...
    std::uint64_t followed_backend_ = 0;  // ... and which choice of it
    std::optional<hsa::Request> requested_;
    std::uint64_t next_id_ = 1;
    bool again_ = false;                         // the same file is being read again
    std::string unsaid_;                         // what went wrong before a lane was asked
    std::shared_ptr<const hsa::Snapshot> last_;  // complete, of the same file
    OfCycle of_cycle_;
    std::future<std::shared_ptr<const hsa::Snapshot>> cycle_;
    std::future<void> ending_;  // lanes that are no longer wanted
    std::unique_ptr<hsa::Engine> engine_;
    hsa::BackendChoice told_choice_;  // what was said of its lanes' backend ...
    std::string told_note_;           // ... since this choice
};

}  // namespace splatscope
