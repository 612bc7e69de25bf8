#pragma once

#include "app/desks/desk.h"
#include "app/document.h"

#include <string>

namespace splatscope {

// Everything the user has chosen: a value.
struct Session {
    Document document;
    Desk desk;
    bool operator==(const Session&) const = default;
};

// Where the tour is at a second of the window's clock: what Document::axes say, and further while
// it moves.
[[nodiscard]] double tour_second(const Session& session, double now);
[[nodiscard]] bool is_touring(const Session& session);

// What the engine must compute for this session.
[[nodiscard]] hsa::Request request_of(const Session& session);
// The selection as one line for the status bar: "block 210 x 210, 5 splats, 34 tokens".
[[nodiscard]] std::string describe(const hsa::Selection& selection);

}  // namespace splatscope
