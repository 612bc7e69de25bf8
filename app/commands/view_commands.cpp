#include "app/commands/kept_cameras.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/view_state.h"
#include "engine/core/error.h"
#include "engine/io/picture_difference.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace splatscope {
namespace {

void export_view(const ProgramControl& program, const Session&, const Args& given) {
    Args args = given;
    PictureAsked asked;
    asked.overwrite = take_overwrite(args);
    expect_count("view.export", args, 2, 16);
    asked.view = args[0];
    asked.path = args[1];
    asked.size = usual_picture_size(asked.view);
    take_picture_words(asked, args, 2, "view.export");
    program.export_view(asked);
}

void copy_picture(const ProgramControl& program, const Session&, const Args& args) {
    expect_count("view.copy_picture", args, 1, 16);
    PictureAsked asked;
    asked.view = args[0];
    asked.size = usual_picture_size(asked.view);
    take_picture_words(asked, args, 1, "view.copy_picture");
    program.copy_picture(asked);
}

void compare_picture(const ProgramControl& program, const Session&, const Args& args) {
    constexpr const char* kName = "view.compare";
    expect_count(kName, args, 2, 16);
    PictureAsked asked;
    asked.view = args[0];
    PictureBound bound{args[1], "", hsa::kMostMean, hsa::kMostLargest, false};
    const auto number = [&](std::size_t at) {
        if (at >= args.size())
            hsa::fail_usage("{}: {} needs a number from 0 to 255 after it.", kName, args[at - 1]);
        const double value = parse_number(args[at - 1], args[at]);
        if (!(value >= 0.0 && value <= 255.0))
            hsa::fail("{}: {} is a step of 0 to 255, not {}.", kName, args[at - 1], args[at]);
        return value;
    };
    for (std::size_t at = 2; at < args.size();) {
        if (args[at] == "mean") {
            bound.mean = number(at + 1);
            at += 2;
        } else if (args[at] == "largest") {
            bound.largest = number(at + 1);
            at += 2;
        } else if (args[at] == "drawn" && at + 1 < args.size()) {
            bound.drawn = args[at + 1];
            at += 2;
        } else if (!take_picture_word(asked, args, at)) {
            hsa::fail_usage("{} does not know the word '{}'.", kName, args[at]);
        }
    }
    bound.sized = asked.on_paper() || asked.size.width > 0;
    if (bound.sized) check_picture(asked, kName);
    program.compare_picture(std::move(asked), bound);
}

// A path with one %d or %04d: the number of a cycle, with as many digits at least.
std::string numbered(const std::string& pattern, std::size_t number) {
    const std::size_t at = pattern.find('%');
    const std::size_t end = pattern.find('d', std::min(at, pattern.size()));
    std::string width;
    if (end != std::string::npos) width = pattern.substr(at + 1, end - at - 1);
    const bool digits = width.size() <= 2 && width.find_first_not_of("0123456789") == width.npos;
    if (end == std::string::npos || !digits || pattern.find('%', at + 1) != pattern.npos)
        hsa::fail_usage(
            "view.sequence {}: the path must hold one %d or %04d, where the number of the cycle "
            "or frame stands, or end in .webp or .gif.",
            pattern);
    std::string text = std::to_string(number);
    const std::size_t least = width.empty() ? 0 : std::stoul(width);
    if (text.size() < least) text.insert(0, least - text.size(), '0');
    return pattern.substr(0, at) + text + pattern.substr(end + 1);
}

// What a sequence is written as beside single pictures.
bool is_animation(const std::string& path) {
    return path.ends_with(".webp") || path.ends_with(".gif");
}

std::size_t frames_of(const std::string& way, const std::string& word) {
    constexpr std::int64_t kMost = 3600;
    const std::int64_t count = parse_integer(way, word);
    if (count < 2 || count > kMost)
        hsa::fail("view.sequence: {} takes 2 to {} frames, not {}.", way, kMost, word);
    return static_cast<std::size_t>(count);
}

// orbit FRAMES or path NAME,NAME,... FRAMES: the camera moves at the cycle shown. Moves `at` behind
// these words.
void take_way(PictureSequence& asked, const Session& session, const Args& args, std::size_t& at) {
    const std::string& way = args[at];
    const bool orbits = way == "orbit";
    const std::size_t words = orbits ? 2 : 3;
    if (args.size() < at + words && orbits)
        hsa::fail_usage("view.sequence: orbit takes the number of frames.");
    if (args.size() < at + words)
        hsa::fail_usage(
            "view.sequence: path takes the names of kept cameras, as A,B,C, or : for all of them, "
            "and the number of frames.");
    if (asked.picture.view != "splats" && asked.picture.view != "window")
        hsa::fail_usage(
            "view.sequence {}: {} moves the camera of the 3-D view: the view is splats, or window.",
            asked.picture.view, way);
    asked.orbit = orbits;
    if (!orbits) asked.path = camera_path("view.sequence", session.desk.splats, args[at + 1]);
    asked.frames = frames_of(way, args[at + words - 1]);
    asked.first = session.document.timeline.cursor;
    asked.delay_ms = 40;
    at += words;
}

void export_sequence(const ProgramControl& program, const Session& session, const Args& given) {
    constexpr const char* kName = "view.sequence";
    Args args = given;
    PictureSequence asked;
    asked.picture.overwrite = take_overwrite(args);
    expect_count(kName, args, 3, 24);
    asked.picture.view = args[0];
    asked.picture.path = args[1];
    asked.picture.size = usual_picture_size(args[0]);
    const bool animation = is_animation(args[1]);
    std::size_t at = 2;
    if (args[at] == "orbit" || args[at] == "path") {
        take_way(asked, session, args, at);
    } else {
        const auto cycles = static_cast<std::size_t>(session.document.timeline.last) + 1;
        const hsa::Range range = parse_range(args[at++], cycles);
        asked.first = static_cast<std::int32_t>(range.begin);
        asked.frames = range.size();
    }
    bool of_animation = false;
    while (at < args.size()) {
        const std::string& word = args[at];
        const bool timed = word == "delay" || word == "loop" || word == "quality";
        if (timed && at + 1 >= args.size()) hsa::fail_usage("{}: {} needs a number.", kName, word);
        if (word == "delay") asked.delay_ms = static_cast<int>(parse_integer(word, args[at + 1]));
        else if (word == "loop") asked.loops = static_cast<int>(parse_integer(word, args[at + 1]));
        else if (word == "quality") asked.quality = parse_number(word, args[at + 1]);
        else if (word == "lossless") asked.quality = 0.0;
        else if (take_picture_word(asked.picture, args, at)) continue;
        else hsa::fail_usage("{} does not know the word '{}'.", kName, word);
        of_animation = true;
        at += timed ? 2 : 1;
    }
    check_picture(asked.picture, kName);
    if (of_animation && !animation)
        hsa::fail_usage("{} {}: delay, loop, quality and lossless are of a .webp or .gif.", kName,
                        args[1]);
    if (!animation)
        for (std::size_t frame = 0; frame < asked.frames; ++frame)
            asked.paths.push_back(numbered(
                args[1],
                (asked.moves_camera() ? 0 : static_cast<std::size_t>(asked.first)) + frame));
    program.sequence(std::move(asked));
}

Change take_tool(const char* name, Tool tool) {
    return [name, tool](const ChangeContext& context, const Args& args) {
        expect_count(name, args, 0, 0);
        context.session.desk.tool = tool;
    };
}

void hide_splats(const ChangeContext& context, const Args& args) {
    expect_count("splats.hide", args, 0, 0);
    const std::vector<hsa::SplatId>& selected = context.session.document.selection.splats;
    if (selected.empty())
        hsa::fail("splats.hide takes the selected splats out of the 3-D view: select some first.");
    context.session.desk.splats.hidden.insert(selected.begin(), selected.end());
}

// One step of scale is a tenth; whole percents, so that steps up and down meet again.
Change scale_by(const char* name, double factor) {
    return [name, factor](const ChangeContext& context, const Args& args) {
        expect_count(name, args, 0, 0);
        double& scale = context.session.desk.scale;
        scale =
            factor == 0.0 ? 1.0 : std::clamp(std::round(100.0 * scale * factor) / 100.0, 0.75, 3.0);
    };
}

}  // namespace

std::vector<CommandRow> view_commands() {
    std::vector<CommandRow> rows;
    const std::string look =
        "[WxH|mm WxH] [dpi N] [x1..x4] [background theme|white|transparent] "
        "[without title,legend,bar,notes,axes]";
    rows.push_back(control_row(
        "view.export", "VIEW PATH.png|.svg|.pdf " + look + " [overwrite]",
        "writes a view as a picture once everything it shows is computed, or the whole window as a "
        "PNG; in SVG and PDF letters and lines stay what they are, and x1..x4 is how fine the "
        "images inside are. WxH counts pixels of the window; mm is the size on paper, where "
        "letters are as large as on a screen, at dpi dots an inch (300), which the file says. "
        "`transparent` alone is the background",
        "", export_view));
    rows.push_back(control_row(
        "view.sequence",
        "VIEW PATH_%04d.png|.svg|.pdf|PATH.webp|.gif FIRST:LAST|orbit FRAMES|path NAME,NAME,... "
        "FRAMES " +
            look + " [delay MS] [loop TIMES] [lossless|quality 1..100] [overwrite]",
        "writes a view at each of the cycles FIRST to LAST - 1 (half open, as all ranges A:B), "
        "from a camera that goes once round, or from one that goes from the first of some kept "
        "cameras (camera.keep; : = all) to the last, slower near each, as numbered pictures or as "
        "one animation: of delay milliseconds a frame (100, where the camera moves 40), played "
        "loop times (0 = for ever); a WebP keeps every pixel unless a quality is named. Cancel "
        "leaves the pictures that are done",
        "", export_sequence));
    rows.push_back(control_row(
        "view.copy_picture", "VIEW " + look,
        "puts a picture of a view, or of the window, on the clipboard as a PNG", "", copy_picture));
    rows.push_back(control_row(
        "view.compare",
        "VIEW REFERENCE.png " + look + " [mean STEPS] [largest STEPS] [drawn PATH.png]",
        "stops with exit code 4 when the view's picture is not as the reference: means of squares "
        "of 4 x 4 pixels may differ by `mean` of 255 steps on average (0.4) and by `largest` (24) "
        "anywhere; of the reference's size unless one is named; `drawn` keeps what was drawn",
        "", compare_picture));
    rows.push_back(desk_row("view.open", "ID", "opens a view", "",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("view.open", args, 1, 1);
                                context.session.desk.closed_views.erase(args[0]);
                            }));
    rows.push_back(desk_row("view.close", "ID", "closes a view", "",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("view.close", args, 1, 1);
                                context.session.desk.closed_views.insert(args[0]);
                            }));
    rows.push_back(desk_row("view.reset", "", "opens all views in the default layout", "",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("view.reset", args, 0, 0);
                                context.session.desk.closed_views.clear();
                                context.session.desk.layout.clear();
                                ++context.session.desk.default_layouts;
                            }));
    rows.push_back(
        desk_row("splats.hide", "", "hides the selected splats in the 3-D view", "H", hide_splats));
    rows.push_back(desk_row("splats.show", "", "shows every splat that was hidden", "Shift+H",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("splats.show", args, 0, 0);
                                context.session.desk.splats.hidden.clear();
                            }));
    rows.push_back(desk_row("tool.rectangle", "", "dragging selects a rectangle", "R",
                            take_tool("tool.rectangle", Tool::rectangle)));
    rows.push_back(desk_row("tool.lasso", "", "dragging selects inside a free line", "L",
                            take_tool("tool.lasso", Tool::lasso)));
    rows.push_back(desk_row("tool.move", "", "dragging orbits or pans again", "",
                            take_tool("tool.move", Tool::move)));
    rows.push_back(desk_row("view.larger", "", "makes everything in the window larger", "Ctrl++",
                            scale_by("view.larger", 1.1)));
    rows.push_back(desk_row("view.smaller", "", "makes everything in the window smaller", "Ctrl+-",
                            scale_by("view.smaller", 1.0 / 1.1)));
    rows.push_back(desk_row("view.normal_size", "", "gives everything its usual size", "Ctrl+0",
                            scale_by("view.normal_size", 0.0)));
    rows.push_back(desk_row("view.restore", "JSON",
                            "makes the views look as the JSON of `print view` says", "",
                            [](const ChangeContext& context, const Args& args) {
                                expect_count("view.restore", args, 1, 1);
                                restore_view_state(context.session, args[0]);
                            }));
    return rows;
}

}  // namespace splatscope
