#include "engine/compute/opengl/opengl_backend.h"

#include "tests/catch.h"
#include "tests/opengl/opengl.h"
#include "tests/reference/cases.h"

#include <string>
#include <vector>

TEST_CASE("opengl: a shader that does not compile is a fault with its name", "[opengl]") {
    hsa::OpenGlOptions options;
    options.read_shader = [](std::string_view name) {
        return name == "formulas.glsl" ? "#version 430 core\n" : "void main() { nonsense }\n";
    };
    CHECK_THROWS_WITH(hsa::make_opengl_backend(std::move(options), true),
                      Catch::Contains("log_kernel.comp"));
}

TEST_CASE("opengl: a driver that computes wrong numbers is not used", "[opengl]") {
    hsa::OpenGlOptions options = opengl_options();
    options.read_shader = [read = options.read_shader](std::string_view name) {
        std::string text = read(name);
        const std::string right = "sum -= form[at]";
        const auto at = text.find(right);
        if (at != std::string::npos) text.replace(at, right.size(), "sum += form[at]");
        return text;
    };
    CHECK_THROWS_WITH(hsa::make_opengl_backend(std::move(options), true),
                      Catch::Contains("wrong numbers"));
}

TEST_CASE("opengl: auto passes over a renderer that is a program of the CPU", "[opengl]") {
    const std::vector<hsa::BackendEntry> offered = {
        hsa::opengl_entry(opengl_options().read_shader)};
    std::vector<std::string> notes;
    const auto chosen = hsa::make_backend("auto", notes, offered);
    const std::string device = reference::tested()->info().device;
    if (device.find("llvmpipe") == std::string::npos) return;
    CHECK(chosen->info().name == "cpu");
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes.front(),
               Catch::Contains("opengl was passed over") && Catch::Contains("llvmpipe"));
    std::vector<std::string> none;
    CHECK(hsa::make_backend("opengl", none, offered)->info().name == "opengl");
    CHECK_THROWS_WITH(hsa::make_backend("metal", none, offered),
                      Catch::Contains("opengl, cpu, or auto"));
}
