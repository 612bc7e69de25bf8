#include "engine/io/picture_difference.h"

#include "engine/core/error.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr std::size_t kSquare = 4;

// Sum of one channel over the square at (x, y), transparent pixels as black.
double channel_sum(const PngImage& picture, std::size_t x, std::size_t y, std::size_t channel) {
    double sum = 0.0;
    for (std::size_t j = y; j < std::min(y + kSquare, picture.height); ++j)
        for (std::size_t i = x; i < std::min(x + kSquare, picture.width); ++i) {
            const std::uint8_t* pixel = &picture.rgba[4 * (j * picture.width + i)];
            sum += static_cast<double>(pixel[channel]) * static_cast<double>(pixel[3]) / 255.0;
        }
    return sum;
}

}  // namespace

PictureDifference picture_difference(const PngImage& a, const PngImage& b) {
    if (a.width != b.width || a.height != b.height)
        fail("Pictures of {} x {} and {} x {} cannot be compared: draw both at one size.", a.width,
             a.height, b.width, b.height);
    PictureDifference found;
    double sum = 0.0;
    std::size_t squares = 0;
    for (std::size_t y = 0; y < a.height; y += kSquare)
        for (std::size_t x = 0; x < a.width; x += kSquare, ++squares) {
            const std::size_t pixels =
                std::min(kSquare, a.width - x) * std::min(kSquare, a.height - y);
            for (std::size_t channel = 0; channel < 3; ++channel) {
                const double apart =
                    std::fabs(channel_sum(a, x, y, channel) - channel_sum(b, x, y, channel)) /
                    static_cast<double>(pixels);
                sum += apart;
                if (apart <= found.largest) continue;
                found.largest = apart;
                found.x = x;
                found.y = y;
            }
        }
    found.mean = squares == 0 ? 0.0 : sum / static_cast<double>(3 * squares);
    return found;
}

}  // namespace hsa
