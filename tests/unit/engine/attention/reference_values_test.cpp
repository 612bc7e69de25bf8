#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <array>
#include <cmath>
#include <numeric>

// The checked numbers of the design, once against the double-precision reference (1e-9) and once
// against the engine (1e-5; 1e-4 in 768 dimensions).
namespace {

constexpr double kDouble = 1e-9;
constexpr double kSingle = 1e-5;

constexpr std::array<double, 6> kRow0 = {.1932545058, .3535579099, .2728303674,
                                         .1148610400, .0441324274, .0213637495};
constexpr std::array<double, 6> kRow5 = {.0702282694, .1750336703, .3002091944,
                                         .2543959667, .1329070526, .0672258466};
constexpr std::array<double, 4> kP0 = {.4303307477, .2655645981, .1401654962, .1639391581};
constexpr std::array<double, 4> kUsage = {.1501812635, .1862668893, .2067156024, .4568362447};
constexpr std::array<double, 4> kInformation = {.0951826821, .0297757668, .0048126729, .0645969530};
constexpr std::array<double, 4> kP0Wide = {.5139180920, .2586033099, .1265398161, .1009387820};
constexpr std::array<double, 8> kRow0Wide = {.1020622805, .1589245386, .1810621784, .1689092416,
                                             .1478120966, .1130231374, .0738359098, .0543706171};

template <std::size_t N>
void check_row(const hsa::Matrix<double>& m, std::size_t row, const std::array<double, N>& values,
               double margin) {
    REQUIRE(m.cols() == N);
    for (std::size_t j = 0; j < N; ++j)
        CHECK(m(row, j) == Approx(values[j]).margin(margin).epsilon(0));
}

double trace(const hsa::Matrix<double>& a) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.rows(); ++i) sum += a(i, i);
    return sum;
}

void check_usage(const hsa::Matrix<double>& p, double margin) {
    const auto n = static_cast<double>(p.rows());
    double total = 0.0;
    double entropy = 0.0;
    for (std::size_t s = 0; s < p.cols(); ++s) {
        double usage = 0.0;
        for (std::size_t i = 0; i < p.rows(); ++i) usage += p(i, s) / n;
        double information = 0.0;
        for (std::size_t i = 0; i < p.rows(); ++i) {
            information += p(i, s) * std::log(p(i, s) / usage) / n;
            entropy -= p(i, s) * std::log(p(i, s)) / n;
        }
        total += information;
        CHECK(usage == Approx(kUsage[s]).margin(margin).epsilon(0));
        CHECK(information == Approx(kInformation[s]).margin(margin).epsilon(0));
    }
    CHECK(total == Approx(.194368074705).margin(margin).epsilon(0));
    CHECK(entropy == Approx(1.08716602342).margin(margin).epsilon(0));
}

constexpr std::array kWidths = {2.0F, .5F};
constexpr std::array kBeside = {.6F};
constexpr std::array kRest = {1.0F, .14F};
constexpr std::array kFactor = {1.0F, .6F};

}  // namespace

TEST_CASE("the kernel of one splat at two unit vectors is exp(-1)", "[attention][reference]") {
    reference::Splat splat;
    splat.centre = {0.0, 0.0, 0.0};
    splat.variance = {1.0, 1.0, 1.0};
    const double both =
        reference::log_kernel(splat, {1, 0, 0}, 1.0) + reference::log_kernel(splat, {0, 1, 0}, 1.0);
    CHECK(std::exp(both) == Approx(.36787944117).margin(kDouble).epsilon(0));

    const hsa::Matrix<float> centre(1, 3, 0.0F);
    const hsa::Matrix<float> variance(1, 3, 1.0F);
    const float beta = 1.0F;
    hsa::Matrix<float> x(2, 3, 0.0F);
    x(0, 0) = 1.0F;
    x(1, 1) = 1.0F;
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal,
          hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full}) {
        const auto backend = reference::cpu();
        const std::vector<std::vector<float>> shape = {
            hsa::from_variances(variance.row(0), kind).shape};
        hsa::SplatColumns columns;
        columns.kind = std::span(&kind, 1);
        columns.shape = shape;
        columns.centre = centre.view();
        columns.variance = variance.view();
        columns.beta = std::span(&beta, 1);
        hsa::Matrix<float> ell(2, 1);
        backend->log_kernel(*backend->bind(columns), x.view(), ell.view());
        CHECK(std::exp(ell(0, 0) + ell(1, 0)) == Approx(.36787944117).margin(kSingle).epsilon(0));
    }
}

TEST_CASE("the anisotropic kernel of the design", "[attention][reference]") {
    // Sigma = [[2, .6], [.6, .5]], as it is and as diag(1, .14) + f f^T with f = (1, .6).
    const hsa::CovarianceView full = {hsa::CovarianceKind::full, kWidths, kBeside};
    const hsa::CovarianceView lowrank = {hsa::CovarianceKind::lowrank, kRest, kFactor};
    reference::Splat splat;
    splat.centre = {1.0, -1.0};
    hsa::Matrix<double> sigma(2, 2, .6);
    sigma(0, 0) = 2.0;
    sigma(1, 1) = .5;
    splat.precision = reference::inverse(sigma);
    CHECK(-2.0 * reference::log_kernel(splat, {2.0, 0.0}, 1.0) ==
          Approx(2.03125).margin(kDouble).epsilon(0));
    CHECK(-2.0 * reference::log_kernel(splat, {.5, .25}, 1.0) ==
          Approx(6.25).margin(kDouble).epsilon(0));

    const float beta = 1.0F;
    hsa::Matrix<float> centre(1, 2, 1.0F);
    centre(0, 1) = -1.0F;
    hsa::Matrix<float> x(2, 2, 0.0F);
    x(0, 0) = 2.0F;
    x(1, 0) = .5F;
    x(1, 1) = .25F;
    for (const hsa::CovarianceView& covariance : {full, lowrank}) {
        INFO(hsa::name_of(covariance.kind));
        const auto backend = reference::cpu();
        hsa::Matrix<float> variance(0, 2);
        variance.append_row(covariance.variance);
        const std::vector<std::vector<float>> shape = {
            {covariance.shape.begin(), covariance.shape.end()}};
        hsa::SplatColumns columns;
        columns.centre = centre.view();
        columns.kind = std::span(&covariance.kind, 1);
        columns.variance = variance.view();
        columns.shape = shape;
        columns.beta = std::span(&beta, 1);
        hsa::Matrix<float> ell(2, 1);
        backend->log_kernel(*backend->bind(columns), x.view(), ell.view());
        CHECK(-2.0 * static_cast<double>(ell(0, 0)) == Approx(2.03125).epsilon(kSingle));
        CHECK(-2.0 * static_cast<double>(ell(1, 0)) == Approx(6.25).epsilon(kSingle));
    }
}

TEST_CASE("the data D1 are the ones of the design", "[attention][reference]") {
    const reference::Case data = reference::d1();
    check_row(data.blocks()[0], 0, std::array{.9092974268, -.1577456941, -.9936910036}, 1e-7);
    const auto splat = data.splats()[0];
    CHECK(splat.centre[0] == Approx(.2674988286));
    CHECK(splat.centre[1] == Approx(-.5048461046));
    CHECK(splat.centre[2] == Approx(-.9709581651));
}

TEST_CASE("D1: rows of A, P, usage and information", "[attention][reference]") {
    const reference::Case data = reference::d1();
    SECTION("reference, its inputs rounded to float32") {
        const reference::Attention exact = data.attention();
        check_row(exact.a, 0, kRow0, 1e-7);
        check_row(exact.p, 0, kP0, 1e-7);
        check_usage(exact.p, 1e-7);
    }
    SECTION("engine") {
        const hsa::Factors factors = reference::factors_of(data);
        const hsa::Matrix<double> a = reference::product(factors);
        check_row(a, 0, kRow0, kSingle);
        check_row(a, 5, kRow5, kSingle);
        check_row(reference::widened(factors.p), 0, kP0, kSingle);
        CHECK(trace(a) == Approx(1.2608586067917).margin(kSingle).epsilon(0));
        check_usage(reference::widened(factors.p), kSingle);
    }
}

TEST_CASE("D768: nothing underflows in 768 dimensions", "[attention][reference]") {
    const reference::Case data = reference::d768();
    const hsa::Factors factors = reference::factors_of(data);
    check_row(reference::widened(factors.p), 0, kP0Wide, 1e-4);
    check_row(reference::product(factors), 0, kRow0Wide, 1e-4);
    const reference::Attention exact = data.attention();
    check_row(exact.p, 0, kP0Wide, 1e-6);
    check_row(exact.a, 0, kRow0Wide, 1e-6);
}

TEST_CASE("D1: the order of splats changes nothing", "[attention][reference]") {
    const reference::Case data = reference::d1();
    const hsa::Matrix<double> a = reference::product(reference::factors_of(data));
    reference::Case other = data;
    other.registry = {};
    other.registry.hierarchy = data.registry.hierarchy;
    other.registry.dimension = 3;
    for (const std::size_t s : {2U, 0U, 3U, 1U}) other.registry.add(data.registry.splat(s));
    CHECK(reference::largest_difference(reference::product(reference::factors_of(other)), a) <
          1e-6);
    CHECK(reference::largest_difference(other.attention().a, data.attention().a) < 1e-12);
}

TEST_CASE("D1: permuting tokens permutes A", "[attention][reference]") {
    const reference::Case data = reference::d1();
    const std::array<std::size_t, 6> order = {3, 5, 0, 1, 4, 2};
    reference::Case other = data;
    hsa::Matrix<float> rows(6, 3);
    for (std::size_t i = 0; i < 6; ++i)
        std::copy_n(data.coordinates.base->row(order[i]).begin(), 3, rows.row(i).begin());
    other.set_rows(std::move(rows));
    const auto compare = [&order](const hsa::Matrix<double>& a, const hsa::Matrix<double>& permuted,
                                  double margin) {
        for (std::size_t i = 0; i < 6; ++i)
            for (std::size_t j = 0; j < 6; ++j)
                CHECK(permuted(i, j) == Approx(a(order[i], order[j])).margin(margin).epsilon(0));
    };
    compare(data.attention().a, other.attention().a, 1e-12);
    compare(reference::product(reference::factors_of(data)),
            reference::product(reference::factors_of(other)), 1e-6);
}

TEST_CASE("D1: rows asked for in ranges of 1, 2, 3 and 6 are the same", "[attention][reference]") {
    const hsa::Factors factors = reference::factors_of(reference::d1());
    std::vector<std::uint32_t> tokens(6);
    std::iota(tokens.begin(), tokens.end(), 0U);
    hsa::Matrix<float> whole(6, 6);
    hsa::attention_rows(factors, tokens, {}, whole.view());
    for (const std::size_t size : {1U, 2U, 3U, 6U}) {
        hsa::Matrix<float> pieces(6, 6);
        for (std::size_t first = 0; first < 6; first += size)
            hsa::attention_rows(factors, std::span(tokens).subspan(first, size), {},
                                pieces.view().block(first, first + size));
        CHECK(pieces == whole);
    }
}

TEST_CASE("D1: a common factor of all weights changes nothing; a centre changes the result",
          "[attention][reference]") {
    const reference::Case data = reference::d1();
    const hsa::Matrix<double> a = reference::product(reference::factors_of(data));
    reference::Case scaled = data;
    for (float& amplitude : scaled.registry.log_amplitude) amplitude += 2.5F;
    CHECK(reference::largest_difference(reference::product(reference::factors_of(scaled)), a) <
          1e-6);

    reference::Case moved = data;
    moved.registry.gaussians.centre(0, 0) += 0.25F;
    CHECK(reference::largest_difference(reference::product(reference::factors_of(moved)), a) >
          1e-3);

    reference::Case shorter = data;
    hsa::Matrix<float> rows(4, 3);
    std::copy_n(data.coordinates.base->data(), rows.size(), rows.data());
    shorter.set_rows(std::move(rows));
    CHECK(reference::largest_difference(reference::product(reference::factors_of(shorter)),
                                        shorter.attention().a) < 1e-6);
}
