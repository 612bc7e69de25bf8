#include "app/bindings.h"
#include "app/commands/table.h"
#include "app/runner.h"
#include "app/settings.h"
#include "app/view_state.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

bool refused(Runner& runner, const std::string& line, int code) {
    const Session before = runner.session();
    const Outcome outcome = runner.run(line);
    INFO(line << " -> " << outcome.error);
    return outcome.exit_code == code && !outcome.error.empty() && runner.session() == before;
}

}  // namespace

TEST_CASE("every key of the input page is bound once, and to a command", "[app][keys]") {
    std::map<std::string, std::string> command_of;
    for (const CommandRow& row : command_table())
        for (const std::string& key : split_words(row.keys)) {
            INFO(key << " is bound to " << command_of[key] << " and to " << row.name);
            CHECK(command_of[key].empty());
            command_of[key] = row.name;
        }
    for (const char* key : {"Ctrl+O",
                            "Ctrl+S",
                            "Ctrl+Shift+S",
                            "Ctrl+Z",
                            "Ctrl+Shift+Z",
                            "Ctrl+Y",
                            "Ctrl+P",
                            "Ctrl+F",
                            "F",
                            "Shift+F",
                            "1",
                            "3",
                            "7",
                            "5",
                            "Space",
                            ",",
                            ".",
                            "<",
                            ">",
                            "Home",
                            "End",
                            "R",
                            "L",
                            "Esc",
                            "Ctrl+A",
                            "Ctrl+Shift+A",
                            "Ctrl+I",
                            "H",
                            "Shift+H",
                            "F10",
                            "F11",
                            "F12",
                            "Ctrl+F12",
                            "?",
                            "F1",
                            "Ctrl++",
                            "Ctrl+-",
                            "Ctrl+0",
                            "Ctrl+C",
                            "Ctrl+V"}) {
        INFO(key);
        CHECK_FALSE(command_of[key].empty());
    }
    const std::vector<Binding> shown = bindings();
    for (const char* gesture : {"left drag", "wheel", "Shift+drag", "Shift+Ctrl+drag"})
        CHECK(std::any_of(shown.begin(), shown.end(),
                          [&](const Binding& row) { return row.key == gesture; }));
}

TEST_CASE("how the views look goes through its JSON and back", "[app][view_state]") {
    Session session;
    set_setting(session, "camera.yaw", "1.2345678901234567");
    set_setting(session, "map.row_begin", "10.25");
    set_setting(session, "map.row_end", "800");
    set_setting(session, "map.colours", "magma");
    set_setting(session, "view.splats.hidden_splats", "3,17");
    set_setting(session, "theme", "light");
    Session other;
    restore_view_state(other, view_state(session).dump());
    CHECK(view_state(other) == view_state(session));
    CHECK(other.desk.splats.yaw == session.desk.splats.yaw);
    CHECK(other.desk.splats.hidden == session.desk.splats.hidden);
    CHECK(get_setting(other, "theme") == "dark");  // of the program, not of a view

    const Session before = other;
    CHECK_THROWS_AS(restore_view_state(other, "a text of no kind"), hsa::Error);
    CHECK_THROWS_AS(restore_view_state(other, "[1, 2]"), hsa::Error);
    CHECK_THROWS_AS(restore_view_state(other, R"({"settings": {"camera.pitch": 9}})"), hsa::Error);
    CHECK(other == before);
    restore_view_state(other, R"({"settings": {"camera.new_thing": 9, "theme": "light"}})");
    CHECK(other == before);
}

TEST_CASE("places of words one after another, round the end", "[app][commands]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    REQUIRE(runner.run("select.text gale").error.empty());
    const std::vector<hsa::Range> all = runner.session().document.selection.tokens;
    REQUIRE(all.size() >= 3);
    REQUIRE(runner.run("select.none").error.empty());
    const auto at = [&] { return runner.session().document.selection.tokens; };
    for (std::size_t i = 0; i <= all.size(); ++i) {
        REQUIRE(runner.run("select.next gale").error.empty());
        CHECK(at() == std::vector<hsa::Range>{all[i % all.size()]});
    }
    REQUIRE(runner.run("select.previous gale").error.empty());
    CHECK(at() == std::vector<hsa::Range>{all.back()});
    REQUIRE(runner.run("select.previous gale").error.empty());
    CHECK(at() == std::vector<hsa::Range>{all[all.size() - 2]});
    CHECK(refused(runner, "select.next zyxwv", 1));
}

TEST_CASE("splats hide and show, tools and sizes", "[app][commands]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    CHECK(refused(runner, "splats.hide", 1));
    REQUIRE(runner.run("select.splats 0 3").error.empty());
    REQUIRE(runner.run("splats.hide").error.empty());
    CHECK(runner.session().desk.splats.hidden == std::set<hsa::SplatId>{0, 3});
    REQUIRE(runner.run("splats.show").error.empty());
    CHECK(runner.session().desk.splats.hidden.empty());

    REQUIRE(runner.run("tool.lasso").error.empty());
    CHECK(runner.session().desk.tool == Tool::lasso);
    REQUIRE(runner.run("cancel").error.empty());
    CHECK(runner.session().desk.tool == Tool::move);

    REQUIRE(runner.run("view.larger").error.empty());
    CHECK(runner.session().desk.scale == 1.1);
    REQUIRE(runner.run("view.smaller").error.empty());
    CHECK(runner.session().desk.scale == 1.0);
    for (int i = 0; i < 30; ++i) REQUIRE(runner.run("view.smaller").error.empty());
    CHECK(runner.session().desk.scale == 0.75);
    REQUIRE(runner.run("view.normal_size").error.empty());
    CHECK(runner.session().desk.scale == 1.0);
}

TEST_CASE("what needs a window says so where there is none", "[app][commands]") {
    Runner runner({});
    for (const CommandRow& row : window_commands()) CHECK(refused(runner, row.name, 1));
    std::vector<WindowAction> done;
    runner.set_window([&](WindowAction action) { done.push_back(action); });
    for (const CommandRow& row : window_commands()) CHECK(runner.run(row.name).error.empty());
    CHECK(done.size() == window_commands().size());
}

TEST_CASE("levels are weighed by the information that passes through them", "[app][levels]") {
    Runner runner({});
    REQUIRE(runner.run("open sample:creatures").error.empty());
    const auto levels = [&] { return answer(runner, "print measures")["levels"]; };
    const nlohmann::json before = levels();
    double whole = 0.0;
    for (const auto& level : before) whole += level["information"].get<double>();
    REQUIRE(whole > 0.0);
    REQUIRE(runner.run("levels.weigh information").error.empty());
    const nlohmann::json after = levels();
    for (const auto& [name, level] : after.items()) {
        const double share = before[name]["information"].get<double>() / whole;
        CHECK(level["weight"].get<double>() == Approx(share).epsilon(1e-6));
        CHECK(level["usage"].get<double>() == Approx(share).epsilon(0.02));
    }
    // One step of undo for all of them.
    REQUIRE(runner.run("undo").error.empty());
    CHECK(levels() == before);
    REQUIRE(runner.run("levels.weigh even").error.empty());
    const nlohmann::json even = levels();
    for (const auto& level : even)
        CHECK(level["weight"].get<double>() == Approx(1.0 / static_cast<double>(before.size())));
    CHECK(runner.run("levels.weigh").exit_code == 2);
    CHECK(runner.run("levels.weigh loud").exit_code == 2);
}
