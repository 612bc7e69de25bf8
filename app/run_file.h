#pragma once

#include "app/session.h"
#include "engine/io/run.h"
#include "engine/snapshot.h"

#include <string>
#include <string_view>

namespace splatscope {

// The history of a snapshot as a .run of the session's timeline, up to the last cycle that has its
// whole state: later ones, which undo or a branch left with what changed in them alone, are
// computed again once it is opened. Throws Error where there is no history.
[[nodiscard]] hsa::RunFile make_run(const Session& session, const hsa::Snapshot& snapshot);

// Makes the session go on with a stored run: its data, its timeline, the cursor at its end. Reads
// its head only, the engine reads the cycles. Throws Error for bytes that are no run.
void open_run(Session& session, const std::string& path, std::string_view bytes);

}  // namespace splatscope
