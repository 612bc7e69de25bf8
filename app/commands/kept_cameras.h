#pragma once

#include "app/session.h"

#include <string>
#include <string_view>
#include <vector>

namespace splatscope {

// The poses of kept cameras, by their names parted by commas or ":" for all in the order they were
// kept. Throws Error in the name of the command: usage for fewer than two names, input for a name
// that there is none of, which says which there are.
[[nodiscard]] std::vector<CameraPose> camera_path(std::string_view command, const SplatsDesk& desk,
                                                  const std::string& names);

// "YAW PITCH DISTANCE PX PY PZ [everything] [orthographic]", as camera.kept takes it.
[[nodiscard]] std::string camera_words(const CameraPose& pose);

}  // namespace splatscope
