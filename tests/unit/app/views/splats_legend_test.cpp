#include "app/views/splats_legend.h"

#include "app/views/splats_cube.h"
#include "app/views/splats_marks.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace splatscope {
namespace {

OrbitCamera framed_camera(const SplatsScene& scene, float width, float height) {
    OrbitCamera camera;
    camera.yaw = 0.6;
    camera.pitch = 0.35;
    camera.width = static_cast<double>(width);
    camera.height = static_cast<double>(height);
    return framed(camera, scene.frame);
}

struct Overlay {
    Drawn drawn;
    std::vector<Rect> plates;
};

// All that stands over the picture.
Overlay draw_over(RecordingCanvas& canvas, const SmallWorld& world, const SplatsScene& scene,
                  const OrbitCamera& camera, const Pointer& pointer = {}, bool exporting = false) {
    const ViewContext context = world.context(exporting);
    Overlay over;
    draw_legend(canvas, context, scene, pointer, over.drawn, over.plates);
    const float left = draw_axes(canvas, context, scene, camera, over.plates);
    draw_scale_bar(canvas, context, scene, camera, left, over.plates);
    draw_cube(canvas, context, camera, pointer, over.drawn, over.plates);
    draw_notes(canvas, context, scene, camera, pointer, over.drawn, over.plates);
    draw_names(canvas, context, scene, camera, over.plates, {}, over.drawn);
    return over;
}

TEST_CASE("words over the 3-D picture stand on plates or on nothing, and never on another",
          "[views][splats]") {
    for (const auto& [width, height] : std::vector<std::pair<float, float>>{
             {1000, 640}, {620, 420}, {420, 300}, {330, 240}, {200, 120}}) {
        CAPTURE(width, height);
        const SmallWorld world = splats_world();
        const SplatsScene scene = make_splats_scene(world.context());
        RecordingCanvas canvas(width, height);
        const OrbitCamera camera = framed_camera(scene, width, height);
        const Overlay over = draw_over(canvas, world, scene, camera);
        CHECK(canvas.overlapping_texts().empty());
        CHECK(canvas.text_outside().empty());
        for (const RecordingCanvas::Item& text : canvas.items(RecordingCanvas::Op::text)) {
            CAPTURE(text.text);
            const bool is_name =
                std::any_of(world.snapshot->names->begin(), world.snapshot->names->end(),
                            [&](const std::string& name) { return name == text.text; });
            std::size_t under = 0;
            bool whole = false;
            for (const Rect& plate : over.plates) {
                under += plate.overlaps(text.place) ? 1 : 0;
                whole = whole || (text.place.min.x >= plate.min.x - 0.5F &&
                                  text.place.max.x <= plate.max.x + 0.5F &&
                                  text.place.min.y >= plate.min.y - 0.5F &&
                                  text.place.max.y <= plate.max.y + 0.5F);
            }
            CHECK(under == (is_name ? 0U : 1U));
            CHECK(whole == !is_name);
        }
        for (std::size_t a = 0; a < over.plates.size(); ++a)
            for (std::size_t b = a + 1; b < over.plates.size(); ++b)
                CHECK_FALSE(over.plates[a].overlaps(over.plates[b]));
    }
}

TEST_CASE("names of splats keep their distance, and few stand in a small picture",
          "[views][splats]") {
    // As many splats as a text has, close to each other, each with a name of its own.
    SmallWorld world = splats_world();
    SplatsScene scene = make_splats_scene(world.context());
    auto names = std::make_shared<std::vector<std::string>>();
    for (std::size_t row = 0; row < kSmallSplats; ++row)
        names->push_back("words that splat " + std::to_string(row) + " holds");
    world.snapshot->names = names;
    for (const bool lit : {false, true})
        for (const Vec2 size : {Vec2{200, 150}, Vec2{300, 200}, Vec2{1000, 700}}) {
            CAPTURE(lit, size.x, size.y);
            for (SplatsScene::Body& body : scene.bodies) body.lit = lit;
            RecordingCanvas canvas(size.x, size.y);
            Drawn drawn;
            draw_names(canvas, world.context(), scene, framed_camera(scene, size.x, size.y), {}, {},
                       drawn);
            const std::vector<RecordingCanvas::Item> texts =
                canvas.items(RecordingCanvas::Op::text);
            CHECK_FALSE(texts.empty());
            CHECK(texts.size() <= (size.x < 250.0F ? (lit ? 3U : 2U) : kSmallSplats));
            if (size.x >= 1000.0F) CHECK(texts.size() >= 3);
            for (std::size_t a = 0; a < texts.size(); ++a)
                for (std::size_t b = a + 1; b < texts.size(); ++b) {
                    const Rect& x = texts[a].place;
                    const Rect airy{{x.min.x - 7.5F, x.min.y - 5.5F},
                                    {x.max.x + 7.5F, x.max.y + 5.5F}};
                    CHECK_FALSE(airy.overlaps(texts[b].place));
                }
        }
    // Two of one name are named once, unless both are lit.
    std::fill(names->begin(), names->end(), "sea");
    const auto named = [&](bool lit) {
        for (SplatsScene::Body& body : scene.bodies) body.lit = lit;
        RecordingCanvas canvas(1000, 700);
        Drawn drawn;
        draw_names(canvas, world.context(), scene, framed_camera(scene, 1000, 700), {}, {}, drawn);
        return canvas.items(RecordingCanvas::Op::text).size();
    };
    CHECK(named(false) == 1);
    CHECK(named(true) > 1);
}

TEST_CASE("the splats that the picture cuts are counted, and a click frames them",
          "[views][splats]") {
    SmallWorld world = splats_world();
    auto layout = std::make_shared<hsa::Layout>(*world.snapshot->layout);
    layout->centres(2, 1) = 80.0F;
    world.snapshot->layout = layout;
    const SplatsScene scene = make_splats_scene(world.context());
    CHECK(scene.frame.outliers == 1);
    RecordingCanvas canvas(900, 600);
    const OrbitCamera camera = framed_camera(scene, 900, 600);
    const Overlay over = draw_over(canvas, world, scene, camera);
    CHECK(canvas.find_text("1 splat reaches outside the picture") != nullptr);
    const Hit* hit = find_hit(over.drawn, "outside");
    REQUIRE(hit != nullptr);
    CHECK(hit->command == "camera.frame all");
    RecordingCanvas again(900, 600);
    const Overlay clicked = draw_over(again, world, scene, camera, click(hit->place.centre()));
    CHECK(clicked.drawn.commands == std::vector<std::string>{"camera.frame all"});

    RecordingCanvas picture(900, 600);
    (void)draw_over(picture, world, scene, camera, {}, true);
    CHECK(picture.find_text("outside the picture (camera.frame all)") != nullptr);
    world.session.desk.splats.everything = true;
    const SplatsScene all = make_splats_scene(world.context());
    RecordingCanvas wide(900, 600);
    (void)draw_over(wide, world, all, framed_camera(all, 900, 600));
    CHECK(wide.find_text("outside the picture") == nullptr);
}

TEST_CASE("the scale bar is as long as it says", "[views][splats]") {
    const SmallWorld world = splats_world();
    const SplatsScene scene = make_splats_scene(world.context());
    RecordingCanvas canvas(900, 600);
    OrbitCamera camera = framed_camera(scene, 900, 600);
    camera.distance = 20.0;
    std::vector<Rect> plates;
    draw_scale_bar(canvas, world.context(), scene, camera, 60.0F, plates);
    const RecordingCanvas::Item* words = canvas.find_text(" in the middle");
    REQUIRE(words != nullptr);
    const double says = std::stod(words->text);
    const auto lines = canvas.items(RecordingCanvas::Op::line);
    REQUIRE(lines.size() == 3);
    const auto pixels = static_cast<double>(lines.front().place.width());
    CHECK(pixels == Approx(says / camera.pixel_length()).margin(0.51));
    CHECK(pixels <= 110.5);
    CHECK(pixels > 40.0);
    CHECK(canvas.find_text("a square: ") != nullptr);
}

TEST_CASE("a face of the cube turns the camera to itself", "[views][splats]") {
    SmallWorld world = splats_world();
    const SplatsScene scene = make_splats_scene(world.context());
    RecordingCanvas canvas(700, 500);
    const OrbitCamera camera = framed_camera(scene, 700, 500);
    std::vector<Rect> plates;
    Drawn drawn;
    draw_cube(canvas, world.context(), camera, {}, drawn, plates);
    REQUIRE(drawn.hits.size() == 3);
    for (const Hit& hit : drawn.hits) {
        CAPTURE(hit.id);
        Drawn clicked;
        draw_cube(canvas, world.context(), camera, click(hit.place.centre()), clicked, plates);
        REQUIRE(clicked.commands.size() == 1);
        CHECK(clicked.commands.front() == hit.command);
        // camera.set YAW PITCH ...: then this face alone looks at the eye.
        double yaw = 0.0;
        double pitch = 0.0;
        REQUIRE(std::sscanf(hit.command.c_str(), "camera.set %lf %lf", &yaw, &pitch) == 2);
        OrbitCamera turned = camera;
        turned.yaw = yaw;
        turned.pitch = pitch;
        Drawn faced;
        draw_cube(canvas, world.context(), turned, {}, faced, plates);
        REQUIRE(faced.hits.size() == 1);
        CHECK(faced.hits.front().id == hit.id);
    }
    Drawn none;
    draw_cube(canvas, world.context(true), camera, {}, none, plates);
    world.session.desk.splats.cube = false;
    draw_cube(canvas, world.context(), camera, {}, none, plates);
    CHECK(none.hits.empty());
}

}  // namespace
}  // namespace splatscope
