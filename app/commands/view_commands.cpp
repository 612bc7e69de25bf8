#include "app/commands/table.h"
#include "app/setting_values.h"
#include "app/view_state.h"
#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace splatscope {
namespace {

// The default sizes are those of the default layout's places.
PixelSize default_size(std::string_view view) {
    if (view == "window") return {1600, 1000};
    if (view == "timeline") return {1600, 400};
    if (view == "text" || view == "inspector") return {800, 1000};
    return {1600, 1200};
}

// The words after a picture's path: size, times as large, without a background.
struct Look {
    PixelSize size;
    int scale = 1;
    bool transparent = false;
};

Look look_of(const Args& args, std::size_t begin) {
    Look look{default_size(args[0])};
    for (std::size_t a = begin; a < args.size(); ++a) {
        const std::string& word = args[a];
        if (word == "transparent") {
            look.transparent = true;
        } else if (word.size() == 2 && word[0] == 'x' && word[1] >= '1' && word[1] <= '4') {
            look.scale = word[1] - '0';
        } else {
            look.size = parse_size(word);
        }
    }
    return look;
}

void export_view(const ProgramControl& program, const Session&, const Args& given) {
    Args args = given;
    const bool overwrite = take_overwrite(args);
    expect_count("view.export", args, 2, 5);
    const Look look = look_of(args, 2);
    program.export_view(args[0], args[1], look.size, look.scale, look.transparent, overwrite);
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
            "stands.",
            pattern);
    std::string text = std::to_string(number);
    const std::size_t least = width.empty() ? 0 : std::stoul(width);
    if (text.size() < least) text.insert(0, least - text.size(), '0');
    return pattern.substr(0, at) + text + pattern.substr(end + 1);
}

void export_sequence(const ProgramControl& program, const Session& session, const Args& given) {
    Args args = given;
    PictureSequence asked;
    asked.overwrite = take_overwrite(args);
    expect_count("view.sequence", args, 3, 6);
    const auto cycles = static_cast<std::size_t>(session.document.timeline.last) + 1;
    const hsa::Range range = parse_range(args[2], cycles);
    asked.view = args[0];
    asked.first = static_cast<std::int32_t>(range.begin);
    for (std::size_t cycle = range.begin; cycle < range.end; ++cycle)
        asked.paths.push_back(numbered(args[1], cycle));
    const Look look = look_of(args, 3);
    asked.size = look.size;
    asked.scale = look.scale;
    asked.transparent = look.transparent;
    program.sequence(std::move(asked));
}

void camera_set(const ChangeContext& context, const Args& args) {
    expect_count("camera.set", args, 3, 6);
    std::vector<double> numbers;
    for (const std::string& word : args) numbers.push_back(parse_number("camera.set", word));
    if (numbers.size() != 3 && numbers.size() != 6)
        hsa::fail_usage(
            "camera.set takes YAW PITCH DISTANCE and, or not, three pivot coordinates.");
    SplatsDesk& camera = context.session.desk.splats;
    camera.yaw = numbers[0];
    camera.pitch = std::clamp(numbers[1], -1.58, 1.58);
    camera.distance = std::max(numbers[2], 0.0);
    if (numbers.size() == 6) camera.pivot = {numbers[3], numbers[4], numbers[5]};
}

void camera_frame(const ChangeContext& context, const Args& args) {
    expect_count("camera.frame", args, 0, 1);
    if (!args.empty() && args[0] != "all")
        hsa::fail_usage("camera.frame takes all, or nothing, not '{}'.", args[0]);
    SplatsDesk& camera = context.session.desk.splats;
    camera.distance = 0.0;
    camera.pivot = {};
    camera.everything = !args.empty();
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

Change look_from(double yaw, double pitch) {
    return [yaw, pitch](const ChangeContext& context, const Args&) {
        context.session.desk.splats.yaw = yaw;
        context.session.desk.splats.pitch = pitch;
    };
}

}  // namespace

std::vector<CommandRow> view_commands() {
    constexpr double kQuarter = 1.5707963267948966;
    std::vector<CommandRow> rows;
    rows.push_back(control_row(
        "view.export", "VIEW PATH.png|.svg|.pdf [WxH] [x1..x4] [transparent] [overwrite]",
        "writes a view as a picture once everything it shows is computed, or the whole window as a "
        "PNG; in SVG and PDF letters and lines stay what they are, and x1..x4 is how fine the "
        "images inside are",
        "", export_view));
    rows.push_back(control_row(
        "view.sequence",
        "VIEW PATH_%04d.png|.svg|.pdf FIRST:LAST [WxH] [x1..x4] [transparent] [overwrite]",
        "writes a view at each of the cycles FIRST to LAST - 1 (half open, as all ranges A:B), "
        "numbered by them; Cancel leaves the pictures that are done",
        "", export_sequence));
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
    rows.push_back(desk_row("camera.set", "YAW PITCH DISTANCE [PX PY PZ]",
                            "places the camera of the 3-D view; distance 0 frames everything", "",
                            camera_set));
    rows.push_back(desk_row("camera.frame", "[all]",
                            "frames the splats in the 3-D view; all: those too that lie far from "
                            "all others",
                            "F", camera_frame));
    rows.push_back(desk_row("camera.reset", "", "puts the camera back where it was at first",
                            "Shift+F", [](const ChangeContext& context, const Args&) {
                                const SplatsDesk fresh;
                                SplatsDesk& camera = context.session.desk.splats;
                                camera.pivot = fresh.pivot;
                                camera.yaw = fresh.yaw;
                                camera.pitch = fresh.pitch;
                                camera.distance = fresh.distance;
                                camera.everything = fresh.everything;
                                camera.orthographic = fresh.orthographic;
                            }));
    rows.push_back(
        desk_row("camera.front", "", "looks along the third axis", "1", look_from(0.0, 0.0)));
    rows.push_back(
        desk_row("camera.side", "", "looks along the first axis", "3", look_from(kQuarter, 0.0)));
    rows.push_back(
        desk_row("camera.top", "", "looks along the second axis", "7", look_from(0.0, kQuarter)));
    rows.push_back(desk_row("camera.projection", "", "perspective or orthographic", "5",
                            [](const ChangeContext& context, const Args&) {
                                context.session.desk.splats.orthographic =
                                    !context.session.desk.splats.orthographic;
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
