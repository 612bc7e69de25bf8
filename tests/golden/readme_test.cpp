// The first five minutes of README.md: gone through by the commands that clicks send, as pictures
// that README.md shows (assets/readme, README.md here).
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/golden/studio.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace splatscope::golden {
namespace {

namespace fs = std::filesystem;

fs::path readme_folder() { return fs::path(SPLATSCOPE_SOURCE_DIR) / "assets" / "readme"; }

std::vector<std::string> lines_of_minutes() {
    std::istringstream lines(hsa::read_file((readme_folder() / "five-minutes.script").string()));
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty() && line.front() != '#') all.push_back(line);
    return all;
}

// The file that a line of view.export writes; empty for other lines.
std::string picture_of(const std::string& line) {
    std::istringstream words(line);
    std::string command, view, path;
    words >> command >> view >> path;
    return command == "view.export" ? path : std::string();
}

// What must be so once a line of the five minutes was carried out.
void expect_step(const Studio& studio, const std::string& line) {
    const Session& session = studio.runner().session();
    const hsa::Snapshot& snapshot = studio.runner().snapshot();
    if (line.starts_with("run.open")) {
        REQUIRE(session.document.sources.size() == 1);
        CHECK(session.document.sources[0].path == "sample:voyage");
    } else if (line.starts_with("select.event")) {
        REQUIRE(session.document.selection.event);
        const hsa::Event& event = snapshot.history->event(*session.document.selection.event);
        CHECK(event.accepted);
        CHECK_FALSE(event.decided_by.empty());  // why
        CHECK_FALSE(event.tokens.empty());      // which words
    }
}

// The waterfall of the inspector's picture ends at the block's mean.
void expect_sum(const Studio& studio) {
    const hsa::LookResult& look = studio.runner().look();
    REQUIRE(look.block);
    double sum = 0.0;
    for (const auto& part : look.block->parts) sum += part.value;
    CHECK(std::abs(sum - look.block->value) <= 1e-6 * look.block->value);
    REQUIRE(look.linked);
    CHECK_FALSE(look.linked->splats.empty());
}

TEST_CASE("README's pictures are what the program draws in its five minutes", "[golden][readme]") {
    const fs::path here = fs::path(studio_folder()) / "readme";
    fs::remove_all(here);
    fs::create_directories(here);
    fs::copy_file(fs::path(reference_folder()) / "voyage.run", here / "voyage.run");
    const Studio::InFolder inside(here.string());
    Studio studio;
    std::size_t pictures = 0;
    for (const std::string& line : lines_of_minutes()) {
        INFO(line);
        studio.run(line);
        expect_step(studio, line);
        const std::string picture = picture_of(line);
        if (picture.empty()) continue;
        ++pictures;
        if (studio.runner().session().document.selection.block) expect_sum(studio);
        CHECK(verdict(here / picture, readme_folder() / picture) == "");
    }
    CHECK(pictures == 5);
}

TEST_CASE("README shows the pictures of its five minutes and no others", "[golden][readme]") {
    std::set<std::string> drawn, shown, kept;
    for (const std::string& line : lines_of_minutes())
        if (const std::string picture = picture_of(line); !picture.empty()) drawn.insert(picture);
    const std::string readme =
        hsa::read_file((fs::path(SPLATSCOPE_SOURCE_DIR) / "README.md").string());
    const std::regex image(R"(!\[[^\]]+\]\(assets/readme/([^)]+\.png)\))");
    for (std::sregex_iterator at(readme.begin(), readme.end(), image), end; at != end; ++at)
        shown.insert((*at)[1]);
    for (const auto& entry : fs::directory_iterator(readme_folder()))
        if (entry.path().extension() == ".png") kept.insert(entry.path().filename().string());
    CHECK(shown == drawn);
    CHECK(kept == drawn);
}

}  // namespace
}  // namespace splatscope::golden
