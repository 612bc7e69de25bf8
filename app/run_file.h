#pragma once

#include "app/session.h"
#include "engine/io/run.h"
#include "engine/snapshot.h"

#include <string>
#include <string_view>

namespace splatscope {

// The history of a snapshot as a .run of the session's timeline.
[[nodiscard]] hsa::RunFile make_run(const Session& session, const hsa::Snapshot& snapshot);

// Makes the session go on with a stored run: its data, its timeline, the cursor at its end. Reads
// its head only, the engine reads the cycles. Throws Error for bytes that are no run.
void open_run(Session& session, const std::string& path, std::string_view bytes);

}  // namespace splatscope
