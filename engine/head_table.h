#pragma once

#include "engine/attention/target.h"
#include "engine/core/work.h"
#include "engine/fit/head_numbers.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hsa {

// How the exact attention of a head is read.
struct HeadReading {
    TargetSettings target;              // of which only `scale` matters: the scores are the head's
    bool causal = false;                // row i is over tokens 0 .. i
    std::vector<std::uint32_t> masked;  // Coordinates::masked
    bool operator==(const HeadReading&) const = default;
};

// The exact attention of a head of these data.
[[nodiscard]] std::shared_ptr<const Target> head_target(const Dataset& dataset,
                                                        const std::shared_ptr<const HeadRows>& head,
                                                        const HeadReading& reading);

struct HeadRow {
    std::size_t layer = 0;
    std::size_t head = 0;
    HeadNumbers numbers;
};

// Every head of the data, layer by layer; of data with one head alone that one. Computed from
// sampled exact rows: O(64 n d) a head, heads in parallel. Throws Error where there are none.
[[nodiscard]] std::vector<HeadRow> head_table(const Dataset& dataset, const HeadReading& reading,
                                              const Work& work);

// The same as the result `heads`: {"rows", "tokens", "heads": [{"layer", "head", "row_entropy",
// "sink_share", "sink", "near_share", "splats", "splats_near"}]}.
[[nodiscard]] nlohmann::json answer_heads(const Dataset& dataset, const HeadReading& reading,
                                          const Work& work);

}  // namespace hsa
