#include "app/views/map_layout.h"

#include "app/views/map_legend.h"
#include "app/widgets/colour_bar.h"
#include "tests/catch.h"
#include "tests/unit/app/recording_canvas.h"

#include <vector>

namespace splatscope {
namespace {

MapViewport whole() {
    MapViewport viewport;
    viewport.rows = viewport.columns = {0.0, 500.0};
    return viewport;
}

std::vector<Chip> chips() {
    return {{"All", {}, true}, {"Token", {}}, {"Phrase", {}}, {"Section", {}}, {"Document", {}}};
}

TEST_CASE("nothing of the map's layout overlaps or leaves the view", "[views][map]") {
    for (const float width : {120.0F, 240.0F, 380.0F, 620.0F, 900.0F, 1580.0F})
        for (const float height : {90.0F, 170.0F, 260.0F, 360.0F, 640.0F, 960.0F}) {
            const RecordingCanvas canvas(width, height);
            const MapLayout layout =
                map_layout(canvas, chips(), map_caption({}, hsa::Mark::exact), whole());
            INFO(width << " x " << height);
            std::vector<Rect> parts = layout.chips;
            parts.push_back(layout.frame);
            if (layout.bar) parts.push_back(*layout.bar);
            for (std::size_t a = 0; a < parts.size(); ++a) {
                CHECK(parts[a].min.x >= 0.0F);
                CHECK(parts[a].min.y >= 0.0F);
                CHECK(parts[a].max.x <= width);
                CHECK(parts[a].max.y <= height);
                for (std::size_t b = a + 1; b < parts.size(); ++b)
                    CHECK_FALSE(parts[a].overlaps(parts[b]));
            }
            CHECK(layout.frame.width() == Approx(layout.frame.height()).margin(1.0));
        }
}

TEST_CASE("the legend goes to the side where the map grows by it", "[views][map]") {
    const auto beside = [](float width, float height) {
        const RecordingCanvas canvas(width, height);
        return map_layout(canvas, chips(), map_caption({}, hsa::Mark::exact), whole()).beside;
    };
    CHECK(beside(620, 360));
    CHECK(beside(1580, 960));
    CHECK_FALSE(beside(500, 640));
    CHECK_FALSE(beside(300, 220));
}

}  // namespace

TEST_CASE("a long caption has its room above the upright bar", "[views][map]") {
    const RecordingCanvas canvas(900, 640);
    hsa::AttentionSettings settings;
    settings.normalise = hsa::Normalise::softmax;
    settings.tau = 0.125;
    settings.top_k = 64;
    const std::string caption = map_caption(settings, hsa::Mark::approximate);
    const MapLayout layout = map_layout(canvas, chips(), caption, whole());
    REQUIRE(layout.beside);
    CHECK(layout.bar->min.y - layout.frame.min.y >=
          upright_caption_height(canvas, caption, kBesideWidth - 20.0F));
    CHECK(upright_caption_height(canvas, caption, kBesideWidth - 20.0F) >
          upright_caption_height(canvas, map_caption({}, hsa::Mark::exact), kBesideWidth - 20.0F));
}

TEST_CASE("the colours say which row steps they are shown after, or before", "[views][map]") {
    hsa::AttentionSettings settings;
    CHECK(map_caption(settings, hsa::Mark::exact) == "attention / uniform (log)");
    settings.normalise = hsa::Normalise::softmax;
    settings.tau = 0.5;
    settings.top_k = 8;
    CHECK(map_caption(settings, hsa::Mark::exact) ==
          "attention / uniform (log), after softmax(0.5), top 8");
    CHECK(map_caption({}, hsa::Mark::exact, hsa::Statistic::most) ==
          "largest attention / uniform (log)");
    CHECK(map_caption({}, hsa::Mark::bound, hsa::Statistic::most) ==
          "at most: attention / uniform (log)");
    CHECK(map_caption(settings, hsa::Mark::approximate) ==
          "attention / uniform (log), before softmax(0.5), top 8");
}

}  // namespace splatscope
