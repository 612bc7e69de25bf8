// What must hold for every exported picture, whatever it shows.
#include "app/widgets/colour_map.h"
#include "engine/io/file.h"
#include "engine/io/png.h"
#include "tests/catch.h"
#include "tests/golden/studio.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace splatscope::golden {
namespace {

const std::vector<std::string> kOpenings = {"run.open " + reference_folder() + "/voyage.run",
                                            "run.open " + reference_folder() + "/creatures.run",
                                            "open sample:adapted"};

Rect within(const Rect& place, const Rect& clip) {
    return {{std::max(place.min.x, clip.min.x), std::max(place.min.y, clip.min.y)},
            {std::min(place.max.x, clip.max.x), std::min(place.max.y, clip.max.y)}};
}

// Two texts of the panel that lie over one another, as "a | b"; empty when there are none.
std::string overlapping(const Panel& panel) {
    const std::vector<PlacedText>& texts = panel.drawn.texts;
    constexpr float kTouch = 0.5F;  // rounding to whole pixels
    for (std::size_t a = 0; a < texts.size(); ++a)
        for (std::size_t b = a + 1; b < texts.size(); ++b) {
            const Rect shared = within(within(texts[a].place, texts[b].place), panel.canvas);
            if (shared.width() > kTouch && shared.height() > kTouch)
                return texts[a].text + " | " + texts[b].text;
        }
    return {};
}

// A text cut by the edge of its view, or empty.
std::string cut(const Panel& panel) {
    for (const PlacedText& text : panel.drawn.texts) {
        const Rect seen = within(text.place, panel.canvas);
        if (seen.width() <= 0.0F || seen.height() <= 0.0F) continue;
        if (seen.width() + 1.0F < text.place.width() || seen.height() + 1.0F < text.place.height())
            return text.text;
    }
    return {};
}

TEST_CASE("labels never overlap and none is cut, in any view, on any sample, at any size",
          "[golden]") {
    const std::string folder = studio_folder();
    for (const std::string& opening : kOpenings) {
        Studio studio;
        studio.run(opening);
        for (const char* selection : {"select.none", "select.block 100:180 40:120"}) {
            studio.run(selection);
            for (const char* size : {"300x200", "640x400", "1600x1000"})
                for (const auto& view : make_views()) {
                    studio.run(fmt::format("view.export {} {}/size.png {} overwrite", view->id(),
                                           folder, size));
                    INFO(opening << ", " << selection << ", " << view->id() << ", " << size);
                    const Panel& panel = studio.panel(view->id());
                    CHECK(overlapping(panel) == "");
                    CHECK(cut(panel) == "");
                    if (panel.canvas.height() > 300.0F) CHECK_FALSE(panel.drawn.texts.empty());
                }
        }
    }
}

TEST_CASE("in the window labels do not overlap either, small and scaled too", "[golden]") {
    const std::string folder = studio_folder();
    for (const std::string& opening : kOpenings) {
        Studio studio;
        studio.run(opening);
        for (const char* scale : {"1", "1.5", "2"}) {
            studio.run(std::string("set scale ") + scale);
            for (const char* size : {"640x400", "1280x720", "1600x1000"}) {
                studio.run(
                    fmt::format("view.export window {}/size.png {} overwrite", folder, size));
                for (const auto& view : make_views()) {
                    const Panel& panel = studio.panel(view->id());
                    INFO(opening << ", " << size << " at scale " << scale << ": " << view->id());
                    CHECK(overlapping(panel) == "");
                    CHECK(cut(panel) == "");
                }
            }
        }
    }
}

struct Span {
    int low = 255, high = 0;
    void take(int value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    // One step of rounding beyond.
    [[nodiscard]] bool holds(int value) const { return value >= low - 1 && value <= high + 1; }
};

// The channels that a pixel may have where the bar shows table entries around `entry`.
bool is_of_table(const std::uint8_t* pixel, ColourMapName map, double entry) {
    Span r;
    Span g;
    Span b;
    for (const double step : {-1.5, -0.5, 0.5, 1.5}) {
        const Colour colour = colour_at(map, std::clamp(entry + step, 0.0, 255.0) / 255.0);
        r.take(colour.r);
        g.take(colour.g);
        b.take(colour.b);
    }
    return r.holds(pixel[0]) && g.holds(pixel[1]) && b.holds(pixel[2]);
}

TEST_CASE("the pixels of the exported colour bar are the colour map's table", "[golden]") {
    const std::string path = studio_folder() + "/bar.png";
    Studio studio;
    studio.run("open sample:adapted");
    for (const auto& [name, map] :
         std::vector<std::pair<std::string, ColourMapName>>{{"viridis", ColourMapName::viridis},
                                                            {"cividis", ColourMapName::cividis},
                                                            {"magma", ColourMapName::magma},
                                                            {"grey", ColourMapName::grey}})
        for (const std::string size : {"640x400", "700x900"}) {
            studio.run("set map.colours " + name);
            studio.run(fmt::format("view.export map {} {} overwrite", path, size));
            const Panel& panel = studio.panel("map");
            const auto bar = std::find_if(panel.drawn.hits.begin(), panel.drawn.hits.end(),
                                          [](const Hit& hit) { return hit.id == "map scale"; });
            REQUIRE(bar != panel.drawn.hits.end());
            const hsa::PngImage picture = hsa::read_png(path, hsa::read_file(path));
            const bool upright = bar->place.height() > bar->place.width();
            // The hit holds the labels too: beside an upright bar, below a level one.
            const Rect place = bar->place;
            const float length = upright ? place.height() : place.width();
            INFO(name << ", " << size);
            std::size_t wrong = 0;
            for (int p = 1; p + 1 < static_cast<int>(length); ++p) {
                const float along = static_cast<float>(p) + 0.5F;
                const auto x = static_cast<std::size_t>(place.min.x + (upright ? 6.0F : along));
                const auto y = static_cast<std::size_t>(place.min.y + (upright ? along : 5.0F));
                const auto share = static_cast<double>(along / length);
                const double entry = (upright ? 1.0 - share : share) * 256.0 - 0.5;
                const std::uint8_t* pixel = &picture.rgba[4 * (y * picture.width + x)];
                wrong += is_of_table(pixel, map, entry) ? 0 : 1;
            }
            CHECK(length > 80.0F);
            CHECK(wrong == 0);
        }
}

}  // namespace
}  // namespace splatscope::golden
