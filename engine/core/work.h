#pragma once

#include "engine/core/error.h"

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace hsa {

// What a running stage tells the user.
struct Progress {
    std::string step;       // "embedding the text"; empty when nothing runs
    double fraction = 0.0;  // of this step, 0..1
    bool operator==(const Progress&) const = default;
};

// The two threads that tie a long computation to whoever started it: a way to be told to stop and
// a way to say how far it is. Default-made, it never stops and says nothing.
struct Work {
    std::stop_token stop;
    std::function<void(std::string_view step, double fraction)> on_progress;
    std::optional<std::chrono::steady_clock::time_point> until = std::nullopt;

    // Throws Cancelled when a stop was asked for. Call it between blocks.
    void check() const {
        if (stop.stop_requested()) throw Cancelled();
    }
    // Whether the time that was given is over: who can leave blocks out does, and says which.
    [[nodiscard]] bool late() const { return until && std::chrono::steady_clock::now() >= *until; }
    void report(std::string_view step, double fraction) const {
        if (on_progress) on_progress(step, fraction);
    }
};

}  // namespace hsa
