#include "app/views/map_viewport.h"
#include "app/widgets/numbers.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace splatscope {
std::unique_ptr<View> make_map_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

// The frame as the view draws it: the background below the pixels.
Rect frame_of(const RecordingCanvas& canvas) {
    const auto rects = canvas.items(Op::rect);
    REQUIRE(!rects.empty());
    return rects.front().place;
}

Vec2 at(const Rect& frame, float x, float y) {
    return {frame.min.x + x * frame.width(), frame.min.y + y * frame.height()};
}

}  // namespace

TEST_CASE("Without data the map says what to do", "[map]") {
    SmallWorld world;
    const auto view = make_map_view();
    RecordingCanvas canvas(500, 400);
    const Drawn drawn = view->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("Open a text") != nullptr);
    CHECK(drawn.hits.empty());
    CHECK(!drawn.waiting);
}

TEST_CASE("A text without factors yet says what is being computed, and an export waits", "[map]") {
    SmallWorld world = small_world();
    world.snapshot->factors.reset();
    world.snapshot->sums.reset();
    world.snapshot->progress.step = "embedding the text";
    const auto view = make_map_view();
    RecordingCanvas canvas(500, 400);
    CHECK(view->draw(canvas, world.context(), {}).waiting);
    CHECK(canvas.find_text("Embedding the text") != nullptr);
}

TEST_CASE("The map asks for the visible tokens, at most one pixel a token", "[map]") {
    SmallWorld world = small_world();
    const std::size_t n = world.snapshot->dataset->size();
    const auto view = make_map_view();
    RecordingCanvas canvas(600, 560);
    Drawn drawn = view->draw(canvas, world.context(), {});
    REQUIRE(drawn.pictures.size() == 1);
    CHECK(drawn.pictures[0].rows == hsa::Range{0, n});
    CHECK(drawn.pictures[0].height <= n);
    CHECK(drawn.waiting);
    world.session.desk.map =
        MapDesk{10.5, 30.5, 100.0, 120.0, ColourMapName::viridis, MapScale::fixed, ""};
    drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.pictures[0].rows == hsa::Range{10, 31});
    CHECK(drawn.pictures[0].columns == hsa::Range{100, 120});
    CHECK(drawn.pictures[0].width == 20);
    world.session.desk.map.level = "Phrase";
    CHECK(view->draw(canvas, world.context(), {}).pictures[0].part.level == 1);
}

TEST_CASE("What is drawn covers the frame, and the legend names the scale", "[map]") {
    SmallWorld world = small_world();
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    const Drawn drawn = world.settle(*view, canvas);
    CHECK(!drawn.waiting);
    CHECK(drawn.mark == hsa::Mark::exact);
    const Rect frame = frame_of(canvas);
    CHECK(frame.width() == frame.height());
    const auto images = canvas.items(Op::image);
    REQUIRE(images.size() == 2);  // the map and the colour bar
    CHECK(images[0].place.min.x == Approx(frame.min.x));
    CHECK(images[0].place.max.y == Approx(frame.max.y));
    for (const char* label :
         {"1/30", "1/10", "1/3", "uniform", "×3", "×10", "First things", "Third things"})
        CHECK(canvas.find_text(label) != nullptr);
    CHECK(canvas.overlapping_texts().empty());
    CHECK(canvas.open_clips() == 0);
    REQUIRE(drawn.axes.size() == 2);
    CHECK(drawn.axes[0].end == Approx(static_cast<double>(world.snapshot->dataset->size())));
}

TEST_CASE("No label overlaps another and none leaves the view, at any size and zoom", "[map]") {
    SmallWorld world = small_world();
    for (const auto& size :
         {Vec2{300, 200}, Vec2{260, 700}, Vec2{556, 526}, Vec2{2000, 500}, Vec2{2000, 2000}})
        for (const double visible : {3.0, 20.0, 60.0, 200.0, 0.0}) {
            world.session.desk.map.row_begin = 40.0;
            world.session.desk.map.row_end = visible > 0.0 ? 40.0 + visible : 0.0;
            world.session.desk.map.column_begin = 70.5;
            world.session.desk.map.column_end = visible > 0.0 ? 70.5 + visible : 0.0;
            world.session.document.selection.block = hsa::Block{{45, 50}, {80, 90}};
            const auto view = make_map_view();
            RecordingCanvas canvas(size.x, size.y);
            CHECK(!world.settle(*view, canvas).waiting);
            INFO(size.x << " x " << size.y << ", " << visible << " tokens");
            CHECK(canvas.overlapping_texts() == "");
            CHECK(canvas.text_outside() == "");
            CHECK(canvas.open_clips() == 0);
        }
}

TEST_CASE("Near, both axes are labelled with words", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map = MapDesk{10, 30, 60, 80, ColourMapName::viridis, MapScale::fixed, ""};
    const auto view = make_map_view();
    RecordingCanvas canvas(800, 760);
    (void)world.settle(*view, canvas);
    const std::string row = world.snapshot->dataset->token_text(15);
    const std::string column = world.snapshot->dataset->token_text(66);
    const Rect frame = frame_of(canvas);
    bool rows = false, columns = false;
    for (const auto& text : canvas.items(Op::text)) {
        rows = rows || (text.text == row && text.place.max.x <= frame.min.x);
        columns = columns || (text.text == column && text.place.min.y >= frame.max.y);
    }
    CHECK(rows);
    CHECK(columns);
}

TEST_CASE("A click selects the block of a pixel, Shift adds, Ctrl takes away, the tooltip reads it",
          "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map = MapDesk{10, 30, 60, 80, ColourMapName::viridis, MapScale::fixed, ""};
    const auto view = make_map_view();
    RecordingCanvas canvas(800, 760);
    (void)world.settle(*view, canvas);
    const Vec2 cell = at(frame_of(canvas), 0.525F, 0.275F);  // row 15, column 70
    Drawn drawn = view->draw(canvas, world.context(), over(cell));
    CHECK(drawn.tooltip.find("row 15") != std::string::npos);
    CHECK(drawn.tooltip.find("column 70") != std::string::npos);
    CHECK(drawn.tooltip.find("uniform") != std::string::npos);
    const std::size_t says = drawn.tooltip.find("attention ") + std::string("attention ").size();
    const std::size_t raw = drawn.tooltip.find("(raw ") + std::string("(raw ").size();
    const std::string shown = drawn.tooltip.substr(says, drawn.tooltip.find(" =", says) - says);
    CHECK(number_text(std::stod(drawn.tooltip.substr(raw))) == shown);
    CHECK(drawn.tooltip.find(')', raw) - raw > shown.size());
    (void)view->draw(canvas, world.context(), press(cell));
    drawn = view->draw(canvas, world.context(), click(cell));
    CHECK(drawn.commands == std::vector<std::string>{"select.block 15:16 70:71"});
    (void)view->draw(canvas, world.context(), press(cell));
    Pointer with_key = click(cell);
    with_key.shift = true;
    drawn = view->draw(canvas, world.context(), with_key);
    CHECK(drawn.commands == std::vector<std::string>{"select.block add 15:16 70:71"});
    (void)view->draw(canvas, world.context(), press(cell));
    with_key.shift = false;
    with_key.ctrl = true;
    drawn = view->draw(canvas, world.context(), with_key);
    CHECK(drawn.commands == std::vector<std::string>{"select.block remove"});
}

TEST_CASE("Shift+drag selects the tokens between press and release", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map = MapDesk{10, 30, 60, 80, ColourMapName::viridis, MapScale::fixed, ""};
    const auto view = make_map_view();
    RecordingCanvas canvas(800, 760);
    (void)world.settle(*view, canvas);
    const Rect frame = frame_of(canvas);
    const Vec2 from = at(frame, 0.26F, 0.51F), to = at(frame, 0.49F, 0.24F);  // upwards
    Pointer pressed = press(from);
    pressed.shift = true;
    CHECK(view->draw(canvas, world.context(), pressed).commands.empty());
    CHECK(view->draw(canvas, world.context(), drag(from, to)).commands.empty());
    CHECK(canvas.find_text("7 × 5") != nullptr);
    const Drawn drawn = view->draw(canvas, world.context(), release(from, to));
    CHECK(drawn.commands == std::vector<std::string>{"select.block 14:21 65:70"});

    (void)view->draw(canvas, world.context(), pressed);
    (void)view->draw(canvas, world.context(), drag(from, to));
    Pointer released = release(from, to);
    released.shift = released.ctrl = true;
    CHECK(view->draw(canvas, world.context(), released).commands ==
          std::vector<std::string>{"select.block remove 14:21 65:70"});
}

TEST_CASE("A drag pans while it lasts and sends one viewport when it ends", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map = MapDesk{100, 120, 60, 80, ColourMapName::viridis, MapScale::fixed, ""};
    const auto view = make_map_view();
    RecordingCanvas canvas(800, 760);
    (void)world.settle(*view, canvas);
    const Rect frame = frame_of(canvas);
    const Vec2 from = at(frame, 0.5F, 0.5F), to = at(frame, 0.25F, 0.75F);
    CHECK(view->draw(canvas, world.context(), press(from)).commands.empty());
    Drawn drawn = view->draw(canvas, world.context(), drag(from, to));
    CHECK(drawn.commands.empty());
    CHECK(drawn.animating);
    CHECK(drawn.axes[0].begin == Approx(95.0));
    CHECK(drawn.axes[1].begin == Approx(65.0));
    drawn = view->draw(canvas, world.context(), release(from, to));
    CHECK(drawn.commands == std::vector<std::string>{"map.view 95 115 65 85"});
    // Until the session follows, the view stays where it was left.
    drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.axes[0].begin == Approx(95.0));
    world.session.desk.map.row_begin = 95;
    world.session.desk.map.row_end = 115;
    world.session.desk.map.column_begin = 65;
    world.session.desk.map.column_end = 85;
    for (int frame_number = 0; frame_number < 3; ++frame_number)
        drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.axes[1].begin == Approx(65.0));
    CHECK(!drawn.animating);
}

TEST_CASE("The wheel zooms at the pointer and sends one command when it rests", "[map]") {
    SmallWorld world = small_world();
    const std::size_t n = world.snapshot->dataset->size();
    const auto view = make_map_view();
    RecordingCanvas canvas(800, 760);
    (void)world.settle(*view, canvas);
    const Vec2 where = at(frame_of(canvas), 0.25F, 0.75F);
    std::vector<std::string> commands;
    const auto frame = [&](const Pointer& pointer) {
        Drawn drawn = view->draw(canvas, world.context(), pointer);
        commands.insert(commands.end(), drawn.commands.begin(), drawn.commands.end());
        return drawn;
    };
    for (int step = 0; step < 4; ++step) (void)frame(wheel(where, 1.0F));
    CHECK(commands.empty());
    for (int rest = 0; rest < 40; ++rest) (void)frame(over(where));
    REQUIRE(commands.size() == 1);
    const MapViewport expected = MapViewport::whole(n).zoomed(std::pow(1.25, 4), 0.25, 0.75, n);
    CHECK(commands[0] == expected.command(n));
}

TEST_CASE("A double click shows the whole map", "[map]") {
    SmallWorld world = small_world();
    world.session.desk.map.row_begin = 5;
    world.session.desk.map.row_end = 50;
    const auto view = make_map_view();
    RecordingCanvas canvas(600, 560);
    (void)world.settle(*view, canvas);
    Pointer twice = click(frame_of(canvas).centre());
    twice.double_clicked = true;
    const Drawn drawn = view->draw(canvas, world.context(), twice);
    CHECK(drawn.commands == std::vector<std::string>{"map.view"});
}

TEST_CASE("Level chips send the level, the chosen one all levels", "[map]") {
    SmallWorld world = small_world();
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    Drawn drawn = world.settle(*view, canvas);
    const Hit* phrase = find_hit(drawn, "map level Phrase");
    REQUIRE(phrase != nullptr);
    CHECK(phrase->command == "set map.level Phrase");
    drawn = view->draw(canvas, world.context(), click(phrase->place.centre()));
    CHECK(drawn.commands == std::vector<std::string>{"set map.level Phrase"});
    world.session.desk.map.level = "Phrase";
    drawn = world.settle(*view, canvas);
    REQUIRE(find_hit(drawn, "map level Phrase") != nullptr);
    CHECK(find_hit(drawn, "map level Phrase")->command ==
          find_hit(drawn, "map level All")->command);
}

TEST_CASE("Splats shown alone stand in place of the levels until all are asked for", "[map]") {
    SmallWorld world = small_world();
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    world.session.desk.map.level = "Phrase";
    world.session.desk.map.splats = {2, 12345};
    Drawn drawn = world.settle(*view, canvas);
    REQUIRE(!drawn.pictures.empty());
    CHECK(drawn.pictures[0].part.splats == std::vector<hsa::SplatId>{2});
    CHECK(drawn.pictures[0].part.level == hsa::kAllLevels);
    CHECK(view->subtitle(world.context()).find("alone") != std::string::npos);
    CHECK(find_hit(drawn, "map level Phrase") == nullptr);
    const Hit* all = find_hit(drawn, "map level All");
    REQUIRE(all != nullptr);
    CHECK(all->command == "reset map.splats");
    // Only splats that are gone: as if there were none.
    world.session.desk.map.splats = {12345};
    drawn = world.settle(*view, canvas);
    CHECK(drawn.pictures[0].part.splats.empty());
    CHECK(drawn.pictures[0].part.level == 1);
}

TEST_CASE("Every hit sends its command when it is clicked in its middle", "[map]") {
    SmallWorld world = small_world();
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    const Drawn first = world.settle(*view, canvas);
    CHECK(first.hits.size() >= 5);
    for (const Hit& hit : first.hits) {
        INFO(hit.id);
        (void)view->draw(canvas, world.context(), press(hit.place.centre()));
        const Drawn drawn = view->draw(canvas, world.context(), click(hit.place.centre()));
        CHECK(drawn.commands == std::vector<std::string>{hit.command});
    }
}

TEST_CASE("The selection is outlined and lit tokens are marked beside both axes", "[map]") {
    SmallWorld world = small_world();
    world.session.document.selection.block = hsa::Block{{40, 90}, {200, 260}};
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    Drawn drawn = world.settle(*view, canvas);
    world.answer(drawn.pictures);
    drawn = view->draw(canvas, world.context(), {});
    const Theme& colours = theme(ThemeName::dark);
    const auto n = static_cast<double>(world.snapshot->dataset->size());
    const Rect frame = frame_of(canvas);
    bool outlined = false;
    for (const auto& item : canvas.items(Op::rect_outline))
        outlined = outlined ||
                   (item.colour == colours.accent &&
                    std::abs(item.place.min.y - (frame.min.y + frame.height() * 40.0F /
                                                                   static_cast<float>(n))) < 2.0F);
    CHECK(outlined);
    CHECK(drawn.lit_tokens == world.look.linked->tokens);
    // Nothing is hinted at while something is selected.
    CHECK(find_hit(drawn, "bright block") == nullptr);
}

TEST_CASE("The last picture stays while the next is computed", "[map]") {
    SmallWorld world = small_world();
    const auto view = make_map_view();
    RecordingCanvas canvas(700, 640);
    (void)world.settle(*view, canvas);
    world.session.desk.map.row_begin = 20;
    world.session.desk.map.row_end = 60;
    world.session.desk.map.column_begin = 20;
    world.session.desk.map.column_end = 60;
    canvas = RecordingCanvas(canvas.bounds());
    const Drawn drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.waiting);
    const auto images = canvas.items(Op::image);
    REQUIRE(images.size() == 2);
    CHECK(images[0].place.width() >
          3.0F * frame_of(canvas).width());  // stretched to where it belongs
}

TEST_CASE("A picture that is not exact is marked so", "[map]") {
    SmallWorld world = small_world(200);  // more tokens than finished rows are formed for
    REQUIRE(world.snapshot->dataset->size() > 4096);
    world.session.document.attention.top_k = 3;
    const auto view = make_map_view();
    RecordingCanvas canvas(500, 460);
    CHECK(world.settle(*view, canvas).mark == hsa::Mark::approximate);
    world.session.document.attention.top_k = 0;
    CHECK(world.settle(*view, canvas).mark == hsa::Mark::exact);
    world.snapshot->factors_exact = false;
    CHECK(world.settle(*view, canvas).mark == hsa::Mark::approximate);
}

TEST_CASE("An export draws no hint and no hairs, the same every time", "[map]") {
    SmallWorld world = small_world();
    RecordingCanvas first(700, 640), second(700, 640);
    for (RecordingCanvas* canvas : {&first, &second}) {
        const auto view = make_map_view();
        const Drawn drawn = world.settle(*view, *canvas, true);
        CHECK(find_hit(drawn, "bright block") == nullptr);
    }
    REQUIRE(first.items().size() == second.items().size());
    for (std::size_t i = 0; i < first.items().size(); ++i) {
        CHECK(first.items()[i].place == second.items()[i].place);
        CHECK(first.items()[i].image.key == second.items()[i].image.key);
    }
}

TEST_CASE("One, two and three tokens have a map", "[map]") {
    for (const std::size_t n : {1U, 2U, 3U}) {
        SmallWorld world = small_rows(n, true);
        const auto view = make_map_view();
        RecordingCanvas canvas(400, 360);
        const Drawn drawn = world.settle(*view, canvas);
        CHECK(!drawn.waiting);
        CHECK(canvas.overlapping_texts().empty());
        CHECK(find_hit(drawn, "map cell") != nullptr);
    }
}
