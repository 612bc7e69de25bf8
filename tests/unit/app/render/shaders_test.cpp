#include "app/embedded.h"
#include "app/render/gl.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

namespace splatscope {
namespace {

TEST_CASE("every shader compiles and links with its partner", "[render][gl]") {
    const Offscreen offscreen;
    std::set<std::string> vertex;
    std::set<std::string> fragment;
    for (const EmbeddedFile& file : embedded_files()) {
        if (!file.name.starts_with("shaders/")) continue;
        const std::string name = file.name.substr(8);
        if (name.starts_with("compute/")) continue;  // tests/opengl runs them
        CAPTURE(name);
        REQUIRE((name.ends_with(".vert") || name.ends_with(".frag")));
        (name.ends_with(".vert") ? vertex : fragment).insert(name.substr(0, name.size() - 5));
    }
    // Soft Gaussians stand where ellipsoids do: one vertex shader for both.
    const auto partner = [](const std::string& name) {
        return name == "gaussian" ? std::string("ellipsoid") : name;
    };
    std::set<std::string> partners;
    for (const std::string& name : fragment) {
        CAPTURE(name);
        partners.insert(partner(name));
        CHECK(make_program(partner(name) + ".vert", name + ".frag").get() != 0);
    }
    CHECK(partners == vertex);
    CHECK(vertex.size() >= 2);
}

TEST_CASE("a shader from the folder of SPLATSCOPE_SHADERS is used, and its faults are told",
          "[render][gl]") {
    const Offscreen offscreen;
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / "splatscope-shaders-test";
    std::filesystem::create_directories(folder);
    hsa::write_file((folder / "bad.vert").string(), "#version 330 core\nvoid main() { no(); }\n",
                    hsa::Existing::replace);
    hsa::write_file((folder / "bad.frag").string(), "#version 330 core\nvoid main() {}\n",
                    hsa::Existing::replace);
    ::setenv("SPLATSCOPE_SHADERS", folder.c_str(), 1);
    CHECK_THROWS_AS(make_program("bad.vert", "bad.frag"), hsa::Error);
    ::unsetenv("SPLATSCOPE_SHADERS");
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace splatscope
