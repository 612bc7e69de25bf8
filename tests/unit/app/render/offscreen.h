#pragma once

#include "app/render/camera.h"
#include "app/render/gl.h"
#include "app/window/window.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>

namespace splatscope {

// An OpenGL context without a display, current while it lives.
struct Offscreen {
    Offscreen() : window(make_offscreen_window({64, 64})) { window->make_current(); }
    std::unique_ptr<Window> window;
};

[[nodiscard]] inline std::uint32_t pixel_at(const Pixels& pixels, int x, int y) {
    return pixels.values[static_cast<std::size_t>(y) * static_cast<std::size_t>(pixels.width) +
                         static_cast<std::size_t>(x)];
}
[[nodiscard]] inline int red(std::uint32_t pixel) { return static_cast<int>(pixel & 0xffU); }
[[nodiscard]] inline int green(std::uint32_t pixel) {
    return static_cast<int>((pixel >> 8U) & 0xffU);
}
[[nodiscard]] inline int blue(std::uint32_t pixel) {
    return static_cast<int>((pixel >> 16U) & 0xffU);
}

// A camera of a picture of that size, from somewhere with no axis in line.
[[nodiscard]] inline OrbitCamera some_camera(int width, int height, bool orthographic = false) {
    OrbitCamera camera;
    camera.pivot = {0.3, -0.2, 0.1};
    camera.yaw = 0.7;
    camera.pitch = 0.4;
    camera.distance = 9.0;
    camera.orthographic = orthographic;
    camera.width = width;
    camera.height = height;
    return camera;
}

}  // namespace splatscope
