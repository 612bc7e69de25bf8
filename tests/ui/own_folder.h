#pragma once

#include "tests/ui/user.h"

#include <cstdlib>
#include <filesystem>
#include <string>

namespace splatscope::tests {

// A folder of its own that is the current one while it lives.
class OwnFolder {
  public:
    OwnFolder() : before_(std::filesystem::current_path()) {
        std::string name = (std::filesystem::temp_directory_path() / "ui_tests_XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw Failed("there is no folder for files");
        folder_ = name;
        std::filesystem::current_path(folder_);
    }
    ~OwnFolder() {
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(folder_);
    }
    OwnFolder(const OwnFolder&) = delete;
    OwnFolder& operator=(const OwnFolder&) = delete;

    [[nodiscard]] std::string at(const std::string& name) const {
        return (folder_ / name).string();
    }

  private:
    std::filesystem::path before_, folder_;
};

}  // namespace splatscope::tests
