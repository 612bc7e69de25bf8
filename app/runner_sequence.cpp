#include "app/runner_told.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace splatscope {
namespace {

// What acts while pictures are made; everything else waits until they are.
constexpr std::array<std::string_view, 3> kActAtOnce = {"cancel", "adapt.pause", "quit"};

}  // namespace

void Runner::show_cycle(std::int32_t cycle) {
    session_.document.timeline.cursor = cycle;
    request_if_needed();
}

// Looking at other cycles here is no step of undo: the end puts the cursor back.
void Runner::begin_sequence(PictureSequence asked, const std::string& line) {
    const std::int32_t last = session_.document.timeline.last;
    const auto end = asked.first + static_cast<std::int32_t>(asked.paths.size());
    if (asked.first < 0 || end > last + 1)
        hsa::fail("{}: the timeline has cycles 0 to {}; run more with adapt.step or adapt.run.",
                  line, last);
    if (!options_.export_view)
        throw hsa::Error(hsa::ErrorKind::renderer, "There is nothing here that can draw pictures.");
    if (!asked.overwrite)
        for (const std::string& path : asked.paths)
            hsa::check_writable(path, hsa::Existing::refuse);
    const std::int32_t cursor = session_.document.timeline.cursor;
    const std::int32_t first = asked.first;
    sequence_ = Sequence{std::move(asked), line, 0, cursor, lines_.size()};
    show_cycle(first);
}

// Draws the next picture when its cycle is there. An outcome ends the sequence: all were made, one
// failed, or it was cancelled; each file that is there is whole.
std::optional<Outcome> Runner::continue_sequence() {
    if (!complete()) return std::nullopt;
    Sequence& now = *sequence_;
    const PictureSequence& asked = now.asked;
    bool more = false;
    Outcome outcome = told(now.line, [&](Outcome& made) {
        if (snapshot_->cancelled) throw hsa::Cancelled();
        // The last good data stay on the screen; they are not this cycle's.
        if (!snapshot_->error.empty()) hsa::fail("{}", snapshot_->error);
        draw_into(asked.view, asked.paths[now.made], asked.size, asked.scale, asked.transparent,
                  asked.overwrite);
        ++now.made;
        more = now.made < asked.paths.size();
        if (!more)
            made.output = hsa::json_text({{"command", "view.sequence"},
                                          {"version", 1},
                                          {"mark", "exact"},
                                          {"pictures", asked.paths}});
    });
    if (more) {
        show_cycle(asked.first + static_cast<std::int32_t>(now.made));
        return std::nullopt;
    }
    const std::int32_t cursor = now.cursor;
    sequence_.reset();
    show_cycle(cursor);
    return outcome;
}

std::optional<Outcome> Runner::poll_sequence() {
    if (!sequence_) return std::nullopt;
    // Lines that were there before, as those of a script, wait for their turn.
    const auto since = lines_.begin() + static_cast<std::ptrdiff_t>(sequence_->before);
    const auto stop = std::find_if(since, lines_.end(), [](const std::string& line) {
        return std::find(kActAtOnce.begin(), kActAtOnce.end(), line) != kActAtOnce.end();
    });
    if (stop == lines_.end()) return continue_sequence();
    const std::string line = *stop;
    lines_.erase(stop);
    Outcome outcome{sequence_->line, "", "Cancelled: " + sequence_->line, 1};
    const std::int32_t cursor = sequence_->cursor;
    sequence_.reset();
    show_cycle(cursor);
    if (line == "quit") (void)execute(line);
    return outcome;
}

}  // namespace splatscope
