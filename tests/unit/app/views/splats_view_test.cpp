#include "app/render/gl.h"
#include "tests/catch.h"
#include "tests/unit/app/render/offscreen.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <memory>
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
