#include "engine/compute/opengl/opengl_backend.h"

#include "engine/compute/card/card_backend.h"
#include "engine/compute/opengl/opengl_card.h"
#include "engine/core/error.h"

#include <memory>
#include <utility>

namespace hsa {

std::unique_ptr<Backend> make_opengl_backend(OpenGlOptions options, bool by_name) {
    auto thread = std::make_shared<GlThread>();
    if (!by_name && thread->software())
        fail("OpenGL runs on {} here, a program of the CPU, which the CPU's own backend beats.",
             thread->renderer());
    return make_card_backend(std::make_unique<OpenGlCard>(std::move(thread), options),
                             options.before_operation);
}

BackendEntry opengl_entry(std::function<std::string(std::string_view name)> read_shader) {
    return {"opengl", [read = std::move(read_shader)](bool by_name) {
                OpenGlOptions options;
                options.read_shader = read;
                return make_opengl_backend(std::move(options), by_name);
            }};
}

}  // namespace hsa
