#include "engine/io/file.h"
#include "tests/card/card.h"
#include "tests/opengl/opengl.h"
#include "tests/reference/cases.h"
#include "tests/reference/shared_backend.h"

#include <string>

hsa::OpenGlOptions opengl_options() {
    hsa::OpenGlOptions options;
    options.read_shader = [](std::string_view name) {
        return hsa::read_file(SPLATSCOPE_SOURCE_DIR "/shaders/compute/" + std::string(name));
    };
    return options;
}

std::unique_ptr<hsa::Backend> make_tested(std::function<void()> before_operation,
                                          std::uint64_t most_bytes) {
    hsa::OpenGlOptions options = opengl_options();
    options.before_operation = std::move(before_operation);
    options.most_bytes = most_bytes;
    return hsa::make_opengl_backend(std::move(options), true);
}

std::string tested_name() { return "opengl"; }

namespace reference {

std::unique_ptr<hsa::Backend> tested() {
    // One context for all cases: shaders are compiled once.
    static const std::shared_ptr<hsa::Backend> one = make_tested();
    return std::make_unique<SharedBackend>(one);
}

}  // namespace reference
