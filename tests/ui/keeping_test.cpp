#include "app/autosave.h"
#include "app/profile.h"
#include "app/settings.h"
#include "tests/catch.h"
#include "tests/ui/linked_selection.h"
#include "tests/ui/own_folder.h"
#include "tests/ui/ui_case.h"

#include <fmt/core.h>
#include <imgui.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

// What stays: cameras, sessions that are saved and opened, one that nobody saved before the program
// was killed, and a file that is read again when it changes.

namespace splatscope::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* kKilledFolder = "SPLATSCOPE_KILLED_UI_FOLDER";
constexpr float kLater = 11.0F;  // seconds, after which a session is saved by itself

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::string words(std::size_t count) {
    std::string text;
    for (std::size_t w = 0; w < count; ++w) text += fmt::format("word{} ", w % 7);
    return text;
}

// Where the 3-D view draws its splats.
std::vector<Vec2> places_of_splats(const User& user) {
    std::vector<Vec2> places;
    for (const Hit& hit : user.drawn("splats").hits)
        if (hit.id.starts_with("splat ")) places.push_back(hit.place.centre());
    return places;
}

}  // namespace

TEST_CASE("a camera is kept by name and used again", "[ui]") {
    TestedWindow window;
    window.carry_out("open sample:creatures");
    std::vector<Vec2> kept_places;
    const auto pose = [](const User& user) {
        return static_cast<const CameraPose&>(user.session().desk.splats);
    };
    CameraPose kept;
    check_case(window, {"kept under a name",
                        "camera.keep",
                        {"camera.set 1.1 0.2 3.5"},
                        [](User& user) {
                            user.choose("View/Cameras/Keep this camera ...");
                            user.type("near");
                            user.press(ImGuiKey_Enter);
                        },
                        [&](User& user) {
                            const auto& cameras = user.session().desk.splats.cameras;
                            User::expect(cameras.size() == 1 && cameras.front().name == "near",
                                         "no camera is kept");
                            kept = cameras.front().pose;
                            User::expect(kept == pose(user), "another one is kept");
                            kept_places = places_of_splats(user);
                        }});
    check_case(window, {"used again",
                        "camera.use",
                        {"camera.reset"},
                        choosing("View/Cameras/near"),
                        [&](User& user) {
                            User::expect(pose(user) == kept, "the camera is another");
                            const std::vector<Vec2> places = places_of_splats(user);
                            User::expect(!places.empty() && places.size() == kept_places.size(),
                                         "other splats are seen");
                            for (std::size_t s = 0; s < places.size(); ++s)
                                User::expect(std::abs(places[s].x - kept_places[s].x) < 0.5F &&
                                                 std::abs(places[s].y - kept_places[s].y) < 0.5F,
                                             "splats stand elsewhere");
                        }});
}

TEST_CASE("settings are saved as default from the menu, for the next window", "[ui][profile]") {
    const OwnFolder folder;
    const Profile profile(folder.at("own"));
    {
        TestedWindow window({1600, 1000}, {}, &profile);
        window.carry_out("set adapt.preset fast");
        check_case(window, {"Save settings as default",
                            "settings.save",
                            {},
                            [](User& user) { user.choose("File/Save settings as default"); },
                            [&](User& user) {
                                User::expect(std::filesystem::exists(folder.at("own/settings")),
                                             "there is no file: " + user.last_message());
                            }});
    }
    Session next;
    CHECK(profile.read(next).empty());
    CHECK(get_setting(next, "adapt.preset") == "fast");
}

TEST_CASE("a session is saved and opened from the window, with all that was chosen", "[ui]") {
    const OwnFolder folder;
    TestedWindow window;
    for (const char* line : {"open sample:adapted", "adapt.goto 12", "timeline.mark 12 \"a turn\"",
                             "set attention.top_k 16", "select.tokens 10:20", "camera.keep near"})
        window.carry_out(line);
    const Document document = window.runner().session().document;
    const auto snapshot = window.runner().snapshot_pointer();
    check_case(window, {"saved by key and button",
                        "session.save",
                        {},
                        [](User& user) {
                            user.press(ImGuiMod_Ctrl | ImGuiKey_S);
                            // Nothing is saved yet: a path is asked for.
                            if (user.shows_window("Save the session"))
                                user.click_item("//Save the session/Save");
                        },
                        [](User&) {
                            User::expect(fs::exists("work.session"), "there is no file");
                            User::expect(first_line("work.session") == "# splatscope-session 1",
                                         "it is no session");
                        }});
    window.carry_out("open sample:creatures");
    check_case(
        window,
        {"opened by its path",
         "open",
         {"select.none"},
         [](User& user) {
             user.press(ImGuiMod_Ctrl | ImGuiKey_O);
             user.click_item("//Open a file/##path");
             user.press(ImGuiMod_Ctrl | ImGuiKey_A);
             user.type("work.session");
             user.press(ImGuiKey_Enter);
         },
         [&](User& user) {
             const Document& now = user.session().document;
             User::expect(now.selection == document.selection, "other words are selected");
             User::expect(now.timeline.cursor == 12, "another cycle is shown");
             User::expect(now.timeline.marks == document.timeline.marks, "the note is not there");
             User::expect(now.attention == document.attention, "the settings are others");
             User::expect(user.session().desk.splats.cameras.size() == 1, "the camera is lost");
             const hsa::Snapshot& shown = user.snapshot();
             User::expect(shown.cycle == 12 && shown.dataset->hash == snapshot->dataset->hash,
                          "the engine shows something else");
             User::expect(shown.registry->id == snapshot->registry->id &&
                              shown.registry->parent == snapshot->registry->parent &&
                              shown.registry->log_amplitude == snapshot->registry->log_amplitude,
                          "the splats are others");
             User::expect(shown.measures->usage == snapshot->measures->usage,
                          "the attention is another");
             (void)user.hit("timeline", "mark 12");
             expect_selection_everywhere(user);
         }});
}

TEST_CASE("the window that is killed", "[.killed-window]") {
    const char* named = std::getenv(kKilledFolder);
    REQUIRE(named != nullptr);
    const std::string folder = named;
    const Profile profile(folder + "/profile");
    TestedWindow window({1280, 720}, {}, &profile);
    window.carry_out("open " + folder + "/words.txt");
    window.use([](User& user) {
        user.settle();
        user.click_hit("text", "token 5");
        user.choose("View/Theme/light");
    });
    window.shell().build_frame(kLater);
    const auto is_saved = [&] {
        std::error_code fault;
        for (const auto& entry : fs::directory_iterator(folder + "/profile", fault))
            if (entry.path().extension() == ".session") {
                // One from before the last choice may be there already.
                std::ifstream file(entry.path());
                const std::string text{std::istreambuf_iterator<char>(file), {}};
                return text.find("set theme light") != std::string::npos;
            }
        return false;
    };
    for (int i = 0; i < 500 && !is_saved(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    (void)std::raise(SIGKILL);
}

TEST_CASE("what was killed is asked about and recovered by a button", "[ui][recover]") {
    const OwnFolder folder;
    std::ofstream("words.txt") << words(60);
    const std::string self = fs::read_symlink("/proc/self/exe").string();
    const std::string line = fmt::format("{}='{}' '{}' '[.killed-window]' >/dev/null 2>&1",
                                         kKilledFolder, folder.at("."), self);
    REQUIRE(std::system(line.c_str()) != 0);
    const Profile profile(folder.at("profile"));
    REQUIRE(Autosave::find_lost(profile.folder()).has_value());
    {
        TestedWindow window({1280, 720}, {}, &profile);
        window.use([](User& user) {
            user.draw_frames(3);
            User::expect(user.shows_window("The program ended without closing"),
                         "nothing is asked");
            User::expect(user.session().document.sources.empty(), "something is open already");
            user.click_item("//The program ended without closing/Recover");
            User::expect(!user.shows_window("The program ended without closing"),
                         "it is asked once more");
            const Document& document = user.session().document;
            User::expect(document.sources.size() == 1 &&
                             fs::equivalent(document.sources.front().path, "words.txt"),
                         "other data are open");
            User::expect(document.selection.tokens == std::vector<hsa::Range>{{5, 6}},
                         "another word is selected");
            User::expect(user.session().desk.theme == ThemeName::light, "the theme is another");
            User::expect(user.snapshot().complete && user.snapshot().dataset->size() == 60,
                         "the Snapshot is not whole");
            expect_selection_everywhere(user);
        });
    }
    CHECK_FALSE(Autosave::find_lost(profile.folder()).has_value());
}

TEST_CASE("a file that is written to is read again while it is watched", "[ui][watch]") {
    const OwnFolder folder;
    std::ofstream("words.txt") << words(40);
    TestedWindow window;
    window.carry_out("open words.txt");
    std::size_t count = 40;
    check_case(window, {"Read again when it changes",
                        "toggle",
                        {"select.none", "select.tokens 3:5"},
                        [&](User& user) {
                            user.choose("File/Read again when it changes");
                            count += 25;
                            std::ofstream("words.txt") << words(count);
                            const auto end =
                                std::chrono::steady_clock::now() + std::chrono::seconds(6);
                            while (user.snapshot().dataset->size() != count &&
                                   std::chrono::steady_clock::now() < end)
                                user.draw_frames(1);
                        },
                        [&](User& user) {
                            User::expect(user.session().desk.watch, "nothing is watched");
                            User::expect(user.snapshot().dataset->size() == count,
                                         fmt::format("there are {} words and not {}",
                                                     user.snapshot().dataset->size(), count));
                            User::expect(user.snapshot().complete, "the Snapshot is not whole");
                            User::expect(user.session().document.selection.tokens ==
                                             std::vector<hsa::Range>{{3, 5}},
                                         "the selection was not carried on");
                            (void)user.hit("text", fmt::format("token {}", count - 1));
                            expect_selection_everywhere(user);
                        }});
}

}  // namespace splatscope::tests
