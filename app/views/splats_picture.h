#pragma once

#include "app/render/gaussian_painter.h"
#include "app/render/point_painter.h"
#include "app/render/splat_painter.h"
#include "app/views/splats_scene.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace splatscope {

// What the picture needs of OpenGL. Made with the first picture, or one by one before it: a view
// exists before there is a context.
struct SplatsDevice {
    std::optional<SplatPainter> splats;
    std::optional<GaussianPainter> gaussians;
    std::optional<PointPainter> points, lit_points;
    std::optional<LinePainter> ground, lines;
    std::optional<RenderTarget> target;  // what is seen
    std::optional<RenderTarget> coming;  // what will be, while it is drawn in parts
    std::uint64_t loaded = 0;            // the scene whose points and lines are there
    std::uint64_t bodies = 0;            // ... and of the soft bodies their number
    float scale = 0.0F;                  // ... for pictures of this scale
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
    // What points, and as much again the bodies, may take of a frame that moves; and the longest
    // whole picture that is drawn at once: others are drawn in parts of a third of that, a frame
    // each.
    explicit SplatsPicture(double most_ms = 8.0, double at_once_ms = 30.0)
        : most_ms_(most_ms), at_once_ms_(at_once_ms) {}
    // Renderers compile a program when it first draws. Does that for one kind of thing, on a few
    // pixels; false once all kinds are compiled, or the picture itself has been drawn.
    [[nodiscard]] bool prepare();
    // Draws what is not yet drawn and puts it into `place` of the canvas.
    void draw(Canvas& canvas, const Rect& place, const ViewContext& context,
              const SplatsScene& scene, const SceneNumbers& numbers, const OrbitCamera& camera);
    // One of so many points is drawn: more than 1 while the picture moves where the renderer takes
    // long for them, until it has rested and the whole picture is there, frame by frame a part of
    // it.
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
        float scale = 0.0F;
        bool transparent = false;
        const Theme* look = nullptr;
        bool operator==(const Key&) const = default;
    };
    // What is left out while the picture moves.
    struct Sketch {
        std::size_t every = 1;
        bool coarse = false;  // bodies
        bool operator==(const Sketch&) const = default;
    };
    // Points and shells of bodies that one step draws.
    struct Parts {
        std::size_t points = std::numeric_limits<std::size_t>::max();
        std::size_t shells = std::numeric_limits<std::size_t>::max();
    };
    // What things of one kind took in a picture.
    struct Spent {
        double ms = 0.0;
        std::size_t things = 0;
    };
    // A picture on its way.
    struct Painting {
        Parts parts;
        std::size_t next = 0;               // step
        std::vector<SplatInstance> shells;  // of the bodies, sorted with the first step
        Spent on_points, on_shells;
    };
    [[nodiscard]] Sketch sketch_of(const ViewContext& context, const SplatsScene& scene,
                                   bool changed);
    [[nodiscard]] double part_ms() const { return at_once_ms_ / 3.0; }
    [[nodiscard]] double point_ms() const;
    [[nodiscard]] double shell_ms() const;
    [[nodiscard]] double bodies_ms(const ViewContext& context, const SplatsScene& scene) const;
    [[nodiscard]] double whole_ms(const ViewContext& context, const SplatsScene& scene) const;
    void load(const SplatsScene& scene, const SceneNumbers& numbers, float scale);
    void fit(std::optional<RenderTarget>& target) const;
    void paint_at_once(const ViewContext& context, const SplatsScene& scene,
                       const OrbitCamera& camera, const Sketch& sketch);
    void refine(const ViewContext& context, const SplatsScene& scene, const OrbitCamera& camera);
    [[nodiscard]] bool paint(const RenderTarget& target, const ViewContext& context,
                             const SplatsScene& scene, const OrbitCamera& camera,
                             const Sketch& sketch, Painting& painting);

    // What is compiled apart from the others: programs as they are linked, then as they first draw.
    enum class Kind : std::uint8_t {
        splat_programs,
        soft_programs,
        point_programs,
        lit_programs,
        ground_programs,
        line_programs,
        target,
        bodies,
        lines,
        points,
        soft,
        end
    };
    void make(Kind kind);
    void draw_one(Kind kind);

    SplatsDevice device_;
    Kind next_ = Kind::splat_programs;  // to be compiled
    Key key_;
    double most_ms_, at_once_ms_;
    Sketch sketch_;
    int quiet_ = 1000;                  // frames since the last change
    std::optional<double> ms_a_point_;  // of one pass, as far as it is known
    std::optional<double> ms_a_shell_;  // in full
    std::optional<Painting> refined_;   // the whole picture, drawn in parts
};

}  // namespace splatscope
