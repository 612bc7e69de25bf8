#pragma once

#include "engine/core/work.h"
#include "engine/snapshot.h"

#include <cstdint>
#include <memory>
#include <string>

namespace splatscope {

// What the attention on screen is compared with, as far as it is there.
struct OtherState {
    enum class Stage : std::uint8_t { none, coming, ready, failed, cancelled };
    Stage stage = Stage::none;
    std::string name;  // "voyage.txt", "cycle 3", "head 0:2"
    // Complete when ready; before, what is there already, or null. Null for the target, which is a
    // part of the first side's own snapshot.
    std::shared_ptr<const hsa::Snapshot> snapshot;
    std::string error;  // one sentence, of a stage that failed
    int error_code = 0;
    hsa::Progress progress;  // while it is coming

    // Nothing more comes by itself.
    [[nodiscard]] bool settled() const { return stage != Stage::coming; }
};

}  // namespace splatscope
