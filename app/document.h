#pragma once

#include "engine/engine.h"
#include "engine/model/selection.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace splatscope {

// How many levels levels.suggest and levels.optimise keep to.
struct LevelLimits {
    std::size_t least = 1;
    std::size_t most = 6;
    bool operator==(const LevelLimits&) const = default;
};

enum class CompareKind : std::uint8_t { none, file, cycle, branch, target, head };
struct Compare {
    CompareKind kind = CompareKind::none;
    std::string argument;
    std::uint64_t version = 0;    // of a file: raised to read it again
    std::uint64_t data_hash = 0;  // of its data when a session was saved; 0 = unknown
    bool operator==(const Compare&) const = default;
};

// The history the user asked for: what was done by hand and how many cycles ran (architecture.md
// "History"). A branch is a timeline that was left when an edit or step came before its end.
struct Timeline {
    hsa::CycleSettings first;  // in force from cycle 0; later changes are entries
    std::vector<hsa::HistoryEntry> entries;
    std::int32_t last = 0;                      // cycles asked for
    bool until_quiet = false;                   // a run in progress that may end before `last`
    std::vector<hsa::EventKind> until_events;   // and one that ends with such an event
    std::int32_t run_from = 0;                  // where that run began
    std::int32_t cursor = 0;                    // the cycle shown, 0..last
    std::map<std::int32_t, std::string> marks;  // notes of the user, by cycle
    bool operator==(const Timeline&) const = default;
};

// What the work is about: undoable.
struct Document {
    std::vector<hsa::Source> sources;
    std::uint64_t data_hash = 0;  // of the data that a session was saved with; 0 = unknown
    Compare compare;
    hsa::EmbedSettings embed;
    hsa::CoordinateSettings coordinates;
    hsa::InitSettings init;
    hsa::SplatSettings splats;
    hsa::TargetSettings target;
    hsa::AdaptSettings adapt;
    hsa::AttentionSettings attention;
    hsa::LevelMask mask;
    LevelLimits levels;
    hsa::ComputeSettings compute;
    hsa::ReplaceSettings replace;
    hsa::RecoverSettings recover;
    std::string run;        // path of the .run whose history goes on; empty = initialise
    Timeline run_timeline;  // as it was saved
    Timeline timeline;
    std::vector<Timeline> branches;  // the newest last
    hsa::Selection selection;
    std::map<std::string, hsa::Selection> kept;        // selections by the name they were given
    std::map<hsa::SplatId, std::string> names;         // of splats, given by hand
    hsa::AxesChoice axes;                              // of the 3-D view
    std::map<std::string, hsa::AxesChoice> kept_axes;  // by the name they were given
    bool operator==(const Document&) const = default;
};

}  // namespace splatscope
