#include "app/commands/table.h"
#include "app/setting_values.h"
#include "engine/core/error.h"

#include <algorithm>
#include <charconv>

namespace splatscope {
namespace {

CommandRow desk(std::string name, std::string arguments, std::string help, std::string shortcut,
                std::function<void(const ChangeContext&, const Args&)> act) {
    CommandRow row;
    row.name = std::move(name);
    row.arguments = std::move(arguments);
    row.help = std::move(help);
    row.shortcut = std::move(shortcut);
    row.undoable = false;
    row.change = std::move(act);
    return row;
}

// The default sizes are those of the default layout's places.
PixelSize default_size(std::string_view view) {
    if (view == "window") return {1600, 1000};
    if (view == "timeline") return {1600, 400};
    if (view == "text" || view == "inspector") return {800, 1000};
    return {1600, 1200};
}

void export_view(const ProgramControl& program, const Session&, const Args& given) {
    Args args = given;
    const bool overwrite = take_overwrite(args);
    expect_count("view.export", args, 2, 5);
    PixelSize size = default_size(args[0]);
    int scale = 1;
    bool transparent = false;
    for (std::size_t a = 2; a < args.size(); ++a) {
        const std::string& word = args[a];
        if (word == "transparent") {
            transparent = true;
        } else if (word.size() == 2 && word[0] == 'x' && word[1] >= '1' && word[1] <= '4') {
            scale = word[1] - '0';
        } else {
            size = parse_size(word);
        }
    }
    program.export_view(args[0], args[1], size, scale, transparent, overwrite);
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

void map_view(const ChangeContext& context, const Args& args) {
    expect_count("map.view", args, 0, 4);
    MapDesk& map = context.session.desk.map;
    if (args.empty()) {
        map.row_begin = map.row_end = map.column_begin = map.column_end = 0.0;
        return;
    }
    if (args.size() != 4) hsa::fail_usage("map.view takes R0 R1 C0 C1, or nothing for the whole.");
    const double r0 = parse_number("map.view", args[0]), r1 = parse_number("map.view", args[1]);
    const double c0 = parse_number("map.view", args[2]), c1 = parse_number("map.view", args[3]);
    if (r1 <= r0 || c1 <= c0)
        hsa::fail("map.view {} {} {} {}: each end must be above its begin.", r0, r1, c0, c1);
    map.row_begin = r0;
    map.row_end = r1;
    map.column_begin = c0;
    map.column_end = c1;
}

std::function<void(const ChangeContext&, const Args&)> look_from(double yaw, double pitch) {
    return [yaw, pitch](const ChangeContext& context, const Args&) {
        context.session.desk.splats.yaw = yaw;
        context.session.desk.splats.pitch = pitch;
    };
}

}  // namespace

std::vector<CommandRow> view_commands() {
    constexpr double kQuarter = 1.5707963267948966;
    std::vector<CommandRow> rows;
    {
        CommandRow row;
        row.name = "view.export";
        row.arguments = "VIEW PATH.png [WxH] [x1..x4] [transparent] [overwrite]";
        row.help =
            "writes a view, or the whole window, as a picture once everything it shows is computed";
        row.kind = CommandKind::control;
        row.control = export_view;
        rows.push_back(std::move(row));
    }
    rows.push_back(desk("view.open", "ID", "opens a view", "",
                        [](const ChangeContext& context, const Args& args) {
                            expect_count("view.open", args, 1, 1);
                            context.session.desk.closed_views.erase(args[0]);
                        }));
    rows.push_back(desk("view.close", "ID", "closes a view", "",
                        [](const ChangeContext& context, const Args& args) {
                            expect_count("view.close", args, 1, 1);
                            context.session.desk.closed_views.insert(args[0]);
                        }));
    rows.push_back(desk("view.reset", "", "opens all views in the default layout", "",
                        [](const ChangeContext& context, const Args& args) {
                            expect_count("view.reset", args, 0, 0);
                            context.session.desk.closed_views.clear();
                            context.session.desk.layout.clear();
                        }));
    rows.push_back(desk("map.view", "[R0 R1 C0 C1]",
                        "shows these rows and columns of the map; without numbers the whole", "",
                        map_view));
    rows.push_back(desk("camera.set", "YAW PITCH DISTANCE [PX PY PZ]",
                        "places the camera of the 3-D view; distance 0 frames everything", "",
                        camera_set));
    rows.push_back(desk("camera.frame", "", "frames everything in the 3-D view", "F",
                        [](const ChangeContext& context, const Args&) {
                            context.session.desk.splats.distance = 0.0;
                            context.session.desk.splats.pivot = {};
                        }));
    rows.push_back(desk("camera.reset", "", "puts the camera back where it was at first", "Shift+F",
                        [](const ChangeContext& context, const Args&) {
                            const SplatsDesk fresh;
                            SplatsDesk& camera = context.session.desk.splats;
                            camera.pivot = fresh.pivot;
                            camera.yaw = fresh.yaw;
                            camera.pitch = fresh.pitch;
                            camera.distance = fresh.distance;
                            camera.orthographic = fresh.orthographic;
                        }));
    rows.push_back(
        desk("camera.front", "", "looks along the third axis", "1", look_from(0.0, 0.0)));
    rows.push_back(
        desk("camera.side", "", "looks along the first axis", "3", look_from(kQuarter, 0.0)));
    rows.push_back(
        desk("camera.top", "", "looks along the second axis", "7", look_from(0.0, kQuarter)));
    rows.push_back(desk("camera.projection", "", "perspective or orthographic", "5",
                        [](const ChangeContext& context, const Args&) {
                            context.session.desk.splats.orthographic =
                                !context.session.desk.splats.orthographic;
                        }));
    return rows;
}

}  // namespace splatscope
