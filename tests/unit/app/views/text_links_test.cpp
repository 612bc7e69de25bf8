#include "app/views/text_links.h"

#include "engine/explain/text_look.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_text_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

// Draws until the view has what it wants of the look lane.
Drawn settled(SmallWorld& world, View& view, RecordingCanvas& canvas, const Pointer& pointer = {}) {
    Drawn drawn;
    for (int frame = 0; frame < 6; ++frame) {
        canvas = RecordingCanvas(canvas.bounds());
        drawn = view.draw(canvas, world.context(), pointer);
        world.answer({});
        if (drawn.text)
            world.look.text = std::make_shared<const hsa::TextLook>(
                hsa::text_look(*world.snapshot, *drawn.text, world.look.text.get(), {}));
    }
    return drawn;
}

Vec2 middle_of(const Drawn& drawn, std::size_t token) {
    return find_hit(drawn, fmt::format("token {}", token))->place.centre();
}

}  // namespace

TEST_CASE("A number of the tokens tints them, an unknown one says which there are", "[text]") {
    SmallWorld world = small_world();
    world.session.desk.text.tint = TextTint::measure;
    world.session.desk.text.measure = "length";
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    CHECK(view->draw(canvas, world.context(), {}).waiting);
    const Drawn drawn = settled(world, *view, canvas);
    CHECK_FALSE(drawn.waiting);
    CHECK(view->subtitle(world.context()) == "by length");
    CHECK(canvas.find_text("length") != nullptr);
    const Tinting tinting(world.context());
    std::size_t shortest = 0, longest = 0;
    const auto length = [&](std::size_t t) {
        return world.snapshot->dataset->token_text(t).size();
    };
    for (std::size_t t = 0; t < world.snapshot->dataset->size(); ++t) {
        if (length(t) < length(shortest)) shortest = t;
        if (length(t) > length(longest)) longest = t;
    }
    CHECK(tinting.colour(shortest).a < tinting.colour(longest).a);
    CHECK(tinting.words(shortest) == fmt::format("length: {}", length(shortest)));
    world.session.desk.text.measure = "lenght";
    const Drawn wrong = settled(world, *view, canvas);
    CHECK_FALSE(wrong.waiting);
    CHECK(canvas.find_text("Tokens have no number 'lenght'") != nullptr);
}

TEST_CASE("Numbers are ranged without their ends, logarithmic where they span much", "[text]") {
    SmallWorld world = small_world();
    const hsa::TokenNumbers index = hsa::token_numbers(*world.snapshot, "index");
    const auto n = static_cast<double>(index.values.size());
    CHECK(index.low == std::round(0.02 * (n - 1.0)));
    CHECK(index.high == std::round(0.98 * (n - 1.0)));
    CHECK_FALSE(index.logarithmic);
    CHECK(hsa::token_numbers(*world.snapshot, "text").values.empty());
}

TEST_CASE("The word under the pointer tints the page until the pointer leaves", "[text]") {
    SmallWorld world = small_world();
    world.session.document.selection.tokens = {{5, 6}};
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    const Drawn still = settled(world, *view, canvas);
    CHECK_FALSE(still.text);
    const Drawn hovered = settled(world, *view, canvas, over(middle_of(still, 40)));
    REQUIRE(hovered.text);
    CHECK(hovered.text->token == 40U);
    CHECK_FALSE(hovered.text->towards);
    const hsa::Range one{40, 41};
    CHECK(*world.look.text->token == hsa::tint_from(*world.snapshot->factors, std::span(&one, 1)));
    CHECK(hovered.tooltip.find("attention from “" + world.snapshot->dataset->token_text(40)) !=
          std::string::npos);
    world.session.desk.text.hover = false;
    CHECK_FALSE(settled(world, *view, canvas, over(middle_of(still, 40))).text);
    world.session.desk.text.hover = true;
    CHECK_FALSE(settled(world, *view, canvas).text);
}

TEST_CASE("Arcs join the strongest pairs of the page, no neighbours", "[text]") {
    SmallWorld world = small_world();
    world.session.desk.text.arcs = 8;
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    const Drawn drawn = settled(world, *view, canvas);
    REQUIRE(drawn.text);
    CHECK_FALSE(drawn.waiting);
    const hsa::StrongestPairs links = *world.look.text->links;  // of this answer
    REQUIRE(links.pairs.size() == 8);
    // All pairs of the page, the slow way.
    const hsa::Factors& factors = *world.snapshot->factors;
    double strongest = 0.0;
    for (std::size_t i = drawn.text->page.begin; i < drawn.text->page.end; ++i)
        for (std::size_t j = drawn.text->page.begin; j < drawn.text->page.end; ++j)
            if (i > j + 3 || j > i + 3)
                strongest = std::max(strongest, hsa::cell_parts(factors, i, j).value);
    CHECK(links.pairs.front().value == Approx(strongest).epsilon(1e-5));
    std::size_t arcs = 0;
    for (const RecordingCanvas::Item& item : canvas.items(Op::polyline))
        arcs += item.points.size() == 25;
    CHECK(arcs == 8);
    const auto dots = canvas.items(Op::circle);
    const hsa::Pair& first = links.pairs.front();  // drawn last
    const Rect to = find_hit(drawn, fmt::format("token {}", first.j))->place;
    CHECK(to.contains(dots.back().place.centre()));
    const Drawn told = settled(world, *view, canvas, over(middle_of(drawn, first.i)));
    CHECK(told.tooltip.find("→ “" + world.snapshot->dataset->token_text(first.j)) !=
          std::string::npos);
    // Their page is the one that is shown.
    world.session.desk.text.scroll = 12.0;
    const Drawn below = settled(world, *view, canvas);
    CHECK(below.text->page.begin > drawn.text->page.begin);
}

TEST_CASE("A heading has a strip with the tint of its section", "[text]") {
    SmallWorld world = small_world();
    world.session.document.selection.tokens = {{5, 6}};
    const auto view = make_text_view();
    RecordingCanvas canvas(400, 520);
    const auto cells = [&] {
        (void)settled(world, *view, canvas);
        const std::vector<RecordingCanvas::Item> rects = canvas.items(Op::rect);
        return std::count_if(rects.begin(), rects.end(), [](const RecordingCanvas::Item& item) {
            return item.place.height() == 6.0F && std::fabs(item.place.width() - 4.0F) < 0.01F;
        });
    };
    CHECK(cells() == 0);
    world.session.desk.text.heat = true;
    CHECK(cells() >= 40);
    CHECK(canvas.overlapping_texts() == "");
    // A click selects the section and goes to the place of it that was clicked.
    const Drawn drawn = settled(world, *view, canvas);
    const auto heat = std::find_if(drawn.hits.begin(), drawn.hits.end(),
                                   [](const Hit& hit) { return hit.id.starts_with("heat "); });
    REQUIRE(heat != drawn.hits.end());
    const hsa::Range section =
        world.snapshot->dataset->structure.sections[std::stoul(heat->id.substr(5))].tokens;
    CHECK(heat->command == fmt::format("select.tokens {}:{}", section.begin, section.end));
    const Vec2 late = {heat->place.max.x - 1.0F, heat->place.centre().y};
    (void)view->draw(canvas, world.context(), press(late));
    const Drawn clicked = view->draw(canvas, world.context(), click(late));
    CHECK(clicked.commands == std::vector<std::string>{heat->command});
    RecordingCanvas low(400, 160);
    const auto other = make_text_view();
    const Drawn first = settled(world, *other, low);
    const auto strip = std::find_if(first.hits.begin(), first.hits.end(),
                                    [](const Hit& hit) { return hit.id.starts_with("heat "); });
    REQUIRE(strip != first.hits.end());
    const Vec2 end = {strip->place.max.x - 1.0F, strip->place.centre().y};
    (void)other->draw(low, world.context(), press(end));
    Drawn after = other->draw(low, world.context(), click(end));
    for (int frame = 0; frame < 60; ++frame) after = other->draw(low, world.context(), {});
    CHECK(after.axes[0].begin > first.axes[0].begin + 1.0);
}
