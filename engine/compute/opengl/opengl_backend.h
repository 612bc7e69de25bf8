#pragma once

#include "engine/compute/backend.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hsa {

struct OpenGlOptions {
    // The text of a file of shaders/compute: "log_kernel.comp".
    std::function<std::string(std::string_view name)> read_shader;
    // Called before each operation on the card; what it throws is an error of the card (tests).
    std::function<void()> before_operation = {};
    std::uint64_t most_bytes = 0;  // of blocks on the card; 0: a quarter of what is free
};

// All five operations as compute shaders on any card with OpenGL 4.3, float32 but for covariances
// that mix axes and for sums over tokens, which are float64. Where the card fails (lost, too little
// memory) the CPU computes that operation and all that follow, and info() says why. Throws Error
// where there is no OpenGL 4.3. `by_name`: false refuses renderers that are programs of the CPU,
// which the CPU's own backend beats.
[[nodiscard]] std::unique_ptr<Backend> make_opengl_backend(OpenGlOptions options, bool by_name);

// The entry of backends().
[[nodiscard]] BackendEntry opengl_entry(
    std::function<std::string(std::string_view name)> read_shader);

}  // namespace hsa
