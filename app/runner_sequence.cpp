#include "app/runner_told.h"
#include "app/session_file.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>

namespace splatscope {
namespace {

// What acts while pictures are made; everything else waits until they are.
constexpr std::array<std::string_view, 3> kActAtOnce = {"cancel", "adapt.pause", "quit"};
constexpr std::string_view kCancelOne = "cancel ";

}  // namespace

void Runner::show_cycle(std::int32_t cycle) {
    session_.document.timeline.cursor = cycle;
    request_if_needed();
}

// What is looked at changes for each picture; where the camera moves, nothing else.
void Runner::show_frame() {
    const Sequence& now = *sequence_;
    SplatsDesk& desk = session_.desk.splats;
    const auto made = static_cast<double>(now.made);
    if (now.asked.orbit) {
        desk.yaw =
            now.camera.yaw + 2.0 * std::numbers::pi * made / static_cast<double>(now.asked.frames);
        if (now.way) desk.way->to.yaw = now.way->to.yaw + (desk.yaw - now.camera.yaw);
    } else if (!now.asked.path.empty()) {
        const std::vector<CameraPose>& path = now.asked.path;
        const auto ways = static_cast<double>(path.size() - 1);
        const double along = ways * made / static_cast<double>(now.asked.frames - 1);
        const double begun = std::min(std::floor(along), ways - 1.0);
        const auto from = static_cast<std::size_t>(begun);
        static_cast<CameraPose&>(desk) = path[from];
        const double part = along - begun;
        desk.way = CameraWay{path[from + 1], part * part * (3.0 - 2.0 * part)};
    } else {
        show_cycle(now.asked.first + static_cast<std::int32_t>(now.made));
    }
}

// Everything as it was before it.
void Runner::leave_sequence() {
    const Sequence left = std::move(*std::exchange(sequence_, std::nullopt));
    if (left.asked.moves_camera()) {
        static_cast<CameraPose&>(session_.desk.splats) = left.camera;
        session_.desk.splats.way = left.way;
    }
    show_cycle(left.cursor);
}

// Looking at other cycles here is no step of undo: the end puts the cursor back.
void Runner::begin_sequence(PictureSequence asked, const std::string& line) {
    const std::int32_t last = session_.document.timeline.last;
    const auto end = static_cast<std::int32_t>(asked.frames) + asked.first;
    if (!asked.moves_camera() && (asked.first < 0 || end > last + 1))
        hsa::fail("{}: the timeline has cycles 0 to {}; run more with adapt.step or adapt.run.",
                  line, last);
    check_drawable();
    const std::vector<std::string> written =
        asked.paths.empty() ? std::vector<std::string>{asked.picture.path} : asked.paths;
    if (!asked.picture.overwrite)
        for (const std::string& path : written) hsa::check_writable(path, hsa::Existing::refuse);
    Sequence begun;
    if (asked.paths.empty()) {
        const PixelSize size = asked.picture.pixels();
        hsa::AnimationOptions options;
        options.width = size.width;
        options.height = size.height;
        options.delay_ms = asked.delay_ms;
        options.loops = asked.loops;
        options.quality = asked.quality;
        options.transparent = asked.picture.ground == Ground::transparent;
        options.key = kSessionKey;
        Session shown = session_;  // the file opens as its first frame
        shown.document.timeline.cursor = asked.first;
        if (!asked.path.empty()) {
            static_cast<CameraPose&>(shown.desk.splats) = asked.path.front();
            shown.desk.splats.way.reset();
        }
        options.text = told_session(std::move(shown));
        begun.animation = asked.picture.path.ends_with(".gif") ? hsa::make_gif_writer(options)
                                                               : hsa::make_webp_writer(options);
    }
    begun.asked = std::move(asked);
    begun.line = line;
    begun.cursor = session_.document.timeline.cursor;
    begun.camera = session_.desk.splats;
    begun.way = session_.desk.splats.way;
    begun.before = lines_.size();
    sequence_ = std::move(begun);
    show_frame();
}

void Runner::draw_frame(Sequence& sequence) {
    const PictureSequence& asked = sequence.asked;
    if (sequence.animation) {
        sequence.animation->add(picture_of(asked.picture));
    } else {
        PictureAsked one = asked.picture;
        one.path = asked.paths[sequence.made];
        draw_into(one);
    }
    ++sequence.made;
}

std::string Runner::end_sequence(Sequence& sequence) {
    const PictureSequence& asked = sequence.asked;
    std::vector<std::string> pictures = asked.paths;
    nlohmann::json answer = {{"command", "view.sequence"}, {"version", 1}, {"mark", "exact"}};
    if (sequence.animation) {
        const std::string bytes = sequence.animation->finish();
        hsa::write_file(asked.picture.path, bytes,
                        asked.picture.overwrite ? hsa::Existing::replace : hsa::Existing::refuse);
        pictures = {asked.picture.path};
        answer["frames"] = asked.frames;
        answer["bytes"] = bytes.size();
    }
    answer["pictures"] = pictures;
    return hsa::json_text(answer);
}

// Draws the next picture when its cycle is there. An outcome ends the sequence: all were made, one
// failed, or it was cancelled; each file that is there is whole.
std::optional<Outcome> Runner::continue_sequence() {
    if (!complete()) return std::nullopt;
    Sequence& now = *sequence_;
    bool more = false;
    Outcome outcome = told(now.line, [&](Outcome& made) {
        if (snapshot_->cancelled) throw hsa::Cancelled();
        // The last good data stay on the screen; they are not this cycle's.
        if (!snapshot_->error.empty()) hsa::fail("{}", snapshot_->error);
        draw_frame(now);
        more = now.made < now.asked.frames;
        if (!more) made.output = end_sequence(now);
    });
    if (more) {
        show_frame();
        return std::nullopt;
    }
    leave_sequence();
    return outcome;
}

std::optional<Outcome> Runner::poll_sequence() {
    if (!sequence_) return std::nullopt;
    // Lines that were there before, as those of a script, wait for their turn.
    const auto since = lines_.begin() + static_cast<std::ptrdiff_t>(sequence_->before);
    const auto stop = std::find_if(since, lines_.end(), [](const std::string& line) {
        return std::find(kActAtOnce.begin(), kActAtOnce.end(), line) != kActAtOnce.end() ||
               line.starts_with(kCancelOne);
    });
    if (stop == lines_.end()) return continue_sequence();
    const std::string line = *stop;
    lines_.erase(stop);
    // Of another job: the pictures go on.
    if (line.starts_with(kCancelOne) && line != "cancel sequence") return execute(line);
    Outcome outcome{sequence_->line, "", "Cancelled: " + sequence_->line, 1};
    leave_sequence();
    if (line == "quit") (void)execute(line);
    return outcome;
}

}  // namespace splatscope
