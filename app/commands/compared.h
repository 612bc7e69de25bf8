#pragma once

#include "app/commands/contexts.h"
#include "app/session.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>

namespace splatscope {

// The session of the second side: the same settings on another file (unless that is a session or a
// run with its own), on the branch that was left, or with another head. Throws Error for a file
// that cannot be opened and a branch that is none; of the kinds file, branch and head alone.
[[nodiscard]] Session compared_session(const Session& session,
                                       const hsa::SampleReader& read_sample);

// The number of a cycle or branch. Throws Error for what is none.
[[nodiscard]] std::int32_t compared_number(const Compare& compare);

// What stands on screen for it: "voyage.txt", "cycle 3", "branch 0", "target", "head 0:2".
[[nodiscard]] std::string compared_name(const Compare& compare);

// print compare: kind, with, state (none, coming, ready, failed, cancelled), error, and of
// both sides {source, tokens, hash, cycle, splats}; same_tokens: whether their maps can be compared
// cell by cell. Null what is not known.
[[nodiscard]] nlohmann::json compare_json(const QuestionContext& context);

}  // namespace splatscope
