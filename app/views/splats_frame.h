#pragma once

#include "app/render/ellipsoid.h"
#include "engine/model/layout.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace splatscope {

// A row of a matrix [n, 3].
[[nodiscard]] Vec3 point_at(const hsa::Matrix<float>& points, std::size_t row);

// What the camera holds when it frames a scene.
struct SceneFrame {
    std::vector<Ellipsoid> held;  // every splat at its shown sigma, and tokens, without extent
    std::size_t outliers = 0;     // splats left out because they lie far from all others
    Vec3 middle{};                // of the box around what is held
    double radius = 1.0;          // of a ball about it that holds this

    [[nodiscard]] bool operator==(const SceneFrame& other) const;
};

// Of all splats whatever is hidden, so that choosing moves nothing. An outlier reaches beyond 2.5
// times the distance from the median centre that nine in ten splats keep within; among fewer than
// five splats there are none, and none with `everything`. `points`: [n, 3]; of them those count
// that lie outermost in some direction.
[[nodiscard]] SceneFrame frame_of(const hsa::Layout& layout, const hsa::Matrix<float>& points,
                                  double sigma, bool everything);

// frame_of, worked out again only for other arguments.
class KeptFrame {
  public:
    [[nodiscard]] const SceneFrame& of(const std::shared_ptr<const hsa::Layout>& layout,
                                       const std::shared_ptr<const hsa::Matrix<float>>& points,
                                       double sigma, bool everything);

  private:
    struct Key {
        std::shared_ptr<const hsa::Layout> layout;
        std::shared_ptr<const hsa::Matrix<float>> points;
        double sigma = 0.0;
        bool everything = false;
        bool operator==(const Key&) const = default;
    };
    std::optional<Key> key_;
    SceneFrame frame_;
};

// The camera with the pivot and the least distance at which everything held lies in the picture
// with a little air and clear of the places `taken` at its lower corners (pixels from the picture's
// corner); one of these is covered where the scene would else have to be 1.4 times as far away. The
// angles stay.
[[nodiscard]] OrbitCamera framed(OrbitCamera camera, const SceneFrame& frame,
                                 std::span<const Rect> taken = {});

// framed, worked out again only for another scene or other angles, sizes or places.
class KeptFraming {
  public:
    [[nodiscard]] OrbitCamera of(const OrbitCamera& camera, const SceneFrame& frame,
                                 std::span<const Rect> taken);

  private:
    std::optional<OrbitCamera> asked_;
    SceneFrame frame_;
    std::vector<Rect> taken_;
    OrbitCamera framed_;
};

// Whether no part of a body reaches beyond the picture's borders or behind the eye.
[[nodiscard]] bool wholly_seen(const Ellipsoid& body, const OrbitCamera& camera);

}  // namespace splatscope
