// Two properties against each other: where things stand, what a drag and a click take, that none is
// left out.
#include "app/views/distributions_scatter.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_distributions_view();
namespace {

using Op = RecordingCanvas::Op;

SmallWorld scatter_world() {
    SmallWorld world = splats_world();
    auto measures = std::make_shared<hsa::Measures>(*world.snapshot->measures);
    for (std::size_t s = 0; s < measures->usage.size(); ++s) {
        measures->usage[s] = 0.05 + 0.04 * static_cast<double>(s);
        measures->information[s] = 0.01 * static_cast<double>(1 + s * s % 7);
    }
    world.snapshot->measures = measures;
    world.session.desk.distributions.property = "splat.usage";
    world.session.desk.distributions.against = "splat.information";
    return world;
}

// As the view lays it out on 900 x 400: the frame that its axes run along.
Axis axis_named(const Drawn& drawn, const std::string& name) {
    for (const AxisRange& range : drawn.axes)
        if (range.axis == name) return {range.begin, range.end, AxisScale::linear};
    FAIL("no axis " << name);
    return {};
}

TEST_CASE("splats stand where their two values are, with the signs of their levels",
          "[views][distributions]") {
    SmallWorld world = scatter_world();
    const auto view = make_distributions_view();
    RecordingCanvas canvas(900, 400);
    const Drawn drawn = world.settle(*view, canvas);
    const Axis across = axis_named(drawn, "x"), upward = axis_named(drawn, "y");
    const hsa::Snapshot& s = *world.snapshot;
    std::vector<Vec2> places;
    std::vector<Vec2> shares;
    for (std::size_t row = 0; row < s.registry->size(); ++row) {
        const Hit* hit = find_hit(drawn, "splat " + std::to_string(s.registry->id[row]));
        REQUIRE(hit != nullptr);
        places.push_back(hit->place.centre());
        shares.push_back({static_cast<float>(across.place(s.measures->usage[row])),
                          static_cast<float>(upward.place(s.measures->information[row]))});
    }
    // One affine map takes all shares of the axes to their places; upwards is upwards.
    const auto [least, most] = std::minmax_element(
        shares.begin(), shares.end(), [](const Vec2& a, const Vec2& b) { return a.x < b.x; });
    const auto [lowest, highest] = std::minmax_element(
        shares.begin(), shares.end(), [](const Vec2& a, const Vec2& b) { return a.y < b.y; });
    const auto at = [&](auto which) {
        return places[static_cast<std::size_t>(which - shares.begin())];
    };
    REQUIRE(most->x > least->x);
    REQUIRE(highest->y > lowest->y);
    const float width = (at(most).x - at(least).x) / (most->x - least->x);
    const float height = (at(lowest).y - at(highest).y) / (highest->y - lowest->y);
    CHECK(width > 300.0F);
    CHECK(height > 200.0F);
    for (std::size_t row = 0; row < shares.size(); ++row) {
        CHECK(places[row].x ==
              Approx(at(least).x + width * (shares[row].x - least->x)).margin(0.1));
        CHECK(places[row].y ==
              Approx(at(lowest).y - height * (shares[row].y - lowest->y)).margin(0.1));
    }
    CHECK(canvas.find_text("usage, share") != nullptr);
    CHECK(canvas.find_text("information, nats") != nullptr);
    CHECK(canvas.overlapping_texts().empty());
    CHECK(view->subtitle(world.context()) == "information against usage of splats");
}

TEST_CASE("a drag over the scatter selects what it holds, a click what is nearest",
          "[views][distributions]") {
    SmallWorld world = scatter_world();
    const auto view = make_distributions_view();
    RecordingCanvas canvas(900, 400);
    const Drawn drawn = world.settle(*view, canvas);
    const Vec2 place = find_hit(drawn, "splat 2")->place.centre();
    const auto carried_out = [&](const Pointer& first, const Pointer& last) {
        (void)view->draw(canvas, world.context(), first);
        return view->draw(canvas, world.context(), last).commands;
    };
    CHECK(carried_out(press({place.x + 3.0F, place.y - 2.0F}),
                      click({place.x + 3.0F, place.y - 2.0F})) ==
          std::vector<std::string>{"select.splats 2"});
    Pointer add = click(place);
    add.shift = true;
    CHECK(carried_out(press(place), add) == std::vector<std::string>{"select.splats add 2"});
    const Vec2 from{place.x - 2.0F, place.y - 2.0F}, to{place.x + 2.0F, place.y + 2.0F};
    Pointer away = release(from, to);
    away.ctrl = true;
    CHECK(carried_out(press(from), away) == std::vector<std::string>{"select.splats remove 2"});
    // All of them, in one line.
    const Vec2 begin{260.0F, 27.0F}, end{884.0F, 362.0F};
    CHECK(carried_out(press(begin), release(begin, end)) ==
          std::vector<std::string>{"select.splats 0 1 2 3 4 5"});
    // Esc lets the rectangle go.
    (void)view->draw(canvas, world.context(), press(begin));
    Pointer escape = drag(begin, end);
    escape.escape = true;
    CHECK_FALSE(view->draw(canvas, world.context(), escape).holding);
    CHECK(view->draw(canvas, world.context(), release(begin, end)).commands.empty());
    // What is selected elsewhere stands out here.
    world.session.document.selection.splats = {2};
    const Drawn lit = world.settle(*view, canvas);
    CHECK(std::count(lit.lit_splats.begin(), lit.lit_splats.end(), 2U) == 1);
    CHECK(std::any_of(canvas.items().begin(), canvas.items().end(),
                      [&](const RecordingCanvas::Item& item) {
                          return item.op == Op::circle_outline &&
                                 std::abs(item.place.centre().x - place.x) < 0.1F &&
                                 std::abs(item.place.centre().y - place.y) < 0.1F;
                      }));
}

TEST_CASE("a drag whose end was never seen selects nothing", "[views][distributions]") {
    const std::string against = GENERATE("splat.information", "");
    SmallWorld world = scatter_world();
    world.session.desk.distributions.against = against;
    const auto view = make_distributions_view();
    RecordingCanvas canvas(900, 400);
    (void)world.settle(*view, canvas);
    const Vec2 begin{262.0F, 28.0F}, end{882.0F, 350.0F};
    const auto draw = [&](const Pointer& pointer) {
        canvas = RecordingCanvas(canvas.bounds());
        return view->draw(canvas, world.context(), pointer);
    };
    (void)draw(press(begin));
    CHECK_FALSE(draw(release(begin, end)).commands.empty());
    (void)draw(press(begin));
    (void)draw(drag(begin, end));
    CHECK(draw(over(end)).commands.empty());
    CHECK(draw(release(begin, end)).commands.empty());
    // Nor does one during which the plot went away.
    (void)draw(press(begin));
    world.session.desk.distributions.property = "splat.nothing";
    (void)draw(drag(begin, end));
    world.session.desk.distributions.property = "splat.usage";
    CHECK(draw(release(begin, end)).commands.empty());
}

TEST_CASE("the rows of a sample are no tokens", "[views][distributions]") {
    SmallWorld world = scatter_world();
    world.session.desk.distributions.property = "token.entropy";
    world.session.desk.distributions.against = "token.largest share";
    const auto view = make_distributions_view();
    const auto dots = [&] {
        RecordingCanvas canvas(900, 400);
        (void)view->draw(canvas, world.context(), {});
        return canvas.items(Op::circle).size();
    };
    const std::size_t tokens = world.snapshot->dataset->size();
    REQUIRE(dots() == tokens);
    const auto of_rows = [&](std::size_t rows) {
        auto made = std::make_shared<hsa::Factors>(*world.snapshot->factors);
        made->p = hsa::Matrix<float>(rows, kSmallSplats, 1.0F / static_cast<float>(kSmallSplats));
        made->k = hsa::Matrix<float>(rows, kSmallSplats, 1.0F / static_cast<float>(rows));
        return made;
    };
    world.snapshot->factors = of_rows(tokens / 2);
    world.snapshot->factors_exact = false;
    CHECK(dots() == tokens);
    world.snapshot->factors = of_rows(tokens);
    world.snapshot->factors_exact = true;
    CHECK(dots() == tokens);
    // Of other data nothing stays.
    world.snapshot->dataset = std::make_shared<const hsa::Dataset>(*world.snapshot->dataset);
    world.snapshot->factors = of_rows(tokens / 2);
    world.snapshot->factors_exact = false;
    CHECK(dots() == tokens / 2);
}

TEST_CASE("tokens are dots where they are few and counted in cells where they are many",
          "[views][distributions]") {
    const SmallWorld world = scatter_world();
    for (const std::size_t count : {std::size_t{300}, std::size_t{5000}}) {
        hsa::Property across{"a", "", "", std::vector<float>(count)};
        hsa::Property upward{"b", "nats", "", std::vector<float>(count)};
        for (std::size_t t = 0; t < count; ++t) {
            across.values[t] = static_cast<float>(t);
            upward.values[t] = static_cast<float>(t % 7);
        }
        upward.values[5] = std::nanf("");
        Scatter scatter;
        RecordingCanvas canvas(600, 400);
        Drawn drawn;
        const Rect plot{{60, 30}, {580, 350}};
        scatter.draw(canvas, world.context(), {}, {across, upward, Counted::tokens, false, 1}, plot,
                     drawn);
        CHECK(canvas.find_text("1 without a value") != nullptr);
        const std::vector<RecordingCanvas::Item> images = canvas.items(Op::image);
        if (count == 300) {
            CHECK(images.empty());
            CHECK(canvas.items(Op::circle).size() == count - 1);
        } else {
            CHECK(canvas.items(Op::circle).empty());
            REQUIRE(images.size() == 1);
            const auto& pixels = *images.front().image.pixels;
            const auto filled = std::count_if(pixels.begin(), pixels.end(),
                                              [](std::uint32_t pixel) { return pixel != 0; });
            CHECK(filled > 7 * 100);  // seven rows of cells across the plot
            CHECK(canvas.find_text("the more tokens") != nullptr);
        }
        // A drag over all takes all that have both values.
        Drawn pressed, released;
        const Vec2 from{61, 31}, to{579, 349};
        scatter.draw(canvas, world.context(), press(from),
                     {across, upward, Counted::tokens, false, 1}, plot, pressed);
        scatter.draw(canvas, world.context(), release(from, to),
                     {across, upward, Counted::tokens, false, 1}, plot, released);
        CHECK(released.commands ==
              std::vector<std::string>{"select.tokens 0:5 6:" + std::to_string(count)});
    }
}

TEST_CASE("the list of properties chooses what stands upwards", "[views][distributions]") {
    SmallWorld world = splats_world();
    const auto view = make_distributions_view();
    RecordingCanvas canvas(900, 400);
    Drawn drawn = world.settle(*view, canvas);
    const Hit* upward = find_hit(drawn, "against splat.information");
    REQUIRE(upward != nullptr);
    CHECK(upward->command == "set distributions.against \"splat.information\"");
    CHECK(find_hit(drawn, "against splat.usage") == nullptr);    // it is across
    CHECK(find_hit(drawn, "against token.entropy") == nullptr);  // of another kind
    world = scatter_world();
    drawn = world.settle(*view, canvas);
    upward = find_hit(drawn, "against splat.information");
    REQUIRE(upward != nullptr);
    CHECK(upward->command == "reset distributions.against");
    // What is of another kind lets the second go.
    const Vec2 at = find_hit(drawn, "token.entropy")->place.centre();
    (void)view->draw(canvas, world.context(), press(at));
    CHECK(view->draw(canvas, world.context(), click(at)).commands ==
          std::vector<std::string>{"set distributions.property \"token.entropy\"",
                                   "reset distributions.against"});
    world.session.desk.distributions.against = "token.entropy";
    (void)world.settle(*view, canvas);
    CHECK(canvas.find_text("choose two") != nullptr);
    world.session.desk.distributions.against = "splat.nothing";
    (void)world.settle(*view, canvas);
    CHECK(canvas.find_text("There is no property splat.nothing") != nullptr);
}

}  // namespace
}  // namespace splatscope
