#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <string>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_text_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

Vec2 middle_of(const Drawn& drawn, std::size_t token) {
    const Hit* hit = find_hit(drawn, fmt::format("token {}", token));
    REQUIRE(hit != nullptr);
    return hit->place.centre();
}

bool shows(const Drawn& drawn, std::size_t token) {
    return find_hit(drawn, fmt::format("token {}", token)) != nullptr;
}

}  // namespace

TEST_CASE("Without data the text view says what to do", "[text]") {
    SmallWorld world;
    const auto view = make_text_view();
    RecordingCanvas canvas(260, 520);
    (void)view->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("Open a text") != nullptr);
}

TEST_CASE("The text is there before any splat", "[text]") {
    SmallWorld world = small_world();
    world.snapshot->factors.reset();
    world.snapshot->registry.reset();
    const auto view = make_text_view();
    RecordingCanvas canvas(260, 520);
    const Drawn drawn = view->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("First things") != nullptr);
    CHECK(canvas.find_text("word0 word1") != nullptr);
    CHECK(shows(drawn, 0));
}

TEST_CASE("Words keep their order and nothing overlaps or leaves the view", "[text]") {
    SmallWorld world = small_world();
    world.session.document.selection.tokens = {{30, 34}};
    for (const auto& size : {Vec2{300, 200}, Vec2{120, 500}, Vec2{262, 526}, Vec2{2000, 900}})
        for (const TextTint tint :
             {TextTint::from, TextTint::to, TextTint::splat, TextTint::level}) {
            world.session.desk.text.tint = tint;
            const auto view = make_text_view();
            RecordingCanvas canvas(size.x, size.y);
            const Drawn drawn = world.settle(*view, canvas, true);
            INFO(size.x << " x " << size.y);
            CHECK(!drawn.waiting);
            CHECK(canvas.overlapping_texts() == "");
            CHECK(canvas.text_outside() == "");
            CHECK(canvas.open_clips() == 0);
            std::vector<std::size_t> tokens;
            for (const Hit& hit : drawn.hits)
                if (hit.id.rfind("token ", 0) == 0) tokens.push_back(std::stoul(hit.id.substr(6)));
            CHECK(tokens.size() > 5);
            CHECK(std::is_sorted(tokens.begin(), tokens.end()));
        }
}

TEST_CASE("A click selects a word, Ctrl adds or takes away, Shift extends", "[text]") {
    SmallWorld world = small_world();
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    const Drawn first = world.settle(*view, canvas);
    const auto clicked = [&](std::size_t token, bool shift, bool ctrl) {
        const Vec2 at = middle_of(first, token);
        Pointer down = press(at);
        Pointer up = click(at);
        up.shift = down.shift = shift;
        up.ctrl = down.ctrl = ctrl;
        CHECK(view->draw(canvas, world.context(), down).commands.empty());
        const Drawn drawn = view->draw(canvas, world.context(), up);
        REQUIRE(drawn.commands.size() == 1);
        return drawn.commands[0];
    };
    CHECK(clicked(12, false, false) == "select.tokens 12");
    world.session.document.selection.tokens = {{12, 13}};
    CHECK(clicked(20, true, false) == "select.tokens 12:21");
    CHECK(clicked(5, true, false) == "select.tokens 5:13");
    CHECK(clicked(20, false, true) == "select.tokens add 20");
    CHECK(clicked(12, false, true) == "select.tokens remove 12");
}

TEST_CASE("A drag selects the passage, in either direction", "[text]") {
    SmallWorld world = small_world();
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    const Drawn first = world.settle(*view, canvas);
    const Vec2 from = middle_of(first, 31), to = middle_of(first, 9);
    (void)view->draw(canvas, world.context(), press(from));
    CHECK(view->draw(canvas, world.context(), drag(from, to)).commands.empty());
    const Drawn drawn = view->draw(canvas, world.context(), release(from, to));
    CHECK(drawn.commands == std::vector<std::string>{"select.tokens 9:32"});
}

TEST_CASE("The wheel scrolls and sends one command when it rests", "[text]") {
    SmallWorld world = small_world(60);
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    (void)world.settle(*view, canvas);
    std::vector<std::string> commands;
    Drawn drawn;
    const auto frame = [&](const Pointer& pointer) {
        drawn = view->draw(canvas, world.context(), pointer);
        commands.insert(commands.end(), drawn.commands.begin(), drawn.commands.end());
    };
    for (int step = 0; step < 5; ++step) frame(wheel({100, 100}, -1.0F));
    CHECK(commands.empty());
    CHECK(drawn.animating);
    for (int rest = 0; rest < 60; ++rest) frame(over({100, 100}));
    CHECK(commands == std::vector<std::string>{"set text.scroll 15"});
    CHECK(drawn.axes[0].begin == Approx(15.0));
    CHECK(!shows(drawn, 0));
    world.session.desk.text.scroll = 15.0;
    frame({});
    CHECK(drawn.axes[0].begin == Approx(15.0));
    CHECK(!drawn.animating);
}

TEST_CASE("A selection made elsewhere scrolls into view, one made here does not", "[text]") {
    SmallWorld world = small_world(120);
    const std::size_t far = world.snapshot->dataset->size() - 100;
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    Drawn drawn = world.settle(*view, canvas);
    CHECK(!shows(drawn, far));
    world.session.document.selection.tokens = {{far, far + 2}};
    world.answer({});
    for (int frame = 0; frame < 60; ++frame) {
        drawn = view->draw(canvas, world.context(), {});
        for (const std::string& command : drawn.commands)
            if (command.rfind("set text.scroll ", 0) == 0)
                world.session.desk.text.scroll = std::stod(command.substr(16));
    }
    CHECK(shows(drawn, far));
    CHECK(world.session.desk.text.scroll > 50.0);
    // A click at the lower edge of the page leaves the page where it is.
    const double before = drawn.axes[0].begin;
    std::size_t last = 0;
    for (const Hit& hit : drawn.hits)
        if (hit.id.rfind("token ", 0) == 0) last = std::stoul(hit.id.substr(6));
    const Vec2 at = middle_of(drawn, last);
    (void)view->draw(canvas, world.context(), press(at));
    (void)view->draw(canvas, world.context(), click(at));
    world.session.document.selection.tokens = {{last, last + 1}};
    world.answer({});
    for (int frame = 0; frame < 30; ++frame) drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.axes[0].begin == Approx(before));
}

TEST_CASE("A click that changes no selection hides none that comes after it", "[text]") {
    SmallWorld world = small_world(120);
    const std::size_t far = world.snapshot->dataset->size() - 100;
    world.session.document.selection.tokens = {{12, 13}};
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    Drawn drawn = world.settle(*view, canvas);
    const Vec2 at = middle_of(drawn, 12);
    (void)view->draw(canvas, world.context(), press(at));
    CHECK(view->draw(canvas, world.context(), click(at)).commands ==
          std::vector<std::string>{"select.tokens 12"});
    world.session.document.selection.tokens = {{far, far + 2}};
    world.answer({});
    for (int frame = 0; frame < 60; ++frame) {
        drawn = view->draw(canvas, world.context(), {});
        for (const std::string& command : drawn.commands)
            if (command.rfind("set text.scroll ", 0) == 0)
                world.session.desk.text.scroll = std::stod(command.substr(16));
    }
    CHECK(shows(drawn, far));
}

TEST_CASE("An export shows the selection and waits for its tint", "[text]") {
    SmallWorld world = small_world(120);
    const std::size_t far = world.snapshot->dataset->size() - 100;
    world.session.document.selection.tokens = {{far, far + 1}};
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    CHECK(view->draw(canvas, world.context(true), {}).waiting);
    const Drawn drawn = world.settle(*view, canvas, true);
    CHECK(!drawn.waiting);
    CHECK(shows(drawn, far));
    CHECK(drawn.commands.empty());
}

TEST_CASE("Selected words are underlined in the accent", "[text]") {
    SmallWorld world = small_world();
    world.session.document.selection.tokens = {{4, 7}};
    const auto view = make_text_view();
    RecordingCanvas canvas(400, 520);
    const Drawn drawn = world.settle(*view, canvas);
    const Vec2 word = middle_of(drawn, 5);
    bool underlined = false;
    for (const auto& item : canvas.items(Op::rect))
        underlined = underlined || (item.colour == theme(ThemeName::dark).accent &&
                                    item.place.min.x <= word.x && item.place.max.x >= word.x &&
                                    item.place.min.y > word.y && item.place.max.y < word.y + 14.0F);
    CHECK(underlined);
}

TEST_CASE("Tint chips and splats of the legend send their commands", "[text]") {
    SmallWorld world = small_world();
    world.session.desk.text.tint = TextTint::splat;
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    const Drawn drawn = world.settle(*view, canvas);
    std::size_t splats = 0;
    for (const Hit& hit : drawn.hits) {
        if (hit.id.rfind("token ", 0) == 0) continue;
        splats += hit.command.rfind("select.splats ", 0) == 0 ? 1U : 0U;
        INFO(hit.id);
        const Drawn after = view->draw(canvas, world.context(), click(hit.place.centre()));
        CHECK(after.commands == std::vector<std::string>{hit.command});
    }
    CHECK(splats >= 1);
    CHECK(find_hit(drawn, "text tint level")->command == "set text.tint level");
}

TEST_CASE("Rows without a text have their index and their label", "[text]") {
    for (const bool labelled : {true, false}) {
        SmallWorld world = small_rows(5000, labelled);
        world.session.desk.text.scroll = 1200.0;
        const auto view = make_text_view();
        RecordingCanvas canvas(300, 520);
        const Drawn drawn = world.settle(*view, canvas);
        CHECK(canvas.find_text(labelled ? "label1203" : "row 1,203") != nullptr);
        CHECK(canvas.find_text("1,203") != nullptr);
        CHECK(shows(drawn, 1203));
        CHECK(canvas.overlapping_texts() == "");
    }
}

TEST_CASE("Another width keeps the words at the upper edge", "[text]") {
    SmallWorld world = small_world(120);
    world.session.desk.text.scroll = 90.0;
    const auto view = make_text_view();
    RecordingCanvas narrow(300, 520);
    Drawn drawn = world.settle(*view, narrow);
    std::size_t first = 0;
    for (const Hit& hit : drawn.hits)
        if (hit.id.rfind("token ", 0) == 0) {
            first = std::stoul(hit.id.substr(6));
            break;
        }
    RecordingCanvas wide(700, 520);
    drawn = world.settle(*view, wide);
    CHECK(shows(drawn, first));
}

TEST_CASE("A million words are laid out a piece a frame and drawn a page at a time", "[text]") {
    SmallWorld world;
    std::string text;
    for (int w = 0; w < 1000000; ++w) text += w % 200 == 199 ? "end.\n\n" : "words ";
    auto dataset = std::make_shared<hsa::Dataset>();
    dataset->text = std::make_shared<const std::string>(std::move(text));
    // Spans by hand: the word splitter is not what is tested here.
    std::uint32_t paragraph = 0;
    for (std::size_t at = 0; at < dataset->text->size();) {
        const std::size_t end = dataset->text->find_first_of(" \n", at);
        dataset->tokens.push_back({at, end});
        dataset->structure.paragraph.push_back(paragraph);
        at = end + 1;
        while (at < dataset->text->size() && (*dataset->text)[at] == '\n') {
            ++paragraph;
            ++at;
        }
    }
    REQUIRE(dataset->tokens.size() == 1000000);
    world.snapshot->dataset = dataset;
    const auto view = make_text_view();
    RecordingCanvas canvas(300, 520);
    int frames = 0;
    Drawn drawn;
    do {
        canvas = RecordingCanvas(canvas.bounds());
        drawn = view->draw(canvas, world.context(), {});
        CHECK(canvas.items().size() < 3000);
    } while (drawn.animating && ++frames < 100);
    CHECK(frames > 2);   // not all at once
    CHECK(frames < 30);  // and soon done
    world.session.desk.text.scroll = 100000.0;
    drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.hits.size() < 2000);
    CHECK(drawn.axes[0].begin == Approx(100000.0));
}
