#pragma once

#include "app/session.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace splatscope {

// How the views look (cameras, viewports, colours, styles), for the clipboard: {"command": "print",
// "version": 1, "mark": "exact", "name": "view", "settings": {"camera.yaw": 0.6, ...}}. The values
// are those of the settings of the same names.
[[nodiscard]] nlohmann::json view_state(const Session& session);

// Gives the settings of such a text their values; names it does not know, and all beside
// the settings, are passed over. Throws
// Error (input) when the text is no view state, and what set_setting throws for a value.
void restore_view_state(Session& session, const std::string& text);

}  // namespace splatscope
