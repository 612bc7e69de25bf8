// Everything by keys alone: which view has them, the pointer they move, sheets and palette, and the
// file that says which key does what.

#include "app/guide.h"
#include "app/key_pointer.h"
#include "app/keys.h"
#include "tests/catch.h"
#include "tests/unit/app/played_window.h"
#include "tests/unit/app/recording_canvas.h"
#include "tests/unit/engine/io/io_test.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace splatscope;

namespace {

const std::vector<Hit> kGrid = {{"a", {{10, 10}, {50, 30}}, ""},
                                {"b", {{60, 10}, {100, 30}}, ""},
                                {"c", {{10, 40}, {50, 60}}, ""},
                                {"d", {{70, 40}, {90, 60}}, ""}};
constexpr Rect kBounds = {{0, 0}, {400, 300}};

PointerKeys arrow(float x, float y) {
    PointerKeys keys;
    keys.arrow = {x, y};
    return keys;
}

bool is_any(const std::string& key) { return !key.empty() && key != "Nokey"; }

void open_rows(Program& program, const io_test::Folder& folder) {
    std::string rows;
    for (int i = 0; i < 40; ++i) rows += fmt::format("{},{}\n", i * 37 % 101, i * 53 % 97);
    std::ofstream(folder.at("a.csv")) << rows;
    program.frames();
    program.drop(folder.at("a.csv"));
}

// Tab until the view has the keys.
bool tab_to(Program& program, const std::string& view) {
    for (int tries = 0; tries < 20 && program.shell.focused_view() != view; ++tries)
        program.press(ImGuiKey_Tab);
    return program.shell.focused_view() == view;
}

}  // namespace

TEST_CASE("arrows go from a thing to the next one in their direction", "[app][keyboard]") {
    CHECK(next_place({30, 20}, {1, 0}, kBounds, kGrid) == Vec2{80, 20});
    CHECK(next_place({30, 20}, {0, 1}, kBounds, kGrid) == Vec2{30, 50});
    CHECK(next_place({80, 20}, {0, 1}, kBounds, kGrid) == Vec2{80, 50});
    CHECK(next_place({80, 50}, {-1, 0}, kBounds, kGrid) == Vec2{30, 50});
    CHECK_FALSE(next_place({30, 20}, {-1, 0}, kBounds, kGrid).has_value());
    CHECK_FALSE(next_place({30, 20}, {0, -1}, kBounds, kGrid).has_value());
    // What is far away is not jumped to: there the pointer goes by steps.
    CHECK_FALSE(next_place({200, 20}, {-1, 0}, kBounds, kGrid).has_value());
    CHECK(next_place({200, 20}, {-1, 0}, kBounds, kGrid, 1e6F) == Vec2{80, 20});
    // A large thing is crossed by steps, and left at its edge.
    const std::vector<Hit> wide = {{"row", {{0, 0}, {300, 20}}, ""},
                                   {"next", {{310, 0}, {330, 20}}, ""}};
    CHECK(next_place({100, 10}, {1, 0}, kBounds, wide) == Vec2{112, 10});
    CHECK(next_place({295, 10}, {1, 0}, kBounds, wide) == Vec2{320, 10});
}

TEST_CASE("keys make of a pointer what a mouse would", "[app][keyboard]") {
    KeyPointer keys;
    Pointer pointer;
    keys.take({}, "map", kBounds, kGrid, false, pointer);
    CHECK_FALSE(keys.shown_in("map"));
    keys.take(arrow(1, 0), "map", kBounds, kGrid, false, pointer);
    REQUIRE(keys.shown_in("map"));  // the first shows where it is
    CHECK(pointer.inside);
    CHECK(pointer.position == kBounds.centre());

    SECTION("Enter clicks, pressing in one frame and leaving in the next") {
        PointerKeys enter;
        enter.enter = enter.shift = true;
        keys.take(enter, "map", kBounds, kGrid, false, pointer);
        CHECK((pointer.pressed[0] && pointer.down[0] && !pointer.clicked));
        keys.take({}, "map", kBounds, kGrid, false, pointer);
        CHECK((pointer.clicked && pointer.released[0] && pointer.shift));
        CHECK(pointer.press_position == pointer.position);
        keys.take({}, "map", kBounds, kGrid, false, pointer);
        CHECK_FALSE(pointer.clicked);
    }
    SECTION("Alt and an arrow drag until Alt is let go") {
        PointerKeys held = arrow(1, 0);
        held.alt = true;
        keys.take(held, "map", kBounds, kGrid, false, pointer);
        CHECK((pointer.pressed[0] && pointer.down[0]));
        keys.take(held, "map", kBounds, kGrid, false, pointer);
        CHECK((pointer.down[0] && pointer.moved.x > 0.0F && !pointer.shift));
        keys.take({}, "map", kBounds, kGrid, false, pointer);
        CHECK((pointer.released[0] && !pointer.clicked && !pointer.down[0]));
        CHECK(pointer.press_position == kBounds.centre());
    }
    SECTION("where the wheel scrolls, an arrow at the edge does") {
        keys.take(arrow(0, 1), "map", kBounds, {}, true, pointer);
        CHECK(pointer.wheel == -1.0F);
        CHECK(pointer.position == kBounds.centre());
    }
    SECTION("it stays inside, and another view begins anew") {
        for (int i = 0; i < 100; ++i) keys.take(arrow(1, 0), "map", kBounds, {}, false, pointer);
        CHECK(kBounds.contains(pointer.position));
        keys.take({}, "tree", kBounds, {}, false, pointer);
        CHECK_FALSE(keys.shown_in("map"));
        CHECK_FALSE(keys.shown_in("tree"));
    }
}

TEST_CASE("Tab goes through every view, Shift+Tab back, and the one with the keys is known",
          "[app][keyboard][window]") {
    const io_test::Folder folder;
    Program program;
    open_rows(program, folder);
    std::set<std::string> met;
    std::vector<std::string> order;
    for (int i = 0; i < 24; ++i) {
        program.press(ImGuiKey_Tab);
        order.push_back(program.shell.focused_view());
        met.insert(order.back());
    }
    for (const char* view :
         {"map", "splats", "tree", "inspector", "timeline", "distributions", "measures", "table"})
        CHECK(met.count(view) == 1);
    program.press(ImGuiMod_Shift | ImGuiKey_Tab);
    CHECK(program.shell.focused_view() == order[order.size() - 2]);
}

TEST_CASE("a sample is opened from the empty window by keys", "[app][keyboard][window]") {
    Program program;
    for (int i = 0; i < 8; ++i) program.frames();  // until the layout rests
    CHECK(program.shell.focused_view().empty());   // what welcomes has the keys
    // Away from the first button, which asks for a file.
    for (int n = 0; n < 2; ++n) program.press(ImGuiKey_DownArrow);
    program.press(ImGuiKey_Enter);
    CHECK(program.open().size() == 1);
}

TEST_CASE("a splat of the tree is selected by arrows and Enter", "[app][keyboard][window]") {
    const io_test::Folder folder;
    Program program;
    open_rows(program, folder);
    REQUIRE(tab_to(program, "tree"));
    program.press(ImGuiKey_DownArrow);
    for (int i = 0; i < 12 && program.runner.session().document.selection.splats.empty(); ++i) {
        program.press(i % 3 == 2 ? ImGuiKey_UpArrow : ImGuiKey_RightArrow);
        program.press(ImGuiKey_Enter);
    }
    CHECK_FALSE(program.runner.session().document.selection.splats.empty());
}

TEST_CASE("the map is zoomed, moved and selected from by keys", "[app][keyboard][window]") {
    const io_test::Folder folder;
    Program program;
    open_rows(program, folder);
    REQUIRE(tab_to(program, "map"));
    program.press(ImGuiMod_Ctrl | ImGuiKey_DownArrow);
    program.press(ImGuiKey_Enter);
    CHECK(program.runner.session().document.selection.block.has_value());
    for (int i = 0; i < 3; ++i) program.press(ImGuiKey_PageUp);
    const MapDesk& map = program.runner.session().desk.map;
    for (int i = 0; i < 200 && map.row_end <= map.row_begin; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // it moves there
        program.frame();
    }
    CHECK(map.row_end > map.row_begin);
}

TEST_CASE("the camera turns by Alt and arrows", "[app][keyboard][window]") {
    const io_test::Folder folder;
    Program program;
    open_rows(program, folder);
    REQUIRE(tab_to(program, "splats"));
    program.press(ImGuiMod_Ctrl | ImGuiKey_DownArrow);
    const double before = program.runner.session().desk.splats.yaw;
    ImGuiIO& io = ImGui::GetIO();
    io.AddKeyEvent(ImGuiMod_Alt, true);
    for (int i = 0; i < 4; ++i) {
        io.AddKeyEvent(ImGuiKey_RightArrow, true);
        program.frames();
        io.AddKeyEvent(ImGuiKey_RightArrow, false);
        program.frames();
    }
    io.AddKeyEvent(ImGuiMod_Alt, false);
    program.frames();
    CHECK(program.runner.session().desk.splats.yaw != before);
}

TEST_CASE("the palette is walked by arrows and finds words of the help",
          "[app][keyboard][window]") {
    const io_test::Folder folder;
    Program program;
    open_rows(program, folder);
    program.press(ImGuiMod_Ctrl | ImGuiKey_P);
    for (const char c : std::string("ORTHOGRAPHIC"))
        ImGui::GetIO().AddInputCharacter(static_cast<unsigned>(c));
    program.frames();
    program.press(ImGuiKey_DownArrow);
    const bool before = program.runner.session().desk.splats.orthographic;
    program.press(ImGuiKey_Enter);
    CHECK(program.runner.session().desk.splats.orthographic != before);
}

TEST_CASE("a sheet has the keys while it is open, and Esc closes it", "[app][keyboard][window]") {
    const io_test::Folder folder;
    Program program;
    open_rows(program, folder);
    for (const ImGuiKeyChord chord : {ImGuiMod_Ctrl | ImGuiKey_L, ImGuiMod_Ctrl | ImGuiKey_J,
                                      ImGuiMod_Ctrl | ImGuiKey_H, ImGuiMod_Shift | ImGuiKey_F1}) {
        INFO("chord " << chord);
        program.press(ImGuiKey_Tab);
        const std::string view = program.shell.focused_view();
        program.press(chord);
        CHECK(program.shell.focused_view() != view);
        program.press(ImGuiKey_R);  // a key of the views
        CHECK(program.runner.session().desk.tool == Tool::move);
        program.press(ImGuiKey_Escape);
        program.press(ImGuiKey_Tab);
        CHECK_FALSE(program.shell.focused_view().empty());
    }
}

TEST_CASE("keys are what the user's file says", "[app][keyboard]") {
    Keys keys;
    const CommandRow& undo = find_command("undo");
    const CommandRow& redo = find_command("redo");
    CHECK(keys.of(undo) == "Ctrl+Z");
    CHECK(keys.read("# mine\nundo F5 Ctrl+Y\nadapt.step\n", "keys", is_any).empty());
    CHECK(keys.of(undo) == "F5 Ctrl+Y");
    CHECK(keys.of(redo) == "Ctrl+Shift+Z");  // Ctrl+Y went to undo
    CHECK(keys.of(find_command("adapt.step")).empty());
    const std::vector<std::string> faults =
        keys.read("undo Nokey\nno.such F5\nredo F6\nundo F6\n", "my keys", is_any);
    REQUIRE(faults.size() == 3);
    CHECK(faults[0].find("my keys, line 1") == 0);
    CHECK(faults[1].find("no.such") != std::string::npos);
    CHECK(faults[2].find("redo already") != std::string::npos);
    CHECK(keys.of(undo) == "Ctrl+Z");
    // A file as it is written changes nothing, whether its lines are comments or not.
    std::string text = Keys::file_text();
    CHECK(keys.read(text, "keys", is_key).empty());
    std::size_t at = text.find("\n# ", text.find("Take the #"));
    for (; at != std::string::npos; at = text.find("\n# ", at)) text.erase(at + 1, 2);
    const std::vector<std::string> none = keys.read(text, "keys", is_key);
    CHECK(none == std::vector<std::string>{});
    for (const CommandRow& row : command_table()) CHECK(keys.of(row) == row.keys);
}

TEST_CASE("a file of keys counts in the window", "[app][keyboard][window]") {
    const io_test::Folder folder;
    const Profile profile(folder.at("profile"));
    {
        Program program(false, &profile);
        program.frames();
        REQUIRE(program.runner.run("window.keys_file").error.empty());
    }
    std::ofstream(folder.at("profile/keys"), std::ios::app) << "tool.rectangle F7\n";
    Program program(false, &profile);
    open_rows(program, folder);
    program.press(ImGuiKey_R);
    CHECK(program.runner.session().desk.tool == Tool::move);
    program.press(ImGuiKey_F7);
    CHECK(program.runner.session().desk.tool == Tool::rectangle);
}

TEST_CASE("the guide goes on as things are done, is left and begins again", "[app][guide]") {
    Runner runner({});
    const auto step = [&](bool saved = false) {
        return guide_step(runner.session(), runner.snapshot(), saved).number;
    };
    CHECK(step() == 1);
    REQUIRE(runner.run("guide.start").error.empty());
    runner.wait_complete();
    CHECK(step() == 2);
    REQUIRE(runner.run("select.block 0:40 40:80").error.empty());
    CHECK(step() == 3);
    Runner later({});  // with cycles
    const auto then = [&](bool saved = false) {
        return guide_step(later.session(), later.snapshot(), saved).number;
    };
    REQUIRE(later.run("open sample:adapted").error.empty());
    later.wait_complete();
    CHECK(then() == 4);
    REQUIRE(later.run("select.event 39").error.empty());
    CHECK(then() == 5);
    CHECK(then(true) == kGuideSteps + 1);
    REQUIRE(runner.run("guide.skip").error.empty());
    CHECK_FALSE(runner.session().desk.guide);
    REQUIRE(runner.run("guide.start").error.empty());
    CHECK(runner.session().desk.guide);
}

TEST_CASE("a screen of another density, a new size and no size at all", "[app][window]") {
    const io_test::Folder folder;
    Program program(true);
    open_rows(program, folder);
    CHECK(ImGui::GetStyle().FontScaleMain == 1.0F);
    const auto title_height = [&] {
        for (const PlacedText& text : program.shell.panel("map").header)
            if (text.text == "Attention map") return text.place.height();
        return 0.0F;
    };
    const float before = title_height();
    CHECK(before > 0.0F);
    program.window.density = 2.0F;  // dragged to a fine screen
    program.window.set_size({1600, 1200});
    program.frames();
    CHECK(ImGui::GetStyle().FontScaleMain == 2.0F);
    CHECK(title_height() > 1.8F * before);
    program.window.density = 1.0F;
    for (const WindowSize size :
         {WindowSize{0, 0}, WindowSize{1, 1}, WindowSize{3000, 40}, WindowSize{1000, 700}}) {
        program.window.set_size(size);  // 0 x 0: minimised
        program.frames();
    }
    CHECK_FALSE(program.shell.panel("map").drawn.texts.empty());
    CHECK(program.shell.panel("map").canvas.max.x <= 1000.0F);
}
