#include "app/views/view_names.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <string>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_inspector_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

hsa::Selection one(int what) {
    hsa::Selection selection;
    if (what == 1) selection.block = hsa::Block{{40, 60}, {200, 230}};
    if (what == 2) selection.block = hsa::Block{{41, 42}, {205, 206}};
    if (what == 3) selection.splats = {4};
    if (what == 4) selection.tokens = {{30, 33}};
    if (what == 5) selection.event = 1;
    return selection;
}

}  // namespace

TEST_CASE("Without data the inspector says what to do", "[inspector]") {
    SmallWorld world;
    const auto view = make_inspector_view();
    RecordingCanvas canvas(300, 200);
    (void)view->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("Open a text") != nullptr);
}

TEST_CASE("Nothing selected: the data, its levels and a hint", "[inspector]") {
    SmallWorld world = small_world();
    const auto view = make_inspector_view();
    RecordingCanvas canvas(400, 600);
    const Drawn drawn = world.settle(*view, canvas);
    CHECK(!drawn.waiting);
    CHECK(view->subtitle(world.context()) == "the data");
    for (const char* words : {"Click a block", "small.txt", "Token", "Phrase", "0.65 of 1.69 nats"})
        CHECK(canvas.find_text(words) != nullptr);
}

TEST_CASE("The waterfall of a block ends at its mean", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(1);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(500, 700);
    (void)world.settle(*view, canvas);
    CHECK(view->subtitle(world.context()) == "block");
    REQUIRE(world.look.block);
    CHECK(canvas.find_text("rows 40:60") != nullptr);
    CHECK(canvas.find_text("parts sum to the mean: 100.0 %") != nullptr);
    // Bars in the colours of levels follow one another without gap or overlap.
    std::vector<Rect> bars;
    for (const auto& item : canvas.items(Op::rect))
        if ((item.colour == level_colour(0) || item.colour == level_colour(1)) &&
            item.place.height() > 10.0F)
            bars.push_back(item.place);
    REQUIRE(bars.size() >= 3);
    for (std::size_t b = 1; b < bars.size(); ++b)
        if (bars[b - 1].width() > 2.0F)
            CHECK(bars[b].min.x == Approx(bars[b - 1].max.x).margin(0.01));
}

TEST_CASE("Parts that do not sum to the value are not called a sum", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(1);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(500, 700);
    (void)world.settle(*view, canvas);
    auto wrong = std::make_shared<hsa::CellParts>(*world.look.block);
    wrong->value *= 1.25;
    world.look.block = wrong;
    canvas = RecordingCanvas(canvas.bounds());
    (void)view->draw(canvas, world.context(), {});
    const auto* sum = canvas.find_text("parts sum to the mean");
    REQUIRE(sum != nullptr);
    CHECK(sum->text.find("80.0 %") != std::string::npos);
    CHECK(sum->colour == theme(ThemeName::dark).warning);
}

TEST_CASE("Parts beyond the room are folded into one row", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(1);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(318, 186);
    (void)world.settle(*view, canvas);
    CHECK(canvas.find_text("more splats") != nullptr);
    CHECK(canvas.find_text("parts sum to the mean: 100.0 %") != nullptr);
}

TEST_CASE("A cell names both its words", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(2);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(500, 700);
    (void)world.settle(*view, canvas);
    CHECK(view->subtitle(world.context()) == "cell");
    for (const std::size_t token : {41U, 205U})
        CHECK(canvas.find_text(world.snapshot->dataset->token_text(token)) != nullptr);
    CHECK(canvas.find_text("parts sum to the value: 100.0 %") != nullptr);
}

TEST_CASE("A splat shows its name, level, children, spread and words", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(3);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(500, 900);
    const Drawn drawn = world.settle(*view, canvas);
    for (const char* words :
         {"warm things", "Phrase", "usage", "information", "spread along 3 axes", "red", "blue"})
        CHECK(canvas.find_text(words) != nullptr);
    REQUIRE(find_hit(drawn, "splat 0") != nullptr);
    CHECK(find_hit(drawn, "splat 0")->command == "select.splats 0");
}

TEST_CASE("An event shows its numbers against thresholds, before and after", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(5);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(500, 900);
    const Drawn drawn = world.settle(*view, canvas);
    for (const char* words :
         {"Mitosis", "cycle 0", "error share", "0.031", "0.01", "0.73", "0.72", "was split"})
        CHECK(canvas.find_text(words) != nullptr);
    CHECK(find_hit(drawn, "splat 2") != nullptr);
    CHECK(drawn.lit_events == std::vector<std::size_t>{1});
}

TEST_CASE("Every link sends its command when it is clicked", "[inspector]") {
    SmallWorld world = small_world();
    for (int what = 1; what <= 5; ++what) {
        world.session.document.selection = one(what);
        const auto view = make_inspector_view();
        RecordingCanvas canvas(420, 900);
        const Drawn drawn = world.settle(*view, canvas);
        CHECK(!drawn.hits.empty());
        for (const Hit& hit : drawn.hits) {
            INFO(hit.id);
            const Drawn after = view->draw(canvas, world.context(), click(hit.place.centre()));
            if (hit.command.empty()) CHECK_FALSE(after.prompt.empty());  // to be finished
            else CHECK(after.commands == std::vector<std::string>{hit.command});
        }
    }
}

TEST_CASE("Cards fit any panel: no overlap, nothing outside", "[inspector]") {
    SmallWorld world = small_world();
    for (const auto& size : {Vec2{300, 200}, Vec2{220, 400}, Vec2{800, 1000}, Vec2{2000, 300}})
        for (int what = 0; what <= 5; ++what) {
            world.session.document.selection = one(what);
            const auto view = make_inspector_view();
            RecordingCanvas canvas(size.x, size.y);
            (void)world.settle(*view, canvas);
            INFO(size.x << " x " << size.y << ", card " << what);
            CHECK(canvas.overlapping_texts() == "");
            CHECK(canvas.text_outside() == "");
            CHECK(canvas.open_clips() == 0);
        }
}

TEST_CASE("No cell of a card's table is cut, however narrow the panel", "[inspector]") {
    SmallWorld world = small_world();
    auto measures = std::make_shared<hsa::Measures>(*world.snapshot->measures);
    REQUIRE(measures->levels.size() == 2);
    measures->splats = 123456;
    measures->levels[0].splats = 123455;
    measures->levels[0].usage = 0.0005;
    measures->levels[0].row_kl = 1.2345e-17;
    world.snapshot->measures = measures;
    for (const float width : {150.0F, 200.0F, 260.0F, 340.0F, 900.0F}) {
        world.session.document.selection = {};
        const auto view = make_inspector_view();
        RecordingCanvas canvas(width, 900);
        (void)world.settle(*view, canvas);
        INFO(width);
        for (const char* cell : {"123,455", "0.05 %", "1.23e-17", "123,456 splats", "usage"})
            CHECK(canvas.find_text(cell) != nullptr);
        CHECK(canvas.overlapping_texts() == "");
    }
    for (const float width : {180.0F, 220.0F, 500.0F}) {
        world.session.document.selection = one(5);
        const auto view = make_inspector_view();
        RecordingCanvas canvas(width, 900);
        (void)world.settle(*view, canvas);
        INFO(width);
        for (const char* cell : {"error share", "0.031", "threshold", "0.73", "0.72", "change"})
            CHECK(canvas.find_text(cell) != nullptr);
        CHECK(canvas.overlapping_texts() == "");
    }
}

TEST_CASE("A card longer than the panel scrolls to its end and no further", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(4);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(300, 200);
    (void)world.settle(*view, canvas);
    CHECK(canvas.find_text("is attended by") == nullptr);
    for (int step = 0; step < 60; ++step) {
        canvas = RecordingCanvas(canvas.bounds());
        (void)view->draw(canvas, world.context(), wheel({100, 100}, -1.0F));
    }
    const auto texts = canvas.items(Op::text);
    REQUIRE(!texts.empty());
    float lowest = 0.0F;
    for (const auto& text : texts) lowest = std::max(lowest, text.place.max.y);
    CHECK(lowest > 120.0F);  // the last row stands near the lower edge
    // Another selection starts at its begin.
    world.session.document.selection = one(3);
    world.answer({});
    canvas = RecordingCanvas(canvas.bounds());
    (void)view->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("warm things") != nullptr);
}

TEST_CASE("The last card stays until the look lane has the next", "[inspector]") {
    SmallWorld world = small_world();
    world.session.document.selection = one(3);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(400, 400);
    (void)world.settle(*view, canvas);
    world.session.document.selection = one(4);
    canvas = RecordingCanvas(canvas.bounds());
    CHECK(view->draw(canvas, world.context(), {}).waiting);
    CHECK(canvas.find_text("warm things") != nullptr);
}

TEST_CASE("A token stands between its neighbours, blanks folded", "[names]") {
    SmallWorld world = small_world();
    const hsa::Dataset& dataset = *world.snapshot->dataset;
    const InContext words = in_context(dataset, 10, 2);
    CHECK(words.word == dataset.token_text(10));
    CHECK(words.before == dataset.token_text(8) + " " + dataset.token_text(9) + " ");
    CHECK(words.after == " " + dataset.token_text(11) + " " + dataset.token_text(12));
    CHECK(in_context(dataset, 0, 3).before.empty());
    CHECK(in_context(dataset, dataset.size() - 1, 3).after.empty());
    CHECK(in_context(dataset, dataset.size(), 3).word.empty());
    CHECK(splat_name(*world.snapshot, 4) == "warm things");
    CHECK(splat_name(*world.snapshot, 77) == "splat 77");
    CHECK(splat_name(*world.snapshot, hsa::kNoSplat) == "background");
    CHECK(section_title(dataset, 5) == "First things");
}
