#include "engine/model/finding.h"

#include "engine/core/error.h"

#include <array>

namespace hsa {
namespace {

constexpr std::array<const char*, kFindingKinds> kKinds = {
    "numbers",  "empty_level", "orphans", "stagnation", "configuration",
    "collapse", "bottleneck",  "memory",  "gradients"};
constexpr std::array<const char*, kFindingKinds> kTitles = {
    "Numbers",  "Levels",     "Parents", "Progress", "Configuration",
    "Collapse", "Bottleneck", "Memory",  "Gradients"};
constexpr std::array<const char*, kRepairKinds> kRepairs = {"numbers", "widths",  "amplitudes",
                                                            "empty",   "orphans", "rebalance"};

}  // namespace

const char* name_of(FindingKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }
const char* title_of(FindingKind kind) { return kTitles.at(static_cast<std::size_t>(kind)); }
const char* name_of(RepairKind kind) { return kRepairs.at(static_cast<std::size_t>(kind)); }

const char* name_of(Severity severity) {
    switch (severity) {
        case Severity::info: return "info";
        case Severity::warning: return "warning";
        case Severity::fault: return "fault";
    }
    return "";
}

RepairKind repair_kind(std::string_view name) {
    for (std::size_t k = 0; k < kRepairs.size(); ++k)
        if (name == kRepairs[k]) return static_cast<RepairKind>(k);
    fail_usage(
        "There is no repair '{}': numbers, widths, amplitudes, empty, orphans, rebalance, or none "
        "named for whatever was found.",
        name);
}

}  // namespace hsa
