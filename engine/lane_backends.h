#pragma once

#include "engine/compute/card/card_memory.h"
#include "engine/engine.h"

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hsa {

// What computes, since the choice that was taken up last.
struct BackendState {
    BackendInfo info;     // of the lane whose card failed first, where one did: its note says why
    std::string refusal;  // why the choice could not be had: the backend before goes on; or empty
    BackendChoice choice;
    CardMemory memory = {};  // after the last thing that a lane did there
};

// The backends of the lanes, one each, made on the lane's own thread once another is wanted.
class LaneBackends {
  public:
    static constexpr std::size_t kLanes = 3;
    // Makes those of all lanes. Where the choice cannot be had, auto takes its place; `must`:
    // throws Error instead.
    LaneBackends(const BackendChoice& choice, std::vector<BackendEntry> offered, bool must);

    // From any thread; lanes take it up when they next ask for theirs.
    void want(const BackendChoice& choice);
    // Called by a lane before what it does, for its own.
    [[nodiscard]] Backend& of(std::size_t lane);
    // ... and after it: whether its card was given up, and how full it is.
    void hear(std::size_t lane);

    [[nodiscard]] BackendState state() const;
    // Why others were passed over, from the start.
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

  private:
    struct Seat {
        std::unique_ptr<Backend> backend;
        BackendChoice choice;
    };
    std::unique_ptr<Backend> make(const std::string& name, std::vector<std::string>& notes) const;
    std::unique_ptr<Backend> make_alike(const std::string& name,
                                        std::vector<std::string>& notes) const;
    [[nodiscard]] BackendChoice wanted() const;
    void take_up(Seat& seat);
    void tell(const Backend& backend, const BackendChoice& choice, const std::string& why);

    std::vector<BackendEntry> offered_;
    std::vector<std::string> notes_;
    std::array<Seat, kLanes> seats_;

    std::mutex making_;  // one lane at a time; guards the two below
    BackendChoice resolved_for_;
    std::string resolved_;  // the name that the choice led to

    mutable std::mutex mutex_;  // guards the two below
    BackendChoice wanted_;
    BackendState state_;
};

}  // namespace hsa
