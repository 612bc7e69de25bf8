#include "app/views/map_pixels.h"

#include "tests/catch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

using namespace splatscope;

namespace {

AttentionColours fixed(double tokens) {
    MapDesk desk;
    return attention_colours(desk, theme(ThemeName::dark), nullptr, tokens);
}

hsa::Picture picture_of(std::size_t size, float (*value)(std::size_t, std::size_t)) {
    hsa::Picture picture;
    picture.mean = hsa::Matrix<float>(size, size);
    for (std::size_t r = 0; r < size; ++r)
        for (std::size_t c = 0; c < size; ++c) picture.mean(r, c) = value(r, c);
    return picture;
}

}  // namespace

TEST_CASE("The looked-up colour is that of the logarithm, within one step of the table", "[map]") {
    for (const double tokens : {3.0, 5214.0, 1e6}) {
        const AttentionColours colours = fixed(tokens);
        const AttentionPixels pixels(colours);
        const ColourTable table = colour_table(colours.map);
        for (double level = -2.2; level < 1.9; level += 0.0137) {
            const auto mean = static_cast<float>(std::pow(10.0, level) / tokens);
            const double t =
                std::clamp((level - colours.low) / (colours.high - colours.low), 0.0, 1.0);
            const auto exact = static_cast<std::ptrdiff_t>(std::lround(255.0 * t));
            const std::uint32_t found = pixels.pixel(mean, 0, 0);
            bool near = false;
            for (std::ptrdiff_t step = -1; step <= 1; ++step)
                if (exact + step >= 0 && exact + step < 256)
                    near = near || found == table[static_cast<std::size_t>(exact + step)];
            CHECK(near);
        }
        CHECK(pixels.pixel(std::numeric_limits<float>::max(), 0, 0) == table.back());
        CHECK(pixels.pixel(std::numeric_limits<float>::denorm_min(), 0, 0) == table.front());
    }
}

TEST_CASE("True zero and not a number have looks of their own", "[map]") {
    const AttentionColours colours = fixed(100.0);
    const AttentionPixels pixels(colours);
    const ColourTable table = colour_table(colours.map);
    const std::uint32_t zero = pixels.pixel(0.0F, 3, 5);
    for (const std::uint32_t colour : table) CHECK(colour != zero);
    const float nan = std::numeric_limits<float>::quiet_NaN();
    // Hatched: both colours occur along a row.
    std::set<std::uint32_t> seen;
    for (std::size_t c = 0; c < 8; ++c) seen.insert(pixels.pixel(nan, 0, c));
    CHECK(seen.size() == 2);
    CHECK(seen.count(zero) == 0);
}

TEST_CASE("The diverging scale has uniform attention exactly in the middle", "[map]") {
    MapDesk desk;
    desk.scale = MapScale::uniform;
    const AttentionColours colours =
        attention_colours(desk, theme(ThemeName::dark), nullptr, 1000.0);
    CHECK(colours.map == ColourMapName::puor);
    CHECK(colours.low == -colours.high);
    CHECK(colours.axis().place(1.0) == Approx(0.5));
}

TEST_CASE("The view's own range leaves out the lowest 2 % and the highest 0.5 %", "[map]") {
    MapDesk desk;
    desk.scale = MapScale::view;
    // L rises evenly from -3 to 1 over the picture, n = 1.
    hsa::Picture picture = picture_of(100, [](std::size_t r, std::size_t c) {
        return static_cast<float>(
            std::pow(10.0, -3.0 + 4.0 * static_cast<double>(100 * r + c) / 9999.0));
    });
    picture.mean(0, 0) = 0.0F;
    picture.mean(0, 1) = std::numeric_limits<float>::quiet_NaN();
    const AttentionColours colours = attention_colours(desk, theme(ThemeName::dark), &picture, 1.0);
    CHECK(colours.low == Approx(-3.0 + 0.02 * 4.0).margin(0.012));
    CHECK(colours.high == Approx(-3.0 + 0.995 * 4.0).margin(0.012));
    const SpecialPixels special = special_pixels(picture);
    CHECK(special.zero);
    CHECK(special.not_a_number);
}

TEST_CASE("Pixels are made once for a picture and its colours", "[map]") {
    PixelCache cache;
    const auto picture = std::make_shared<const hsa::Picture>(picture_of(
        8, [](std::size_t r, std::size_t c) { return static_cast<float>(r + c) * 0.01F; }));
    const AttentionColours colours = fixed(64.0);
    const auto first = cache.get(picture, colours).image;
    CHECK(cache.get(picture, colours).image.pixels == first.pixels);
    AttentionColours other = colours;
    other.map = ColourMapName::grey;
    const auto grey = cache.get(picture, other).image;
    CHECK(grey.pixels != first.pixels);
    CHECK(grey.key != first.key);
    CHECK(cache.get(picture, colours).image.pixels == first.pixels);
}
