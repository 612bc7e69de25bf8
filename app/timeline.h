#pragma once

#include "app/session.h"

#include <cstdint>
#include <string>
#include <vector>

namespace splatscope {

// The settings that cycles depend on, as the Session has them now.
[[nodiscard]] hsa::CycleSettings cycle_settings(const Session& session);

// Makes the settings in force at the end of the timeline those of the Session: after a timeline was
// read from a file.
void adopt_cycle_settings(Session& session);

// An edit by hand at the time cursor. With the cursor before the last cycle the old timeline is
// kept as a branch and a new one begins there.
void add_edit(Session& session, hsa::Edit edit);

// To be called after a setting that cycles depend on was changed: recorded at the time cursor as an
// entry, or as the first settings when no cycle ran yet.
void settings_changed(Session& session);

// A new start at cycle 0 (another file or initialisation); a timeline with cycles becomes a branch.
void restart(Session& session);

// Moves the cursor forward by `count` cycles, computing those that are not there yet.
void step(Session& session, std::int32_t count);
// Asks for `count` further cycles beyond the last, or (0) until it is quiet, at most 1,000.
void run(Session& session, std::int32_t count);
// The same until a cycle accepted an event of one of these kinds, or until it is quiet.
void run_to(Session& session, std::vector<hsa::EventKind> kinds);
// Moves the cursor; throws hsa::Error when the cycle does not exist.
void go_to(Session& session, std::int32_t cycle);
// A note of the user at a cycle of the timeline; an empty text takes it away. Throws hsa::Error
// when the cycle does not exist.
void mark(Session& session, std::int32_t cycle, const std::string& text);
// Keeps the cycles that are finished and asks for no more.
void pause_at(Session& session, std::int32_t finished);

}  // namespace splatscope
