// A program that is killed loses nothing that was there ten seconds before: the next one asks, and
// recovers it. The one that is killed is this program again, in a process of its own.

#include "app/autosave.h"
#include "tests/catch.h"
#include "tests/unit/app/played_window.h"
#include "tests/unit/engine/io/io_test.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

using namespace splatscope;

namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "SPLATSCOPE_KILLED_FOLDER";
constexpr float kLater = 11.0F;  // seconds, after which a session is saved by itself

bool has_saved(const std::string& folder) {
    std::error_code fault;
    for (const auto& entry : fs::directory_iterator(folder, fault))
        if (entry.path().extension() == ".session") return true;
    return false;
}

}  // namespace

TEST_CASE("the program that is killed", "[.killed]") {
    const char* named = std::getenv(kFolder);
    REQUIRE(named != nullptr);
    const std::string folder = named;
    const Profile profile(folder + "/profile");
    Program program(false, &profile);
    program.frames();
    REQUIRE(program.runner.run("open " + folder + "/rows.csv").error.empty());
    REQUIRE(program.runner.run("set attention.temperature 2").error.empty());
    REQUIRE(program.runner.run("select.tokens 3:7").error.empty());
    program.runner.wait_complete();
    program.shell.build_frame(kLater);
    for (int i = 0; i < 500 && !has_saved(folder + "/profile"); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    (void)std::raise(SIGKILL);
}

TEST_CASE("what was killed is recovered by the next start", "[app][window][recover]") {
    const io_test::Folder folder;
    std::string rows;
    for (int i = 0; i < 40; ++i) rows += fmt::format("{},{}\n", i * 37 % 101, i * 53 % 97);
    std::ofstream(folder.at("rows.csv")) << rows;
    const std::string self = fs::read_symlink("/proc/self/exe").string();
    const std::string line =
        fmt::format("{}='{}' '{}' '[.killed]' >/dev/null 2>&1", kFolder, folder.at("."), self);
    REQUIRE(std::system(line.c_str()) != 0);
    const Profile profile(folder.at("profile"));
    REQUIRE(Autosave::find_lost(profile.folder()).has_value());
    {
        Program program(false, &profile);
        for (int i = 0; i < 8; ++i) program.frames();  // until the layout rests
        REQUIRE(program.runner.session().document.sources.empty());
        program.press(ImGuiKey_Enter);  // on the first button, which recovers
        program.frames();
        REQUIRE(program.open().size() == 1);
        CHECK(fs::equivalent(program.open()[0], folder.at("rows.csv")));
        CHECK(program.runner.session().document.attention.temperature == 2.0);
        CHECK(hsa::total_size(program.runner.session().document.selection.tokens) == 4);
        CHECK(program.runner.snapshot().complete);
    }
    // It was asked once.
    CHECK_FALSE(Autosave::find_lost(profile.folder()).has_value());
}
