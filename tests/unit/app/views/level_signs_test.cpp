// Nothing is told by colour alone: where views tell levels apart they draw the levels' shapes.
#include "app/views/splats_marks.h"
#include "app/views/splats_scene.h"
#include "app/widgets/sign.h"
#include "engine/explain/listing.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

std::unique_ptr<View> view_named(const std::string& id) {
    for (std::unique_ptr<View>& each : make_views())
        if (each->id() == id) return std::move(each);
    return nullptr;
}

// How many of the first level's circles and of the second's squares there are, whatever colour
// they have: small ones, as high as they are wide.
struct Signs {
    std::size_t circles = 0, squares = 0;
};
Signs signs_on(const RecordingCanvas& canvas) {
    Signs signs;
    for (const RecordingCanvas::Item& item : canvas.items()) {
        const float side = item.place.width();
        if (side < 3.0F || side > 11.0F || std::abs(item.place.height() - side) > 0.01F) continue;
        signs.circles += item.op == Op::circle ? 1 : 0;
        signs.squares += item.op == Op::rect ? 1 : 0;
    }
    return signs;
}

Signs signs_of(SmallWorld& world, const std::string& id) {
    const std::unique_ptr<View> view = view_named(id);
    REQUIRE(view);
    RecordingCanvas canvas(700.0F, 900.0F);
    (void)world.settle(*view, canvas);
    return signs_on(canvas);
}

// All splats of one level: then there is nothing to tell apart.
void give_one_level(SmallWorld& world) {
    auto registry = std::make_shared<hsa::SplatRegistry>(*world.snapshot->registry);
    std::fill(registry->level.begin(), registry->level.end(), std::uint16_t{0});
    auto factors = std::make_shared<hsa::Factors>(*world.snapshot->factors);
    factors->level = registry->level;
    world.snapshot->registry = registry;
    world.snapshot->factors = factors;
}

}  // namespace

TEST_CASE("cards show the shape of a level beside its colour", "[views][inspector][sign]") {
    for (const int what : {0, 1, 2}) {
        SmallWorld world = small_world();
        hsa::Selection& selection = world.session.document.selection;
        if (what == 0) selection.block = hsa::Block{{40, 60}, {200, 230}};
        if (what == 1) selection.tokens = {{30, 31}};
        if (what == 2) selection.splats = {4};
        INFO(what);
        const Signs signs = signs_of(world, "inspector");
        CHECK(signs.circles + signs.squares >= 2);
        if (what == 1) CHECK(signs.circles >= 1);
        if (what == 1) CHECK(signs.squares >= 1);
    }
}

TEST_CASE("bars of distributions and their legend show the shapes of levels",
          "[views][distributions][sign]") {
    SmallWorld world = splats_world();
    const Signs signs = signs_of(world, "distributions");
    CHECK(signs.circles >= 2);  // in the legend and in a bar
    CHECK(signs.squares >= 2);
}

TEST_CASE("the table shows the shape of a level before its name", "[views][table][sign]") {
    SmallWorld world = small_world();
    world.session.desk.table.rows = hsa::Things::splats;
    const std::unique_ptr<View> view = view_named("table");
    world.answer({});
    world.look.listing = std::make_shared<const hsa::Listing>(
        hsa::make_listing(world.snapshot, world.session.desk.table.wanted(), nullptr, {}));
    RecordingCanvas canvas(900.0F, 600.0F);
    (void)view->draw(canvas, world.context(), {});
    REQUIRE(canvas.find_text("Token") != nullptr);
    CHECK(signs_on(canvas).circles >= 1);
    REQUIRE(canvas.find_text("Phrase") != nullptr);  // all six rows have room
    CHECK(signs_on(canvas).squares >= 1);
}

TEST_CASE("words tinted by level or splat carry its shape where it changes, the strip too",
          "[views][text][sign]") {
    SmallWorld world = small_world();
    world.session.desk.text.tint = TextTint::from;
    const Signs without = signs_of(world, "text");
    for (const TextTint tint : {TextTint::level, TextTint::splat}) {
        INFO(static_cast<int>(tint));
        world.session.desk.text.tint = tint;
        const Signs with = signs_of(world, "text");
        CHECK(with.circles + with.squares > without.circles + without.squares + 2);
        const std::unique_ptr<View> view = view_named("text");
        RecordingCanvas canvas(700.0F, 900.0F);
        (void)world.settle(*view, canvas);
        std::size_t on_strip = 0;
        for (const RecordingCanvas::Item& item : canvas.items())
            if ((item.op == Op::circle || item.op == Op::rect || item.op == Op::polygon) &&
                item.place.min.x > 685.0F && item.place.width() > 3.0F &&
                item.place.width() < 6.5F && std::abs(item.place.height() - item.place.width()) < 1)
                ++on_strip;
        CHECK(on_strip >= 2);
    }
}

TEST_CASE("the sign of a level stands before a word inside its line, in rows too",
          "[views][text][sign]") {
    constexpr float kTop = 8.0F, kLine = 20.0F;
    const auto with_signs = [](SmallWorld world) {
        world.session.desk.text.tint = TextTint::level;
        const std::unique_ptr<View> view = view_named("text");
        REQUIRE(view);
        RecordingCanvas canvas(300.0F, 520.0F);
        (void)world.settle(*view, canvas);
        std::size_t signs = 0;
        for (const RecordingCanvas::Item& item : canvas.items()) {
            const float side = item.place.width();
            if (side < 3.0F || side > 4.5F || item.place.min.y > 300.0F ||
                (item.op != Op::circle && item.op != Op::rect) ||
                std::abs(item.place.height() - side) > 0.01F)
                continue;
            ++signs;
            const float from_line = std::fmod(item.place.min.y - kTop, kLine);
            CHECK(item.place.min.x >= 0.0F);
            CHECK(from_line >= 0.0F);
            CHECK(from_line + side <= 0.5F * kLine);
        }
        return signs;
    };
    CHECK(with_signs(small_world()) >= 5);
    CHECK(with_signs(small_rows(40, true)) >= 5);
}

TEST_CASE("signs of splats that step back are fainter, and names stand beside signs",
          "[views][splats][sign]") {
    SmallWorld world = splats_world();
    OrbitCamera camera;
    camera.width = 700.0;
    camera.height = 500.0;
    camera = framed(camera, make_splats_scene(world.context()).frame);
    const auto faint = [&] {
        RecordingCanvas canvas(700.0F, 500.0F);
        const SplatsScene scene = make_splats_scene(world.context());
        const std::vector<Rect> signs = draw_outlines(canvas, world.context(), scene, camera);
        CHECK(signs.size() >= 2);
        Drawn drawn;
        draw_names(canvas, world.context(), scene, camera, {}, signs, drawn);
        const auto texts = canvas.items(Op::text);
        CHECK_FALSE(texts.empty());
        if (world.session.document.selection.splats.empty())
            for (const RecordingCanvas::Item& text : texts)
                for (const Rect& sign : signs) CHECK_FALSE(text.place.overlaps(sign));
        std::size_t count = 0;
        for (const RecordingCanvas::Item& item : canvas.items())
            count += (item.op == Op::circle || item.op == Op::rect) && item.place.width() < 7.0F &&
                             item.colour.a < 200
                         ? 1
                         : 0;
        return count;
    };
    CHECK(faint() == 0);
    world.session.document.selection.splats = {3};
    CHECK(faint() >= 1);
}

TEST_CASE("splats in 3-D carry the shapes of their levels, in every style",
          "[views][splats][sign]") {
    for (const SplatStyle style :
         {SplatStyle::ellipsoids, SplatStyle::rings, SplatStyle::centres, SplatStyle::soft}) {
        SmallWorld world = splats_world();
        world.session.desk.splats.style = style;
        const SplatsScene scene = make_splats_scene(world.context());
        OrbitCamera camera;
        camera.width = 400.0;
        camera.height = 300.0;
        camera = framed(camera, scene.frame);
        const auto drawn = [&] {
            RecordingCanvas canvas(400.0F, 300.0F);
            draw_outlines(canvas, world.context(), make_splats_scene(world.context()), camera);
            return signs_on(canvas);
        };
        INFO(static_cast<int>(style));
        CHECK(drawn().circles >= 1);
        CHECK(drawn().squares >= 1);
        give_one_level(world);
        CHECK(drawn().squares == 0);
    }
}
