#include "tests/golden/studio.h"

#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/picture_difference.h"
#include "engine/io/png.h"
#include "tests/unit/engine/embed/tiny_model.h"

#include <fmt/core.h>

#include <filesystem>
#include <sstream>
#include <utility>

namespace splatscope::golden {
namespace {

namespace fs = std::filesystem;

hsa::PngImage picture(const fs::path& path) {
    return hsa::read_png(path.string(), hsa::read_file(path.string()));
}

}  // namespace

Studio::InFolder::InFolder(const std::string& folder) : before_(fs::current_path()) {
    fs::current_path(folder);
}

Studio::InFolder::~InFolder() {
    std::error_code gone;
    fs::current_path(before_, gone);
}

Studio::Studio() : window_(make_offscreen_window({640, 400})) {
    Runner::Options options;
    options.export_view = [this](const PictureAsked& asked) { shell_->export_view(asked); };
    runner_ = std::make_unique<Runner>(std::move(options));
    shell_ = std::make_unique<Shell>(*window_, *runner_, false);
}

void Studio::run(const std::string& line) {
    const Outcome outcome = runner_->run(line);
    if (!outcome.error.empty()) hsa::fail("'{}': {}", line, outcome.error);
}

std::string reference_folder() {
    return (fs::path(SPLATSCOPE_SOURCE_DIR) / "tests" / "golden").string();
}

std::string studio_folder() {
    const fs::path folder = fs::current_path() / "golden";
    fs::create_directories(folder);
    for (const auto& entry : fs::directory_iterator(reference_folder()))
        if (entry.path().extension() == ".run" || entry.path().extension() == ".txt")
            fs::copy_file(entry.path(), folder / entry.path().filename(),
                          fs::copy_options::overwrite_existing);
    fs::create_directories(folder / "tiny");
    tiny::write((folder / "tiny").string());
    return folder.string();
}

std::string verdict(const fs::path& got, const fs::path& reference) {
    if (!fs::exists(reference))
        return fmt::format(
            "There is no reference {}: look at {}, and when it is right copy it there.",
            reference.filename().string(), got.string());
    const hsa::PictureDifference apart = hsa::picture_difference(picture(got), picture(reference));
    if (hsa::alike(apart)) return {};
    return fmt::format(
        "{} differs from its reference: mean {:.3f} (at most {}), largest {:.1f} (at most {}) at "
        "{}, {}. Drawn: {}",
        reference.filename().string(), apart.mean, hsa::kMostMean, apart.largest, hsa::kMostLargest,
        apart.x, apart.y, got.string());
}

void run_script(Studio& studio, const std::string& script) {
    std::istringstream lines(hsa::read_file(script));
    const Studio::InFolder here(studio_folder());
    for (std::string line; std::getline(lines, line);) studio.run(line);
}

}  // namespace splatscope::golden
