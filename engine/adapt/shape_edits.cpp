#include "engine/adapt/shape_edits.h"

#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hsa {
namespace {

constexpr double kLeastFactor = 0.01;
constexpr double kMostFactor = 100.0;
constexpr double kAlike = 1e-5;  // relative difference of a diagonal part that is round
constexpr double kPlane = 1e-9;  // least sine between two directions that span a plane

double dot(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

// Of length 1; throws where there is no direction.
std::vector<double> unit(std::span<const double> direction, SplatId id) {
    const double length = std::sqrt(dot(direction, direction));
    if (!std::isfinite(length) || length <= 0.0)
        fail(
            "Splat {} is turned in the plane of two directions; one of them is zero or not "
            "finite.",
            id);
    std::vector<double> out(direction.begin(), direction.end());
    for (double& entry : out) entry /= length;
    return out;
}

// A turn in the plane of two directions of length 1 at a right angle.
struct Turn {
    std::vector<double> from, to;
    double cosine = 1.0, sine = 0.0;

    // Q x, in place.
    void apply(std::span<double> x) const {
        const double along = dot(from, x);
        const double across = dot(to, x);
        const double more_along = (cosine - 1.0) * along - sine * across;
        const double more_across = sine * along + (cosine - 1.0) * across;
        for (std::size_t a = 0; a < x.size(); ++a)
            x[a] += more_along * from[a] + more_across * to[a];
    }
};

Turn turn_of(double angle, std::span<const double> from, std::span<const double> to, SplatId id) {
    if (!std::isfinite(angle)) fail("Splat {} is turned by {}; an angle is finite.", id, angle);
    Turn turn;
    turn.from = unit(from, id);
    turn.to = unit(to, id);
    const double along = dot(turn.from, turn.to);
    for (std::size_t a = 0; a < turn.to.size(); ++a) turn.to[a] -= along * turn.from[a];
    if (std::sqrt(dot(turn.to, turn.to)) < kPlane)
        fail("Splat {} is turned in the plane of two directions; these two are parallel.", id);
    turn.to = unit(turn.to, id);
    turn.cosine = std::cos(angle);
    turn.sine = std::sin(angle);
    return turn;
}

void turn_factor(const Turn& turn, Splat& splat) {
    const std::size_t d = splat.variance.size();
    const std::size_t rank = splat.covariance().rank();
    std::vector<double> column(d);
    for (std::size_t c = 0; c < rank; ++c) {
        for (std::size_t a = 0; a < d; ++a)
            column[a] = static_cast<double>(splat.shape[a * rank + c]);
        turn.apply(column);
        for (std::size_t a = 0; a < d; ++a)
            splat.shape[a * rank + c] = static_cast<float>(column[a]);
    }
}

void turn_whole(const Turn& turn, Splat& splat) {
    const std::size_t d = splat.variance.size();
    Matrix<double> sigma = dense_covariance(splat.covariance());
    // Q Sigma, column by column (Sigma is symmetric: its rows), then its transpose once more.
    for (int side = 0; side < 2; ++side) {
        for (std::size_t a = 0; a < d; ++a) turn.apply(sigma.row(a));
        for (std::size_t a = 0; a < d; ++a)
            for (std::size_t b = 0; b < a; ++b) std::swap(sigma(a, b), sigma(b, a));
    }
    std::size_t entry = 0;
    for (std::size_t a = 0; a < d; ++a) {
        splat.variance[a] = static_cast<float>(sigma(a, a));
        for (std::size_t b = 0; b < a; ++b)
            splat.shape[entry++] = static_cast<float>(0.5 * (sigma(a, b) + sigma(b, a)));
    }
}

}  // namespace

Splat widened(Splat splat, double factor) {
    if (!(factor >= kLeastFactor && factor <= kMostFactor))
        fail("Splat {} cannot become {} times as wide; expected {} to {}.", splat.id, factor,
             kLeastFactor, kMostFactor);
    const double square = factor * factor;
    for (float& variance : splat.variance)
        variance = static_cast<float>(square * static_cast<double>(variance));
    // The factor of lowrank goes with the width, the rest of a full one with the variances.
    const double of_shape = splat.kind == CovarianceKind::lowrank ? factor : square;
    for (float& entry : splat.shape)
        entry = static_cast<float>(of_shape * static_cast<double>(entry));
    return splat;
}

std::string why_not_turned(const CovarianceView& covariance) {
    switch (covariance.kind) {
        case CovarianceKind::spherical: return "is spherical: it looks the same from every side";
        case CovarianceKind::diagonal:
            return "is diagonal: its axes are those of the coordinates (splats.kernel full has "
                   "shapes that turn)";
        case CovarianceKind::lowrank: {
            const auto [least, most] =
                std::minmax_element(covariance.variance.begin(), covariance.variance.end());
            if (static_cast<double>(*most - *least) <= kAlike * static_cast<double>(*most))
                return "";
            return "is of low rank on axes of unlike variance: turned, it would need a full "
                   "covariance (splats.kernel full)";
        }
        case CovarianceKind::full: return "";
    }
    return "";
}

Splat turned(Splat splat, double angle, std::span<const double> from, std::span<const double> to) {
    if (const std::string why = why_not_turned(splat.covariance()); !why.empty())
        fail("Splat {} {}.", splat.id, why);
    const Turn turn = turn_of(angle, from, to, splat.id);
    if (splat.kind == CovarianceKind::lowrank) turn_factor(turn, splat);
    else turn_whole(turn, splat);
    return splat;
}

}  // namespace hsa
