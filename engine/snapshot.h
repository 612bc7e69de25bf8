#pragma once

#include "engine/attention/target.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"
#include "engine/model/history.h"
#include "engine/model/layout.h"
#include "engine/model/measures.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

struct StageTime {
    std::string name;
    double ms = 0.0;
    bool cached = false;
    std::size_t hits = 0;  // times that this engine had its result already
};

// Of a snapshot that is shown while a gesture lasts (engine/preview.h).
enum class PreviewKind : std::uint8_t { none, coarse, exact };

// Everything computed, published once and never changed. Pointers are null until their stage has
// run, so a half-loaded snapshot shows the text first, then the coarse map, then all.
struct Snapshot {
    std::uint64_t generation = 0;
    std::uint64_t request_id = 0;  // of the request it answers
    bool complete = false;         // every stage of the request has run

    std::shared_ptr<const Dataset> dataset;
    std::shared_ptr<const Coordinates> coordinates;
    std::shared_ptr<const Target> target;
    std::shared_ptr<const History> history;
    std::int32_t cycle = 0;    // shown: the registry below is the one after this cycle
    bool run_settled = false;  // adapt.run came to rest by itself
    std::shared_ptr<const SplatRegistry> registry;
    std::shared_ptr<const Factors> factors;
    std::optional<Calibration> calibration;  // of the first splats, where the program made them
    double temperature = 1.0;                // of the factors: attention.temperature at that cycle
    bool causal = false;                     // of the factors: attention.causal at that cycle
    NearOptions near = {};                   // exact pairs beside a head's splats
    std::shared_ptr<const TileSums> sums;
    // False while the whole is being computed: factors and sums are those of fewer, stratified
    // rows.
    bool factors_exact = true;
    PreviewKind preview = PreviewKind::none;  // of an edit that is not done yet
    std::shared_ptr<const Measures> measures;
    std::shared_ptr<const std::vector<std::string>> names;   // [c] names of the factors' columns
    std::shared_ptr<const std::vector<float>> parent_share;  // [k]
    std::shared_ptr<const Layout> layout;

    std::vector<StageTime> stages;
    std::size_t remembered_bytes = 0, budget_bytes = 0;  // of factors, of this and earlier requests
    std::vector<std::string> notes;  // "showing cycle 12 as stored: ..." for the screen
    std::string backend;
    Progress progress;  // of what is still running
    std::string error;  // one sentence; the last good data stay
    int error_code = 0;
    bool cancelled = false;  // stopped by the user before it was complete
};

}  // namespace hsa
