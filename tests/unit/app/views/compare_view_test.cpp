#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>
#include <memory>
#include <string>

namespace splatscope {
std::unique_ptr<View> make_compare_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

// A world and what it is compared with.
struct TwoWorlds {
    SmallWorld first = small_world();
    SmallWorld other;
    OtherState second;

    explicit TwoWorlds(std::size_t paragraphs) : other(small_world(paragraphs)) {
        // The other side's splats weigh differently.
        auto factors = std::make_shared<hsa::Factors>(*other.snapshot->factors);
        for (std::size_t i = 0; i < factors->tokens(); ++i) {
            const float moved = 0.5F * factors->p(i, 0);
            factors->p(i, 0) -= moved;
            factors->p(i, 1) += moved;
        }
        other.snapshot->sums = std::make_shared<const hsa::TileSums>(hsa::tile_sums(*factors));
        other.snapshot->factors = std::move(factors);
        first.session.document.compare = {CompareKind::file, "b.txt", 0, 0};
        second.stage = OtherState::Stage::ready;
        second.name = "b.txt";
        second.snapshot = other.snapshot;
    }
    [[nodiscard]] ViewContext context(bool exporting = false) const {
        ViewContext made{
            first.session, *first.snapshot, first.look, theme(first.session.desk.theme),
            1.0F,          exporting,       false};
        made.other = &second;
        return made;
    }
    void answer(const Drawn& drawn) {
        first.answer(drawn.pictures);
        first.look.other = second.snapshot;
        for (const hsa::PictureRequest& wanted : drawn.others)
            first.look.others.push_back(std::make_shared<const hsa::Picture>(
                hsa::attention_picture(*other.snapshot->factors, *other.snapshot->sums, wanted,
                                       first.session.document.attention, {})));
        if (drawn.comparison)
            first.look.comparison = std::make_shared<const hsa::Comparison>(
                hsa::compare(*first.snapshot->factors, first.snapshot->registry->hierarchy,
                             *other.snapshot->factors, other.snapshot->registry->hierarchy, {}));
    }
    Drawn settle(View& view, RecordingCanvas& canvas, bool exporting = false) {
        Drawn drawn;
        for (int frame = 0; frame < 10; ++frame) {
            canvas = RecordingCanvas(canvas.bounds());
            drawn = view.draw(canvas, context(exporting), {});
            if (!drawn.waiting) break;
            answer(drawn);
        }
        return drawn;
    }
};

}  // namespace

TEST_CASE("two sides of the same tokens stand beside each other and their ratio",
          "[compare][views]") {
    TwoWorlds worlds(18);
    for (const Vec2 size : {Vec2{900, 500}, Vec2{420, 320}, Vec2{1500, 700}}) {
        const auto view = make_compare_view();
        REQUIRE(view->applies(worlds.context()));
        RecordingCanvas canvas(size.x, size.y);
        const Drawn drawn = worlds.settle(*view, canvas, true);
        CAPTURE(size.x, size.y);
        CHECK_FALSE(drawn.waiting);
        REQUIRE(drawn.others.size() == 1);
        CHECK(drawn.others == drawn.pictures);  // one zoom
        CHECK(canvas.items(Op::image).size() >= 3);
        if (size.x >= 900.0F) CHECK(canvas.find_text("b.txt over") != nullptr);
        CHECK(canvas.overlapping_texts() == "");
        CHECK(canvas.text_outside() == "");
        CHECK(canvas.open_clips() == 0);
        CHECK(view->subtitle(worlds.context()).find("row-KL") != std::string::npos);
    }
}

TEST_CASE("the pointer reads both sides and zooms them together", "[compare][views]") {
    TwoWorlds worlds(18);
    const auto view = make_compare_view();
    RecordingCanvas canvas(1000, 500);
    Drawn drawn = worlds.settle(*view, canvas);
    const Hit* map = find_hit(drawn, "compare 1");
    REQUIRE(map != nullptr);
    const Vec2 middle = map->place.centre();
    canvas = RecordingCanvas(canvas.bounds());
    drawn = view->draw(canvas, worlds.context(), over(middle));
    CHECK(drawn.tooltip.find("b.txt: ") != std::string::npos);
    CHECK(drawn.tooltip.find("times") != std::string::npos);
    canvas = RecordingCanvas(canvas.bounds());
    drawn = view->draw(canvas, worlds.context(), wheel(middle, 2.0F));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0].starts_with("map.view "));
    canvas = RecordingCanvas(canvas.bounds());
    drawn = view->draw(canvas, worlds.context(), click(middle));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0].starts_with("select.block "));
}

TEST_CASE("sides of different lengths have axes of their own and no difference",
          "[compare][views]") {
    TwoWorlds worlds(9);
    REQUIRE(worlds.other.snapshot->dataset->size() != worlds.first.snapshot->dataset->size());
    for (const Vec2 size : {Vec2{900, 500}, Vec2{420, 320}}) {
        const auto view = make_compare_view();
        RecordingCanvas canvas(size.x, size.y);
        Drawn drawn = worlds.settle(*view, canvas);
        CHECK_FALSE(drawn.waiting);
        REQUIRE(drawn.others.size() == 1);
        CHECK(drawn.others[0].rows.end == worlds.other.snapshot->dataset->size());
        CHECK(drawn.pictures[0].rows.end == worlds.first.snapshot->dataset->size());
        CHECK_FALSE(drawn.comparison);
        CHECK(view->subtitle(worlds.context()).find("no difference") != std::string::npos);
        CHECK(canvas.overlapping_texts() == "");
        CHECK(canvas.text_outside() == "");
        // The right half zooms the second side alone, and the pointer reads its words.
        canvas = RecordingCanvas(canvas.bounds());
        const Vec2 right{0.5F * size.x + 78.0F + 40.0F, 0.4F * size.y};
        drawn = view->draw(canvas, worlds.context(), wheel(right, 2.0F));
        REQUIRE(drawn.commands.size() == 1);
        CHECK(drawn.commands[0].starts_with("compare.view "));
        CHECK(drawn.tooltip.starts_with("b.txt\n"));
    }
}

TEST_CASE("while the second side is not there the view says why", "[compare][views]") {
    TwoWorlds worlds(18);
    const auto view = make_compare_view();
    RecordingCanvas canvas(700, 400);
    worlds.second.snapshot = nullptr;
    worlds.second.stage = OtherState::Stage::coming;
    worlds.second.progress.step = "coordinates";
    CHECK(view->draw(canvas, worlds.context(), {}).waiting);
    CHECK(canvas.find_text("b.txt is being computed: coordinates") != nullptr);
    worlds.second.stage = OtherState::Stage::failed;
    worlds.second.error = "b.txt holds no rows.";
    canvas = RecordingCanvas(canvas.bounds());
    CHECK_FALSE(view->draw(canvas, worlds.context(), {}).waiting);
    CHECK(canvas.find_text("b.txt holds no rows.") != nullptr);
    worlds.second.stage = OtherState::Stage::cancelled;
    canvas = RecordingCanvas(canvas.bounds());
    (void)view->draw(canvas, worlds.context(), {});
    CHECK(canvas.find_text("cancelled") != nullptr);
    worlds.first.session.document.compare = {};
    CHECK_FALSE(view->applies(worlds.context()));
}
