#include "app/report/report.h"

#include "app/runner.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/answers.h"

#include <filesystem>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

namespace fs = std::filesystem;

// Empty when every element that is opened is closed in turn; else the one that is not.
std::string unbalanced(const std::string& html) {
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        if (end == std::string::npos) return "a tag without an end";
        const std::string tag = html.substr(at + 1, end - at - 1);
        const std::size_t begin = tag.front() == '/' ? 1 : 0;
        std::string name = tag.substr(begin, tag.find(' ') - begin);
        if (name == "!DOCTYPE" || name == "meta" || name == "img") continue;
        if (tag.front() != '/') {
            open.push_back(name);
        } else {
            if (open.empty() || open.back() != name) return name;
            open.pop_back();
        }
    }
    return open.empty() ? std::string() : open.back();
}

Report small_report() {
    Report report;
    report.title = "A & B <c>";
    report.subtitle = "two \"words\"";
    ReportBlock block;
    block.kind = ReportBlock::Kind::heading;
    block.text = "First | things";
    block.mark = "exact";
    report.blocks.push_back(block);
    block = {};
    block.kind = ReportBlock::Kind::table;
    block.table.head = {"a", "b"};
    block.table.numbers = {false, true};
    block.table.rows = {{"x|y", "1"}, {"<b>", "2"}};
    report.blocks.push_back(block);
    block = {};
    block.kind = ReportBlock::Kind::code;
    block.text = "open '```'\n";
    report.blocks.push_back(block);
    block = {};
    block.kind = ReportBlock::Kind::picture;
    block.view = "map";
    block.text = "the map";
    report.blocks.push_back(block);
    return report;
}

}  // namespace

TEST_CASE("a report is escaped, balanced and holds its pictures", "[app][report]") {
    const Report report = small_report();
    CHECK(report.views() == std::vector<std::string>{"map"});
    const std::string html = write_html(report, {{"map", std::string("\x00\xff\x10\x80", 4)}});
    CHECK(unbalanced(html).empty());
    CHECK(html.find("A &amp; B &lt;c&gt;") != std::string::npos);
    CHECK(html.find("&lt;b&gt;") != std::string::npos);
    CHECK(html.find("base64,AP8QgA==\"") != std::string::npos);
    CHECK(write_html(report, {}).find("<img") == std::string::npos);
    CHECK(unbalanced("<p><b></p></b>") == "p");
    const std::string text = write_markdown(report, {{"map", "x.files/map.png"}});
    CHECK(text.find("| x\\|y | 1 |") != std::string::npos);
    CHECK(text.find("| --- | ---: |") != std::string::npos);
    CHECK(text.find("````\nopen") != std::string::npos);
    CHECK(text.find("![map](<x.files/map.png>)") != std::string::npos);
}

TEST_CASE("report.save writes the same page for the same session", "[app][report]") {
    const fs::path folder = fs::temp_directory_path() / "splatscope-report-test";
    fs::remove_all(folder);
    fs::create_directories(folder);
    const auto save = [&](const std::string& name) {
        Runner runner({});
        REQUIRE(runner.run("open sample:creatures").error.empty());
        REQUIRE(runner.run("splats.name 2 \"named by hand\"").error.empty());
        REQUIRE(runner.run("adapt.step 1").error.empty());
        const Outcome outcome = runner.run("report.save " + (folder / name).string());
        INFO(outcome.error);
        CHECK(outcome.error.empty());
        CHECK(outcome.output.find("\"pictures\":0") != std::string::npos);  // nothing draws here
        CHECK(runner.run("report.save " + (folder / name).string()).exit_code == 1);
        CHECK(runner.run("report.save " + (folder / name).string() + " overwrite").exit_code == 0);
        CHECK(runner.run("report.save " + (folder / "x.pdf").string()).exit_code == 1);
        return hsa::read_file((folder / name).string());
    };
    const std::string html = save("one.html");
    CHECK(html == save("two.html"));
    CHECK(unbalanced(html).empty());
    CHECK(html.find("http") == std::string::npos);
    for (const char* words : {"named by hand", "What is exact and what is not", "Strongest pairs",
                              "Beside standard attention", "From level to level", "history.name 2",
                              "What a splat does"})
        CHECK(html.find(words) != std::string::npos);
    const std::string text = save("three.md");
    CHECK(text.starts_with("# What attends to what in"));
    CHECK(text.find("## Levels") != std::string::npos);
    // On which rows row-KL was measured is said as it was, in both forms.
    Runner runner({});
    REQUIRE(runner.run("open sample:voyage").error.empty());
    REQUIRE(runner.run("report.save " + (folder / "rows.md").string()).error.empty());
    REQUIRE_FALSE(runner.snapshot().measures->measured_on_fit_rows);
    CHECK(runner.snapshot().measures->report_rows == 256);
    const std::string rows = hsa::read_file((folder / "rows.md").string());
    CHECK(rows.find("of 256 rows that no decision sees") != std::string::npos);
    CHECK(rows.find("of all rows, which were used for fitting, too") == std::string::npos);
    CHECK(text.find("rows that no decision sees") !=
          text.find("of all rows, which were used for fitting, too"));
    fs::remove_all(folder);
}
