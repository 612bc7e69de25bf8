#pragma once

#include "engine/model/event.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// What can be wrong with a registry, its attention or the settings.
enum class FindingKind : std::uint8_t {
    numbers,        // not finite, ill-conditioned, sums that are not 1
    empty_level,    // a level without splats, or without any that count
    orphans,        // a parent that is none, or that has little of its child
    stagnation,     // the objective stands still far from the target
    configuration,  // settings, amplitudes, widths that defeat the engine
    collapse,       // one splat has everything, or every row is alike
    bottleneck,     // a level lets next to nothing through
    memory,         // the settings need more than the machine has
    gradients       // of adjust: none, huge, not finite
};
inline constexpr std::size_t kFindingKinds = 9;

enum class Severity : std::uint8_t { info, warning, fault };

// What recover.repair can put right.
enum class RepairKind : std::uint8_t { numbers, widths, amplitudes, empty, orphans, rebalance };
inline constexpr std::size_t kRepairKinds = 6;

// Where it is; empty parts say nothing.
struct FindingPlace {
    std::string level;
    std::vector<SplatId> splats;        // rising
    std::vector<std::uint32_t> tokens;  // rising; at most a few hundred
    std::string stage;                  // of the engine, or a setting
};

// One thing that was found, or a number of it beside what it may be.
struct Finding {
    FindingKind kind = FindingKind::numbers;
    Severity severity = Severity::info;
    FindingPlace place;
    std::vector<Reason> numbers;  // each beyond its threshold
    std::string text;             // one sentence
    std::string command;          // that would help: "recover.repair orphans"; empty = none does
};

// One number that was held against a limit, whether or not it kept within it.
struct Check {
    FindingKind kind = FindingKind::numbers;
    std::string name;  // "row sums of P, away from 1"
    double value = 0.0;
    double limit = 0.0;
    bool at_least = false;  // the limit is the least that is sound, not the most
};

struct Findings {
    std::vector<Finding> findings;
    std::vector<Check> checks;
};

[[nodiscard]] const char* name_of(FindingKind kind);
[[nodiscard]] const char* name_of(Severity severity);
[[nodiscard]] const char* name_of(RepairKind kind);
// Throws Error (usage) listing the kinds.
[[nodiscard]] RepairKind repair_kind(std::string_view name);
// "Parents", for a title.
[[nodiscard]] const char* title_of(FindingKind kind);

}  // namespace hsa
