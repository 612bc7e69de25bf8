// Every view and the window on each sample, against pictures that were looked at (README.md).
#include "app/samples.h"
#include "app/views/view.h"
#include "tests/catch.h"
#include "tests/golden/studio.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace splatscope::golden {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator(reference_folder()))
        if (entry.path().extension() == ".script") found.push_back(entry.path().stem().string());
    std::sort(found.begin(), found.end());
    return found;
}

TEST_CASE("every view and the window have a picture on every sample", "[golden]") {
    const std::vector<std::string> known = names();
    for (const char* name :
         {"tiny-heads", "tiny-beside", "history-timeline", "history-tree", "history-levels"})
        CHECK(std::find(known.begin(), known.end(), name) != known.end());
    std::vector<std::string> views = {"window"};
    // No sample has heads: those of a model are drawn.
    for (const auto& view : make_views())
        if (view->id() != "heads" && view->id() != "beside") views.push_back(view->id());
    for (const std::string& sample : sample_names())
        for (const std::string& view : views) {
            const std::string name = fmt::format("{}-{}", sample, view);
            CAPTURE(name);
            CHECK(std::find(known.begin(), known.end(), name) != known.end());
        }
}

TEST_CASE("pictures are like those that were looked at", "[golden]") {
    const fs::path references = reference_folder();
    for (const std::string& name : names()) {
        const fs::path drawn = fs::path(studio_folder()) / (name + ".png");
        fs::remove(drawn);
        Studio studio;
        run_script(studio, (references / (name + ".script")).string());
        const std::string wrong = verdict(drawn, references / (name + ".png"));
        INFO(wrong);
        CHECK(wrong.empty());
    }
}

TEST_CASE("a reference that is missing is an error", "[golden]") {
    const fs::path any = fs::path(reference_folder()) / (names().front() + ".png");
    CHECK(verdict(any, fs::path(reference_folder()) / "no-such-picture.png").find("no reference") !=
          std::string::npos);
}

}  // namespace
}  // namespace splatscope::golden
