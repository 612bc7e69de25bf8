#include "app/commands/kept_cameras.h"
#include "app/commands/table.h"
#include "app/setting_values.h"
#include "engine/core/error.h"

#include <algorithm>
#include <array>
#include <numbers>
#include <string>
#include <vector>

// The camera of the 3-D view: where it stands, and poses kept under names, from one to the next of
// which a sequence of pictures goes.
namespace splatscope {
namespace {

constexpr double kSteepest = 1.58;

CameraPose& pose_of(const ChangeContext& context) { return context.session.desk.splats; }

// Whatever moves the camera ends the way it was on.
void place(const ChangeContext& context, const CameraPose& pose) {
    pose_of(context) = pose;
    context.session.desk.splats.way.reset();
}

// YAW PITCH DISTANCE and, or not, PX PY PZ from words[begin] on.
void take_numbers(std::string_view command, CameraPose& pose, const Args& words, std::size_t begin,
                  std::size_t end) {
    std::vector<double> numbers;
    for (std::size_t at = begin; at < end; ++at)
        numbers.push_back(parse_number(command, words[at]));
    if (numbers.size() != 3 && numbers.size() != 6)
        hsa::fail_usage("{} takes YAW PITCH DISTANCE and, or not, three pivot coordinates.",
                        command);
    pose.yaw = numbers[0];
    pose.pitch = std::clamp(numbers[1], -kSteepest, kSteepest);
    pose.distance = std::max(numbers[2], 0.0);
    if (numbers.size() == 6) pose.pivot = {numbers[3], numbers[4], numbers[5]};
}

// What camera_words() says, from words[begin] on.
CameraPose read_pose(std::string_view command, const Args& words, std::size_t begin) {
    CameraPose pose;
    std::size_t end = words.size();
    for (; end > begin; --end) {
        const std::string& word = words[end - 1];
        if (word == "everything") pose.everything = true;
        else if (word == "orthographic") pose.orthographic = true;
        else break;
    }
    take_numbers(command, pose, words, begin, end);
    return pose;
}

void set(const ChangeContext& context, const Args& args) {
    expect_count("camera.set", args, 3, 6);
    CameraPose pose = pose_of(context);
    take_numbers("camera.set", pose, args, 0, args.size());
    place(context, pose);
}

void frame(const ChangeContext& context, const Args& args) {
    expect_count("camera.frame", args, 0, 1);
    if (!args.empty() && args[0] != "all")
        hsa::fail_usage("camera.frame takes all, or nothing, not '{}'.", args[0]);
    CameraPose pose = pose_of(context);
    pose.distance = 0.0;
    pose.pivot = {};
    pose.everything = !args.empty();
    place(context, pose);
}

Change look_from(const char* name, double yaw, double pitch) {
    return [name, yaw, pitch](const ChangeContext& context, const Args& args) {
        expect_count(name, args, 0, 0);
        CameraPose pose = pose_of(context);
        pose.yaw = yaw;
        pose.pitch = pitch;
        place(context, pose);
    };
}

std::string name_in(std::string_view command, const std::string& word) {
    std::string name = checked_name(command, word);
    if (name.empty()) hsa::fail_usage("{} takes a name for the camera.", command);
    if (name.find(',') != std::string::npos || name == ":")
        hsa::fail("{}: '{}' cannot be the name of a camera: a path parts names by commas.", command,
                  name);
    return name;
}

const KeptCamera& find_kept(std::string_view command, const SplatsDesk& desk,
                            const std::string& name) {
    const auto found = std::find_if(desk.cameras.begin(), desk.cameras.end(),
                                    [&](const KeptCamera& one) { return one.name == name; });
    if (found != desk.cameras.end()) return *found;
    std::string known;
    for (const KeptCamera& one : desk.cameras) known += (known.empty() ? "" : ", ") + one.name;
    if (known.empty())
        hsa::fail("{}: no camera was kept: camera.keep NAME keeps this one.", command);
    hsa::fail("{}: no camera was kept as '{}': there are {}.", command, name, known);
}

// A camera of that name takes the new pose and stays where it stands in the order.
void add_kept(SplatsDesk& desk, KeptCamera kept) {
    for (KeptCamera& one : desk.cameras)
        if (one.name == kept.name) {
            one = std::move(kept);
            return;
        }
    desk.cameras.push_back(std::move(kept));
}

void keep(const ChangeContext& context, const Args& args) {
    expect_count("camera.keep", args, 1, 1);
    SplatsDesk& desk = context.session.desk.splats;
    if (desk.way)
        hsa::fail("camera.keep: the camera is between two that were kept: move it first.");
    add_kept(desk, {name_in("camera.keep", args[0]), desk});
}

void use(const ChangeContext& context, const Args& args) {
    expect_count("camera.use", args, 1, 1);
    place(context, find_kept("camera.use", context.session.desk.splats, args[0]).pose);
}

void forget(const ChangeContext& context, const Args& args) {
    expect_count("camera.forget", args, 1, 1);
    SplatsDesk& desk = context.session.desk.splats;
    const std::string name = find_kept("camera.forget", desk, args[0]).name;
    std::erase_if(desk.cameras, [&](const KeptCamera& one) { return one.name == name; });
}

void kept(const ChangeContext& context, const Args& args) {
    expect_count("camera.kept", args, 4, 9);
    add_kept(context.session.desk.splats,
             {name_in("camera.kept", args[0]), read_pose("camera.kept", args, 1)});
}

void on_way(const ChangeContext& context, const Args& args) {
    expect_count("camera.way", args, 4, 9);
    const double share = parse_number("camera.way", args[0]);
    if (!(share >= 0.0 && share <= 1.0))
        hsa::fail("camera.way: a share of the way is 0 to 1, not {}.", args[0]);
    context.session.desk.splats.way = CameraWay{read_pose("camera.way", args, 1), share};
}

}  // namespace

std::vector<CameraPose> camera_path(std::string_view command, const SplatsDesk& desk,
                                    const std::string& names) {
    std::vector<CameraPose> path;
    if (names == ":")
        for (const KeptCamera& one : desk.cameras) path.push_back(one.pose);
    else
        for (const std::string& name : split_list(names))
            path.push_back(find_kept(command, desk, name).pose);
    if (path.size() < 2)
        hsa::fail_usage("{}: a path goes from one kept camera to another: name two at least.",
                        command);
    return path;
}

std::string camera_words(const CameraPose& pose) {
    std::string words = fmt::format("{} {} {} {} {} {}", pose.yaw, pose.pitch, pose.distance,
                                    pose.pivot[0], pose.pivot[1], pose.pivot[2]);
    if (pose.everything) words += " everything";
    if (pose.orthographic) words += " orthographic";
    return words;
}

std::vector<CommandRow> camera_commands() {
    constexpr double kQuarter = std::numbers::pi / 2.0;
    return {
        desk_row("camera.set", "YAW PITCH DISTANCE [PX PY PZ]",
                 "places the camera of the 3-D view; distance 0 frames everything", "", set),
        desk_row("camera.frame", "[all]",
                 "frames the splats in the 3-D view; all: those too that lie far from all others",
                 "F", frame),
        desk_row("camera.reset", "", "puts the camera back where it was at first", "Shift+F",
                 [](const ChangeContext& context, const Args& args) {
                     expect_count("camera.reset", args, 0, 0);
                     place(context, {});
                 }),
        desk_row("camera.front", "", "looks along the third axis", "1",
                 look_from("camera.front", 0.0, 0.0)),
        desk_row("camera.side", "", "looks along the first axis", "3",
                 look_from("camera.side", kQuarter, 0.0)),
        desk_row("camera.top", "", "looks along the second axis", "7",
                 look_from("camera.top", 0.0, kQuarter)),
        desk_row("camera.projection", "", "perspective or orthographic", "5",
                 [](const ChangeContext& context, const Args& args) {
                     expect_count("camera.projection", args, 0, 0);
                     CameraPose pose = pose_of(context);
                     pose.orthographic = !pose.orthographic;
                     place(context, pose);
                 }),
        desk_row("camera.keep", "NAME",
                 "keeps where the camera stands under a name, in the session file too: a key of "
                 "camera paths (view.sequence)",
                 "", keep),
        desk_row("camera.use", "NAME", "puts the camera where it was kept", "", use),
        desk_row("camera.forget", "NAME", "forgets a camera that was kept", "", forget),
        desk_row("camera.kept", "NAME YAW PITCH DISTANCE [PX PY PZ] [everything] [orthographic]",
                 "in session files: a camera that was kept under a name", "", kept),
        desk_row("camera.way", "SHARE YAW PITCH DISTANCE [PX PY PZ] [everything] [orthographic]",
                 "in session files: the camera on its way to this pose", "", on_way),
    };
}

}  // namespace splatscope
