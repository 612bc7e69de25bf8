#include "engine/explain/event_card.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <algorithm>

namespace splatscope {
std::unique_ptr<View> make_change_view();
}

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

// An event of cycle 1 that doubles what splat 0 weighs, one that was refused.
SmallWorld world_with_event() {
    SmallWorld world = small_world();
    hsa::SplatRegistry after = *world.snapshot->registry;
    after.log_amplitude[0] += 0.7F;
    hsa::Event event;
    event.cycle = 1;
    event.kind = hsa::EventKind::move;
    event.text = "Splat 0 weighs more.";
    event.delta = hsa::difference(*world.snapshot->registry, after);
    hsa::Event refused = event;
    refused.accepted = false;
    refused.delta = {};
    auto history = std::make_shared<hsa::History>(*world.snapshot->history);
    auto cycle = std::make_shared<hsa::Cycle>();
    cycle->number = 1;
    cycle->events = {event, refused};
    history->cycles.push_back(std::move(cycle));
    world.snapshot->history = history;
    world.session.document.selection.event = history->event_count(0);
    return world;
}

// What the look lane would answer: before is the world's own A, after has every row reversed.
void answer_changes(SmallWorld& world, const Drawn& drawn) {
    world.answer({});
    auto factors = std::make_shared<hsa::EventFactors>();
    factors->index = *world.session.document.selection.event;
    factors->before = world.snapshot->factors;
    factors->after = world.snapshot->factors;
    world.look.event_factors = factors;
    for (const hsa::PictureRequest& wanted : drawn.changes) {
        hsa::Picture picture =
            hsa::attention_picture(*factors->before, *world.snapshot->sums, wanted, {}, {});
        world.look.before.push_back(std::make_shared<const hsa::Picture>(picture));
        for (std::size_t r = 0; r < picture.mean.rows(); ++r)
            std::reverse(picture.mean.row(r).begin(), picture.mean.row(r).end());
        world.look.after.push_back(std::make_shared<const hsa::Picture>(std::move(picture)));
    }
}

}  // namespace

TEST_CASE("before, after and their ratio stand side by side", "[change][views]") {
    SmallWorld world = world_with_event();
    const auto view = make_change_view();
    REQUIRE(view->applies(world.context()));
    CHECK(view->subtitle(world.context()).find("weighs more") != std::string::npos);
    for (const Vec2 size : {Vec2{900, 500}, Vec2{400, 300}, Vec2{1500, 500}}) {
        CAPTURE(size.x, size.y);
        RecordingCanvas canvas(size.x, size.y);
        Drawn drawn = view->draw(canvas, world.context(true), {});
        REQUIRE(drawn.changes.size() == 1);
        CHECK(drawn.waiting);
        answer_changes(world, drawn);
        canvas = RecordingCanvas(canvas.bounds());
        drawn = view->draw(canvas, world.context(true), {});
        CHECK_FALSE(drawn.waiting);
        CHECK(canvas.items(Op::image).size() >= 3);
        CHECK(canvas.overlapping_texts() == "");
        CHECK(canvas.text_outside() == "");
        CHECK(canvas.open_clips() == 0);
    }
}

TEST_CASE("without an event, or of a refused one, there is nothing to compare", "[change][views]") {
    SmallWorld world = small_world();
    const auto view = make_change_view();
    CHECK_FALSE(view->applies(world.context()));
    RecordingCanvas canvas(600, 300);
    CHECK(view->draw(canvas, world.context(), {}).changes.empty());
    CHECK(canvas.find_text("Select an event") != nullptr);
    world = world_with_event();
    ++*world.session.document.selection.event;
    canvas = RecordingCanvas(canvas.bounds());
    const Drawn drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.changes.empty());
    CHECK_FALSE(drawn.waiting);
    CHECK(canvas.find_text("refused") != nullptr);
}
