// The bound of the golden pictures, held against what it must let pass and what it must not: the
// same reference with noise of a renderer, with a label that moved, in other colours, without a
// splat.
#include "app/widgets/colour_map.h"
#include "engine/core/random.h"
#include "engine/io/file.h"
#include "engine/io/picture_difference.h"
#include "tests/catch.h"
#include "tests/golden/studio.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

namespace splatscope::golden {
namespace {

hsa::PngImage reference(const std::string& name) {
    const std::string path = reference_folder() + "/" + name + ".png";
    return hsa::read_png(path, hsa::read_file(path));
}

std::uint8_t* pixel(hsa::PngImage& picture, std::size_t x, std::size_t y) {
    return &picture.rgba[4 * (y * picture.width + x)];
}

// What other sampling does: every pixel takes up to a quarter from a neighbour chosen by chance,
// and is off by up to two steps.
hsa::PngImage resampled(hsa::PngImage picture) {
    const hsa::PngImage before = picture;
    for (std::size_t y = 0; y < picture.height; ++y)
        for (std::size_t x = 0; x < picture.width; ++x) {
            const std::uint64_t draw = hsa::random_bits({7, y * picture.width + x});
            const std::size_t other_x = std::min(x + (draw & 1U), picture.width - 1);
            const std::size_t other_y = std::min(y + ((draw >> 1U) & 1U), picture.height - 1);
            const std::uint8_t* other = &before.rgba[4 * (other_y * before.width + other_x)];
            const double share = 0.25 * static_cast<double>((draw >> 2U) & 255U) / 255.0;
            std::uint8_t* own = pixel(picture, x, y);
            for (std::size_t c = 0; c < 3; ++c) {
                const double step = static_cast<double>((draw >> (16U + 3U * c)) % 5U) - 2.0;
                const double value = (1.0 - share) * own[c] + share * other[c] + step;
                own[c] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
            }
        }
    return picture;
}

// The part [x, x + w) x [y, y + h) moved to the right; what it leaves takes the colour beside it.
hsa::PngImage moved(hsa::PngImage picture, std::size_t x, std::size_t y, std::size_t w,
                    std::size_t h, std::size_t by) {
    const hsa::PngImage before = picture;
    for (std::size_t j = y; j < y + h; ++j)
        for (std::size_t i = x; i < x + w + by; ++i) {
            const std::size_t from = i < x + by ? x : i - by;
            std::copy_n(&before.rgba[4 * (j * before.width + from)], 4, pixel(picture, i, j));
        }
    return picture;
}

TEST_CASE("noise of a renderer is no difference", "[golden]") {
    for (const char* name : {"voyage-map", "voyage-splats", "voyage-text", "voyage-window"}) {
        const hsa::PngImage picture = reference(name);
        const hsa::PictureDifference apart = hsa::picture_difference(resampled(picture), picture);
        INFO(name << ": mean " << apart.mean << ", largest " << apart.largest);
        CHECK(apart.largest <= hsa::kMostLargest);
        CHECK(hsa::picture_difference(picture, picture).largest == 0.0);
    }
}

TEST_CASE("a title that moved by two pixels is a difference", "[golden]") {
    for (const char* name : {"voyage-map", "creatures-tree", "adapted-timeline"}) {
        const hsa::PngImage picture = reference(name);
        const hsa::PictureDifference apart =
            hsa::picture_difference(moved(picture, 8, 8, 120, 22, 2), picture);
        INFO(name << ": largest " << apart.largest);
        CHECK_FALSE(hsa::alike(apart));
    }
}

TEST_CASE("other colours are a difference", "[golden]") {
    const hsa::PngImage picture = reference("voyage-map");
    hsa::PngImage other = picture;
    // viridis read back and written as cividis, wherever its colours are.
    for (std::size_t y = 0; y < other.height; ++y)
        for (std::size_t x = 0; x < other.width; ++x) {
            std::uint8_t* own = pixel(other, x, y);
            for (int i = 0; i < 256; ++i) {
                const Colour from = colour_at(ColourMapName::viridis, i / 255.0);
                if (std::abs(from.r - own[0]) + std::abs(from.g - own[1]) +
                        std::abs(from.b - own[2]) >
                    6)
                    continue;
                const Colour to = colour_at(ColourMapName::cividis, i / 255.0);
                own[0] = to.r;
                own[1] = to.g;
                own[2] = to.b;
                break;
            }
        }
    const hsa::PictureDifference apart = hsa::picture_difference(other, picture);
    INFO("mean " << apart.mean);
    CHECK(apart.mean > hsa::kMostMean);
    CHECK_FALSE(hsa::alike(apart));
}

TEST_CASE("splats that are not there are a difference", "[golden]") {
    Studio studio;
    studio.run("run.open " + reference_folder() + "/creatures.run");
    const std::string folder = studio_folder();
    const auto drawn = [&](const std::string& setting, const std::string& name) {
        studio.run("set view.splats.hidden \"" + setting + "\"");
        const std::string path = folder + "/" + name;
        studio.run("view.export splats " + path + " 640x400 overwrite");
        return hsa::read_png(path, hsa::read_file(path));
    };
    const hsa::PngImage all = drawn("", "bound-all.png");
    const hsa::PictureDifference apart =
        hsa::picture_difference(drawn("Document", "bound-without.png"), all);
    INFO("two faint shells: largest " << apart.largest);
    CHECK_FALSE(hsa::alike(apart));
}

}  // namespace
}  // namespace splatscope::golden
