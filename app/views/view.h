#pragma once

#include "app/other_state.h"
#include "app/render/canvas.h"
#include "app/session.h"
#include "app/views/lit_tokens.h"
#include "app/widgets/theme.h"
#include "engine/look.h"
#include "engine/snapshot.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace splatscope {

// What a view reads: never changed by it.
struct ViewContext {
    const Session& session;
    const hsa::Snapshot& snapshot;  // pointers in it may be null: show what is there
    const hsa::LookResult& look;    // of an older snapshot at times; pictures may be null
    const Theme& theme;
    float scale = 1.0F;                 // device pixels a logical pixel: for textures only
    bool exporting = false;             // no hover, no hints, no transitions
    bool transparent = false;           // leave the background out
    double now = 0.0;                   // seconds of the window's clock
    const OtherState* other = nullptr;  // what is compared with; null: nothing ever is
};

// The pointer over this view, in the canvas' logical pixels; as it is between frames.
struct Pointer {
    Vec2 position;
    bool inside = false;    // over the view and nothing above it
    bool down[3] = {};      // left, right, middle: held since a press inside the view
    bool pressed[3] = {};   // went down in this frame
    bool released[3] = {};  // came up in this frame after a press inside
    bool clicked = false;   // left released without having moved
    bool double_clicked = false;
    Vec2 press_position;  // where the held button went down
    Vec2 moved;           // since the last frame
    float wheel = 0.0F;
    bool shift = false, ctrl = false, alt = false;
    bool escape = false;  // went down in this frame while the view holds something (Drawn::holding)
};

// A place that does something when it is clicked; the UI tests click it.
struct Hit {
    std::string id;  // "splat 17", "event 4", "token 120", "level Token mute"
    Rect place;
    std::string command;  // what a plain click sends
};

struct AxisRange {
    std::string axis;  // "rows", "columns", "cycle", "x"
    double begin = 0.0;
    double end = 0.0;
};

// A picture below the words of a tooltip, a few of them side by side.
struct TooltipPicture {
    std::string caption;
    Image image;
    Vec2 size;  // logical pixels
};

// What a view drew and what it wants: all that leaves it. Commands are lines of the command table.
struct Drawn {
    LitTokens lit_tokens;
    std::vector<hsa::SplatId> lit_splats;
    std::vector<std::size_t> lit_events;
    std::vector<AxisRange> axes;
    hsa::Mark mark = hsa::Mark::exact;
    bool empty = false;  // a sentence stands in the place of data: nothing has that mark
    std::vector<Hit> hits;
    std::vector<std::string> commands;
    std::string tooltip;  // of what is under the pointer; several lines allowed
    std::vector<TooltipPicture> tooltip_pictures;
    std::vector<hsa::PictureRequest> pictures;      // wanted of the look lane ...
    std::vector<hsa::PictureRequest> targets;       // ... as are these,
    std::vector<hsa::PictureRequest> changes;       // and these of the selected event,
    std::optional<std::int32_t> second_cycle;       // and of this cycle's A
    std::vector<hsa::PictureRequest> seconds;       // these,
    std::optional<hsa::StrongestWanted> strongest;  // and these blocks,
    std::vector<hsa::PictureRequest> others;        // and these of what is compared with,
    bool comparison = false;                        // and how far that is from what is shown,
    std::optional<hsa::HeadsWanted> heads;          // and these,
    bool health = false;                            // and what was found to be wrong,
    bool specialisations = false;                   // and what every splat does,
    bool levels = false;                            // and what passes between levels,
    bool flow = false;                              // and where attention goes,
    std::optional<hsa::ListingWanted> listing;      // and these rows in this order
    std::optional<hsa::TextWanted> text;            // and this of the words of the page
    std::optional<hsa::TourWanted> tour;            // and what a moving picture is made from
    std::optional<hsa::PeekWanted> peek;            // and a glance at this event
    std::string prompt;             // a command to be finished by the user: "splats.name 17 "
    bool animating = false;         // draw another frame soon
    double next_frame = 0.0;        // ... or in so many seconds; 0 = when something happens
    std::string preview;            // while a gesture lasts: the line that its end would send
    bool holding = false;           // something is dragged that Esc puts back
    bool waiting = false;           // shows less than it should: an export must wait
    std::vector<PlacedText> texts;  // filled in by the shell from the canvas
};

enum class Place : std::uint8_t { left, centre, right_top, right_middle, right_bottom, bottom };

// What a view wants beside what others do; of several wishes for heads or rows the last counts.
inline void add_wanted(const Drawn& drawn, hsa::Wanted& wanted) {
    wanted.pictures.insert(wanted.pictures.end(), drawn.pictures.begin(), drawn.pictures.end());
    wanted.targets.insert(wanted.targets.end(), drawn.targets.begin(), drawn.targets.end());
    wanted.changes.insert(wanted.changes.end(), drawn.changes.begin(), drawn.changes.end());
    wanted.seconds.insert(wanted.seconds.end(), drawn.seconds.begin(), drawn.seconds.end());
    if (drawn.second_cycle) wanted.second_cycle = drawn.second_cycle;
    if (drawn.strongest) wanted.strongest = drawn.strongest;
    wanted.others.insert(wanted.others.end(), drawn.others.begin(), drawn.others.end());
    wanted.comparison = wanted.comparison || drawn.comparison;
    if (drawn.heads) wanted.heads = drawn.heads;
    wanted.health = wanted.health || drawn.health;
    wanted.specialisations = wanted.specialisations || drawn.specialisations;
    wanted.flow = wanted.flow || drawn.flow;
    wanted.levels = wanted.levels || drawn.levels;
    if (drawn.listing) wanted.listing = drawn.listing;
    if (drawn.text) wanted.text = drawn.text;
    if (drawn.tour) wanted.tour = drawn.tour;
    if (drawn.peek) wanted.peek = drawn.peek;
}

// A view is a function from (Session, Snapshot) to pixels. What it keeps between frames is
// transient: a half-finished drag, a cache of pixels.
class View {
  public:
    virtual ~View() = default;
    [[nodiscard]] virtual std::string id() const = 0;     // "map"
    [[nodiscard]] virtual std::string title() const = 0;  // "Attention map"
    [[nodiscard]] virtual std::string help() const = 0;   // how to read it, its units, its gestures
    [[nodiscard]] virtual Place place() const = 0;
    // Whether these data have anything to show here; else the window has no tab of it.
    [[nodiscard]] virtual bool applies(const ViewContext&) const { return true; }
    // One quiet line beside the title: "all levels, rows attend to columns, 5,214 x 5,214".
    [[nodiscard]] virtual std::string subtitle(const ViewContext& context) const = 0;
    [[nodiscard]] virtual Drawn draw(Canvas& canvas, const ViewContext& context,
                                     const Pointer& pointer) = 0;
    // Whether the wheel moves what is shown up and down, as the arrow keys then do at its edge.
    [[nodiscard]] virtual bool scrolls() const { return false; }
    // Names of the settings shown in the view's menu, as rows of the settings table.
    [[nodiscard]] virtual std::vector<std::string> settings() const { return {}; }
};

// Every file NAME.cpp of app/views defines `std::unique_ptr<View> make_NAME_view()`; the list is
// generated at build from the file names, alphabetically (cmake/Views.cmake).
[[nodiscard]] std::vector<std::unique_ptr<View>> make_views();

// An empty state in the middle of a view: one sentence that says what to do.
void draw_empty_state(Canvas& canvas, const Theme& theme, Drawn& drawn, std::string_view sentence);

}  // namespace splatscope
