// No word covers another or is cut, in any view of the window, at any size and scale.

#include "tests/catch.h"
#include "tests/unit/app/played_window.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace splatscope;

namespace {

struct Screen {
    WindowSize size;
    double scale = 1.0;
};

constexpr float kTouch = 1.0F;  // rounding to whole pixels

Rect common(const Rect& a, const Rect& b) {
    return {{std::max(a.min.x, b.min.x), std::max(a.min.y, b.min.y)},
            {std::min(a.max.x, b.max.x), std::min(a.max.y, b.max.y)}};
}

bool is_there(const Rect& place) { return place.width() > kTouch && place.height() > kTouch; }

// What is wrong with words that should stand within a place, a sentence each. A page that scrolls
// ends in the middle of a line.
std::vector<std::string> faults(const std::vector<PlacedText>& texts, const Rect& place,
                                bool scrolls = false) {
    std::vector<std::string> found;
    for (std::size_t a = 0; a < texts.size(); ++a) {
        const Rect seen = common(texts[a].place, place);
        if (!is_there(seen)) continue;
        if (seen.width() + kTouch < texts[a].place.width() ||
            (!scrolls && seen.height() + kTouch < texts[a].place.height()))
            found.push_back(fmt::format("'{}' is cut", texts[a].text));
        for (std::size_t b = a + 1; b < texts.size(); ++b)
            if (is_there(common(seen, texts[b].place)))
                found.push_back(fmt::format("'{}' covers '{}'", texts[b].text, texts[a].text));
    }
    return found;
}

// The whole program walked through: every view in front once.
class Walk {
  public:
    explicit Walk(const std::vector<std::string>& lines) {
        frames(2);
        for (const std::string& line : lines) {
            const Outcome outcome = program_.runner.run(line);
            INFO(line << ": " << outcome.error);
            REQUIRE(outcome.error.empty());
        }
        program_.runner.wait_complete();
        for (const auto& view : make_views()) views_.push_back(view->id());
    }

    void at(const Screen& screen) {
        program_.window.set_size(screen.size);
        program_.runner.submit(fmt::format("set scale {}", screen.scale));
        program_.runner.submit("view.reset");
        frames(6);
        std::size_t seen = 0;
        for (const std::string& view : views_) {
            ImGui::SetWindowFocus(("###" + view).c_str());
            frames(2);
            for (int frame = 0; frame < 200 && program_.shell.panel(view).drawn.waiting; ++frame)
                frames(1);
            const Panel& panel = program_.shell.panel(view);
            if (panel.drawn.texts.empty()) continue;
            ++seen;
            INFO(view << " at " << screen.size.width << " x " << screen.size.height << ", scale "
                      << screen.scale);
            CHECK(faults(panel.drawn.texts, panel.canvas, panel.view->scrolls()) ==
                  std::vector<std::string>{});
            const Rect header = {{panel.canvas.min.x - 12.0F, 0.0F},
                                 {panel.canvas.max.x + 12.0F, panel.canvas.min.y + 2.0F}};
            CHECK(faults(panel.header, header) == std::vector<std::string>{});
        }
        // Where there is room, the usual views are all there; in an empty window but for the map.
        const bool is_open = !program_.runner.session().document.sources.empty();
        if (static_cast<double>(screen.size.width) / screen.scale >= 1280.0)
            CHECK(seen >= (is_open ? 8U : 5U));
    }

  private:
    void frames(int count) {
        for (int f = 0; f < count; ++f) {
            program_.shell.build_frame(1.0F / 60.0F);
            if (!program_.runner.complete()) program_.runner.wait_complete();
        }
    }

    Program program_;
    std::vector<std::string> views_;
};

}  // namespace

TEST_CASE("no word covers another or is cut in the window, at any size and scale",
          "[app][window][layout]") {
    const std::vector<Screen> screens = {
        {{1280, 720}, 0.75}, {{1280, 720}, 1.0},  {{1280, 720}, 1.5},  {{1280, 720}, 3.0},
        {{1600, 1000}, 1.0}, {{1600, 1000}, 2.0}, {{3840, 2160}, 1.0}, {{3840, 2160}, 3.0}};
    SECTION("a history, an event selected") {
        Walk walk({"open sample:adapted", "select.event 39"});
        for (const Screen& screen : screens) walk.at(screen);
    }
    SECTION("a text, a block selected") {
        Walk walk({"open sample:voyage", "select.block 100:180 40:120"});
        for (const Screen& screen : {screens[0], screens[1], screens[3], screens[5], screens[6]})
            walk.at(screen);
    }
    SECTION("nothing is open") {
        Walk walk({});
        for (const Screen& screen : {screens[1], screens[3], screens[6]}) walk.at(screen);
    }
}
