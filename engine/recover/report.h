#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/finding.h"
#include "engine/model/settings.h"
#include "engine/snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <vector>

namespace hsa {

// The settings that a snapshot was made with, as far as they can defeat it.
struct CheckSettings {
    AdaptSettings adapt;
    AttentionSettings attention;
    LevelMask mask;
    ComputeSettings compute;
    std::size_t machine_bytes = 0;  // memory of the machine; 0 = not known
};

// What was found in a snapshot, worst first, and every number that was looked at.
struct HealthReport {
    std::vector<Finding> findings;
    std::vector<Check> checks;
    bool complete = false;  // false: the snapshot lacks something that checks read

    [[nodiscard]] std::size_t count(Severity severity) const;
};

// Runs every detector of this folder on a snapshot: O(n k), and one pass over all tokens for the
// parents.
[[nodiscard]] HealthReport check_snapshot(const Snapshot& snapshot, const CheckSettings& settings,
                                          Backend& backend, const Work& work);

// The result of recover.check, and of print health under "findings" and "checks" (commands.md
// "Results").
[[nodiscard]] nlohmann::json findings_json(const HealthReport& report);
[[nodiscard]] nlohmann::json checks_json(const HealthReport& report);
[[nodiscard]] nlohmann::json answer_check(const HealthReport& report);

}  // namespace hsa
