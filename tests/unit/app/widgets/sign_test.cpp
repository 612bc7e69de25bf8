#include "app/widgets/sign.h"

#include "app/widgets/theme.h"
#include "tests/catch.h"
#include "tests/unit/app/recording_canvas.h"

#include <cmath>
#include <set>
#include <utility>
#include <vector>

using namespace splatscope;

namespace {

// What was drawn, without its colours.
std::vector<std::pair<int, std::vector<Vec2>>> shapes_of(const RecordingCanvas& canvas) {
    std::vector<std::pair<int, std::vector<Vec2>>> shapes;
    for (const RecordingCanvas::Item& item : canvas.items()) {
        std::vector<Vec2> points = item.points;
        points.push_back(item.place.min);
        points.push_back(item.place.max);
        shapes.emplace_back(static_cast<int>(item.op), points);
    }
    return shapes;
}

}  // namespace

TEST_CASE("levels have shapes of their own, within the size they are given", "[widgets][sign]") {
    constexpr std::size_t kLevels = 8;
    for (const float size : {5.0F, 9.0F}) {
        std::vector<std::vector<std::pair<int, std::vector<Vec2>>>> drawn;
        for (std::size_t level = 0; level < kLevels; ++level) {
            RecordingCanvas canvas(40.0F, 40.0F);
            draw_sign(canvas, {20.0F, 20.0F}, level_sign(level), size);
            REQUIRE_FALSE(canvas.items().empty());
            for (const RecordingCanvas::Item& item : canvas.items()) {
                CHECK(item.colour == level_colour(level));
                CHECK(std::abs(item.place.min.x - 20.0F) <= 0.51F * size);
                CHECK(std::abs(item.place.max.y - 20.0F) <= 0.51F * size);
            }
            drawn.push_back(shapes_of(canvas));
        }
        for (std::size_t a = 0; a < kLevels; ++a)
            for (std::size_t b = a + 1; b < kLevels; ++b) {
                INFO(a << " and " << b);
                CHECK(drawn[a] != drawn[b]);
            }
    }
}

TEST_CASE("neighbouring classes differ in colour and shape, fifty-six in one of both",
          "[widgets][sign]") {
    std::set<std::pair<int, int>> met;
    for (std::size_t kind = 0; kind < 56; ++kind) {
        const Sign sign = class_sign(kind);
        REQUIRE(sign.shape);
        CHECK(sign.colour == class_colour(kind));
        CHECK(sign.shape != class_sign(kind + 1).shape);
        met.emplace(sign.colour.r * 65536 + sign.colour.g * 256 + sign.colour.b,
                    static_cast<int>(*sign.shape));
    }
    CHECK(met.size() == 56);
}

TEST_CASE("an edged sign stands on a larger one in the colour of the ground", "[widgets][sign]") {
    const Colour ground{1, 2, 3, 255};
    RecordingCanvas canvas(40.0F, 40.0F);
    draw_edged_sign(canvas, {20.0F, 20.0F}, level_sign(1), 6.0F, ground);
    REQUIRE(canvas.items().size() == 2);
    CHECK(canvas.items()[0].colour == ground);
    CHECK(canvas.items()[0].place.width() > canvas.items()[1].place.width() + 1.0F);
    RecordingCanvas plain(40.0F, 40.0F);
    draw_sign(plain, {20.0F, 20.0F}, level_colour(1), 6.0F);
    CHECK(plain.items().size() == 1);
}
