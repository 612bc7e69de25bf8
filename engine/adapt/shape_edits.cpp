#include "engine/adapt/shape_edits.h"

#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr double kLeastFactor = 0.01;
constexpr double kMostFactor = 100.0;
constexpr double kAlike = 1e-5;     // relative difference of a diagonal part that is round
constexpr double kMostSteep = 1e9;  // of t in coordinate_scales()
constexpr int kHalvings = 100;
constexpr double kWorst = 1e12;  // condition of a covariance
constexpr double kPlane = 1e-9;  // least sine between two directions that span a plane

double dot(std::span<const double> a, std::span<const double> b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

// Of length 1; throws where there is no direction. `what`: "is turned in ...", for the sentence.
std::vector<double> unit(std::span<const double> direction, SplatId id, const char* what) {
    const double length = std::sqrt(dot(direction, direction));
    if (!std::isfinite(length) || length <= 0.0)
        fail("Splat {} is {}, which is zero or not finite.", id, what);
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
    constexpr const char* kWhat = "turned in the plane of two directions, one of";
    turn.from = unit(from, id, kWhat);
    turn.to = unit(to, id, kWhat);
    const double along = dot(turn.from, turn.to);
    for (std::size_t a = 0; a < turn.to.size(); ++a) turn.to[a] -= along * turn.from[a];
    if (std::sqrt(dot(turn.to, turn.to)) < kPlane)
        fail("Splat {} is turned in the plane of two directions; these two are parallel.", id);
    turn.to = unit(turn.to, id, kWhat);
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

// I + (factor - 1) v v^T, v of length 1.
struct Stretch {
    std::vector<double> along;
    double factor = 1.0;

    void apply(std::span<double> x) const {
        const double more = (factor - 1.0) * dot(along, x);
        for (std::size_t a = 0; a < x.size(); ++a) x[a] += more * along[a];
    }
};

// M Sigma M^T of a splat whose kind is full.
template <class Map>
void map_whole(const Map& map, Splat& splat) {
    const std::size_t d = splat.variance.size();
    Matrix<double> sigma = dense_covariance(splat.covariance());
    // M Sigma, column by column (Sigma is symmetric: its rows), then its transpose once more.
    for (int side = 0; side < 2; ++side) {
        for (std::size_t a = 0; a < d; ++a) map.apply(sigma.row(a));
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

void check_factor(const Splat& splat, double factor) {
    if (!(factor >= kLeastFactor && factor <= kMostFactor))
        fail("Splat {} cannot become {} times as wide; expected {} to {}.", splat.id, factor,
             kLeastFactor, kMostFactor);
}

// Every coordinate `scale` times as wide: diagonal and lowrank.
void scale_coordinates(std::span<const double> scale, Splat& splat) {
    const std::size_t rank = splat.kind == CovarianceKind::lowrank ? splat.covariance().rank() : 0;
    for (std::size_t a = 0; a < scale.size(); ++a) {
        splat.variance[a] =
            static_cast<float>(scale[a] * scale[a] * static_cast<double>(splat.variance[a]));
        for (std::size_t c = 0; c < rank; ++c) {
            float& entry = splat.shape[a * rank + c];
            entry = static_cast<float>(scale[a] * static_cast<double>(entry));
        }
    }
}

// exp(t v_a^2 / 2) with the t of stretched(): [d].
std::vector<double> coordinate_scales(const Splat& splat, std::span<const double> v,
                                      double factor) {
    const std::size_t d = v.size();
    const std::size_t rank = splat.kind == CovarianceKind::lowrank ? splat.covariance().rank() : 0;
    std::vector<double> scale(d, 1.0);
    // The variance along v with that t.
    const auto along = [&](double t) {
        double sum = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            scale[a] = std::exp(0.5 * t * v[a] * v[a]);
            sum += v[a] * v[a] * scale[a] * scale[a] * static_cast<double>(splat.variance[a]);
        }
        for (std::size_t c = 0; c < rank; ++c) {
            double column = 0.0;
            for (std::size_t a = 0; a < d; ++a)
                column += v[a] * scale[a] * static_cast<double>(splat.shape[a * rank + c]);
            sum += column * column;
        }
        return sum;
    };
    const double wanted = factor * factor * along(0.0);
    const double way = factor < 1.0 ? -1.0 : 1.0;
    double far = way;
    while (std::abs(far) < kMostSteep && way * (along(far) - wanted) < 0.0) far *= 2.0;
    double near = 0.0;
    for (int halving = 0; halving < kHalvings; ++halving) {
        const double middle = 0.5 * (near + far);
        (way * (along(middle) - wanted) < 0.0 ? near : far) = middle;
    }
    (void)along(far);
    return scale;
}

}  // namespace

Splat widened(Splat splat, double factor) {
    check_factor(splat, factor);
    const double square = factor * factor;
    for (float& variance : splat.variance)
        variance = static_cast<float>(square * static_cast<double>(variance));
    // The factor of lowrank goes with the width, the rest of a full one with the variances.
    const double of_shape = splat.kind == CovarianceKind::lowrank ? factor : square;
    for (float& entry : splat.shape)
        entry = static_cast<float>(of_shape * static_cast<double>(entry));
    return splat;
}

std::string why_not_stretched(const CovarianceView& covariance) {
    if (covariance.kind != CovarianceKind::spherical) return "";
    return "is spherical: it is equally wide on every side (splats.kernel diagonal, lowrank or "
           "full has shapes that stretch)";
}

Splat stretched(Splat splat, double factor, std::span<const double> direction) {
    if (const std::string why = why_not_stretched(splat.covariance()); !why.empty())
        fail("Splat {} {}.", splat.id, why);
    check_factor(splat, factor);
    std::vector<double> along = unit(direction, splat.id, "stretched along a direction");
    if (splat.kind == CovarianceKind::full) map_whole(Stretch{std::move(along), factor}, splat);
    else scale_coordinates(coordinate_scales(splat, along, factor), splat);
    const auto is_finite = [](float entry) { return std::isfinite(entry); };
    if (!std::all_of(splat.variance.begin(), splat.variance.end(), is_finite) ||
        !std::all_of(splat.shape.begin(), splat.shape.end(), is_finite) ||
        !condition_at_most(splat.covariance(), kWorst))
        fail("Splat {} cannot be stretched {} times along that direction: it would be nearly flat.",
             splat.id, factor);
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
    else map_whole(turn, splat);
    return splat;
}

}  // namespace hsa
