#pragma once

#include "engine/core/error.h"
#include "tests/catch.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace io_test {

// The sentence of the Error that `action` throws; empty when it throws none.
template <class Action>
std::string complaint_of(Action&& action) {
    try {
        action();
    } catch (const hsa::Error& error) {
        CHECK(error.kind() == hsa::ErrorKind::input);
        return error.what();
    }
    return {};
}

// Checks that `action` throws an Error that says all of `parts`.
template <class Action>
void check_fails(Action&& action, const std::vector<std::string>& parts) {
    const std::string sentence = complaint_of(action);
    INFO("said: " << sentence);
    REQUIRE_FALSE(sentence.empty());
    for (const std::string& part : parts) {
        INFO("should say: " << part);
        CHECK(sentence.find(part) != std::string::npos);
    }
}

// A folder of its own that goes away with the test.
class Folder {
  public:
    Folder() {
        std::string name =
            (std::filesystem::temp_directory_path() / "splatscope-io-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) FAIL("no temporary folder");
        path_ = name;
        std::filesystem::permissions(path_, std::filesystem::perms(0755));
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] std::string at(const std::string& name) const { return (path_ / name).string(); }
    [[nodiscard]] std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_),
                                                      std::filesystem::directory_iterator()));
    }

  private:
    std::filesystem::path path_;
};

inline void put_file(const std::string& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

inline std::string get_file(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(path, std::ios::binary).rdbuf();
    return out.str();
}

}  // namespace io_test
