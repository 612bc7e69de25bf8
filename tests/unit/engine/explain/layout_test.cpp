#include "engine/explain/layout.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <cmath>

using explain_test::make_world;
using explain_test::World;
using hsa::Layout;

namespace {

Layout layout_of(const World& world, const Layout* previous = nullptr) {
    return hsa::splat_layout(world.coordinates, world.registry, world.measures.usage, previous, {});
}

double dot(const Layout& a, std::size_t r, const Layout& b, std::size_t c) {
    double sum = 0.0;
    for (std::size_t x = 0; x < a.axes.cols(); ++x)
        sum += static_cast<double>(a.axes(r, x)) * static_cast<double>(b.axes(c, x));
    return sum;
}

void check_orthonormal(const Layout& layout, std::size_t axes) {
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < 3; ++c)
            CHECK(dot(layout, r, layout, c) == Approx(r == c && r < axes ? 1.0 : 0.0).margin(1e-6));
}

// R (x - mean), written plainly.
std::vector<double> image(const Layout& layout, std::span<const float> x) {
    std::vector<double> out(3, 0.0);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < x.size(); ++a)
            out[r] += static_cast<double>(layout.axes(r, a)) *
                      (static_cast<double>(x[a]) - static_cast<double>(layout.mean[a]));
    return out;
}

}  // namespace

TEST_CASE("points, centres and covariances are exact images", "[explain][layout]") {
    const World world = make_world({});
    const Layout layout = layout_of(world);
    check_orthonormal(layout, 3);
    CHECK(layout.axes_name == "PCA of splats, weighted by usage");
    REQUIRE(layout.points.size() == 2);
    for (std::size_t l = 0; l < 2; ++l)
        for (std::size_t i = 0; i < world.coordinates.size(); ++i) {
            const auto expected = image(layout, world.coordinates.levels[l]->row(i));
            for (std::size_t r = 0; r < 3; ++r)
                CHECK((*layout.points[l])(i, r) == Approx(expected[r]).margin(1e-6));
        }
    for (std::size_t s = 0; s < world.registry.size(); ++s) {
        const auto expected = image(layout, world.registry.gaussians.centre.row(s));
        for (std::size_t r = 0; r < 3; ++r)
            CHECK(layout.centres(s, r) == Approx(expected[r]).margin(1e-6));
        const std::size_t rows[6] = {0, 0, 0, 1, 1, 2};
        const std::size_t cols[6] = {0, 1, 2, 1, 2, 2};
        for (std::size_t e = 0; e < 6; ++e) {
            double sum = 0.0;
            for (std::size_t a = 0; a < world.registry.dimension; ++a)
                sum += static_cast<double>(layout.axes(rows[e], a)) *
                       static_cast<double>(world.registry.gaussians.variance(s, a)) *
                       static_cast<double>(layout.axes(cols[e], a));
            CHECK(layout.covariances(s, e) == Approx(sum).margin(1e-6));
        }
    }
}

TEST_CASE("the ellipsoid of a full or lowrank splat is the image of its whole covariance",
          "[explain][layout]") {
    World world = make_world({});
    const std::size_t d = world.registry.dimension;
    for (std::size_t s = 0; s < world.registry.size(); ++s) {
        hsa::GaussianColumns& side = world.registry.gaussians;
        side.kind[s] = s % 2 == 0 ? hsa::CovarianceKind::full : hsa::CovarianceKind::lowrank;
        side.shape[s].resize(s % 2 == 0 ? d * (d - 1) / 2 : 2 * d);
        for (std::size_t e = 0; e < side.shape[s].size(); ++e)
            side.shape[s][e] = 0.01F * static_cast<float>((e + s) % 5);
    }
    const Layout layout = layout_of(world);
    for (std::size_t s = 0; s < world.registry.size(); ++s) {
        const hsa::Matrix<double> sigma =
            hsa::dense_covariance(world.registry.gaussians.covariance(s));
        const std::size_t rows[6] = {0, 0, 0, 1, 1, 2};
        const std::size_t cols[6] = {0, 1, 2, 1, 2, 2};
        for (std::size_t e = 0; e < 6; ++e) {
            double sum = 0.0;
            for (std::size_t a = 0; a < d; ++a)
                for (std::size_t b = 0; b < d; ++b)
                    sum += static_cast<double>(layout.axes(rows[e], a)) * sigma(a, b) *
                           static_cast<double>(layout.axes(cols[e], b));
            CHECK(layout.covariances(s, e) == Approx(sum).margin(1e-6));
        }
    }
}

TEST_CASE("axes are those of largest usage-weighted variance", "[explain][layout]") {
    const World world = make_world({40, 6, 12, 4, true, 5});
    const Layout layout = layout_of(world);
    double total = 0.0;
    double used = 0.0;
    std::vector<double> along(3, 0.0);
    std::vector<double> mean(3, 0.0);
    for (std::size_t s = 0; s < world.registry.size(); ++s) used += world.measures.usage[s];
    for (std::size_t s = 0; s < world.registry.size(); ++s) {
        const double share = world.measures.usage[s] / used;
        for (std::size_t a = 0; a < 6; ++a)
            total += share * std::pow(static_cast<double>(world.registry.gaussians.centre(s, a)) -
                                          static_cast<double>(layout.mean[a]),
                                      2);
        for (std::size_t r = 0; r < 3; ++r) {
            along[r] += share * std::pow(static_cast<double>(layout.centres(s, r)), 2);
            mean[r] += share * static_cast<double>(layout.centres(s, r));
        }
    }
    for (std::size_t r = 0; r < 3; ++r) {
        CHECK(mean[r] == Approx(0.0).margin(1e-6));
        CHECK(layout.explained[r] == Approx(along[r] / total).epsilon(1e-5));
    }
    CHECK(layout.explained[0] > layout.explained[1]);
    CHECK(layout.explained[1] > layout.explained[2]);
    CHECK(layout.explained[0] + layout.explained[1] + layout.explained[2] < 1.0);
    // The variance along any other direction is smaller than along the first axis.
    for (std::size_t a = 0; a < 6; ++a) {
        double other = 0.0;
        for (std::size_t s = 0; s < world.registry.size(); ++s)
            other += world.measures.usage[s] / used *
                     std::pow(static_cast<double>(world.registry.gaussians.centre(s, a)) -
                                  static_cast<double>(layout.mean[a]),
                              2);
        CHECK(other <= along[0] + 1e-6);
    }
    for (std::size_t r = 0; r < 3; ++r) {
        float largest = 0.0F;
        for (const float x : layout.axes.row(r))
            if (std::abs(x) > std::abs(largest)) largest = x;
        CHECK(largest > 0.0F);
    }
}

TEST_CASE("few splats in many dimensions give the same axes as many", "[explain][layout]") {
    // Every splat twice with half its usage: the same covariance by the other way of computing it.
    World world = make_world({20, 9, 4, 2, false, 3});
    const Layout few = layout_of(world);
    World twice = world;
    for (std::size_t s = 0; s < world.registry.size(); ++s)
        twice.registry.add(world.registry.splat(s));
    for (double& u : world.measures.usage) u *= 0.5;
    twice.measures.usage = world.measures.usage;
    twice.measures.usage.insert(twice.measures.usage.end(), world.measures.usage.begin(),
                                world.measures.usage.end());
    REQUIRE(twice.registry.size() > 9);
    const Layout many = layout_of(twice);
    for (std::size_t r = 0; r < 3; ++r) {
        CHECK(dot(few, r, many, r) == Approx(1.0).epsilon(1e-5));
        CHECK(few.explained[r] == Approx(many.explained[r]).epsilon(1e-6));
    }
}

TEST_CASE("a step keeps sign and order of the axes before it", "[explain][layout]") {
    const World world = make_world({});
    const Layout plain = layout_of(world);
    Layout previous = plain;
    for (std::size_t a = 0; a < previous.axes.cols(); ++a) {
        previous.axes(0, a) = -plain.axes(1, a);
        previous.axes(1, a) = plain.axes(2, a);
        previous.axes(2, a) = -plain.axes(0, a);
    }
    const Layout kept = layout_of(world, &previous);
    for (std::size_t r = 0; r < 3; ++r)
        CHECK(dot(kept, r, previous, r) == Approx(1.0).epsilon(1e-5));
    CHECK(kept.explained[0] == Approx(plain.explained[1]));
    CHECK(kept.explained[1] == Approx(plain.explained[2]));
    CHECK(kept.explained[2] == Approx(plain.explained[0]));
    CHECK((*kept.points[0])(7, 0) == Approx(-(*plain.points[0])(7, 1)));
    // Other dimensions: nothing to keep.
    Layout other;
    other.axes = hsa::Matrix<float>(3, 2, 1.0F);
    CHECK(layout_of(world, &other).axes == plain.axes);
}

TEST_CASE("layouts of degenerate registries are whole", "[explain][layout]") {
    for (const std::size_t d : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}}) {
        World world = make_world({10, d, 2, 1, false, 9});
        SECTION("all centres in one place, d = " + std::to_string(d)) {
            for (std::size_t x = 0; x < world.registry.gaussians.centre.size(); ++x)
                world.registry.gaussians.centre.data()[x] = 0.25F;
            const Layout layout = layout_of(world);
            check_orthonormal(layout, std::min<std::size_t>(d, 3));
            for (std::size_t r = 0; r < 3; ++r) CHECK(layout.explained[r] == 0.0);
            for (std::size_t x = 0; x < layout.centres.size(); ++x)
                CHECK(layout.centres.data()[x] == Approx(0.0).margin(1e-6));
        }
        SECTION("nothing used, d = " + std::to_string(d)) {
            std::fill(world.measures.usage.begin(), world.measures.usage.end(), 0.0);
            const Layout layout = layout_of(world);
            check_orthonormal(layout, std::min<std::size_t>(d, 3));
            for (std::size_t x = 0; x < layout.points[0]->size(); ++x)
                CHECK(std::isfinite(layout.points[0]->data()[x]));
        }
    }
}

TEST_CASE("levels that share their coordinates share their points", "[explain][layout]") {
    World world = make_world({});
    world.coordinates.levels[1] = world.coordinates.levels[0];
    const Layout layout = layout_of(world);
    CHECK(layout.points[0] == layout.points[1]);
}

TEST_CASE("a layout can be stopped and does not depend on threads", "[explain][layout]") {
    const World world = make_world({3000, 5, 6, 3, true, 2});
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(hsa::splat_layout(world.coordinates, world.registry, world.measures.usage,
                                      nullptr, {stop.get_token(), {}}),
                    hsa::Cancelled);
    const Layout many = layout_of(world);
    const hsa::ThreadLimit one(1);
    const Layout single = layout_of(world);
    CHECK(*single.points[0] == *many.points[0]);
    CHECK(single.axes == many.axes);
}
