#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/attention/outputs.h"
#include "engine/compute/cpu/double_backend.h"
#include "engine/compute/twofold.h"
#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <vector>

// The backend of compute.precision double: P, K and outputs to the last digits of float32.
namespace {

using hsa::Factors;
using hsa::Matrix;
using reference::Case;

Case case_of(hsa::CovarianceKind kind, std::size_t d, hsa::Form form, bool background) {
    reference::Shape shape;
    shape.tokens = 150;
    shape.dimension = d;
    shape.splats =
        form == hsa::Form::token ? std::vector<std::size_t>{5, 2} : std::vector<std::size_t>{6};
    shape.kind = kind;
    shape.background = background;
    shape.form = form;
    shape.own_blocks = form == hsa::Form::token;
    return reference::random_case(shape, 19);
}

Factors factors_with(hsa::Backend& backend, const Case& data, bool causal = false) {
    hsa::FactorOptions options;
    options.causal = causal;
    return hsa::compute_factors(backend, data.registry, data.coordinates, options, {});
}

// The largest relative error of what float32 holds with all its digits.
double worst(const hsa::FactorMatrix& a, const Matrix<double>& exact) {
    double worst = 0.0;
    for (std::size_t i = 0; i < exact.rows(); ++i)
        for (std::size_t s = 0; s < exact.cols(); ++s)
            if (exact(i, s) > 1e-30)
                worst = std::max(
                    worst, std::abs(static_cast<double>(a(i, s)) - exact(i, s)) / exact(i, s));
    return worst;
}

}  // namespace

TEST_CASE("double: P and K are the reference's within 1e-6 at any dimension", "[parity][double]") {
    const auto backend = hsa::make_double_backend();
    REQUIRE(hsa::twofold_of(*backend) != nullptr);
    CHECK(hsa::twofold_of(*reference::cpu()) == nullptr);
    double single_worst = 0.0;
    const auto check = [&](const Case& data) {
        const reference::Attention exact = data.attention();
        const Factors factors = factors_with(*backend, data);
        // Three roundings each; kappa |k|^2 / 2 of heads is kept in float32.
        const bool token = data.registry.form == hsa::Form::token;
        CHECK(worst(factors.p, exact.p) < (token ? 2e-7 : 1e-6));
        CHECK(worst(factors.k, exact.k) < (token ? 2e-7 : 1e-6));
        for (std::size_t s = 0; s < factors.columns(); ++s)
            CHECK(factors.log_mass[s] ==
                  Approx(exact.log_mass[s]).epsilon(0).margin(token ? 1e-11 : 1e-7));
        const Factors single = factors_with(*reference::cpu(), data);
        single_worst = std::max({single_worst, worst(single.p, exact.p), worst(single.k, exact.k)});
    };
    for (const bool background : {false, true}) {
        for (const std::size_t d : {1UL, 6UL, 64UL, 1024UL})
            for (const hsa::CovarianceKind kind :
                 {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal})
                check(case_of(kind, d, hsa::Form::token, background));
        for (const hsa::CovarianceKind kind :
             {hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full})
            check(case_of(kind, 24, hsa::Form::token, background));
        for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired})
            check(case_of(hsa::CovarianceKind::diagonal, 256, form, background));
    }
    // What the comparison is worth: float32 kernels miss these bounds.
    CHECK(single_worst > 5e-6);
}

TEST_CASE("double: causal and masked attention", "[parity][double]") {
    const auto backend = hsa::make_double_backend();
    Case data = case_of(hsa::CovarianceKind::diagonal, 384, hsa::Form::token, true);
    data.coordinates.masked = {0, 1, 9, 77};
    std::vector<bool> masked(data.tokens(), false);
    for (const std::uint32_t token : data.coordinates.masked) masked[token] = true;
    for (const bool causal : {false, true}) {
        const Matrix<double> exact = reference::without_masked(data.attention().a, masked, causal);
        const Factors factors = factors_with(*backend, data, causal);
        std::vector<std::uint32_t> rows(data.tokens());
        for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
        Matrix<float> a(rows.size(), rows.size());
        hsa::attention_rows(factors, rows, {}, a.view());
        CHECK(worst(hsa::FactorMatrix(a), exact) < 3e-6);
    }
}

TEST_CASE("double: outputs without factors", "[parity][double]") {
    const auto backend = hsa::make_double_backend();
    for (const hsa::Form form : {hsa::Form::token, hsa::Form::shared}) {
        const Case data = case_of(hsa::CovarianceKind::diagonal, 512, form, true);
        Matrix<float> values(data.tokens(), 3);
        for (std::size_t e = 0; e < values.size(); ++e)
            values.data()[e] = 1.0F + static_cast<float>(e % 13);
        const Matrix<double> a = data.attention().a;
        const Matrix<float> outputs =
            hsa::compute_outputs(*backend, data.registry, data.coordinates, values.view(), {}, {});
        for (std::size_t i = 0; i < data.tokens(); ++i)
            for (std::size_t c = 0; c < 3; ++c) {
                double sum = 0.0;
                for (std::size_t j = 0; j < data.tokens(); ++j)
                    sum += a(i, j) * static_cast<double>(values(j, c));
                CHECK(static_cast<double>(outputs(i, c)) == Approx(sum).epsilon(1e-6));
            }
    }
}

TEST_CASE("double: data far from every splat, and the same bits for any number of threads",
          "[parity][double][threads]") {
    const auto backend = hsa::make_double_backend();
    Case data = case_of(hsa::CovarianceKind::diagonal, 3, hsa::Form::token, false);
    Matrix<float> far(2300, 3);
    for (std::size_t i = 0; i < far.rows(); ++i)
        for (std::size_t a = 0; a < 3; ++a)
            far(i, a) = std::ldexp(1.0F + 0.01F * static_cast<float>(a + i % 7),
                                   static_cast<int>(i % 100) - 20);
    data.set_rows(far);
    const auto with_threads = [&](std::size_t threads, bool causal) {
        const hsa::ThreadLimit limit(threads);
        return factors_with(*backend, data, causal);
    };
    for (const bool causal : {false, true}) {
        const Factors one = with_threads(1, causal);
        const Factors three = with_threads(3, causal);
        CHECK(one.p == three.p);
        CHECK(one.k == three.k);
        for (std::size_t i = 0; i < one.tokens(); ++i) {
            double sum = 0.0;
            for (const float p : one.p.row(i)) sum += static_cast<double>(p);
            REQUIRE(sum == Approx(1.0).epsilon(1e-5));
        }
        for (std::size_t s = 0; s < one.columns(); ++s) {
            double sum = 0.0;
            for (std::size_t j = 0; j < one.tokens(); ++j) sum += static_cast<double>(one.k(j, s));
            CHECK(sum == Approx(1.0).epsilon(1e-5));
        }
    }
    Matrix<float> values(2300, 2, 1.0F);
    const Matrix<float> outputs =
        hsa::compute_outputs(*backend, data.registry, data.coordinates, values.view(), {}, {});
    for (std::size_t e = 0; e < outputs.size(); ++e)
        CHECK(outputs.data()[e] == Approx(1.0).epsilon(1e-5));
}
