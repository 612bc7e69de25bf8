#pragma once

#include "engine/io/png.h"

#include <cstddef>

namespace hsa {

// How far two pictures of one size are apart, in steps of 0..255. Both are first averaged over
// squares of 4 x 4 pixels: where the smooth edge of a line or letter falls differs between
// renderers, what a square holds does not.
struct PictureDifference {
    double mean = 0.0;         // over all squares and the channels red, green, blue
    double largest = 0.0;      // of one square and channel
    std::size_t x = 0, y = 0;  // its pixel, the upper left one
};

// The one bound for all pictures, of the tests and of view.compare. Other sampling, vector width or
// renderer of one scene stay below (tests/golden/README.md holds the numbers); a letter that moved
// by two pixels, or a splat that is not there, do not.
inline constexpr double kMostMean = 0.4;
inline constexpr double kMostLargest = 24.0;

// Throws Error when the sizes differ.
[[nodiscard]] PictureDifference picture_difference(const PngImage& a, const PngImage& b);
[[nodiscard]] inline bool alike(const PictureDifference& d) {
    return d.mean <= kMostMean && d.largest <= kMostLargest;
}

}  // namespace hsa
