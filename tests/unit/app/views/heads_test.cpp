#include "app/views/heads_layout.h"
#include "app/views/heads_pixels.h"
#include "app/widgets/colour_bar.h"
#include "engine/core/random.h"
#include "tests/catch.h"

#include <cmath>
#include <vector>

using namespace splatscope;

namespace {

constexpr std::size_t kPixels = 64;
constexpr std::size_t kTokens = 512;

// Rows that sum to 1 over tokens, a pixel the mean of its tokens.
template <class Score>
hsa::Matrix<float> head_of(const Score& score) {
    hsa::Matrix<float> cells(kPixels, kPixels);
    for (std::size_t i = 0; i < kPixels; ++i) {
        double sum = 0.0;
        for (std::size_t j = 0; j < kPixels; ++j) sum += std::exp(score(i, j));
        for (std::size_t j = 0; j < kPixels; ++j)
            cells(i, j) = static_cast<float>(std::exp(score(i, j)) / sum * kPixels / kTokens);
    }
    return cells;
}

// The standard deviation of the luminance of its pixels, of 255.
double contrast(const hsa::Matrix<float>& cells) {
    const Image image = head_image(cells.view(), kTokens, ColourMapName::viridis, 1);
    double sum = 0.0;
    double square = 0.0;
    for (const std::uint32_t pixel : *image.pixels) {
        const Colour c = colour_of_pixel(pixel);
        const double y = 0.2126 * c.r + 0.7152 * c.g + 0.0722 * c.b;
        sum += y;
        square += y * y;
    }
    const auto n = static_cast<double>(image.pixels->size());
    return std::sqrt(std::max(0.0, square / n - sum / n * sum / n));
}

double noise(std::size_t i, std::size_t j) { return hsa::Random{5, i, j}.normal(); }

}  // namespace

TEST_CASE("every head's own range shows its structure", "[app][heads][views]") {
    const auto local = head_of([](std::size_t i, std::size_t j) {
        const double away = static_cast<double>(i) - static_cast<double>(j);
        return -2.0 * std::abs(away);
    });
    const auto sink = head_of(
        [](std::size_t i, std::size_t j) { return (j == 0 ? 8.0 : 0.0) + 0.3 * noise(i, j); });
    const auto diffuse =
        head_of([](std::size_t i, std::size_t j) { return 0.02 * noise(i / 4, j / 4); });
    const auto peaked = head_of([](std::size_t i, std::size_t j) { return 6.0 * noise(i, j); });
    for (const auto& head : {local, sink, diffuse, peaked}) CHECK(contrast(head) > 20.0);
    // Beside one fixed range a diffuse head would be one colour.
    const HeadRange range = head_range(diffuse.view(), kTokens);
    CHECK(range.high - range.low < 0.1);
}

TEST_CASE("heads without structure, or without attention, are drawn too", "[app][heads][views]") {
    const auto flat = head_of([](std::size_t, std::size_t) { return 0.0; });
    const HeadRange range = head_range(flat.view(), kTokens);
    CHECK(range.low < 0.0);
    CHECK(range.high > 0.0);
    CHECK(contrast(flat) < 1e-3);
    CHECK(contrast(hsa::Matrix<float>(kPixels, kPixels)) < 1e-3);
}

TEST_CASE("thumbnails stand apart inside their place at every size", "[app][heads][views]") {
    for (const auto& [layers, heads] : std::vector<std::pair<std::size_t, std::size_t>>{
             {6, 12}, {12, 12}, {24, 16}, {1, 4}, {2, 4}})
        for (const Rect& place :
             {Rect{{30, 20}, {1370, 870}}, Rect{{30, 20}, {632, 370}}, Rect{{0, 0}, {300, 900}}}) {
            INFO(layers << " x " << heads);
            const HeadsLayout layout = heads_layout(place, layers, heads);
            CHECK(layout.side >= 4.0F);
            for (std::size_t l = 0; l < layers; ++l)
                for (std::size_t h = 0; h < heads; ++h) {
                    const Rect one = layout.thumbnail(l, h);
                    CHECK(one.min.x >= place.min.x - 0.5F);
                    CHECK(one.max.x <= place.max.x + 0.5F);
                    if (h > 0) CHECK(!one.overlaps(layout.thumbnail(l, h - 1)));
                    if (l > 0)
                        CHECK(one.min.y >=
                              layout.thumbnail(l - 1, h).max.y + (layout.bars ? kHeadBars : 0.0F));
                }
            if (layout.side > 4.0F)
                CHECK(layout.thumbnail(layers - 1, 0).max.y <= place.max.y + 0.5F);
        }
}
