#include "app/render/gl.h"
#include "app/views/splats_kept.h"
#include "app/views/splats_picture.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace splatscope {
namespace {

// Keeps the pixels of the 3-D picture, too.
class PicturedCanvas : public RecordingCanvas {
  public:
    using RecordingCanvas::RecordingCanvas;
    void texture(std::uint32_t name, const Rect&) override { pixels = read_texture(name); }
    Pixels pixels;
};

// The view of the window, with its pictures.
struct Viewer {
    Offscreen offscreen;
    SmallWorld world = splats_world();
    std::unique_ptr<View> view;

    Viewer() {
        for (std::unique_ptr<View>& each : make_views())
            if (each->id() == "splats") view = std::move(each);
        world.session.desk.splats.points = false;
        world.session.desk.splats.yaw = 0.4;
    }
    [[nodiscard]] std::vector<std::uint32_t> picture() {
        PicturedCanvas canvas(240.0F, 180.0F);
        (void)view->draw(canvas, world.context(true), {});
        return canvas.pixels.values;
    }
};

TEST_CASE("edges of the tree in 3-D follow the shares of parents", "[views][splats][gl]") {
    Viewer viewer;
    viewer.world.session.desk.splats.edges = true;
    viewer.world.session.desk.splats.style = SplatStyle::centres;
    const std::vector<std::uint32_t> half = viewer.picture();
    CHECK(viewer.picture() == half);
    viewer.world.snapshot->parent_share =
        std::make_shared<const std::vector<float>>(kSmallSplats, 1.0F);
    CHECK(viewer.picture() != half);
}

TEST_CASE("while the picture moves fewer points are drawn where they take long, at rest all",
          "[views][splats][gl]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    world.session.desk.splats.points = true;
    world.session.desk.splats.style = SplatStyle::centres;
    SplatsKept kept;
    const SplatsScene scene = make_splats_scene(world.context(), kept);
    REQUIRE(scene.points.size() > 20);
    SplatsPicture slow(1e-12);
    SplatsPicture fast(1e12);
    OrbitCamera camera;
    camera.distance = 3.0 * scene.frame.radius;
    const auto drawn = [&](SplatsPicture& picture, double yaw, bool exporting = false) {
        PicturedCanvas canvas(240.0F, 180.0F);
        camera.width = 240.0;
        camera.height = 180.0;
        camera.yaw = yaw;
        picture.draw(canvas, canvas.bounds(), world.context(exporting), scene, {1, 1}, camera);
        return canvas.pixels.values;
    };
    (void)drawn(slow, 0.1);
    CHECK(slow.every() == 1);  // may be the only change
    (void)drawn(slow, 0.2);
    CHECK(slow.every() > 1);
    const std::vector<std::uint32_t> moving = drawn(slow, 0.3);
    int frames = 0;
    while (slow.every() > 1 && frames < 1000) {
        ++frames;
        (void)drawn(slow, 0.3);
    }
    CHECK(frames > 1);
    CHECK(frames < 100);
    const std::vector<std::uint32_t> rest = drawn(slow, 0.3);
    CHECK(rest != moving);
    (void)drawn(fast, 0.1);
    (void)drawn(fast, 0.2);
    CHECK(drawn(fast, 0.3) == rest);
    CHECK(fast.every() == 1);
    (void)drawn(slow, 0.4);
    (void)drawn(slow, 0.3);
    REQUIRE(slow.every() > 1);
    CHECK(drawn(slow, 0.3, true) == rest);
}

TEST_CASE("a whole picture that takes long is drawn in parts and is the same",
          "[views][splats][gl]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    world.session.desk.splats.points = true;
    world.session.document.selection.tokens = {{3, 40}};
    for (const SplatStyle style : {SplatStyle::ellipsoids, SplatStyle::soft}) {
        world.session.desk.splats.style = style;
        SplatsKept kept;
        const SplatsScene scene = make_splats_scene(world.context(), kept);
        REQUIRE(scene.lit_points.size() > 16);
        OrbitCamera camera;
        camera.distance = 3.0 * scene.frame.radius;
        camera.width = 240.0;
        camera.height = 180.0;
        const auto drawn = [&](SplatsPicture& picture, double yaw, bool exporting = false) {
            PicturedCanvas canvas(240.0F, 180.0F);
            camera.yaw = yaw;
            picture.draw(canvas, canvas.bounds(), world.context(exporting), scene, {1, 1}, camera);
            return canvas.pixels.values;
        };
        SplatsPicture at_once(1e12, 1e12);
        const std::vector<std::uint32_t> whole = drawn(at_once, 0.3);
        CHECK_FALSE(at_once.is_sketch());
        SplatsPicture in_parts(1e-12, 1e-12);
        (void)drawn(in_parts, 0.2);  // on a card nothing is known before
        const std::vector<std::uint32_t> first = drawn(in_parts, 0.3);
        REQUIRE(in_parts.is_sketch());
        // What is seen stays until all of the whole one is there.
        int frames = 0;
        std::vector<std::uint32_t> seen = first;
        for (; in_parts.is_sketch() && frames < 1000; ++frames) {
            CHECK(seen == first);
            seen = drawn(in_parts, 0.3);
        }
        CHECK(frames > 20);
        CHECK(frames < 1000);
        CHECK(seen == whole);
        // A change on the way begins it anew.
        for (int frame = 0; frame < 15; ++frame) (void)drawn(in_parts, 0.4);
        REQUIRE(in_parts.is_sketch());
        for (frames = 0; frames < 1000 && (frames == 0 || in_parts.is_sketch()); ++frames)
            seen = drawn(in_parts, 0.3);
        CHECK(seen == whole);
        // A file gets all of it at any time, and what is seen then is whole, too.
        for (const int until : {5, 15}) {  // before the first part, and among the parts
            (void)drawn(in_parts, 0.4);
            for (int frame = 0; frame < until; ++frame) (void)drawn(in_parts, 0.3);
            REQUIRE(in_parts.is_sketch());
            CHECK(drawn(in_parts, 0.3, true) == whole);
            CHECK_FALSE(in_parts.is_sketch());
            CHECK(drawn(in_parts, 0.3) == whole);
        }
    }
}

TEST_CASE("a picture that cannot be had is an error each time, and the next is drawn",
          "[views][splats][gl]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    SplatsKept kept;
    const SplatsScene scene = make_splats_scene(world.context(), kept);
    OrbitCamera camera;
    camera.distance = 3.0 * scene.frame.radius;
    const auto drawn = [&](SplatsPicture& picture, float width) {
        PicturedCanvas canvas(width, 180.0F);
        camera.width = static_cast<double>(width);
        camera.height = 180.0;
        picture.draw(canvas, canvas.bounds(), world.context(), scene, {1, 1}, camera);
        return canvas.pixels.values;
    };
    SplatsPicture picture(1e12, 1e12);
    const std::vector<std::uint32_t> first = drawn(picture, 240.0F);
    CHECK_THROWS_AS(drawn(picture, 1e6F), hsa::Error);
    CHECK_THROWS_AS(drawn(picture, 1e6F), hsa::Error);
    CHECK(drawn(picture, 240.0F) == first);
}

TEST_CASE("as many pixels at another scale are another picture", "[views][splats][gl]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    world.session.desk.splats.points = true;
    SplatsKept kept;
    const SplatsScene scene = make_splats_scene(world.context(), kept);
    const auto drawn = [&](SplatsPicture& picture, float scale) {
        PicturedCanvas canvas(240.0F / scale, 180.0F / scale);
        OrbitCamera camera;
        camera.distance = 3.0 * scene.frame.radius;
        camera.width = static_cast<double>(canvas.bounds().width());
        camera.height = static_cast<double>(canvas.bounds().height());
        ViewContext context = world.context(true);
        context.scale = scale;
        picture.draw(canvas, canvas.bounds(), context, scene, {1, 1}, camera);
        return canvas.pixels.values;
    };
    SplatsPicture picture;
    SplatsPicture fresh;
    const std::vector<std::uint32_t> coarse = drawn(picture, 1.0F);
    const std::vector<std::uint32_t> fine = drawn(picture, 2.0F);
    CHECK(fine != coarse);  // points are as large, in pixels larger
    CHECK(fine == drawn(fresh, 2.0F));
}

TEST_CASE("bodies without a surface are no reason to draw less of a picture that moves",
          "[views][splats][gl]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    world.session.desk.splats.points = false;
    for (const SplatStyle style : {SplatStyle::soft, SplatStyle::centres}) {
        world.session.desk.splats.style = style;
        SplatsKept kept;
        const SplatsScene scene = make_splats_scene(world.context(), kept);
        REQUIRE(scene.points.empty());
        SplatsPicture picture(1e-12, 1e-12);
        OrbitCamera camera;
        camera.distance = 3.0 * scene.frame.radius;
        camera.width = 240.0;
        camera.height = 180.0;
        for (const double yaw : {0.1, 0.2, 0.3}) {
            PicturedCanvas canvas(240.0F, 180.0F);
            camera.yaw = yaw;
            picture.draw(canvas, canvas.bounds(), world.context(), scene, {1, 1}, camera);
            CHECK_FALSE(picture.is_sketch());
        }
    }
}

TEST_CASE("a view that has nothing to show yet compiles what its first picture needs",
          "[views][splats][gl]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    const SmallWorld empty;
    std::unique_ptr<View> view;
    for (std::unique_ptr<View>& each : make_views())
        if (each->id() == "splats") view = std::move(each);
    PicturedCanvas canvas(240.0F, 180.0F);
    int frames = 0;
    while (view->draw(canvas, empty.context(), {}).animating && frames < 100) ++frames;
    // A part each: six painters, target, bodies, lines, points; soft ones last.
    CHECK(frames == 10);
    CHECK_FALSE(view->draw(canvas, empty.context(), {}).animating);
    // It leaves nothing behind, and what was drawn is not prepared any more.
    SplatsKept kept;
    const SplatsScene scene = make_splats_scene(world.context(), kept);
    OrbitCamera camera;
    camera.distance = 3.0 * scene.frame.radius;
    const auto drawn = [&](SplatsPicture& picture) {
        PicturedCanvas page(240.0F, 180.0F);
        camera.width = 240.0;
        camera.height = 180.0;
        picture.draw(page, page.bounds(), world.context(true), scene, {1, 1}, camera);
        return page.pixels.values;
    };
    SplatsPicture prepared;
    SplatsPicture fresh;
    while (prepared.prepare()) {
    }
    CHECK(drawn(prepared) == drawn(fresh));
    CHECK_FALSE(fresh.prepare());
}

TEST_CASE("of more lit tokens than are drawn some stand for all", "[views][splats]") {
    using Tokens = std::vector<std::uint32_t>;
    const std::vector<hsa::Range> selected = {{2, 4}, {8, 20}};
    const Tokens linked = {3, 9, 30};
    CHECK(lit_tokens(selected, linked, 10, 100) == Tokens{2, 3, 8, 9, 3, 9});
    CHECK(lit_tokens(selected, linked, 10, 5) == Tokens{2, 3, 8, 9});
    CHECK(lit_tokens(selected, linked, 10, 2) == Tokens{2, 8});
    CHECK(lit_tokens({}, {}, 10, 2).empty());
    const std::vector<hsa::Range> all = {{0, 1000}};
    const Tokens some = lit_tokens(all, {}, 1000, 300);
    CHECK(some.size() <= 300);
    CHECK(some.size() > 150);
    CHECK(some.back() > 990);
}

TEST_CASE("lit tokens have no rings, which are answering tokens", "[views][splats]") {
    SmallWorld world = splats_world();
    world.session.desk.splats.point_colour.by = PointColour::inside;
    world.session.document.selection.splats = {1};
    world.session.document.selection.tokens = {{0, world.snapshot->dataset->size()}};
    SplatsKept kept;
    const SplatsScene scene = make_splats_scene(world.context(), kept);
    const auto ring = [](const ScenePoint& point) { return point.shape == Marker::ring; };
    CHECK(std::any_of(scene.points.begin(), scene.points.end(), ring));
    CHECK(scene.lit_points.size() == world.snapshot->dataset->size());
    CHECK(std::none_of(scene.lit_points.begin(), scene.lit_points.end(), ring));
}

TEST_CASE("bodies that move are the same through coarse hulls", "[views][splats][gl]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    world.session.desk.splats.points = false;
    SplatsKept kept;
    const SplatsScene scene = make_splats_scene(world.context(), kept);
    REQUIRE(scene.bodies.size() > 1);
    SplatsPicture picture(1e-12);
    OrbitCamera camera;
    camera.distance = 3.0 * scene.frame.radius;
    camera.width = 240.0;
    camera.height = 180.0;
    const auto drawn = [&](double yaw, bool exporting) {
        PicturedCanvas canvas(240.0F, 180.0F);
        camera.yaw = yaw;
        picture.draw(canvas, canvas.bounds(), world.context(exporting), scene, {1, 1}, camera);
        return canvas.pixels.values;
    };
    (void)drawn(0.1, false);
    CHECK_FALSE(picture.is_sketch());
    (void)drawn(0.2, false);
    const std::vector<std::uint32_t> moving = drawn(0.3, false);
    CHECK(picture.is_sketch());
    const std::vector<std::uint32_t> whole = drawn(0.3, true);
    CHECK_FALSE(picture.is_sketch());
    REQUIRE(whole.size() == moving.size());
    std::size_t others = 0;
    for (std::size_t i = 0; i < whole.size(); ++i)
        for (const unsigned shift : {0U, 8U, 16U}) {
            const int a = static_cast<int>((whole[i] >> shift) & 0xffU);
            const int b = static_cast<int>((moving[i] >> shift) & 0xffU);
            others += std::abs(a - b) > 8 ? 1 : 0;
        }
    CHECK(others < whole.size() / 50);
}

TEST_CASE("views of numbers from attention say how exact it is", "[views]") {
    const Offscreen offscreen;
    SmallWorld world = splats_world();
    for (const std::unique_ptr<View>& view : make_views()) {
        const std::string id = view->id();
        if (id != "splats" && id != "tree" && id != "distributions" && id != "measures") continue;
        INFO(id);
        PicturedCanvas canvas(640.0F, 480.0F);
        CHECK(view->draw(canvas, world.context(true), {}).mark == hsa::Mark::exact);
        SmallWorld packed = splats_world();
        auto factors = std::make_shared<hsa::Factors>(*packed.snapshot->factors);
        factors->mark = hsa::Mark::approximate;
        packed.snapshot->factors = factors;
        CHECK(view->draw(canvas, packed.context(true), {}).mark == hsa::Mark::approximate);
    }
}

TEST_CASE("points take the colour of the level that new factors give them", "[views][splats][gl]") {
    Viewer viewer;
    viewer.world.session.desk.splats.points = true;
    viewer.world.session.desk.splats.style = SplatStyle::centres;
    viewer.world.session.desk.splats.point_colour.by = PointColour::level;
    const std::vector<std::uint32_t> before = viewer.picture();
    auto factors = std::make_shared<hsa::Factors>(*viewer.world.snapshot->factors);
    for (std::size_t i = 0; i < factors->p.rows(); ++i)
        for (std::size_t c = 0; c < kSmallSplats; ++c)
            factors->p.row(i)[c] = c + 1 == kSmallSplats ? 1.0F : 0.0F;
    viewer.world.snapshot->factors = factors;
    CHECK(viewer.picture() != before);
}

TEST_CASE("soft splats are another picture than ellipsoids, and repeat", "[views][splats][gl]") {
    Viewer viewer;
    const std::vector<std::uint32_t> bodies = viewer.picture();
    viewer.world.session.desk.splats.style = SplatStyle::soft;
    const std::vector<std::uint32_t> soft = viewer.picture();
    CHECK(soft != bodies);
    CHECK(viewer.picture() == soft);
    viewer.world.session.desk.splats.sigma = 0.5;
    CHECK(viewer.picture() != soft);
    viewer.world.session.desk.splats.sigma = 1.0;
    CHECK(viewer.picture() == soft);
}

}  // namespace
}  // namespace splatscope
