#include "app/commands/table.h"
#include "app/history.h"
#include "app/history_lines.h"
#include "app/session_file.h"
#include "app/settings.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "tests/catch.h"

#include <string>

using namespace splatscope;

TEST_CASE("words are split as a shell splits them", "[app][grammar]") {
    CHECK(split_words("open 'my file.txt' as text # said so") ==
          std::vector<std::string>{"open", "my file.txt", "as", "text"});
    CHECK(split_words(R"(select.text "a \"b\" c" d\ e)") ==
          std::vector<std::string>{"select.text", "a \"b\" c", "d e"});
    CHECK(split_words("a '' b") == std::vector<std::string>{"a", "", "b"});
    CHECK_THROWS_AS(split_words("a 'b"), hsa::Error);
}

TEST_CASE("ranges are half open and stay inside the data", "[app][grammar]") {
    CHECK(parse_range("3:7", 10) == hsa::Range{3, 7});
    CHECK(parse_range(":7", 10) == hsa::Range{0, 7});
    CHECK(parse_range("3:", 10) == hsa::Range{3, 10});
    CHECK(parse_range(":", 10) == hsa::Range{0, 10});
    CHECK(parse_range("4", 10) == hsa::Range{4, 5});
    for (const char* wrong : {"7:3", "3:11", "10", "x", "3:y", "", "5:5"})
        CHECK_THROWS_AS(parse_range(wrong, 10), hsa::Error);
}

TEST_CASE("every setting says what it is and takes its own value back", "[app][settings]") {
    for (const SettingRow& row : setting_rows()) {
        INFO(row.name);
        CHECK_FALSE(row.help.empty());
        if (row.name.find('<') != std::string::npos) continue;
        Session session;
        const std::string value = get_setting(session, row.name);
        CHECK(value == row.default_value);
        set_setting(session, row.name, value);
        CHECK(session == Session{});
        // Choices that need other data are refused with a sentence and change nothing.
        for (const std::string& choice : row.choices) {
            Session chosen;
            try {
                set_setting(chosen, row.name, choice);
                CHECK(get_setting(chosen, row.name) == choice);
            } catch (const hsa::Error&) {
                CHECK(chosen == Session{});
            }
        }
    }
}

TEST_CASE("a setting out of its range or of another type is refused", "[app][settings]") {
    Session session;
    CHECK_THROWS_AS(set_setting(session, "attention.threshold", "1.5"), hsa::Error);
    CHECK_THROWS_AS(set_setting(session, "attention.top_k", "many"), hsa::Error);
    CHECK_THROWS_AS(set_setting(session, "map.colours", "jet"), hsa::Error);
    try {
        set_setting(session, "attention.topk", "3");
        FAIL("an unknown name was taken");
    } catch (const hsa::Error& error) {
        CHECK(error.exit_code() == 2);
        CHECK(std::string(error.what()).find("attention.top_k") != std::string::npos);
    }
    CHECK(session == Session{});
}

TEST_CASE("a level's own settings of adaptation are set, shown and taken back", "[app][settings]") {
    Session session;
    CHECK(get_setting(session, "adapt.level.Token.lambda") == "auto");
    set_setting(session, "adapt.level.Token.lambda", "0.002");
    set_setting(session, "adapt.level.A.b.rate.birth", "7");
    CHECK(get_setting(session, "adapt.level.Token.lambda") == "0.002");
    CHECK(get_setting(session, "adapt.level.A.b.rate.birth") == "7");
    CHECK(session.document.adapt.level.at("A.b").rate_birth == 7);
    // They are settings of cycles: the timeline knows them.
    CHECK(session.document.timeline.first.adapt == session.document.adapt);
    CHECK_THROWS_AS(set_setting(session, "adapt.level.Token.lambda", "2"), hsa::Error);
    CHECK_THROWS_AS(set_setting(session, "adapt.level.Token.lambda", "much"), hsa::Error);
    for (const char* unknown : {"adapt.level.Token.speed", "adapt.level.lambda", "adapt.level."})
        try {
            set_setting(session, unknown, "1");
            FAIL(unknown << " was taken");
        } catch (const hsa::Error& error) {
            CHECK(error.exit_code() == 2);
            CHECK(std::string(error.what()).find("rate.death") != std::string::npos);
        }
    reset_setting(session, "adapt.level.Token.lambda");
    set_setting(session, "adapt.level.A.b.rate.birth", "auto");
    CHECK(session.document.adapt.level.empty());
    CHECK(session == Session{});
}

TEST_CASE("every command has help, a function and a name of its own", "[app][commands]") {
    std::vector<std::string> names;
    for (const CommandRow& row : command_table()) {
        INFO(row.name);
        CHECK_FALSE(row.help.empty());
        const bool has_function =
            row.change || row.search || row.question || row.file || row.control;
        CHECK(has_function);
        CHECK(std::find(names.begin(), names.end(), row.name) == names.end());
        names.push_back(row.name);
    }
    CHECK_THROWS_AS(find_command("select.tokenz"), hsa::Error);
}

namespace {

Session full_session() {
    Session session;
    session.document.sources = {{"sample:voyage", "", 0}};
    set_setting(session, "attention.top_k", "16");
    set_setting(session, "map.colours", "magma");
    set_setting(session, "theme", "light");
    set_setting(session, "adapt.lambda", "0.002");
    set_setting(session, "attention.level.Token.mute", "true");
    set_setting(session, "attention.level.Phrase.temperature", "2.5");
    set_setting(session, "adapt.level.Token.rate.death", "5");
    step(session, 5);
    set_setting(session, "adapt.preset", "fast");
    set_setting(session, "adapt.level.My Own.Level.lambda", "0.25");
    set_setting(session, "adapt.every", "3");
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::split;
    edit.splats = {17};
    add_edit(session, edit);
    edit.kind = hsa::Edit::Kind::widen;
    edit.splats = {4};
    edit.values = {1.25};
    add_edit(session, edit);
    edit.kind = hsa::Edit::Kind::amplitude;
    add_edit(session, edit);
    edit.kind = hsa::Edit::Kind::turn;
    edit.values = {0.1, 1.0, 0.0, 0.0, -1.0};
    add_edit(session, edit);
    edit.kind = hsa::Edit::Kind::stretch;
    edit.values = {1.5, 0.25, -1.0};
    add_edit(session, edit);
    edit.kind = hsa::Edit::Kind::reparent;
    edit.splats = {3, 170};
    edit.values.clear();
    add_edit(session, edit);
    edit.splats = {3};
    add_edit(session, edit);
    step(session, 3);
    mark(session, 0, "the start");
    mark(session, 7, "here \"it\" turns");
    session.document.selection.tokens = {{3, 9}, {20, 21}};
    session.document.selection.splats = {4, 17};
    session.document.selection.block = hsa::Block{{0, 10}, {5, 25}};
    session.desk.layout = "[Window][a]\nPos=1,2\n";
    return session;
}

}  // namespace

TEST_CASE("a session file gives the session back", "[app][session][laws]") {
    const Session session = full_session();
    const std::string text = write_session(session, "/");
    const Session again = read_session("/some.session", text);
    CHECK(again.document == session.document);
    CHECK(again.desk == session.desk);
    CHECK(write_session(again, "/") == text);
    CHECK_THROWS_AS(read_session("x", "open a.txt\n"), hsa::Error);
    CHECK_THROWS_AS(read_session("x", "# splatscope-session 99\n"), hsa::Error);
    CHECK_THROWS_AS(read_session("x", "# splatscope-session 1\nset no.such 3\n"), hsa::Error);
}

TEST_CASE("entries of a history read back as they were written", "[app][session][laws]") {
    for (const hsa::HistoryEntry& entry : full_session().document.timeline.entries) {
        INFO(write_entry(entry));
        CHECK(read_entry(entry.cycle, write_entry(entry)) == entry);
    }
    CHECK_THROWS_AS(read_entry(0, "explode 3"), hsa::Error);
    CHECK_THROWS_AS(read_entry(0, "merge 3"), hsa::Error);
}

TEST_CASE("undo and redo give back the same document", "[app][undo][laws]") {
    UndoHistory history;
    Session session;
    std::vector<Document> versions = {session.document};
    for (std::size_t i = 0; i < 300; ++i) {
        const Document before = session.document;
        session.document.attention.top_k = i + 1;
        history.remember(before, "set");
        versions.push_back(session.document);
    }
    int undone = 0;
    while (history.undo(session.document)) {
        ++undone;
        CHECK(session.document == versions[versions.size() - 1 - static_cast<std::size_t>(undone)]);
    }
    CHECK(undone == 200);
    while (history.redo(session.document)) --undone;
    CHECK(undone == 0);
    CHECK(session.document == versions.back());
}

TEST_CASE("an edit before the last cycle starts a branch and keeps the old one",
          "[app][timeline]") {
    Session session;
    session.document.sources = {{"sample:voyage", "", 0}};
    step(session, 10);
    go_to(session, 4);
    CHECK(session.document.timeline.last == 10);
    hsa::Edit edit;
    edit.kind = hsa::Edit::Kind::remove;
    edit.splats = {3};
    add_edit(session, edit);
    CHECK(session.document.timeline.last == 4);
    CHECK(session.document.timeline.entries.size() == 1);
    REQUIRE(session.document.branches.size() == 1);
    CHECK(session.document.branches[0].last == 10);
    CHECK_THROWS_AS(go_to(session, 5), hsa::Error);
}
