#pragma once

#include "engine/compute/opengl/opengl_backend.h"

#include <memory>

// OpenGL's backend on whatever renders here, with the shaders of the source tree.
[[nodiscard]] hsa::OpenGlOptions opengl_options();
