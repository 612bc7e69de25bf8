#include "app/runner.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

void done(Runner& runner, const std::string& line) {
    const Outcome outcome = runner.run(line);
    INFO(line << ": " << outcome.error);
    REQUIRE(outcome.error.empty());
}

std::string refused(Runner& runner, const std::string& line, int code) {
    const Session before = runner.session();
    const Outcome outcome = runner.run(line);
    INFO(line << " -> " << outcome.error);
    CHECK(outcome.exit_code == code);
    CHECK(runner.session() == before);
    return outcome.error;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        lines.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return lines;
}

}  // namespace

TEST_CASE("the table's rows are filtered, sorted, selected, copied and saved", "[app][table]") {
    Runner runner({});
    done(runner, "open " SPLATSCOPE_SOURCE_DIR "/tests/golden/tiny.txt");
    done(runner, "set table.rows tokens");
    done(runner, "set table.tokens.sort -length");
    done(runner, "set table.scroll 7");
    done(runner, "table.filter length > 3 && sentence == 1");
    CHECK(runner.session().desk.table.tokens.filter == "length > 3 && sentence == 1");
    CHECK(runner.session().desk.table.scroll == 0.0);
    CHECK(runner.session().desk.table.splats.filter.empty());

    done(runner, "table.select");
    const hsa::Dataset& dataset = *runner.snapshot().dataset;
    std::vector<std::size_t> expected;
    for (std::size_t t = 0; t < dataset.size(); ++t)
        if (dataset.token_text(t).size() > 3 && dataset.structure.sentence[t] == 1)
            expected.push_back(t);
    REQUIRE(expected.size() > 2);
    const hsa::Selection& selection = runner.session().document.selection;
    CHECK(hsa::total_size(selection.tokens) == expected.size());
    for (const std::size_t t : expected) CHECK(hsa::covers(selection.tokens, t));

    const std::string copied = runner.run("table.copy").output;
    const std::vector<std::string> lines = lines_of(copied);
    REQUIRE(lines.size() == expected.size() + 1);
    CHECK(lines[0].starts_with("index,text,length,"));
    CHECK(lines[0].find(",entropy,") != std::string::npos);
    std::stable_sort(expected.begin(), expected.end(), [&](std::size_t a, std::size_t b) {
        return dataset.token_text(a).size() > dataset.token_text(b).size();
    });
    for (std::size_t r = 0; r < expected.size(); ++r)
        CHECK(lines[r + 1].starts_with(std::to_string(expected[r]) + ","));

    const std::string path = (std::filesystem::temp_directory_path() / "table-test.csv").string();
    std::filesystem::remove(path);
    const nlohmann::json saved = answer(runner, "table.save " + path);
    CHECK(saved["rows"] == "tokens");
    CHECK(saved["count"] == expected.size());
    CHECK(hsa::read_file(path) == copied + "\n");
    CHECK(refused(runner, "table.save " + path, 1).find(path) != std::string::npos);
    CHECK(answer(runner, "table.save " + path + " overwrite")["count"] == expected.size());
    CHECK(refused(runner, "table.save table.json", 1).find("must end in .csv") !=
          std::string::npos);
    std::filesystem::remove(path);
    done(runner, "table.copy to " + path);
    CHECK(hsa::read_file(path) == copied + "\n");
    std::filesystem::remove(path);

    done(runner, "table.filter");
    CHECK(runner.session().desk.table.tokens.filter.empty());
    done(runner, "table.select remove");
    CHECK(runner.session().document.selection.empty());
}

TEST_CASE("the table lists splats and events, each with a filter of its own", "[app][table]") {
    Runner runner({});
    done(runner, "open " SPLATSCOPE_SOURCE_DIR "/tests/golden/tiny.txt");
    done(runner, "adapt.step 2");
    done(runner, "table.filter \"usage > 1/k\"");
    done(runner, "table.select");
    const std::vector<double>& usage = runner.snapshot().measures->usage;
    const hsa::SplatRegistry& registry = *runner.snapshot().registry;
    std::vector<hsa::SplatId> used;
    for (std::size_t s = 0; s < registry.size(); ++s)
        if (usage[s] > 1.0 / static_cast<double>(registry.size())) used.push_back(registry.id[s]);
    CHECK_FALSE(used.empty());
    CHECK(runner.session().document.selection.splats == used);
    done(runner, "set table.rows events");
    CHECK(refused(runner, "table.filter usage > 2", 2).find("events have event, cycle, kind") !=
          std::string::npos);
    done(runner, "table.filter event == 0");
    done(runner, "table.select add");
    CHECK(runner.session().document.selection.event == 0);
    CHECK(runner.session().document.selection.splats == used);
    done(runner, "table.filter");
    CHECK(refused(runner, "table.select", 1).find("one event can be selected") !=
          std::string::npos);
    const std::size_t events =
        runner.snapshot().history->event_count(runner.snapshot().history->last());
    CHECK(lines_of(runner.run("table.copy").output).size() >= events + 1);

    // What the settings name and the data do not have is told when it is asked for.
    done(runner, "set table.events.sort usage");
    CHECK(refused(runner, "table.copy", 2).find("no column 'usage' to sort events by") !=
          std::string::npos);
    done(runner, "reset table.events.sort");
    done(runner, "set table.events.filter \"nothing > 0\"");
    CHECK(refused(runner, "table.save t.csv", 2).find("no property 'nothing'") !=
          std::string::npos);
}

TEST_CASE("what is copied goes where the window puts it", "[app][table]") {
    Runner runner({});
    std::string clipboard;
    runner.set_window([](WindowAction) {}, [&](const std::string& text) { clipboard = text; });
    CHECK(runner.run("table.copy").exit_code == 1);
    CHECK(clipboard.empty());
    done(runner, "open " SPLATSCOPE_SOURCE_DIR "/tests/golden/tiny.txt");
    done(runner, "table.filter id < 3");
    CHECK(runner.run("table.copy").output == "Copied 3 rows.");
    CHECK(lines_of(clipboard).size() == 4);
    CHECK(clipboard.starts_with("id,level,name,parent,children,usage,"));
    CHECK(clipboard.ends_with("\n"));
}

TEST_CASE("a cell of several lines is one row", "[app][table]") {
    const std::string path = (std::filesystem::temp_directory_path() / "table-lines.csv").string();
    hsa::write_file(path, "x,y,note\n1,2,\"two \"\"lines\"\"\nof it\"\n3,4,one\n5,7,\"a\n\nb\"\n",
                    hsa::Existing::replace);
    Runner runner({});
    std::string clipboard;
    runner.set_window([](WindowAction) {}, [&](const std::string& text) { clipboard = text; });
    done(runner, "open " + path);
    done(runner, "set table.rows tokens");
    CHECK(runner.run("table.copy").output == "Copied 3 rows.");
    CHECK(clipboard.find("of it\"") != std::string::npos);
    done(runner, "table.filter index == 1");
    CHECK(runner.run("table.copy").output == "Copied 1 row.");
    done(runner, "table.filter index > 7");
    CHECK(runner.run("table.copy").output == "Copied 0 rows.");
    std::filesystem::remove(path);
}

TEST_CASE("what takes long does not keep lighting waiting", "[app][table]") {
    for (const char* name : {"table.copy", "table.save", "explain.ask", "adapt.explore"}) {
        INFO(name);
        CHECK(find_command(name).apart);
    }
}
