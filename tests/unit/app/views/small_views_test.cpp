// What every view keeps to, however little room it has and whatever is selected.

#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <string>
#include <vector>

using namespace splatscope;

namespace {

// Those that are drawn without a device; of the others there are pictures (tests/golden).
std::vector<std::unique_ptr<View>> flat_views() {
    std::vector<std::unique_ptr<View>> views = make_views();
    std::erase_if(views, [](const auto& view) { return view->id() == "splats"; });
    return views;
}

// With coordinates, of which views read that they are there.
SmallWorld known_world() {
    SmallWorld world = small_world();
    world.snapshot->coordinates = std::make_shared<const hsa::Coordinates>();
    return world;
}

}  // namespace

TEST_CASE("a small view shows something, and no word of it covers another", "[views]") {
    for (const auto& [width, height] :
         std::vector<std::pair<float, float>>{{250, 150}, {300, 190}, {420, 240}, {900, 180}})
        for (const std::string& selection : std::vector<std::string>{"none", "splat", "block"}) {
            SmallWorld world = known_world();
            if (selection == "splat") world.session.document.selection.splats = {4};
            if (selection == "block") world.session.document.selection.block = {{0, 4}, {2, 6}};
            world.answer({});
            for (const auto& view : flat_views()) {
                INFO(view->id() << " at " << width << " x " << height
                                << ", selected: " << selection);
                RecordingCanvas canvas(width, height);
                (void)world.settle(*view, canvas);
                CHECK_FALSE(canvas.items().empty());
                CHECK(canvas.overlapping_texts().empty());
                CHECK(canvas.text_outside().empty());
            }
        }
}

TEST_CASE("a sentence in the place of data claims no mark", "[views]") {
    const SmallWorld world = known_world();
    for (const auto& view : flat_views()) {
        INFO(view->id());
        RecordingCanvas canvas(600, 400);
        const Drawn drawn = view->draw(canvas, world.context(), {});
        // Nothing is compared, no event is selected, and the data hold no heads.
        const bool nothing = view->id() == "compare" || view->id() == "change" ||
                             view->id() == "heads" || view->id() == "beside";
        if (nothing) CHECK(drawn.empty);
        if (view->id() == "map" || view->id() == "text" || view->id() == "tree" ||
            view->id() == "measures" || view->id() == "distributions")
            CHECK_FALSE(drawn.empty);
    }
}

TEST_CASE("what is selected stands out in the distributions and is named", "[views]") {
    SmallWorld world = known_world();
    RecordingCanvas plain(900, 400), lit(900, 400);
    for (const auto& view : flat_views()) {
        if (view->id() != "distributions") continue;
        (void)world.settle(*view, plain);
        CHECK(plain.find_text("selected or linked") == nullptr);
        world.session.document.selection.splats = {1};
        (void)world.settle(*view, lit);
        CHECK(lit.find_text("selected or linked") != nullptr);
    }
}

TEST_CASE("names of levels stand beside the tree, whatever its nodes are called", "[views]") {
    SmallWorld world = known_world();
    world.session.desk.tree.form = TreeForm::nodelink;
    for (const float width : {300.0F, 640.0F, 1200.0F})
        for (const auto& view : flat_views()) {
            if (view->id() != "tree") continue;
            RecordingCanvas canvas(width, 400);
            (void)world.settle(*view, canvas);
            for (const hsa::Level& level : world.snapshot->registry->hierarchy.levels)
                CHECK(canvas.find_text(level.name) != nullptr);
        }
}
