#pragma once

#include <string>

namespace splatscope {

// A session that a program which ended without closing left in the profile.
struct LostSession {
    std::string path;      // of what was saved by itself
    std::string own_file;  // where the person had saved it; empty = nowhere
    std::string data;      // names of the files that were open
};

// Before the path of a session's own file, in a session that was saved by itself.
inline constexpr const char* kOwnFileComment = "# own file: ";

// What such a file says of itself. Throws Error.
[[nodiscard]] LostSession read_lost_session(const std::string& path);

}  // namespace splatscope
