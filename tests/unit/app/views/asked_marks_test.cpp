#include "app/views/map_marks.h"
#include "app/views/splats_marks.h"
#include "app/widgets/numbers.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <string>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_inspector_view();
std::unique_ptr<View> make_map_view();
std::unique_ptr<View> make_text_view();
}  // namespace splatscope

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

// All places of "word5" and what follows it.
SmallWorld asking() {
    SmallWorld world = small_world();
    const hsa::Dataset& dataset = *world.snapshot->dataset;
    for (std::size_t i = 0; i + 1 < dataset.size(); ++i)
        if (dataset.token_text(i) == "word5") {
            world.session.document.selection.tokens.push_back({i, i + 2});
            ++i;
        }
    world.answer({});
    return world;
}

std::size_t accents(const RecordingCanvas& canvas, Op op) {
    const std::vector<RecordingCanvas::Item> items = canvas.items(op);
    return static_cast<std::size_t>(
        std::count_if(items.begin(), items.end(), [](const RecordingCanvas::Item& item) {
            return item.colour == theme(ThemeName::dark).accent;
        }));
}

}  // namespace

TEST_CASE("The card of a phrase lists what answers and where links reach", "[inspector][ask]") {
    SmallWorld world = asking();
    const hsa::Asked asked = *world.look.asked;  // answers are made anew
    REQUIRE(asked.tokens.size() > 2);
    const auto view = make_inspector_view();
    RecordingCanvas canvas(500, 1600);
    const Drawn drawn = world.settle(*view, canvas);
    CHECK(view->subtitle(world.context()) == "tokens");
    CHECK(canvas.find_text("word5 word6") != nullptr);
    CHECK(canvas.find_text(counted(asked.tokens.size(), "place")) != nullptr);
    for (const char* words : {"together they attend to", "what attends to them", "select all 20",
                              "links from here over more than", "links to here over more than"})
        CHECK(canvas.find_text(words) != nullptr);
    // A row of each list does what it says, and every other word is one of the answers.
    const Hit* all = find_hit(drawn, "all: together they attend to");
    REQUIRE(all != nullptr);
    std::string line = "select.tokens";
    for (const hsa::AskedToken& answer : asked.to) line += fmt::format(" {}", answer.token);
    CHECK(all->command == line);
    for (const auto* list : {&asked.to, &asked.from}) {
        const std::string token = std::to_string(list->front().token);
        const Hit* row = find_hit(drawn, "token " + token);
        REQUIRE(row != nullptr);
        CHECK(row->command == "select.tokens " + token);
    }
    const hsa::Pair& far = asked.links_to->pairs.front();
    const Hit* link = find_hit(drawn, fmt::format("link {} {}", far.i, far.j));
    REQUIRE(link != nullptr);
    CHECK(link->command == fmt::format("select.block {} {}", far.i, far.j));
    const Drawn over_it = view->draw(canvas, world.context(), over(link->place.centre()));
    CHECK(over_it.tooltip.find("away") != std::string::npos);
    // Links among the places stand in one list.
    std::size_t inside = 0;
    for (const Hit& hit : drawn.hits)
        if (hit.id == link->id) ++inside;
    CHECK(inside == 1);
}

TEST_CASE("The card of a phrase fits any panel, in a text and in rows", "[inspector][ask]") {
    for (const auto& size : {Vec2{180, 120}, Vec2{318, 186}, Vec2{520, 1400}})
        for (const int kind : {0, 1, 2}) {
            SmallWorld world = kind == 0 ? asking() : small_rows(90, kind == 1);
            if (kind > 0) world.session.document.selection.tokens = {{10, 12}, {70, 71}};
            const auto view = make_inspector_view();
            RecordingCanvas canvas(size.x, size.y);
            CHECK(!world.settle(*view, canvas).waiting);
            INFO(size.x << " x " << size.y << ", " << kind);
            CHECK(canvas.overlapping_texts() == "");
            CHECK(canvas.text_outside() == "");
        }
}

TEST_CASE("Where links were not looked for the card has none; one token has them below its own",
          "[inspector][ask]") {
    SmallWorld world = asking();
    const auto view = make_inspector_view();
    RecordingCanvas canvas(500, 1600);
    hsa::Asked without = *world.look.asked;
    without.links_to.reset();
    without.links_from.reset();
    world.look.asked = std::make_shared<const hsa::Asked>(without);
    (void)view->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("what attends to them") != nullptr);
    CHECK(canvas.find_text("links from here") == nullptr);
    world.session.document.selection.tokens = {{30, 31}};
    (void)world.settle(*view, canvas);
    CHECK(canvas.find_text("together they attend to") == nullptr);
    CHECK(canvas.find_text("links from here") != nullptr);
}

TEST_CASE("The text and the map mark what answers a phrase", "[text][map][ask]") {
    SmallWorld world = asking();
    const hsa::Asked asked = *world.look.asked;  // answers are made anew
    const std::vector<std::uint32_t> answers = hsa::answering_tokens(asked);
    REQUIRE(answers.size() > 20);
    RecordingCanvas canvas(700, 640);
    const auto text = make_text_view();
    CHECK(world.settle(*text, canvas).lit_tokens == answers);

    const auto map = make_map_view();
    const Drawn drawn = world.settle(*map, canvas);
    CHECK(drawn.lit_tokens == answers);
    const LitAxes lit = lit_axes(world.context());
    KeptLit kept;
    for (int times = 0; times < 2; ++times) {
        CHECK(kept.of(world.context()).rows == lit.rows);
        CHECK(kept.of(world.context()).columns == lit.columns);
        CHECK(kept.tokens() == answers);
    }
    std::vector<std::uint32_t> rows, columns;
    for (const hsa::AskedToken& answer : asked.from) rows.push_back(answer.token);
    for (const hsa::AskedToken& answer : asked.to) columns.push_back(answer.token);
    std::sort(rows.begin(), rows.end());
    std::sort(columns.begin(), columns.end());
    CHECK(lit.rows == rows);
    CHECK(lit.columns == columns);
    CHECK(rows != columns);
    // With a splat, both axes have all that is lit.
    world.session.document.selection.splats = {4};
    world.answer({});
    CHECK(lit_axes(world.context()).rows == world.look.linked->tokens);
    CHECK(kept.of(world.context()).rows == world.look.linked->tokens);
    CHECK(kept.tokens() == world.look.linked->tokens);
    CHECK(lit_axes(world.context()).rows == lit_axes(world.context()).columns);
}

TEST_CASE("Rings on the map stand on the cells of far links", "[map][ask]") {
    SmallWorld world = asking();
    const auto map = make_map_view();
    RecordingCanvas canvas(700, 640);
    (void)world.settle(*map, canvas);
    const Rect frame = canvas.items(Op::rect).front().place;
    const auto n = static_cast<float>(world.snapshot->dataset->size());
    const hsa::Pair& far = world.look.asked->links_to->pairs.front();
    const Vec2 cell{frame.min.x + frame.width() * (static_cast<float>(far.j) + 0.5F) / n,
                    frame.min.y + frame.height() * (static_cast<float>(far.i) + 0.5F) / n};
    bool ringed = false;
    for (const auto& item : canvas.items(Op::circle_outline))
        ringed = ringed || (item.colour == theme(ThemeName::dark).accent &&
                            std::abs(item.place.centre().x - cell.x) < 0.5F &&
                            std::abs(item.place.centre().y - cell.y) < 0.5F);
    CHECK(ringed);
    // Never two over one another, none while nothing is asked.
    const auto rings = canvas.items(Op::circle_outline);
    for (std::size_t a = 0; a < rings.size(); ++a)
        for (std::size_t b = a + 1; b < rings.size(); ++b) {
            const Vec2 p = rings[a].place.centre(), q = rings[b].place.centre();
            if (p.x == q.x && p.y == q.y) continue;  // a ring and its ground
            CHECK(std::hypot(p.x - q.x, p.y - q.y) > 7.0F);
        }
    world.session.document.selection = {};
    world.answer({});
    (void)world.settle(*map, canvas);
    CHECK(accents(canvas, Op::circle_outline) == 0);
}

TEST_CASE("The 3-D view has a dot for every token that is asked and a ring for every answer",
          "[splats][ask]") {
    SmallWorld world = asking();
    const std::size_t n = world.snapshot->dataset->size();
    auto layout = std::make_shared<hsa::Layout>();
    hsa::Matrix<float> points(n, 3);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t a = 0; a < 3; ++a)
            points(i, a) = static_cast<float>(std::sin(static_cast<double>(3 * i + a)));
    const auto shared = std::make_shared<const hsa::Matrix<float>>(std::move(points));
    layout->points = {shared, shared};
    world.snapshot->layout = layout;
    OrbitCamera camera;
    camera.distance = 10.0;
    camera.width = 400;
    camera.height = 300;
    RecordingCanvas canvas(400, 300);
    draw_asked(canvas, world.context(), camera);
    CHECK(accents(canvas, Op::circle) == hsa::total_size(world.session.document.selection.tokens));
    CHECK(accents(canvas, Op::circle_outline) == hsa::answering_tokens(*world.look.asked).size());
    const std::uint32_t token = world.look.asked->to.front().token;
    const Vec2 place = camera
                           .project({static_cast<double>((*shared)(token, 0)),
                                     static_cast<double>((*shared)(token, 1)),
                                     static_cast<double>((*shared)(token, 2))})
                           ->position;
    const auto rings = canvas.items(Op::circle_outline);
    CHECK(std::any_of(rings.begin(), rings.end(), [&](const auto& ring) {
        return std::hypot(ring.place.centre().x - place.x, ring.place.centre().y - place.y) < 0.5F;
    }));
    // A common word has too many places for dots; what answers to it is marked all the same.
    auto common = std::make_shared<hsa::Asked>(*world.look.asked);
    REQUIRE(n > 201);
    common->tokens = {{0, 201}};
    world.look.asked = common;
    RecordingCanvas many(400, 300);
    draw_asked(many, world.context(), camera);
    CHECK(accents(many, Op::circle) == 0);
    CHECK(accents(many, Op::circle_outline) == hsa::answering_tokens(*common).size());
    // An answer of other data marks nothing.
    world.look.of = std::make_shared<const hsa::Snapshot>();
    RecordingCanvas empty(400, 300);
    draw_asked(empty, world.context(), camera);
    CHECK(empty.items().empty());
}
