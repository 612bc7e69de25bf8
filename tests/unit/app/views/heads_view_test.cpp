#include "engine/attention/target_picture.h"
#include "engine/compute/backend.h"
#include "engine/core/random.h"
#include "engine/head_grid.h"
#include "engine/model/heads.h"
#include "tests/catch.h"
#include "tests/unit/app/views/small_world.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace splatscope {
std::unique_ptr<View> make_heads_view();
std::unique_ptr<View> make_beside_view();
}  // namespace splatscope

using namespace splatscope;
using Op = RecordingCanvas::Op;

namespace {

hsa::Matrix<float> drawn_rows(std::size_t n, std::uint64_t seed) {
    hsa::Matrix<float> rows(n, 4);
    for (std::size_t e = 0; e < rows.size(); ++e)
        rows.data()[e] = static_cast<float>(1.5 * hsa::Random{seed, e}.normal());
    return rows;
}

// The small world's text with the heads of a model, one of them chosen.
SmallWorld world_with_heads(std::size_t layers, std::size_t heads) {
    SmallWorld world = small_world();
    const std::size_t n = world.snapshot->dataset->size();
    std::vector<std::shared_ptr<const hsa::HeadRows>> all;
    for (std::size_t h = 0; h < layers * heads; ++h)
        all.push_back(std::make_shared<const hsa::HeadRows>(
            hsa::HeadRows{drawn_rows(n, 10 + h), drawn_rows(n, 100 + h), drawn_rows(n, 200 + h)}));
    auto data = std::make_shared<hsa::Dataset>(*world.snapshot->dataset);
    data->head = all[1];
    data->head_index = {0, 1};
    data->heads = hsa::held_heads(std::move(all), layers);
    world.snapshot->dataset = data;
    world.snapshot->target = hsa::head_target(*data, data->head, {});
    return world;
}

std::shared_ptr<const hsa::HeadGrid> grid_of(const SmallWorld& world, bool fits,
                                             const hsa::HeadGrid* previous = nullptr) {
    hsa::HeadGridRequest request;
    request.dataset = world.snapshot->dataset;
    request.fits = fits;
    request.request.init.method = hsa::InitMethod::distil;
    request.request.init.counts = {3};
    request.request.attention.form = hsa::Form::shared;
    std::vector<std::string> notes;
    return hsa::head_grid(*hsa::make_backend("cpu", notes), request, previous, {});
}

const Hit* hit_named(const Drawn& drawn, const std::string& id) {
    for (const Hit& hit : drawn.hits)
        if (hit.id == id) return &hit;
    return nullptr;
}

Pointer pointer_at(Vec2 position, bool clicked) {
    Pointer pointer;
    pointer.position = position;
    pointer.press_position = position;
    pointer.inside = true;
    pointer.clicked = clicked;
    return pointer;
}

}  // namespace

TEST_CASE("The grid shows every head and opens the one that is clicked", "[heads][views]") {
    SmallWorld world = world_with_heads(2, 3);
    const auto view = make_heads_view();
    CHECK(view->applies(world.context()));
    RecordingCanvas canvas(900, 600);
    Drawn drawn = view->draw(canvas, world.context(), {});
    CHECK(drawn.waiting);
    REQUIRE(drawn.heads);
    CHECK(!drawn.heads->fits);
    world.look.heads = grid_of(world, false);
    canvas = RecordingCanvas(canvas.bounds());
    drawn = view->draw(canvas, world.context(), {});
    CHECK(!drawn.waiting);
    CHECK(canvas.items(Op::image).size() >= 6);
    CHECK(view->subtitle(world.context()).find("2 layers of 3 heads") == 0);
    const Hit* hit = hit_named(drawn, "head 1 2");
    REQUIRE(hit != nullptr);
    drawn = view->draw(canvas, world.context(), pointer_at(hit->place.centre(), true));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "heads.show 1 2");
    CHECK(drawn.tooltip.find("layer 1, head 2") == 0);
    CHECK(drawn.tooltip.find("sink") != std::string::npos);
    const Hit* fits = hit_named(drawn, "heads fits");
    REQUIRE(fits != nullptr);
    drawn = view->draw(canvas, world.context(), pointer_at(fits->place.centre(), true));
    REQUIRE(drawn.commands.size() == 1);
    CHECK(drawn.commands[0] == "toggle view.heads.fits");
}

TEST_CASE("Fits come a few heads at a time and name their form", "[heads][views]") {
    SmallWorld world = world_with_heads(1, 3);
    world.session.desk.heads.fits = true;
    const auto view = make_heads_view();
    RecordingCanvas canvas(900, 500);
    auto grid = grid_of(world, true);
    CHECK(grid->fitted == 0);  // what is quick comes first
    std::size_t rounds = 0;
    for (; grid->fitted < 3; ++rounds) {
        REQUIRE(rounds < 10);
        world.look.heads = grid;
        CHECK(view->draw(canvas, world.context(), {}).waiting);
        grid = grid_of(world, true, grid.get());
    }
    world.look.heads = grid;
    canvas = RecordingCanvas(canvas.bounds());
    const Drawn drawn = view->draw(canvas, world.context(), {});
    CHECK(!drawn.waiting);
    const Hit* hit = hit_named(drawn, "head 0 2");
    REQUIRE(hit != nullptr);
    CHECK(hit->command == "heads.show 0 2 shared");
    CHECK(canvas.find_text("KL ") != nullptr);
    CHECK(view->subtitle(world.context()).find("row-KL of fits") != std::string::npos);
    CHECK(canvas.overlapping_texts() == "");
    CHECK(canvas.text_outside() == "");
}

TEST_CASE("Data without heads have no such tabs", "[heads][views]") {
    const SmallWorld world = small_world();
    CHECK(!make_heads_view()->applies(world.context()));
    CHECK(!make_beside_view()->applies(world.context()));
    RecordingCanvas canvas(400, 300);
    (void)make_heads_view()->draw(canvas, world.context(), {});
    CHECK(canvas.find_text("no heads of a model") != nullptr);
}

TEST_CASE("Target, splats and their ratio are of the same tokens at every zoom",
          "[heads][views][map]") {
    SmallWorld world = world_with_heads(1, 2);
    const auto view = make_beside_view();
    for (const auto& size : {Vec2{900, 500}, Vec2{400, 300}, Vec2{1500, 500}})
        for (const double visible : {0.0, 60.0, 12.0}) {
            INFO(size.x << " x " << size.y << ", " << visible);
            world.session.desk.map.row_begin = 30.0;
            world.session.desk.map.row_end = visible > 0.0 ? 30.0 + visible : 0.0;
            world.session.desk.map.column_begin = 80.0;
            world.session.desk.map.column_end = visible > 0.0 ? 80.0 + visible : 0.0;
            RecordingCanvas canvas(size.x, size.y);
            Drawn drawn = view->draw(canvas, world.context(), {});
            REQUIRE(drawn.targets.size() == 1);
            CHECK(drawn.targets == drawn.pictures);
            world.answer(drawn.pictures);
            world.look.targets = {std::make_shared<const hsa::Picture>(
                hsa::target_picture(*world.snapshot->target, drawn.targets[0], {}))};
            canvas = RecordingCanvas(canvas.bounds());
            drawn = view->draw(canvas, world.context(), {});
            CHECK(!drawn.waiting);
            CHECK(canvas.items(Op::image).size() >= 3);
            CHECK(canvas.overlapping_texts() == "");
            CHECK(canvas.text_outside() == "");
            CHECK(canvas.open_clips() == 0);
            Pointer wheel = pointer_at(hit_named(drawn, "beside 1")->place.centre(), false);
            wheel.wheel = 1.0F;
            drawn = view->draw(canvas, world.context(), wheel);
            REQUIRE(drawn.commands.size() == 1);
            CHECK(drawn.commands[0].find("map.view ") == 0);
            drawn = view->draw(canvas, world.context(),
                               pointer_at(hit_named(drawn, "beside 2")->place.centre(), true));
            REQUIRE(drawn.commands.size() == 1);
            CHECK(drawn.commands[0].find("select.block ") == 0);
        }
}

TEST_CASE("A target's picture is the mean of its rows", "[heads][map][parity]") {
    const SmallWorld world = world_with_heads(1, 2);
    const hsa::Target& target = *world.snapshot->target;
    const std::size_t n = target.size();
    hsa::Matrix<float> all(n, n);
    std::vector<std::uint32_t> rows(n);
    for (std::size_t i = 0; i < n; ++i) rows[i] = static_cast<std::uint32_t>(i);
    target.rows(rows, all.view());
    hsa::PictureRequest request;
    request.rows = {7, 97};
    request.columns = {20, n};
    request.height = 11;
    request.width = 30;
    const hsa::Picture picture = hsa::target_picture(target, request, {});
    CHECK(picture.mark == hsa::Mark::exact);
    for (std::size_t p = 0; p < 11; ++p)
        for (std::size_t q = 0; q < 30; ++q) {
            double sum = 0.0;
            std::size_t cells = 0;
            for (std::size_t i = picture.row_edges[p]; i < picture.row_edges[p + 1]; ++i)
                for (std::size_t j = picture.column_edges[q]; j < picture.column_edges[q + 1];
                     ++j, ++cells)
                    sum += static_cast<double>(all(i, j));
            CHECK(static_cast<double>(picture.mean(p, q)) ==
                  Approx(sum / static_cast<double>(cells)).epsilon(1e-5).margin(1e-9));
        }
}
