#pragma once

#include "app/render/gaussian_painter.h"
#include "app/render/point_painter.h"
#include "app/render/splat_painter.h"
#include "app/views/splats_scene.h"

#include <cstdint>
#include <optional>

namespace splatscope {

// What the picture needs of OpenGL. Made with the first picture: a view exists before there is a
// context.
struct SplatsDevice {
    SplatPainter splats;
    GaussianPainter gaussians;
    PointPainter points, lit_points;
    LinePainter ground, lines;
    std::optional<RenderTarget> target;
    std::uint64_t loaded = 0;  // the scene whose points and lines are there
    std::uint64_t bodies = 0;  // ... and of the soft bodies their number
    float scale = 0.0F;        // ... for pictures of this scale
};

// Tell one scene from another.
struct SceneNumbers {
    std::uint64_t whole = 0;   // differs whenever the scene does
    std::uint64_t bodies = 0;  // rises with it, and where only a body changed
    bool operator==(const SceneNumbers&) const = default;
};

// The picture of a scene on the graphics device, drawn again only when something in it changed.
class SplatsPicture {
  public:
    // What points, and as much again the bodies, may take of a frame that moves.
    explicit SplatsPicture(double most_ms = 2.0) : most_ms_(most_ms) {}
    // Draws what is not yet drawn and puts it into `place` of the canvas.
    void draw(Canvas& canvas, const Rect& place, const ViewContext& context,
              const SplatsScene& scene, const SceneNumbers& numbers, const OrbitCamera& camera);
    // One of so many points is drawn: more than 1 while the picture moves where the renderer takes
    // long for them, until it has rested.
    [[nodiscard]] std::size_t every() const { return sketch_.every; }
    // Whether it is drawn with less care than at rest.
    [[nodiscard]] bool is_sketch() const { return !(sketch_ == Sketch{}); }

  private:
    struct Key {
        SceneNumbers scene;
        Mat4 view{};
        Mat4 projection{};
        int width = 0;
        int height = 0;
        bool transparent = false;
        const Theme* look = nullptr;
        bool operator==(const Key&) const = default;
    };
    void load(const SplatsScene& scene, const SceneNumbers& numbers, float scale);
    void paint(const ViewContext& context, const SplatsScene& scene, const OrbitCamera& camera);
    // What is left out while the picture moves.
    struct Sketch {
        std::size_t every = 1;
        bool coarse = false;  // bodies
        bool operator==(const Sketch&) const = default;
    };
    [[nodiscard]] Sketch sketch_of(const SplatsScene& scene, bool changed, bool exporting);
    void draw_points(const SplatsScene& scene, float size, const OrbitCamera& camera,
                     const DepthFade& fade);
    void draw_bodies(const std::vector<SplatBody>& bodies, const OrbitCamera& camera,
                     const DepthFade& fade);

    std::optional<SplatsDevice> device_;
    Key key_;
    double most_ms_;
    Sketch sketch_;
    int quiet_ = 1000;          // frames since the last change
    double ms_a_point_ = -1.0;  // below 0: not known yet
    double ms_a_body_ = -1.0;   // in full
};

}  // namespace splatscope
