#include "app/window/window.h"

#include "app/setting_values.h"
#include "tests/catch.h"
#include "tests/unit/app/played_window.h"
#include "tests/unit/engine/io/io_test.h"

#include <imgui.h>

#include <fstream>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::string rows(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += fmt::format("{},{}\n", i * 37 % 101, i * 53 % 97);
    return text;
}

}  // namespace

TEST_CASE("dropped files open: the same kind replaces, and undo brings it back", "[app][window]") {
    const io_test::Folder folder;
    write(folder.at("a.csv"), rows(24));
    write(folder.at("b.csv"), rows(30));
    Program program;
    program.frames();
    program.drop(folder.at("a.csv"));
    REQUIRE(program.open() == std::vector<std::string>{folder.at("a.csv")});
    program.drop(folder.at("b.csv"));
    CHECK(program.open() == std::vector<std::string>{folder.at("b.csv")});
    program.press(ImGuiMod_Ctrl | ImGuiKey_Z);
    CHECK(program.open() == std::vector<std::string>{folder.at("a.csv")});
    program.drop(folder.at("none.csv"));
    CHECK(program.open() == std::vector<std::string>{folder.at("a.csv")});
    CHECK(program.was_told("none.csv"));
}

TEST_CASE("words dropped on vectors are counted before anything happens", "[app][window]") {
    const io_test::Folder folder;
    write(folder.at("a.csv"), rows(24));
    write(folder.at("words.txt"), "The wind fell and the ship lay still.\n");
    Program program;
    program.frames();
    program.drop(folder.at("a.csv"));
    program.drop(folder.at("words.txt"));
    CHECK(program.open() == std::vector<std::string>{folder.at("a.csv")});
    // The same by the command alone is refused with both counts, and the session stays.
    program.runner.submit("open " + folder.at("words.txt"));
    program.frames();
    CHECK(program.open() == std::vector<std::string>{folder.at("a.csv")});
    CHECK(program.was_told("24"));
    CHECK(program.was_told("alone"));
}

TEST_CASE("a file dropped with Shift is the second side of a comparison", "[app][window]") {
    const io_test::Folder folder;
    write(folder.at("a.csv"), rows(24));
    write(folder.at("b.csv"), rows(12));
    Program program;
    program.runner.submit("open " + folder.at("a.csv"));
    program.frames();
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Shift, true);
    program.frames();
    program.drop(folder.at("b.csv"));
    CHECK(program.open() == std::vector<std::string>{folder.at("a.csv")});
    CHECK(program.runner.session().document.compare.argument == folder.at("b.csv"));
}

TEST_CASE("keys of the window do what the table says", "[app][window][keys]") {
    const io_test::Folder folder;
    write(folder.at("a.csv"), rows(24));
    Program program;
    program.frames();
    program.drop(folder.at("a.csv"));
    REQUIRE(program.runner.run("camera.set 1 0.5 3").error.empty());
    program.press(ImGuiMod_Ctrl | ImGuiKey_C);
    CHECK(program.window.copied.find("\"camera.yaw\": 1") != std::string::npos);
    program.press(ImGuiKey_3);
    CHECK(program.runner.session().desk.splats.yaw != 1.0);
    program.press(ImGuiMod_Ctrl | ImGuiKey_V);
    CHECK(program.runner.session().desk.splats.yaw == 1.0);
    program.window.copied = "nothing of the kind";
    program.press(ImGuiMod_Ctrl | ImGuiKey_V);
    CHECK(program.was_told("view.restore"));

    program.press(ImGuiKey_F11);
    CHECK(program.window.is_full_screen());
    program.press(ImGuiKey_F11);
    CHECK_FALSE(program.window.is_full_screen());
    program.press(ImGuiMod_Ctrl | ImGuiKey_Equal);
    CHECK(program.runner.session().desk.scale == 1.1);
    program.press(ImGuiMod_Ctrl | ImGuiKey_0);
    CHECK(program.runner.session().desk.scale == 1.0);
    program.press(ImGuiKey_R);
    CHECK(program.runner.session().desk.tool == Tool::rectangle);
    program.press(ImGuiKey_Escape);
    CHECK(program.runner.session().desk.tool == Tool::move);

    const std::string file = folder.at("mine.session");
    REQUIRE(program.runner.run("session.save " + file).error.empty());
    REQUIRE(program.runner.run("set map.colours magma").error.empty());
    program.press(ImGuiMod_Ctrl | ImGuiKey_S);
    std::ifstream saved(file);
    const std::string text((std::istreambuf_iterator<char>(saved)), {});
    CHECK(text.find("set map.colours magma") != std::string::npos);
}
