#include "tests/golden/studio.h"

#include "engine/core/error.h"
#include "engine/io/file.h"
#include "tests/unit/engine/embed/tiny_model.h"

#include <filesystem>
#include <sstream>
#include <utility>

namespace splatscope::golden {
namespace {

namespace fs = std::filesystem;

class InFolder {
  public:
    explicit InFolder(const std::string& folder) : before_(fs::current_path()) {
        fs::current_path(folder);
    }
    ~InFolder() {
        std::error_code gone;
        fs::current_path(before_, gone);
    }
    InFolder(const InFolder&) = delete;
    InFolder& operator=(const InFolder&) = delete;

  private:
    fs::path before_;
};

}  // namespace

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

void run_script(Studio& studio, const std::string& script) {
    std::istringstream lines(hsa::read_file(script));
    const InFolder here(studio_folder());
    for (std::string line; std::getline(lines, line);) studio.run(line);
}

}  // namespace splatscope::golden
