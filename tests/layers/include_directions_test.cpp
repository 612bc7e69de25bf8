#include "tests/catch.h"
#include "tests/layers/include_rules.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace fs = std::filesystem;
using namespace splatscope::layers;

namespace {

const fs::path kRoot = SPLATSCOPE_SOURCE_DIR;

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool is_source(const fs::path& path) {
    constexpr std::array<std::string_view, 5> kEndings = {".h", ".cpp", ".cu", ".cuh", ".inl"};
    return std::find(kEndings.begin(), kEndings.end(), path.extension().string()) != kEndings.end();
}

// Paths from the root of the repository, sorted.
std::vector<std::string> sources(std::string_view folder) {
    std::vector<std::string> found;
    if (!fs::exists(kRoot / folder)) return found;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder))
        if (entry.is_regular_file() && is_source(entry.path()))
            found.push_back(fs::relative(entry.path(), kRoot).generic_string());
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> own_sources() {
    std::vector<std::string> all;
    for (const char* folder : {"engine", "app", "tests", "bench"}) {
        const std::vector<std::string> found = sources(folder);
        all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

std::string fault(const std::string& file, const std::string& line) {
    const std::vector<Include> includes = includes_of(file, line);
    REQUIRE(includes.size() == 1);
    return fault_of(includes.front());
}

}  // namespace

TEST_CASE("every include line keeps to the directions of the architecture", "[layers]") {
    REQUIRE(sources("engine").size() > 50);
    REQUIRE(sources("app").size() > 20);
    for (const std::string& file : own_sources()) {
        for (const Include& include : includes_of(file, read(kRoot / file))) {
            const std::string wrong = fault_of(include);
            if (!wrong.empty()) FAIL_CHECK(wrong);
            if (include.quoted && !fs::exists(kRoot / include.header))
                FAIL_CHECK(file << " includes " << include.header << ", which is not there");
        }
    }
}

TEST_CASE("every file of the engine and the program belongs to a layer", "[layers]") {
    for (const char* folder : {"engine", "app"})
        for (const std::string& file : sources(folder))
            if (layer_of(file).empty()) FAIL_CHECK(file << " belongs to no layer");
}

TEST_CASE("headers are included once and are not named like a system's", "[layers]") {
    constexpr std::array<std::string_view, 16> kSystem = {
        "assert.h", "complex.h", "ctype.h",   "errno.h",  "float.h",  "limits.h",
        "locale.h", "math.h",    "memory.h",  "signal.h", "stdint.h", "stdio.h",
        "stdlib.h", "string.h",  "threads.h", "time.h"};
    for (const std::string& file : own_sources()) {
        if (!file.ends_with(".h")) continue;
        const std::string name = fs::path(file).filename().string();
        if (std::find(kSystem.begin(), kSystem.end(), name) != kSystem.end())
            FAIL_CHECK(file << " is named like a header of the system");
        if (read(kRoot / file).find("#pragma once\n") == std::string::npos)
            FAIL_CHECK(file << " lacks #pragma once");
    }
}

TEST_CASE("an include line against the directions is found", "[layers]") {
    struct Case {
        const char* file;
        const char* line;
    };
    const auto wrong = GENERATE(values<Case>({
        {"engine/core/error.h", "#include \"engine/model/dataset.h\""},
        {"engine/model/event.h", "#include \"engine/io/json.h\""},
        {"engine/io/npy.cpp", "#include \"engine/embed/words.h\""},
        {"engine/adapt/merge.cpp", "#include \"engine/explain/cards.h\""},
        {"engine/attention/factors.cpp", "#include \"engine/compute/cpu/backend_cpu.h\""},
        {"engine/explain/cards.cpp", "#include \"engine/engine.h\""},
        {"engine/evaluate.cpp", "#include \"app/session.h\""},
        {"engine/evaluate.cpp", "#include \"tests/catch.h\""},
        {"app/session.h", "#include \"app/commands/table.h\""},
        {"app/session.cpp", "#include \"app/shell.h\""},
        {"app/commands/table.cpp", "#include \"app/shell.h\""},
        {"app/history.cpp", "#include \"app/views/view.h\""},
        {"app/widgets/axis.cpp", "#include \"app/views/view.h\""},
        {"app/render/gl.cpp", "#include \"app/shell.h\""},
        {"app/views/map.cpp", "#include \"app/shell.h\""},
        {"app/views/map.cpp", "#include \"app/commands/table.h\""},
        {"app/shell.cpp", "#include \"app/options.h\""},
        {"app/forgotten.cpp", "#include \"app/session.h\""},
        {"app/views/map.cpp", "#include \"view.h\""},
        {"app/views/map.cpp", "  #  include  \"../session.h\""},
        {"engine/core/parallel.h", "#include <imgui.h>"},
        {"engine/explain/layout.cpp", "#include <cairo/cairo.h>"},
        {"engine/io/png.cpp", "#include <GL/gl.h>"},
        {"engine/engine.h", "#include <GLFW/glfw3.h>"},
        {"engine/compute/cpu/kernels.cpp", "#include <epoxy/gl.h>"},
        {"engine/compute/formulas.h", "#include <cuda_runtime.h>"},
        {"app/render/gl.cpp", "#include <cuda_gl_interop.h>"},
        {"engine/core/products.h", "#include <cublas_v2.h>"},
        {"engine/attention/factors.cpp", "#include <oneapi/tbb/parallel_for.h>"},
        {"engine/attention/factors.cpp", "#include \"engine/compute/cuda/kernels.h\""},
        {"app/shell.cpp", "#include <imgui_internal.h>"},
        {"app/views/map.cpp", "#include \"imgui_internal.h\""},
        {"app/shell_dock.cpp", "#include <imgui_te_context.h>"},
        {"app/views/map.cpp", "#include <Eigen/Core>"},
        {"tests/reference/factors.cpp", "#include \"engine/compute/formulas.h\""},
    }));
    INFO(wrong.file << ": " << wrong.line);
    CHECK_FALSE(fault(wrong.file, wrong.line).empty());
}

TEST_CASE("an include line along the directions is let through", "[layers]") {
    struct Case {
        const char* file;
        const char* line;
    };
    const auto right = GENERATE(values<Case>({
        {"engine/model/event.h", "#include \"engine/core/range.h\""},
        {"engine/attention/factors.cpp", "#include \"engine/compute/backend.h\""},
        {"engine/explain/cards.cpp", "#include \"engine/model/event.h\""},
        {"engine/evaluate.cpp", "#include \"engine/adapt/controller.h\""},
        {"app/offered_backends.cpp", "#include \"engine/compute/cuda/cuda_backend.h\""},
        {"engine/compute/cuda/kernels.cu", "#include <cuda_runtime.h>"},
        {"engine/compute/opengl/backend.cpp", "#include <epoxy/egl.h>"},
        {"engine/core/parallel.cpp", "#include <oneapi/tbb/parallel_for.h>"},
        {"app/session.h", "#include \"engine/engine.h\""},
        {"app/commands/table.h", "#include \"app/session.h\""},
        {"app/views/map.cpp", "#include \"app/session.h\""},
        {"app/views/map.cpp", "#include \"app/widgets/axis.h\""},
        {"app/views/map.cpp", "#include <imgui.h>"},
        {"app/shell.cpp", "#include \"app/views/view.h\""},
        {"app/main.cpp", "#include \"app/shell.h\""},
        {"app/shell_dock.cpp", "#include <imgui_internal.h>"},
        {"tests/ui/click_test.cpp", "#include <imgui_te_context.h>"},
        {"engine/core/error.h", "#include <string>"},
    }));
    INFO(right.file << ": " << right.line);
    CHECK(fault(right.file, right.line).empty());
}

TEST_CASE("only lines that include are read as include lines", "[layers]") {
    const std::vector<Include> found = includes_of("a.cpp",
                                                   "// #include \"a.h\"\n"
                                                   "/* #include \"b.h\"\n"
                                                   "#include \"c.h\"\n"
                                                   "*/ #include \"d.h\"\n"
                                                   "#include <e/f.h>  // why\n"
                                                   "#define INCLUDE #include\n"
                                                   "const char* s = \"#include <g.h>\";\n"
                                                   "#include HWY_TARGET_INCLUDE");
    REQUIRE(found.size() == 2);
    CHECK(found[0].header == "d.h");
    CHECK(found[0].quoted);
    CHECK(found[0].line == 4);
    CHECK(found[1].header == "e/f.h");
    CHECK_FALSE(found[1].quoted);
    CHECK(found[1].line == 5);
}
