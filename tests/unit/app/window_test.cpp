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

TEST_CASE("a picture that is dropped brings back the view it shows", "[app][window][pictures]") {
    const io_test::Folder folder;
    write(folder.at("a.csv"), rows(24));
    Program program;
    program.frames();
    program.drop(folder.at("a.csv"));
    const auto say = [&](const std::string& line) {
        program.runner.submit(line);
        program.frames();
    };
    for (const char* line : {"set map.colours magma", "map.view 2 9 4 11", "select.tokens 3:5"})
        say(line);
    say("view.export map " + folder.at("shot.png") + " 320x200");
    const Session shown = program.runner.session();
    for (const char* line : {"reset map.colours", "map.view", "select.none"}) say(line);
    REQUIRE_FALSE(program.runner.session().desk.map == shown.desk.map);
    program.drop(folder.at("shot.png"));
    CHECK(program.open() == std::vector<std::string>{folder.at("a.csv")});
    CHECK(program.runner.session().desk.map == shown.desk.map);
    CHECK(program.runner.session().document.selection == shown.document.selection);
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
    CHECK_FALSE(program.was_told("One file is compared with"));
    program.window.dropped = {folder.at("b.csv"), folder.at("a.csv")};
    program.frames();
    CHECK(program.was_told("One file is compared with: b.csv of the 2 dropped."));
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

TEST_CASE("a window in which nothing happens draws no frame", "[app][window]") {
    const io_test::Folder folder;
    write(folder.at("a.csv"), rows(24));
    Program program;
    program.frames();
    program.drop(folder.at("a.csv"));
    const auto presented = [&](int looks) {
        program.window.presented = 0;
        for (int look = 0; look < looks; ++look) REQUIRE(program.shell.frame());
        return program.window.presented;
    };
    program.window.happens = false;
    int tries = 0;
    while (presented(100) != 0 && ++tries < 100) program.runner.engine().wait_news();
    REQUIRE(tries < 100);
    CHECK(presented(2000) == 0);
    program.window.happens = true;
    CHECK(presented(3) == 3);
    program.window.happens = false;
    CHECK(presented(2000) > 0);  // a tooltip may come a while after the last event
    CHECK(presented(2000) == 0);
    program.runner.submit("set theme light");
    CHECK(presented(2) > 0);
    while (presented(100) != 0 && ++tries < 200) program.runner.engine().wait_news();
    CHECK(presented(2000) == 0);
    // What was told fades, and is then drawn away.
    const int vertices = ImGui::GetDrawData()->TotalVtxCount;
    program.shell.say("The picture is there.", false);
    CHECK(presented(2000) > 0);
    CHECK(program.shell.messages().empty());
    CHECK(ImGui::GetDrawData()->TotalVtxCount == vertices);
    program.shell.say("That file is not there.", true);
    CHECK(presented(600) == 0);
    CHECK(program.was_told("not there"));  // longer than a notice
    CHECK(presented(2000) > 0);
    CHECK(program.shell.messages().empty());
    CHECK(presented(2000) == 0);
}

TEST_CASE("what is copied of the views has the raw value under the pointer", "[app][window]") {
    const io_test::Folder folder;
    write(folder.at("a.csv"), rows(24));
    Program program;
    program.frames();
    program.drop(folder.at("a.csv"));
    const auto copied = [&] {
        program.press(ImGuiMod_Ctrl | ImGuiKey_C);
        return program.window.copied;
    };
    ImGui::GetIO().AddMousePosEvent(-1.0F, -1.0F);
    program.frames();
    const std::string plain = copied();
    CHECK(plain.find("camera.yaw") != std::string::npos);
    CHECK(plain.find("under_pointer") == std::string::npos);
    const Rect map = program.shell.panel("map").canvas;
    ImGui::GetIO().AddMousePosEvent(map.min.x + 0.5F * map.width(),
                                    map.min.y + 0.5F * map.height());
    for (int i = 0; i < 30; ++i) program.frame();
    const std::string pointed = copied();
    CHECK(pointed.find("under_pointer") != std::string::npos);
    CHECK(pointed.find("(raw ") != std::string::npos);
    program.press(ImGuiMod_Ctrl | ImGuiKey_V);
    for (const Message& message : program.shell.messages()) CHECK(!message.is_error);
}
