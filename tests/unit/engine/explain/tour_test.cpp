#include "engine/explain/tour.h"

#include "engine/explain/axes.h"
#include "engine/explain/layout.h"
#include "engine/explain/tour_path.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <cmath>
#include <vector>

using hsa::Matrix;
using hsa::TourPath;

namespace {

double dot(const Matrix<double>& a, std::size_t r, const Matrix<double>& b, std::size_t c) {
    double sum = 0.0;
    for (std::size_t e = 0; e < a.cols(); ++e) sum += a(r, e) * b(c, e);
    return sum;
}

double most_apart(const Matrix<double>& a, const Matrix<double>& b) {
    double most = 0.0;
    for (std::size_t r = 0; r < a.rows(); ++r)
        for (std::size_t e = 0; e < a.cols(); ++e)
            most = std::max(most, std::abs(a(r, e) - b(r, e)));
    return most;
}

}  // namespace

TEST_CASE("frames of a tour are orthonormal, repeat, and follow without a jump",
          "[explain][tour]") {
    for (const std::size_t dimension : {4U, 5U, 17U, 50U}) {
        INFO(dimension);
        TourPath path(3, dimension);
        Matrix<double> before = path.frame_at(0.0);
        for (std::size_t r = 0; r < 3; ++r) CHECK(std::abs(before(r, r) - 1.0) < 1e-12);
        constexpr double kStep = 0.02;
        double least = 1.0;
        double turned = 0.0;
        for (double second = kStep; second < 120.0; second += kStep) {
            const Matrix<double> frame = path.frame_at(second);
            double wrong = 0.0;
            for (std::size_t r = 0; r < 3; ++r)
                for (std::size_t c = 0; c < 3; ++c)
                    wrong =
                        std::max(wrong, std::abs(dot(frame, r, frame, c) - (r == c ? 1.0 : 0.0)));
            REQUIRE(wrong < 1e-6);
            // At most .35 radians a second, and 1 / .85 of that in the middle of a leg.
            REQUIRE(most_apart(frame, before) < 0.45 * kStep);
            // Nothing turns within what is shown.
            for (std::size_t r = 0; r < 3; ++r)
                for (std::size_t c = r + 1; c < 3; ++c)
                    turned = std::max(
                        turned, std::abs(dot(before, r, frame, c) - dot(before, c, frame, r)));
            least = std::min(least, std::abs(frame(0, 0)));
            before = frame;
        }
        CHECK(least < 0.5);  // it goes somewhere
        CHECK(turned < 1e-4);
        // The same second, whatever was asked for before; another seed, another way.
        TourPath again(3, dimension);
        CHECK(most_apart(again.frame_at(77.7), path.frame_at(77.7)) == 0.0);
        CHECK(most_apart(again.frame_at(1.3), path.frame_at(1.3)) == 0.0);
        TourPath other(4, dimension);
        CHECK(most_apart(other.frame_at(77.7), path.frame_at(77.7)) > 0.1);
    }
    TourPath nowhere(1, 3);
    CHECK(nowhere.frame_at(99.0)(2, 2) == 1.0);
}

TEST_CASE("a moment of the tour is the same drawn moving and at rest", "[explain][tour]") {
    const explain_test::World world =
        explain_test::make_world({.tokens = 120, .dimension = 7, .fine = 6, .coarse = 3});
    const hsa::TourSpace space =
        hsa::tour_space(world.coordinates, 1, world.registry, nullptr, {0, 50}, {});
    REQUIRE(space.tokens.size() == 50);
    REQUIRE(space.axes.basis.rows() == 7);
    hsa::AxesChoice choice;
    choice.kind = hsa::AxesKind::tour;
    choice.level = world.registry.hierarchy.levels[1].name;
    choice.seed = 9;
    choice.second = 6.25;
    const hsa::Layout layout =
        hsa::projected(hsa::chosen_axes(choice, world.coordinates, world.registry.hierarchy, {}),
                       world.coordinates, world.registry, {});
    const Matrix<double> frame = TourPath(9, 7).frame_at(6.25);
    for (std::size_t p = 0; p < 50; ++p)
        for (std::size_t r = 0; r < 3; ++r) {
            double seen = 0.0;
            for (std::size_t a = 0; a < 7; ++a)
                seen += frame(r, a) * static_cast<double>(space.points(p, a));
            CHECK(seen == Approx((*layout.points[0])(space.tokens[p], r)).margin(1e-4));
        }
    for (std::size_t s = 0; s < world.registry.size(); ++s) {
        Matrix<double> sigma(7, 7);
        std::size_t entry = 0;
        for (std::size_t a = 0; a < 7; ++a)
            for (std::size_t b = a; b < 7; ++b)
                sigma(a, b) = sigma(b, a) = static_cast<double>(space.covariances(s, entry++));
        entry = 0;
        for (std::size_t r = 0; r < 3; ++r)
            for (std::size_t c = r; c < 3; ++c) {
                double seen = 0.0;
                for (std::size_t a = 0; a < 7; ++a)
                    for (std::size_t b = 0; b < 7; ++b)
                        seen += frame(r, a) * sigma(a, b) * frame(c, b);
                CHECK(seen == Approx(layout.covariances(s, entry++)).epsilon(1e-3).margin(1e-4));
            }
    }
    // What the moment explains is the variance of the tokens along its axes.
    const auto shares = hsa::explained_by(frame, space.axes.variance, space.axes.total);
    for (std::size_t r = 0; r < 3; ++r) {
        CHECK(shares[r] == Approx(layout.explained[r]).margin(1e-9));
        double square = 0.0;
        double sum = 0.0;
        double total = 0.0;
        const Matrix<float>& rows = *world.coordinates.levels[1];
        for (std::size_t i = 0; i < 120; ++i) {
            const double x = static_cast<double>((*layout.points[1])(i, r));
            sum += x / 120.0;
            square += x * x / 120.0;
            for (std::size_t a = 0; a < 7; ++a) {
                const double delta =
                    static_cast<double>(rows(i, a)) - static_cast<double>(space.axes.mean[a]);
                total += delta * delta / 120.0;
            }
        }
        CHECK(shares[r] == Approx((square - sum * sum) / total).margin(1e-4));
    }
    CHECK(layout.facts.toured == 7);
}

TEST_CASE("many dimensions are toured through the first fifty principal axes", "[explain][tour]") {
    const explain_test::World world =
        explain_test::make_world({.tokens = 200, .dimension = 60, .fine = 4, .coarse = 2});
    hsa::AxesChoice choice;
    choice.kind = hsa::AxesKind::tour;
    choice.second = 4.0;
    const hsa::Layout layout =
        hsa::chosen_axes(choice, world.coordinates, world.registry.hierarchy, {});
    CHECK(layout.facts.toured == hsa::kMostToured);
    CHECK(layout.facts.note.find("first 50 of 60") != std::string::npos);
    const hsa::TourSpace space =
        hsa::tour_space(world.coordinates, 1, world.registry, nullptr, {1, 1000}, {});
    CHECK(space.points.cols() == hsa::kMostToured);
    CHECK(space.tokens.size() == 200);
    CHECK(std::is_sorted(space.axes.variance.rbegin(), space.axes.variance.rend()));
}
