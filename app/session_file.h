#pragma once

#include "app/session.h"

#include <string>
#include <string_view>

namespace splatscope {

inline constexpr int kSessionVersion = 1;
// Under this key a picture keeps the session it shows (engine/io/png.h).
inline constexpr const char* kSessionKey = "splatscope-session";

// Whether a .run beside a session has cycles to keep.
[[nodiscard]] bool has_cycles_to_store(const hsa::Snapshot& snapshot);

// The session as a file must tell it when the snapshot's history lies in the file `run`: cycles
// that the history does not have yet are computed once it is opened.
[[nodiscard]] Session with_run(Session session, const hsa::Snapshot& snapshot,
                               const std::string& run);

// Saves a session: the script, and beside it, once there are cycles, their history as NAME.run. The
// names of both in `path`'s folder; files of these names are replaced. `second`: what is compared
// with, whose hash is kept; may be null. Throws Error.
void save_session(const Session& session, const hsa::Snapshot& snapshot, const std::string& path,
                  const hsa::Snapshot* second = nullptr);

// The session as a script of commands: first line "# splatscope-session 1"; paths relative to
// `folder`.
[[nodiscard]] std::string write_session(const Session& session, const std::string& folder);

// The same as a picture or a report may tell it: file names without their folders.
[[nodiscard]] std::string told_session(Session session);

// Runs such a script on a new Session, without any data: every line is a change that needs none.
// Throws Error naming the line that is wrong.
[[nodiscard]] Session read_session(const std::string& path, std::string_view bytes);

}  // namespace splatscope
