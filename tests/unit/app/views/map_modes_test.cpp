// The map beside itself: channels, two sides, profiles, the range of its colours, the list.
#include "app/map_desk.h"
#include "app/views/map_channels.h"
#include "app/views/map_compare.h"
#include "app/views/map_layout.h"
#include "app/views/map_minimap.h"
#include "app/views/map_pixels.h"
#include "app/views/map_profiles.h"
#include "engine/core/error.h"
#include "engine/explain/second_side.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace splatscope {
std::unique_ptr<View> make_map_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

// Answers all that the view asks for, as the look lane does: the second side is the factors shown,
// every row turned around.
Drawn settle(SmallWorld& world, View& view, RecordingCanvas& canvas, bool exporting = false) {
    hsa::SecondSide side;
    auto turned = std::make_shared<hsa::Factors>(*world.snapshot->factors);
    const std::size_t n = turned->tokens();
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < turned->columns(); ++c)
            turned->p(i, c) = world.snapshot->factors->p(n - 1 - i, c);
    side.registry = world.snapshot->registry;
    side.sums = std::make_shared<const hsa::TileSums>(hsa::tile_sums(*turned));
    side.factors = turned;
    const auto second = std::make_shared<const hsa::SecondSide>(std::move(side));
    Drawn drawn;
    for (int frame = 0; frame < 20; ++frame) {
        canvas = RecordingCanvas(canvas.bounds());
        drawn = view.draw(canvas, world.context(exporting), {});
        if (!drawn.waiting) break;
        world.answer(drawn.pictures);
        world.look.second = second;
        for (const hsa::PictureRequest& wanted : drawn.seconds)
            world.look.seconds.push_back(std::make_shared<const hsa::Picture>(
                hsa::second_picture(*second, world.snapshot->registry->hierarchy, wanted, {})));
        if (drawn.strongest)
            world.look.strongest =
                std::make_shared<const hsa::StrongestBlocks>(hsa::strongest_blocks(
                    *world.snapshot->factors, *world.snapshot->sums, *drawn.strongest, {}));
    }
    CHECK(!drawn.waiting);
    return drawn;
}

void compare_with_cycle(SmallWorld& world, MapCompare mode) {
    world.session.document.compare = {CompareKind::cycle, "0"};
    world.session.desk.map.compare = mode;
}

hsa::Picture level_picture(const SmallWorld& world, const hsa::PictureRequest& like,
                           std::uint16_t level) {
    hsa::PictureRequest request = like;
    request.part = {level};
    return hsa::attention_picture(*world.snapshot->factors, *world.snapshot->sums, request, {}, {});
}

RecordingCanvas::Item map_image(const RecordingCanvas& canvas) {
    const auto images = canvas.items(Op::image);
    REQUIRE(!images.empty());
    return images.front();
}

}  // namespace

TEST_CASE("Red, green and blue are the places of three maps in the colours' range", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map.channels = "Token,Phrase,splat:2";
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    const Drawn drawn = settle(world, *view, canvas);
    REQUIRE(drawn.pictures.size() == 3);
    const Image image = map_image(canvas).image;
    const hsa::Picture token = level_picture(world, drawn.pictures[0], 0);
    const hsa::Picture phrase = level_picture(world, drawn.pictures[0], 1);
    hsa::PictureRequest own = drawn.pictures[0];
    own.part = {hsa::kAllLevels, {2}};
    const hsa::Picture splat =
        hsa::attention_picture(*world.snapshot->factors, *world.snapshot->sums, own, {}, {});
    REQUIRE(image.pixels->size() == token.mean.size());
    const auto n = static_cast<double>(world.snapshot->dataset->size());
    std::size_t bright = 0;
    for (std::size_t e = 0; e < token.mean.size(); ++e) {
        const Colour got = colour_of_pixel((*image.pixels)[e]);
        const auto wanted = [n](float mean) {
            const double level = std::log10(static_cast<double>(mean) * n);
            return 255.0 * std::clamp((level + 1.5) / 2.7, 0.0, 1.0);
        };
        CHECK(std::abs(static_cast<double>(got.r) - wanted(token.mean.data()[e])) <= 1.0);
        CHECK(std::abs(static_cast<double>(got.g) - wanted(phrase.mean.data()[e])) <= 1.0);
        CHECK(std::abs(static_cast<double>(got.b) - wanted(splat.mean.data()[e])) <= 1.0);
        bright += got.r > 100 && got.g > 100 ? 1U : 0U;
    }
    CHECK(bright > 0);
    // The legend has a bar a channel and the discs, and names all three.
    CHECK(canvas.items(Op::image).size() >= 6);
    for (const char* label : {"R Token", "G Phrase", "B blue"})
        CHECK(canvas.find_text(label) != nullptr);
    CHECK(canvas.overlapping_texts().empty());
}

TEST_CASE("A channel's chip takes the next level, All goes back to one map", "[map]") {
    SmallWorld world = small_world();
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    Drawn drawn = settle(world, *view, canvas);
    REQUIRE(find_hit(drawn, "map mix") != nullptr);
    CHECK(find_hit(drawn, "map mix")->command == "map.mix Token Phrase");
    world.session.desk.map.channels = "splat:1,Phrase";
    drawn = settle(world, *view, canvas);
    REQUIRE(find_hit(drawn, "map channel red") != nullptr);
    CHECK(find_hit(drawn, "map channel red")->command == "map.mix Token Phrase");
    CHECK(find_hit(drawn, "map level All")->command == "map.mix");
    // One that the data do not have: what is left alone is one map.
    world.session.desk.map.channels = "Token,Chapter";
    drawn = settle(world, *view, canvas);
    CHECK(drawn.pictures.size() == 1);
}

TEST_CASE("Split at the diagonal shows A below it and B above", "[map][compare]") {
    SmallWorld world = small_world();
    const auto plain = make_map_view();
    RecordingCanvas canvas(700, 640);
    (void)settle(world, *plain, canvas);
    const Image first = map_image(canvas).image;
    compare_with_cycle(world, MapCompare::blink);
    world.session.desk.map.blinking = false;
    world.session.desk.map.side = MapSide::second;
    (void)settle(world, *plain, canvas);
    const Image second = map_image(canvas).image;
    CHECK(canvas.find_text("B: cycle 0") != nullptr);
    CHECK(canvas.find_text("A: cycle 0") == nullptr);
    REQUIRE(*first.pixels != *second.pixels);
    compare_with_cycle(world, MapCompare::split);
    (void)settle(world, *plain, canvas);
    const Image both = map_image(canvas).image;
    CHECK(canvas.find_text("A: cycle 0") != nullptr);
    CHECK(canvas.find_text("B: cycle 0") != nullptr);
    REQUIRE(both.width == first.width);
    for (std::size_t r = 0; r < both.height; ++r)
        for (std::size_t c = 0; c < both.width; ++c) {
            const std::size_t at = r * both.width + c;
            CHECK((*both.pixels)[at] == (r >= c ? *first.pixels : *second.pixels)[at]);
        }
}

TEST_CASE("The difference is B over A, with nothing where they agree", "[map][compare]") {
    hsa::Picture a, b;
    a.mean = hsa::Matrix<float>(1, 4);
    b.mean = a.mean;
    const float as[] = {0.5F, 0.25F, 0.0F, 0.0F}, bs[] = {0.25F, 0.25F, 0.0F, 0.1F};
    for (std::size_t c = 0; c < 4; ++c) {
        a.mean(0, c) = as[c];
        b.mean(0, c) = bs[c];
    }
    const hsa::Picture ratio = ratio_picture(a, b);
    CHECK(ratio.mean(0, 0) == 0.5F);
    CHECK(ratio.mean(0, 1) == 1.0F);
    CHECK(ratio.mean(0, 2) == 1.0F);
    CHECK(ratio.mean(0, 3) > 1e30F);
    SmallWorld world = small_world();
    compare_with_cycle(world, MapCompare::difference);
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    (void)settle(world, *view, canvas);
    CHECK(canvas.find_text("over A") != nullptr);
    CHECK(canvas.overlapping_texts().empty());
    // In the middle of the bar both are the same, which uniform attention has nothing to do with.
    for (const RecordingCanvas::Item& text : canvas.items(Op::text)) {
        CHECK(text.text != "uniform");
        CHECK_FALSE(text.text.starts_with("\u00d7"));
    }
}

TEST_CASE("A blink shows the sides by turns, and in a picture the one that is set", "[map]") {
    MapDesk desk;
    desk.compare = MapCompare::blink;
    desk.blink_rate = 2.0;
    CHECK(!blink_state(desk, 0.2, false).second);
    CHECK(blink_state(desk, 0.6, false).second);
    CHECK(!blink_state(desk, 1.1, false).second);
    CHECK(blink_state(desk, 0.2, false).next == Approx(0.3));
    CHECK(!blink_state(desk, 0.6, true).second);
    CHECK(blink_state(desk, 0.6, true).next == 0.0);
    desk.side = MapSide::second;
    CHECK(blink_state(desk, 0.2, true).second);
    desk.blinking = false;
    CHECK(blink_state(desk, 0.2, false).second);
    CHECK(blink_state(desk, 0.2, false).next == 0.0);
}

TEST_CASE("Side by side shows both and their ratio in one viewport", "[map][compare]") {
    SmallWorld world = small_world();
    compare_with_cycle(world, MapCompare::beside);
    const auto view = make_map_view();
    RecordingCanvas canvas(1000, 460);
    const Drawn drawn = settle(world, *view, canvas);
    CHECK(find_hit(drawn, "map side 2") != nullptr);
    CHECK(find_hit(drawn, "map compare") != nullptr);
    CHECK(canvas.overlapping_texts().empty());
}

TEST_CASE("What cannot be compared is said in the map", "[map][compare]") {
    SmallWorld world = small_world();
    world.session.desk.map.compare = MapCompare::split;
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    Drawn drawn = settle(world, *view, canvas);
    CHECK(canvas.find_text("no target to compare with") != nullptr);
    CHECK(drawn.seconds.empty());
    world.session.document.compare = {CompareKind::cycle, "7"};
    (void)settle(world, *view, canvas);
    CHECK(canvas.find_text("no cycle 7") != nullptr);
}

TEST_CASE("Profiles stand beside the frame and follow it", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map.profiles = true;
    for (const auto& size : {Vec2{400, 300}, Vec2{620, 360}, Vec2{700, 640}, Vec2{1600, 1000}}) {
        const auto view = make_map_view();
        RecordingCanvas canvas(size.x, size.y);
        CAPTURE(size.x, size.y);
        (void)settle(world, *view, canvas);
        CHECK(canvas.overlapping_texts() == "");
        CHECK(canvas.text_outside() == "");
        CHECK(canvas.open_clips() == 0);
        CHECK(!canvas.items(Op::polyline).empty());
    }
}

TEST_CASE("The axis of profiles spans a decade, and the colours' range while one is hovered",
          "[map]") {
    hsa::Picture picture;
    picture.row_profile = {0.01, 0.02};
    picture.column_profile = {0.015, 0.0};
    const MapCurve curve{&picture, {}, ""};
    AttentionColours colours;
    const Axis still = profile_axis({&curve, 1}, 100.0, colours, false);
    CHECK(still.low < 1.0);
    CHECK(still.high > 2.0);
    CHECK(still.high / still.low > 10.0);
    CHECK(still.high / still.low < 13.0);
    const Axis hovered = profile_axis({&curve, 1}, 100.0, colours, true);
    CHECK(hovered.low < std::pow(10.0, colours.low));
    CHECK(hovered.high > std::pow(10.0, colours.high));
}

TEST_CASE("A drag on the bar's end moves that end, Ctrl+click keeps the range", "[map]") {
    SmallWorld world = small_world();
    const auto view = make_map_view();
    RecordingCanvas canvas(500, 640);
    Drawn drawn = settle(world, *view, canvas);
    const Hit* bar = find_hit(drawn, "map scale");
    REQUIRE(bar != nullptr);
    const float y = bar->place.min.y + 4.0F, width = bar->place.width();
    const Vec2 from{bar->place.max.x - 2.0F, y}, to{bar->place.max.x - 0.25F * width - 2.0F, y};
    (void)view->draw(canvas, world.context(), press(from));
    CHECK(view->draw(canvas, world.context(), drag(from, to)).commands.empty());
    drawn = view->draw(canvas, world.context(), release(from, to));
    REQUIRE(drawn.commands.size() == 1);
    // A quarter of 2.7 decades below ten to 1.2.
    double low = 0.0, high = 0.0;
    REQUIRE(std::sscanf(drawn.commands[0].c_str(), "map.range %lf %lf", &low, &high) == 2);
    CHECK(std::log10(low) == Approx(-1.5).margin(0.01));
    CHECK(std::log10(high) == Approx(1.2 - 0.25 * 2.7).margin(0.02));
    (void)view->draw(canvas, world.context(), press(from));
    Pointer keep = click(from);
    keep.ctrl = true;
    drawn = view->draw(canvas, world.context(), keep);
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0].starts_with("map.range 0.0316"));
    world.session.desk.map.low = 0.5;
    world.session.desk.map.high = 5.0;
    (void)view->draw(canvas, world.context(), press(from));
    CHECK(view->draw(canvas, world.context(), keep).commands ==
          std::vector<std::string>{"map.range"});

    // A double click is told with its second press; its first has changed the scale.
    (void)view->draw(canvas, world.context(), press(from));
    CHECK(view->draw(canvas, world.context(), click(from)).commands ==
          std::vector<std::string>{"toggle map.scale"});
    world.session.desk.map.scale = MapScale::view;
    Pointer again = press(from);
    again.double_clicked = true;
    (void)view->draw(canvas, world.context(), again);
    CHECK(view->draw(canvas, world.context(), click(from)).commands ==
          std::vector<std::string>{"map.range", "set map.scale fixed"});
    // What the first click changed is known no longer.
    (void)view->draw(canvas, world.context(), again);
    CHECK(view->draw(canvas, world.context(), click(from)).commands ==
          std::vector<std::string>{"map.range"});
}

TEST_CASE("A double click without a first click leaves the scale of the map alone", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map.scale = MapScale::view;
    const auto view = make_map_view();
    RecordingCanvas canvas(500, 640);
    const Drawn drawn = settle(world, *view, canvas);
    const Hit* bar = find_hit(drawn, "map scale");
    REQUIRE(bar != nullptr);
    const Vec2 at{bar->place.max.x - 2.0F, bar->place.min.y + 4.0F};
    Pointer twice = press(at);
    twice.double_clicked = true;
    const auto commands_of_double_click = [&] {
        (void)view->draw(canvas, world.context(), twice);
        return view->draw(canvas, world.context(), click(at)).commands;
    };
    CHECK(commands_of_double_click() == std::vector<std::string>{"map.range"});
    // Nor does one whose first click lay elsewhere bring back what an earlier click changed.
    (void)view->draw(canvas, world.context(), press(at));
    CHECK(view->draw(canvas, world.context(), click(at)).commands ==
          std::vector<std::string>{"toggle map.scale"});
    world.session.desk.map.scale = MapScale::uniform;
    const Vec2 elsewhere{at.x, at.y - 200.0F};
    (void)view->draw(canvas, world.context(), press(elsewhere));
    (void)view->draw(canvas, world.context(), click(elsewhere));
    CHECK(commands_of_double_click() == std::vector<std::string>{"map.range"});
    // Nor does one of the keys, whose presses are one, long after a click of the mouse.
    for (const double later : {0.5, 20.0}) {
        world.session.desk.map.scale = MapScale::view;
        ViewContext context = world.context();
        context.now = 100.0;
        (void)view->draw(canvas, context, press(at));
        CHECK(view->draw(canvas, context, click(at)).commands ==
              std::vector<std::string>{"toggle map.scale"});
        world.session.desk.map.scale = MapScale::uniform;
        context.now += later;
        (void)view->draw(canvas, context, twice);
        CHECK(view->draw(canvas, context, click(at)).commands.size() == (later < 1.0 ? 2 : 1));
    }
}

TEST_CASE("Set ends, turned colours and the linear scale", "[map]") {
    MapDesk desk;
    desk.low = 0.1;
    desk.high = 10.0;
    AttentionColours colours = attention_colours(desk, theme(ThemeName::dark), nullptr, 50.0);
    CHECK(colours.low == Approx(-1.0));
    CHECK(colours.high == Approx(1.0));
    desk.invert = true;
    const AttentionColours turned = attention_colours(desk, theme(ThemeName::dark), nullptr, 50.0);
    CHECK(turned.table().front() == colours.table().back());
    desk = {};
    desk.scale = MapScale::linear;
    hsa::Picture picture;
    picture.mean = hsa::Matrix<float>(1, 1001);
    for (std::size_t c = 0; c <= 1000; ++c) picture.mean(0, c) = static_cast<float>(c) * 1e-3F;
    colours = attention_colours(desk, theme(ThemeName::dark), &picture, 50.0);
    CHECK(colours.low == 0.0);
    CHECK(colours.high == Approx(0.995 * 50.0).epsilon(0.01));
    const AttentionPixels pixels(colours);
    CHECK(std::abs(static_cast<int>(*pixels.step(0.4975F)) - 128) <= 1);
    desk.trim_high = 75.0;
    CHECK(attention_colours(desk, theme(ThemeName::dark), &picture, 50.0).high ==
          Approx(0.75 * 50.0).epsilon(0.01));
}

TEST_CASE("The minimap stands away from the diagonal and moves what is shown", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map.row_begin = 100;
    world.session.desk.map.row_end = 160;
    world.session.desk.map.column_begin = 100;
    world.session.desk.map.column_end = 160;
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    Drawn drawn = settle(world, *view, canvas);
    CHECK(drawn.pictures.size() == 2);
    const Hit* small = find_hit(drawn, "map minimap");
    REQUIRE(small != nullptr);
    const Rect place = small->place;
    const Vec2 where{place.min.x + 0.5F * place.width(), place.min.y + 0.25F * place.height()};
    (void)view->draw(canvas, world.context(), press(where));
    drawn = view->draw(canvas, world.context(), click(where));
    REQUIRE(drawn.commands.size() == 1);
    const auto n = static_cast<double>(world.snapshot->dataset->size());
    double r0 = 0, r1 = 0, c0 = 0, c1 = 0;
    REQUIRE(std::sscanf(drawn.commands[0].c_str(), "map.view %lf %lf %lf %lf", &r0, &r1, &c0,
                        &c1) == 4);
    CHECK(0.5 * (r0 + r1) == Approx(0.25 * n).margin(1.0));
    CHECK(0.5 * (c0 + c1) == Approx(0.5 * n).margin(1.0));
    CHECK(r1 - r0 == Approx(60.0));
    world.session.desk.map.minimap = false;
    drawn = settle(world, *view, canvas);
    CHECK(find_hit(drawn, "map minimap") == nullptr);
}

TEST_CASE("The list beside the map zooms to its blocks and says their words", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map.jumps = true;
    for (const auto& size : {Vec2{640, 400}, Vec2{560, 560}, Vec2{900, 700}}) {
        const auto view = make_map_view();
        RecordingCanvas canvas(size.x, size.y);
        CAPTURE(size.x, size.y);
        Drawn drawn = settle(world, *view, canvas);
        const Hit* first = find_hit(drawn, "jump 1");
        REQUIRE(first != nullptr);
        CHECK(first->command == "map.go 1");
        CHECK(canvas.overlapping_texts() == "");
        CHECK(canvas.text_outside() == "");
        const Vec2 middle = first->place.centre();
        (void)view->draw(canvas, world.context(), press(middle));
        drawn = view->draw(canvas, world.context(), click(middle));
        CHECK(drawn.commands == std::vector<std::string>{"map.go 1"});
    }
}

TEST_CASE("Going to a block and back", "[map]") {
    SmallWorld world = small_world();
    MapDesk& desk = world.session.desk.map;
    const std::size_t n = world.snapshot->dataset->size();
    const auto list = [&] {
        return hsa::strongest_blocks(*world.snapshot->factors, *world.snapshot->sums,
                                     jumps_wanted(desk, *world.snapshot->registry, n), {});
    };
    const hsa::StrongestBlocks whole = list();
    REQUIRE(whole.blocks.size() > 2);
    go_to_jump(desk, whole, 2, n);
    const hsa::Block& block = whole.blocks[1].block;
    CHECK(desk.row_begin <= static_cast<double>(block.rows.begin));
    CHECK(desk.row_end >= static_cast<double>(block.rows.end));
    CHECK(desk.column_begin <= static_cast<double>(block.columns.begin));
    CHECK(desk.column_end >= static_cast<double>(block.columns.end));
    CHECK(desk.row_end - desk.row_begin == desk.column_end - desk.column_begin);
    // The list stays that of the whole until something else is shown.
    CHECK(list().wanted == whole.wanted);
    CHECK_THROWS_AS(go_to_jump(desk, whole, 99, n), hsa::Error);
    go_to_jump(desk, whole, 0, n);
    CHECK(desk == MapDesk{});
    go_to_jump(desk, whole, 1, n);
    show_on_map(desk, 10, 60, 20, 70);
    CHECK(desk.jump == 0);
    CHECK(list().wanted.rows == hsa::Range{10, 60});
}
