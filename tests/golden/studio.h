#pragma once

#include "app/runner.h"
#include "app/shell.h"
#include "app/window/window.h"

#include <filesystem>
#include <memory>
#include <string>

namespace splatscope::golden {

// The program without a display, as --headless runs it.
class Studio {
  public:
    // While it lives paths are relative to that folder.
    class InFolder {
      public:
        explicit InFolder(const std::string& folder);
        ~InFolder();
        InFolder(const InFolder&) = delete;
        InFolder& operator=(const InFolder&) = delete;

      private:
        std::filesystem::path before_;
    };

    Studio();
    // Throws hsa::Error with the line and what was wrong.
    void run(const std::string& line);
    // What a view drew last, in pixels of the picture.
    [[nodiscard]] const Panel& panel(const std::string& view) const { return shell_->panel(view); }
    [[nodiscard]] const Runner& runner() const { return *runner_; }

  private:
    std::unique_ptr<Window> window_;
    std::unique_ptr<Runner> runner_;
    std::unique_ptr<Shell> shell_;
};

// A folder of the build with the runs that scripts open; what is drawn lands there too. Scripts
// are carried out in it: their relative paths are its.
[[nodiscard]] std::string studio_folder();
// Carries out the lines of a script in the studio's folder.
void run_script(Studio& studio, const std::string& script);
// Empty when the picture at `got` is like the reference by the bound of README.md; else what is
// wrong, in a sentence.
[[nodiscard]] std::string verdict(const std::filesystem::path& got,
                                  const std::filesystem::path& reference);
// The folder of the scripts and references in the source tree.
[[nodiscard]] std::string reference_folder();

}  // namespace splatscope::golden
