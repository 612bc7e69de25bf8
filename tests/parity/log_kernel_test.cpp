#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/reference/plain_backend.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

// Every backend's log kernel, tile exponentials and log masses against double precision, over
// shapes around the tile (128 rows), the chunk (1,024 rows) and the widths of vectors.
namespace {

using hsa::Matrix;

struct KernelCase {
    std::size_t tokens;
    std::size_t splats;
    std::size_t dimension;
    hsa::CovarianceKind kind;
};

constexpr std::size_t kManyTokens = 5000;

std::vector<KernelCase> kernel_cases() {
    std::vector<KernelCase> cases;
    for (const hsa::CovarianceKind kind : reference::kKinds) {
        for (const std::size_t n : {0U, 1U, 3U, 127U, 128U, 129U, 1023U, 1024U, 1025U, 5000U})
            cases.push_back({n, 17, 5, kind});
        for (const std::size_t k : {1U, 2U, 15U, 16U, 63U, 64U, 65U})
            cases.push_back({131, k, 8, kind});
        for (const std::size_t d : {1U, 2U, 3U, 15U, 16U, 17U, 64U})
            cases.push_back({131, 9, d, kind});
        const bool mixes = kind == hsa::CovarianceKind::full;  // the reference inverts d x d
        cases.push_back({131, mixes ? std::size_t{2} : std::size_t{9}, mixes ? 130U : 384U, kind});
    }
    return cases;
}

reference::Case data_of(const KernelCase& c) {
    reference::Shape shape;
    shape.tokens = c.tokens;
    shape.dimension = c.dimension;
    shape.splats = {c.splats};
    shape.kind = c.kind;
    return reference::random_case(shape, 7 + c.tokens + 31 * c.splats + 1009 * c.dimension);
}

struct Bound {
    reference::Case data;
    std::unique_ptr<hsa::Backend> backend;
    std::shared_ptr<const hsa::BoundSplats> splats;
};

Bound bind(const KernelCase& c, hsa::Backend* = nullptr, double temperature = 1.0) {
    Bound bound{data_of(c), reference::tested(), nullptr};
    hsa::SplatColumns columns;
    columns.centre = bound.data.registry.gaussians.centre.view();
    columns.kind = bound.data.registry.gaussians.kind;
    columns.shape = bound.data.registry.gaussians.shape;
    columns.variance = bound.data.registry.gaussians.variance.view();
    columns.beta = bound.data.registry.beta;
    columns.temperature = temperature;
    bound.splats = bound.backend->bind(columns);
    return bound;
}

Matrix<double> exact_kernel(const reference::Case& data, double temperature) {
    const std::vector<reference::Splat> splats = data.splats();
    const Matrix<double> x = data.blocks()[0];
    Matrix<double> ell(x.rows(), splats.size());
    for (std::size_t i = 0; i < x.rows(); ++i)
        for (std::size_t s = 0; s < splats.size(); ++s)
            ell(i, s) =
                reference::log_kernel(splats[s], {x.row(i).begin(), x.row(i).end()}, temperature);
    return ell;
}

std::string name_of(const KernelCase& c) {
    return fmt::format("n = {}, k = {}, d = {}, {}", c.tokens, c.splats, c.dimension,
                       hsa::name_of(c.kind));
}

// Own, or with what Backend makes of log kernels.
void check_tiles(const KernelCase& c, bool plain) {
    INFO(name_of(c));
    Bound bound = bind(c);
    if (plain) bound.backend = std::make_unique<reference::PlainBackend>(std::move(bound.backend));
    const Matrix<double> exact = exact_kernel(bound.data, 1.0);
    const std::size_t tiles = (c.tokens + hsa::kKernelTile - 1) / hsa::kKernelTile;
    Matrix<float> e(c.tokens, c.splats);
    Matrix<float> most(tiles, c.splats);
    Matrix<double> sums(tiles, c.splats);
    const auto x = bound.data.coordinates.base->view();
    bound.backend->tile_exponentials(*bound.splats, x, {}, e.view(), most.view(), sums.view());
    double worst = 0.0;
    for (std::size_t t = 0; t < tiles; ++t) {
        const std::size_t end = std::min(c.tokens, (t + 1) * hsa::kKernelTile);
        for (std::size_t s = 0; s < c.splats; ++s) {
            double sum = 0.0;
            float largest = 0.0F;
            for (std::size_t i = t * hsa::kKernelTile; i < end; ++i) {
                const double value = std::exp(exact(i, s) - static_cast<double>(most(t, s)));
                worst = std::max(worst, std::abs(static_cast<double>(e(i, s)) - value));
                sum += static_cast<double>(e(i, s));
                largest = std::max(largest, e(i, s));
            }
            worst = std::max(worst, std::abs(sum - sums(t, s)) / sum);
            worst = std::max(worst, std::abs(1.0 - static_cast<double>(largest)));
        }
    }
    CHECK(worst < 2e-5);

    std::vector<float> weight(c.tokens);
    for (std::size_t i = 0; i < c.tokens; ++i) weight[i] = 0.1F * static_cast<float>(i % 7);
    for (const bool weighed : {false, true}) {
        const std::vector<double> mass = bound.backend->log_mass(
            *bound.splats, x, weighed ? std::span<const float>(weight) : std::span<const float>(),
            {});
        REQUIRE(mass.size() == c.splats);
        for (std::size_t s = 0; s < c.splats; ++s) {
            double sum = 0.0;
            for (std::size_t i = 0; i < c.tokens; ++i)
                sum += std::exp(exact(i, s) + (weighed ? static_cast<double>(weight[i]) : 0.0));
            if (c.tokens == 0) CHECK(std::isinf(mass[s]));
            else CHECK(mass[s] == Approx(std::log(sum)).margin(2e-5));
        }
    }
}

}  // namespace

TEST_CASE("parity: log kernel", "[parity][plain]") {
    for (const KernelCase& c : kernel_cases()) {
        INFO(name_of(c));
        for (const double temperature : {1.0, 2.5}) {
            const Bound bound = bind(c, nullptr, temperature);
            Matrix<float> ell(c.tokens, c.splats, 1.0F);
            bound.backend->log_kernel(*bound.splats, bound.data.coordinates.base->view(),
                                      ell.view());
            const Matrix<double> exact = exact_kernel(bound.data, temperature);
            double worst = 0.0;
            for (std::size_t x = 0; x < ell.size(); ++x) {
                const auto value = static_cast<double>(ell.data()[x]);
                if (!(value <= 0.0)) worst = 1.0;
                worst = std::max(
                    worst, std::abs(value - exact.data()[x]) / (1.0 + std::abs(exact.data()[x])));
            }
            CHECK(worst < 5e-6);
        }
    }
}

TEST_CASE("parity: tile exponentials and log masses, own and default", "[parity]") {
    const bool plain = GENERATE(false, true);
    for (const KernelCase& c : kernel_cases())
        if (c.tokens < kManyTokens) check_tiles(c, plain);
}

TEST_CASE("parity: tile exponentials and log masses of many tokens", "[parity][plain]") {
    const bool plain = GENERATE(false, true);
    for (const KernelCase& c : kernel_cases())
        if (c.tokens >= kManyTokens) check_tiles(c, plain);
}

TEST_CASE("parity: a row of the log kernel has the same bits wherever it stands", "[parity]") {
    for (const hsa::CovarianceKind kind : reference::kKinds) {
        const KernelCase c{300, 175, 64, kind};
        const Bound bound = bind(c);
        Matrix<float> whole(c.tokens, c.splats);
        const auto x = bound.data.coordinates.base->view();
        bound.backend->log_kernel(*bound.splats, x, whole.view());
        for (const std::size_t first : {0U, 1U, 5U, 130U, 291U}) {
            for (const std::size_t count : {1U, 2U, 3U, 9U}) {
                Matrix<float> some(count, c.splats);
                bound.backend->log_kernel(*bound.splats, x.block(first, first + count),
                                          some.view());
                for (std::size_t i = 0; i < count; ++i)
                    CHECK(std::equal(some.row(i).begin(), some.row(i).end(),
                                     whole.row(first + i).begin()));
            }
        }
    }
}
