#include "app/timeline.h"

#include "app/runner.h"
#include "app/session_file.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace splatscope;
using nlohmann::json;

namespace {

// The beginning of a sample: some hundred words.
std::string short_text() {
    constexpr std::size_t kBytes = 4000;
    std::string text =
        hsa::read_file(std::string(SPLATSCOPE_SOURCE_DIR) + "/assets/samples/voyage.txt");
    text.resize(text.rfind('\n', kBytes));
    std::string path = (std::filesystem::temp_directory_path() / "timeline-short.txt").string();
    std::ofstream(path) << text;
    return path;
}

void ok(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
}

std::string refused(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line);
    CHECK_FALSE(outcome.error.empty());
    return outcome.error;
}

// A splat of that level, the first; its parent, and another splat of the level above.
struct Link {
    hsa::SplatId child = 0, parent = 0, other = 0;
};
Link link_of(Runner& runner) {
    (void)answer(runner, "print measures");
    const hsa::SplatRegistry& registry = *runner.snapshot().registry;
    Link link;
    link.child = registry.id[registry.rows_of_level(0).front()];
    link.parent = registry.parent[registry.row(link.child)];
    for (const std::size_t row : registry.rows_of_level(1))
        if (registry.id[row] != link.parent) link.other = registry.id[row];
    return link;
}

hsa::SplatId parent_of(Runner& runner, hsa::SplatId child) {
    (void)answer(runner, "print measures");
    const hsa::SplatRegistry& registry = *runner.snapshot().registry;
    return registry.parent[registry.row(child)];
}

}  // namespace

TEST_CASE("marks stand at cycles, undo, and go with the cycles they mark", "[app][timeline]") {
    Session session;
    step(session, 6);
    mark(session, 2, "two");
    mark(session, 6, "six");
    CHECK_THROWS_WITH(mark(session, 7, "x"), Catch::Contains("0 to 6"));
    Session branched = session;
    go_to(branched, 3);
    step(branched, 1);
    CHECK(branched.document.timeline.marks.size() == 2);  // nothing was left behind
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::calibrate;
    go_to(branched, 3);
    add_edit(branched, edit);
    CHECK(branched.document.timeline.marks == std::map<std::int32_t, std::string>{{2, "two"}});
    REQUIRE(branched.document.branches.size() == 1);
    CHECK(branched.document.branches[0].marks.size() == 2);
    mark(branched, 2, "");
    CHECK(branched.document.timeline.marks.empty());
    pause_at(session, 4);
    CHECK(session.document.timeline.marks.size() == 1);
    restart(session);
    CHECK(session.document.timeline.marks.empty());
}

TEST_CASE("notes, ranges and lineage are commands", "[app][timeline]") {
    Runner runner({});
    ok(runner, "open " + short_text());
    ok(runner, "set adapt.preset fast");
    ok(runner, "adapt.step 4");
    ok(runner, "timeline.mark 2 \"here it turns\"");
    CHECK(refused(runner, "timeline.mark 9 x").find("0 to 4") != std::string::npos);
    CHECK(refused(runner, "timeline.unmark 3").find("no mark") != std::string::npos);
    const json history = answer(runner, "print history");
    REQUIRE(history.at("marks").size() == 1);
    CHECK(history.at("marks")[0].at("text") == "here it turns");

    const json range = answer(runner, "explain.cycles 1:5");
    std::size_t tried = 0;
    for (const auto& cycle : runner.snapshot().history->cycles)
        for (const hsa::Event& event : cycle->events)
            if (cycle->number > 0 && event.kind != hsa::EventKind::adjust) ++tried;
    CHECK(range.at("tried") == tried);
    CHECK(range.at("marks").size() == 1);
    CHECK_FALSE(refused(runner, "explain.cycles 3:9").empty());
    ok(runner, "timeline.range 1:3");
    CHECK(runner.session().desk.timeline.range_end == 3);
    ok(runner, "timeline.zoom range");
    CHECK(runner.session().desk.timeline.begin == 0.5);
    CHECK(runner.session().desk.timeline.end == 2.5);
    ok(runner, "timeline.range none");
    CHECK_FALSE(refused(runner, "timeline.zoom range").empty());
    ok(runner, "timeline.zoom all");
    CHECK(runner.session().desk.timeline.end == 0.0);

    const Link link = link_of(runner);
    ok(runner, fmt::format("splats.split {}", link.child));
    const json gone = answer(runner, fmt::format("explain.lineage {}", link.child));
    CHECK(gone.at("ended").at("kind") == "split");
    CHECK(gone.at("descendants").size() == 2);
    ok(runner, "undo");
    CHECK(answer(runner, fmt::format("explain.lineage {}", link.child)).at("ended").is_null());
    ok(runner, "timeline.unmark all");
    ok(runner, "undo");
    CHECK(runner.session().document.timeline.marks.size() == 1);
}

TEST_CASE("a splat is put under another parent, which undoes and is saved", "[app][timeline]") {
    Runner runner({});
    ok(runner, "open " + short_text());
    const Link link = link_of(runner);
    CHECK(refused(runner, fmt::format("splats.reparent {} {}", link.child, link.child))
              .find("level above") != std::string::npos);
    CHECK_FALSE(refused(runner, fmt::format("splats.reparent {} 4000", link.child)).empty());
    ok(runner, fmt::format("splats.reparent {} {}", link.child, link.other));
    CHECK(parent_of(runner, link.child) == link.other);
    const hsa::History& history = *runner.snapshot().history;
    CHECK(history.cycles.back()->events.back().kind == hsa::EventKind::reparent);

    const std::string text = write_session(runner.session(), "/");
    CHECK(read_session("/x.session", text).document.timeline == runner.session().document.timeline);
    ok(runner, "undo");
    CHECK(parent_of(runner, link.child) == link.parent);
    ok(runner, "redo");
    CHECK(parent_of(runner, link.child) == link.other);
    ok(runner, "adapt.step 2");
    (void)answer(runner, "print measures");
    if (runner.snapshot().registry->find(link.child) &&
        runner.snapshot().registry->find(link.other))
        CHECK(parent_of(runner, link.child) == link.other);
    CHECK(answer(runner, "run.verify").at("different").empty());
}

TEST_CASE("a glance at an event is what selecting it shows", "[app][timeline]") {
    Runner runner({});
    ok(runner, "open " + short_text());
    ok(runner, "set adapt.preset fast");
    ok(runner, "adapt.step 2");
    (void)answer(runner, "print measures");
    const hsa::History& history = *runner.snapshot().history;
    std::size_t index = history.event_count(0);
    const std::size_t count = history.event_count(history.last());
    while (index < count && (!history.event(index).accepted || history.event(index).delta.empty()))
        ++index;
    REQUIRE(index < count);
    const std::size_t n = runner.snapshot().dataset->size();
    hsa::Wanted wanted;
    wanted.peek = hsa::PeekWanted{index, {{0, n}, {0, n}, 24, 24}};
    runner.wait_look(wanted);
    const auto peek = runner.look().peek;
    REQUIRE(peek != nullptr);
    REQUIRE(peek->before != nullptr);
    REQUIRE(peek->after != nullptr);
    // Asked again it is the same one.
    ok(runner, "select.tokens 3:5");
    runner.wait_look(wanted);
    CHECK(runner.look().peek == peek);

    hsa::Wanted selected;
    selected.changes = {wanted.peek->picture};
    ok(runner, fmt::format("select.event {}", index));
    runner.wait_look(selected);
    REQUIRE(runner.look().before.size() == 1);
    const auto same = [](const hsa::Picture& a, const hsa::Picture& b) {
        REQUIRE(a.mean.size() == b.mean.size());
        return std::equal(a.mean.data(), a.mean.data() + a.mean.size(), b.mean.data());
    };
    CHECK(same(*runner.look().before[0], *peek->before));
    CHECK(same(*runner.look().after[0], *peek->after));
    CHECK_FALSE(same(*peek->before, *peek->after));
    CHECK(runner.look().peek == nullptr);
}

TEST_CASE("it runs to the next event of a kind, or goes back to it", "[app][timeline]") {
    Runner runner({});
    ok(runner, "open " + short_text());
    ok(runner, "set adapt.preset fast");
    ok(runner, "adapt.next_event mitosis");
    (void)answer(runner, "print measures");
    const Timeline found = runner.session().document.timeline;
    const auto has = [&](std::int32_t cycle, hsa::EventKind kind) {
        for (const hsa::Event& event :
             runner.snapshot().history->cycles[static_cast<std::size_t>(cycle)]->events)
            if (event.accepted && event.kind == kind) return true;
        return false;
    };
    REQUIRE(found.last > 0);
    CHECK(found.cursor == found.last);
    CHECK(has(found.last, hsa::EventKind::mitosis));
    for (std::int32_t c = 1; c < found.last; ++c) CHECK_FALSE(has(c, hsa::EventKind::mitosis));
    CHECK(found.until_events.empty());
    // What is there already is only gone to.
    ok(runner, "adapt.first");
    ok(runner, "adapt.next_event mitosis");
    CHECK(runner.session().document.timeline == found);
    ok(runner, "adapt.step 1");
    ok(runner, "adapt.previous_event mitosis");
    CHECK(runner.session().document.timeline.cursor == found.last);
    CHECK_FALSE(refused(runner, "adapt.next_event split").empty());
    CHECK_FALSE(refused(runner, "adapt.next_event explosion").empty());
    CHECK_FALSE(refused(runner, "adapt.previous_event join").empty());
}
