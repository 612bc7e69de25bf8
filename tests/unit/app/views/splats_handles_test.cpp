#include "app/views/splats_handles.h"

#include "app/commands/grammar.h"
#include "app/views/splats_surgery.h"
#include "engine/adapt/shape_edits.h"
#include "tests/catch.h"
#include "tests/unit/app/views/splats_world.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace splatscope {
namespace {

constexpr std::size_t kDimension = 5;

// The window's view without its pictures: handles over a scene, frame by frame.
struct Stage {
    SmallWorld world = splats_world();
    SplatsHandles handles;
    RecordingCanvas canvas{640.0F, 420.0F};
    OrbitCamera camera;
    SplatsScene scene;
    std::uint64_t scene_number = 1;
    std::vector<std::string> sent;
    Pointer rest;  // what the last frame left for others

    explicit Stage(std::vector<hsa::SplatId> selected = {3}) {
        world.session.document.selection.splats = std::move(selected);
        make_scene();
        camera.yaw = 0.6;
        camera.pitch = 0.35;
        camera.width = 640.0;
        camera.height = 420.0;
        camera = framed(camera, scene.frame);
        (void)frame({});
    }
    void make_scene() {
        scene = make_splats_scene(world.context());
        ++scene_number;
    }
    Drawn frame(const Pointer& pointer) {
        Drawn drawn;
        canvas = RecordingCanvas(640.0F, 420.0F);
        rest = handles.take(world.context(), canvas.bounds(), pointer, drawn);
        (void)handles.follow(world.context(), scene, scene_number);
        std::vector<Rect> plates;
        handles.draw(canvas, world.context(), camera, rest, drawn, plates);
        sent.insert(sent.end(), drawn.commands.begin(), drawn.commands.end());
        return drawn;
    }
    [[nodiscard]] Vec2 grip(const std::string& name) {
        const Drawn drawn = frame({});
        const Hit* hit = find_hit(drawn, "handle " + name);
        REQUIRE(hit != nullptr);
        return hit->place.centre();
    }
    [[nodiscard]] const SplatBody& body(hsa::SplatId id = 3) const {
        const auto found = std::find_if(scene.bodies.begin(), scene.bodies.end(),
                                        [id](const auto& each) { return each.id == id; });
        REQUIRE(found != scene.bodies.end());
        return found->drawn;
    }
};

bool same_body(const SplatBody& a, const SplatBody& b) {
    return a.shape.centre == b.shape.centre && a.shape.lower == b.shape.lower && a.alpha == b.alpha;
}

std::vector<double> numbers_of(const std::string& command, std::size_t from) {
    const std::vector<std::string> words = split_words(command);
    std::vector<double> numbers;
    for (std::size_t w = from; w < words.size(); ++w)
        numbers.push_back(std::strtod(words[w].c_str(), nullptr));
    return numbers;
}

// R d.
Vec3 shown(const hsa::Layout& layout, const std::vector<double>& d) {
    Vec3 out{};
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < d.size(); ++a)
            out[r] += static_cast<double>(layout.axes(r, a)) * d[a];
    return out;
}

}  // namespace

TEST_CASE("a splat dragged along an axis or across the picture is where the pointer is",
          "[views][handles]") {
    const HandleKind kind =
        GENERATE(HandleKind::axis1, HandleKind::axis2, HandleKind::axis3, HandleKind::plane);
    const bool orthographic = GENERATE(false, true);
    Stage stage;
    stage.camera.orthographic = orthographic;
    const HandledSplat splat = *handled_splat(stage.world.context());
    CHECK(splat.id == 3);
    const Vec2 from = stage.camera.project(splat.centre)->position;
    Vec2 to = {from.x + 37.0F, from.y - 21.0F};
    if (kind != HandleKind::plane) {
        // On the line that the axis is in the picture.
        Vec3 tip = splat.centre;
        tip[static_cast<std::size_t>(kind)] += 0.8;
        to = stage.camera.project(tip)->position;
    }
    const SplatChange change = dragged(kind, splat, stage.camera, from, to);
    const Vec2 drawn = stage.camera.project(splat.centre + change.moved)->position;
    CHECK(drawn.x == Approx(to.x).margin(0.1));
    CHECK(drawn.y == Approx(to.y).margin(0.1));
    if (kind == HandleKind::plane)
        CHECK(std::abs(dot(change.moved, stage.camera.towards_eye())) < 1e-9);
    else
        for (std::size_t a = 0; a < 3; ++a)
            CHECK(change.moved[a] ==
                  Approx(a == static_cast<std::size_t>(kind) ? 0.8 : 0.0).margin(1e-3));

    // Back in the coordinates: the axes shown get the move, what they do not show nothing.
    const hsa::Layout& layout = *stage.world.snapshot->layout;
    const std::string command = change_command(splat, change, layout);
    CHECK(command.starts_with("splats.move 3 "));
    const std::vector<double> move = numbers_of(command, 2);
    REQUIRE(move.size() == kDimension);
    const Vec3 back = shown(layout, move);
    double across = 0.0;
    for (const double entry : move) across += entry * entry;
    for (std::size_t a = 0; a < 3; ++a) CHECK(back[a] == Approx(change.moved[a]).margin(1e-5));
    CHECK(std::sqrt(across) == Approx(length(change.moved)).epsilon(1e-5));
}

TEST_CASE("a drag moves the body at once and sends one command when it is let go",
          "[views][handles]") {
    Stage stage;
    const SplatBody before = stage.body();
    const Vec2 middle = stage.grip("plane");
    const Vec2 tip = stage.grip("axis 1");
    const Vec2 to = {tip.x + 0.8F * (tip.x - middle.x), tip.y + 0.8F * (tip.y - middle.y)};
    (void)stage.frame(press(tip));
    CHECK_FALSE(stage.rest.down[0]);  // the camera does not turn
    const Drawn held = stage.frame(drag(tip, to));
    CHECK(held.holding);
    CHECK(stage.sent.empty());
    const SplatBody during = stage.body();
    CHECK_FALSE(same_body(during, before));
    CHECK(during.shape.lower == before.shape.lower);
    for (hsa::SplatId other = 0; other < 6; ++other)
        if (other != 3)
            CHECK(same_body(stage.body(other),
                            make_splats_scene(stage.world.context()).bodies[other].drawn));
    const Drawn after = stage.frame(release(tip, to));
    CHECK_FALSE(after.holding);
    REQUIRE(stage.sent.size() == 1);
    CHECK_FALSE(stage.rest.clicked);
    const std::vector<double> move = numbers_of(stage.sent[0], 2);
    const Vec3 moved = during.shape.centre - before.shape.centre;
    const Vec3 sent = shown(*stage.world.snapshot->layout, move);
    for (std::size_t a = 0; a < 3; ++a) CHECK(sent[a] == Approx(moved[a]).margin(1e-5));
    // It stays there, through other scenes too, until the splats are those of the command.
    stage.world.session.document.timeline.entries.emplace_back();
    for (int frame = 0; frame < 100; ++frame) (void)stage.frame({});
    stage.make_scene();
    (void)stage.frame({});
    CHECK(same_body(stage.body(), during));
    stage.world.snapshot->registry =
        std::make_shared<const hsa::SplatRegistry>(*stage.world.snapshot->registry);
    stage.make_scene();
    (void)stage.frame({});
    CHECK(same_body(stage.body(), before));
    CHECK(stage.sent.size() == 1);
}

TEST_CASE("Esc, or another selection, puts a dragged splat back and sends nothing",
          "[views][handles]") {
    const std::string how = GENERATE("escape", "selection");
    Stage stage;
    const SplatBody before = stage.body();
    const Vec2 grip = stage.grip(GENERATE("axis 2", "plane", "width", "amplitude"));
    const Vec2 to = {grip.x + 30.0F, grip.y + 24.0F};
    (void)stage.frame(press(grip));
    (void)stage.frame(drag(grip, to));
    REQUIRE_FALSE(same_body(stage.body(), before));
    Pointer last = drag(grip, to);
    if (how == "escape") last.escape = true;
    else stage.world.session.document.selection.splats = {1};
    const Drawn drawn = stage.frame(last);
    CHECK_FALSE(drawn.holding);
    CHECK(same_body(stage.body(), before));
    (void)stage.frame(drag(grip, {to.x + 9.0F, to.y}));
    CHECK(same_body(stage.body(), before));
    (void)stage.frame(release(grip, to));
    CHECK_FALSE(stage.rest.clicked);
    CHECK(stage.sent.empty());
    (void)stage.frame({});
    CHECK(same_body(stage.body(), before));
}

TEST_CASE("a drag whose end the view never saw is no edit", "[views][handles]") {
    Stage stage;
    const SplatBody before = stage.body();
    const Vec2 grip = stage.grip("plane");
    const Vec2 to = {grip.x + 30.0F, grip.y + 24.0F};
    (void)stage.frame(press(grip));
    (void)stage.frame(drag(grip, to));
    REQUIRE_FALSE(same_body(stage.body(), before));
    (void)stage.frame(over({to.x + 50.0F, to.y}));  // shown again, long after
    CHECK(stage.sent.empty());
    CHECK(same_body(stage.body(), before));
    (void)stage.frame({});
    CHECK(stage.sent.empty());
}

TEST_CASE("a command that comes to nothing leaves nothing", "[views][handles]") {
    Stage stage;
    const SplatBody before = stage.body();
    const Vec2 grip = stage.grip("width");
    const Vec2 middle = stage.grip("plane");
    const Vec2 to = {grip.x + (grip.x - middle.x), grip.y + (grip.y - middle.y)};
    (void)stage.frame(press(grip));
    (void)stage.frame(drag(grip, to));
    (void)stage.frame(release(grip, to));
    REQUIRE(stage.sent == std::vector<std::string>{"splats.widen 3 2"});
    CHECK_FALSE(same_body(stage.body(), before));
    for (int frame = 0; frame < 70; ++frame) (void)stage.frame({});
    CHECK(same_body(stage.body(), before));
}

TEST_CASE("width and amplitude follow the pointer", "[views][handles]") {
    Stage stage;
    const HandledSplat splat = *handled_splat(stage.world.context());
    const Vec2 middle = stage.camera.project(splat.centre)->position;
    const SplatChange wide = dragged(HandleKind::width, splat, stage.camera,
                                     {middle.x, middle.y - 40.0F}, {middle.x + 60.0F, middle.y});
    CHECK(wide.width == Approx(1.5));
    const Ellipsoid before = changed_shape(splat, {}, 1.0);
    const Ellipsoid after = changed_shape(splat, wide, 1.0);
    for (std::size_t e = 0; e < 6; ++e)
        CHECK(after.lower[e] == Approx(1.5 * before.lower[e]).margin(1e-12));
    const SplatChange strong =
        dragged(HandleKind::amplitude, splat, stage.camera, {10.0F, 100.0F}, {14.0F, 84.0F});
    CHECK(strong.amplitude == Approx(4.0));
    CHECK(numbers_of(change_command(splat, strong, *stage.world.snapshot->layout), 2)[0] ==
          Approx(4.0 * splat.amplitude).epsilon(1e-5));
    CHECK(changed_alpha(0.5F, strong) > 0.5F);
    CHECK(changed_alpha(0.5F, {}) == 0.5F);
}

TEST_CASE("a full covariance turns as it is shown; a spherical one says why not",
          "[views][handles]") {
    Stage stage;
    const HandledSplat round = *handled_splat(stage.world.context());
    CHECK(round.why_not_turned.find("every side") != std::string::npos);
    const Vec2 grip = stage.grip("turn");
    const Drawn over_it = stage.frame(over(grip));
    CHECK(over_it.tooltip.find("every side") != std::string::npos);
    (void)stage.frame(press(grip));
    CHECK(stage.rest.down[0]);  // goes on to the camera

    auto registry = std::make_shared<hsa::SplatRegistry>(*stage.world.snapshot->registry);
    hsa::Splat splat = registry->splat(registry->row(3));
    splat.kind = hsa::CovarianceKind::full;
    splat.variance = {0.9F, 0.2F, 0.4F, 0.3F, 0.5F};
    splat.shape.assign(kDimension * (kDimension - 1) / 2, 0.05F);
    registry->assign(splat);
    hsa::Snapshot& snapshot = *stage.world.snapshot;
    snapshot.registry = registry;
    snapshot.layout = std::make_shared<hsa::Layout>(
        hsa::splat_layout(*snapshot.coordinates, *registry, snapshot.measures->usage, nullptr, {}));
    const HandledSplat whole = *handled_splat(stage.world.context());
    REQUIRE(whole.why_not_turned.empty());
    const Vec2 middle = stage.camera.project(whole.centre)->position;
    const SplatChange change = dragged(HandleKind::turn, whole, stage.camera,
                                       {middle.x + 50.0F, middle.y}, {middle.x, middle.y - 50.0F});
    CHECK(change.angle == Approx(0.5 * 3.14159265358979).epsilon(1e-5));
    const hsa::Layout& layout = *snapshot.layout;
    const std::vector<double> numbers = numbers_of(change_command(whole, change, layout), 2);
    REQUIRE(numbers.size() == 1 + 2 * kDimension);
    const std::span<const double> all = numbers;
    const hsa::Splat turned =
        hsa::turned(splat, all[0], all.subspan(1, kDimension), all.subspan(1 + kDimension));
    // The image of the turned covariance is the body that was shown.
    const hsa::Matrix<double> sigma = hsa::dense_covariance(turned.covariance());
    std::array<float, 6> image{};
    std::size_t entry = 0;
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = r; c < 3; ++c) {
            double sum = 0.0;
            for (std::size_t a = 0; a < kDimension; ++a)
                for (std::size_t b = 0; b < kDimension; ++b)
                    sum += static_cast<double>(layout.axes(r, a)) * sigma(a, b) *
                           static_cast<double>(layout.axes(c, b));
            image[entry++] = static_cast<float>(sum);
        }
    const Ellipsoid exact = ellipsoid_at(whole.centre, image, 1.0);
    const Ellipsoid drawn = changed_shape(whole, change, 1.0);
    const Ellipsoid before = changed_shape(whole, {}, 1.0);
    double moved = 0.0;
    for (std::size_t e = 0; e < 6; ++e) {
        CHECK(drawn.lower[e] == Approx(exact.lower[e]).margin(1e-4));
        moved = std::max(moved, std::abs(drawn.lower[e] - before.lower[e]));
    }
    CHECK(moved > 0.05);
}

TEST_CASE("handles are on one selected splat that is shown, and do not stand on each other",
          "[views][handles]") {
    for (const double yaw : {0.0, 0.6, 1.5, 2.4, -1.2}) {
        Stage stage;
        stage.camera.yaw = yaw;
        const Drawn drawn = stage.frame({});
        CHECK(drawn.hits.size() >= 6);
        for (std::size_t a = 0; a < drawn.hits.size(); ++a)
            for (std::size_t b = a + 1; b < drawn.hits.size(); ++b) {
                CAPTURE(yaw, drawn.hits[a].id, drawn.hits[b].id);
                CHECK_FALSE(drawn.hits[a].place.overlaps(drawn.hits[b].place));
            }
        CHECK(stage.canvas.overlapping_texts().empty());
    }
    const auto hits = [](Stage& stage) { return stage.frame({}).hits.size(); };
    Stage two({1, 3});
    CHECK(hits(two) == 0);
    Stage hidden;
    hidden.world.session.desk.splats.hidden = {3};
    CHECK(hits(hidden) == 0);
    Stage off;
    off.world.session.desk.splats.handles = HandlesShown::off;
    CHECK(hits(off) == 0);
    Stage fitted;
    auto registry = std::make_shared<hsa::SplatRegistry>(*fitted.world.snapshot->registry);
    registry->form = hsa::Form::shared;
    fitted.world.snapshot->registry = registry;
    CHECK(hits(fitted) == 0);
    // A press that moves nothing stays a click on what is there.
    Stage clicked;
    const Vec2 middle = clicked.grip("plane");
    (void)clicked.frame(press(middle));
    (void)clicked.frame(click(middle));
    CHECK(clicked.rest.clicked);
    CHECK(clicked.sent.empty());
}

TEST_CASE("what can be done to the selection by hand is offered", "[views][handles]") {
    SmallWorld world = splats_world();
    hsa::Selection& selection = world.session.document.selection;
    const auto commands = [&] {
        std::vector<std::string> found;
        for (const SurgeryChoice& choice : surgery_choices(world.context()))
            found.push_back(choice.command);
        return found;
    };
    CHECK(commands().empty());
    selection.splats = {3};
    CHECK(commands() == std::vector<std::string>{"splats.split 3", "splats.remove 3"});
    selection.splats = {1, 3};
    CHECK(commands() == std::vector<std::string>{"splats.merge 1 3"});
    selection.splats = {1, 4};  // of two levels
    CHECK(commands().empty());
    selection.splats.clear();
    selection.tokens = {{2, 9}};
    CHECK(commands() == std::vector<std::string>{"splats.add"});

    RecordingCanvas canvas(640.0F, 420.0F);
    Drawn drawn;
    std::vector<Rect> plates;
    draw_surgery(canvas, world.context(), {}, drawn, plates);
    REQUIRE(drawn.hits.size() == 1);
    CHECK(canvas.find_text("7 tokens") != nullptr);
    Drawn pressed;
    draw_surgery(canvas, world.context(), click(drawn.hits[0].place.centre()), pressed, plates);
    CHECK(pressed.commands == std::vector<std::string>{"splats.add"});
    Drawn exported;
    draw_surgery(canvas, world.context(true), {}, exported, plates);
    CHECK(exported.hits.empty());
}

}  // namespace splatscope
