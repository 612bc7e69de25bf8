#pragma once

#include "app/views/view.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace splatscope {

// What the three axes of the picture hide of the distances between tokens and splats.

// The distance from a splat in its standard deviations, in all dimensions.
class SplatMetric {
  public:
    SplatMetric(const hsa::SplatRegistry& registry, std::size_t row);
    [[nodiscard]] double distance(std::span<const float> place) const;

  private:
    std::span<const float> centre_;     // [d]
    std::vector<double> deviation_;     // [d] without correlations, else empty
    hsa::Matrix<double> factor_{0, 0};  // [d, d] lower triangle L, L L^T = Sigma
};

// The metric of one splat, made again only for another: a full covariance takes O(d^3).
class KeptMetric {
  public:
    [[nodiscard]] const SplatMetric& of(const std::shared_ptr<const hsa::SplatRegistry>& registry,
                                        std::size_t row);

  private:
    std::shared_ptr<const hsa::SplatRegistry> registry_;
    std::size_t row_ = 0;
    std::optional<SplatMetric> metric_;  // of that registry
};

// Outside in the picture is outside for certain: a projection makes no distance larger.
enum class Lies : std::uint8_t { outside, possibly, inside };

// Where the tokens [n] lie among splats (rows of the registry, of one level) at the shown sigma:
// `possibly`: within one of the ellipsoids as drawn, though in all dimensions in none of them.
// Needs coordinates, layout and the form token.
[[nodiscard]] std::vector<Lies> where_tokens_lie(const ViewContext& context, std::size_t level,
                                                 std::span<const std::size_t> rows);

// Of each token [n] the share of its distance that the picture shows, 0..1: from the centre of a
// splat (its row), or, with the number of splats as `row`, from the middle of the picture. NaN
// where the distance is 0.
[[nodiscard]] std::vector<double> shown_shares(const ViewContext& context, std::size_t level,
                                               std::size_t row);

// Of one token drawn at the coordinates of `level`, in two lines for a tooltip: its distance from
// the middle, in all dimensions and as shown; and that from the first selected splat, else from the
// splat of this level that speaks most for it, in standard deviations. Without coordinates nothing.
[[nodiscard]] std::string distance_text(const ViewContext& context, std::size_t token,
                                        std::size_t level, KeptMetric& kept);

}  // namespace splatscope
