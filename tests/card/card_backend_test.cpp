#include "engine/attention/outputs.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "tests/card/card.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

// What the cases of tests/parity do not ask: sums with values, outputs, blocks, and a card that
// fails.
namespace {

using hsa::Matrix;

reference::Case case_of(hsa::CovarianceKind kind, std::size_t tokens, std::size_t splats) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 9;
    shape.splats = {splats, 3};
    shape.kind = kind;
    shape.background = true;
    return reference::random_case(shape, 23);
}

Matrix<float> values_of(std::size_t rows, std::size_t columns) {
    Matrix<float> values(rows, columns);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(e % 17) - 8.0F;
    return values;
}

Matrix<float> outputs_of(hsa::Backend& backend, const reference::Case& data,
                         const Matrix<float>& values) {
    return hsa::compute_outputs(backend, data.registry, data.coordinates, values.view(), {}, {});
}

}  // namespace

TEST_CASE("card: it says what it runs on", "[card]") {
    const hsa::BackendInfo info = reference::tested()->info();
    CHECK(info.name == tested_name());
    CHECK_FALSE(info.device.empty());
    CHECK(info.note.empty());
}

TEST_CASE("card: outputs without factors are A V", "[card]") {
    for (const hsa::CovarianceKind kind : reference::kKinds)
        for (const std::size_t tokens : {1U, 127U, 300U}) {  // more of them: parity/forward_test
            const reference::Case data = case_of(kind, tokens, 21);
            const Matrix<float> values = values_of(tokens, 5);
            const Matrix<double> a = data.attention().a;
            const Matrix<float> outputs = outputs_of(*reference::tested(), data, values);
            double error = 0.0;
            double square = 0.0;
            for (std::size_t i = 0; i < tokens; ++i)
                for (std::size_t c = 0; c < 5; ++c) {
                    double sum = 0.0;
                    for (std::size_t j = 0; j < tokens; ++j)
                        sum += a(i, j) * static_cast<double>(values(j, c));
                    const double miss = static_cast<double>(outputs(i, c)) - sum;
                    error += miss * miss;
                    square += sum * sum;
                }
            INFO(hsa::name_of(kind) << ", " << tokens << " tokens");
            CHECK(error <= 1e-7 * square);
        }
}

TEST_CASE("card: sums over keys with their values", "[card]") {
    const reference::Case data = case_of(hsa::CovarianceKind::diagonal, 2500, 33);
    const Matrix<float> values = values_of(2500, 7);
    std::vector<float> weight(2500);
    for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = -0.01F * static_cast<float>(i % 9);
    const auto sums_of = [&](hsa::Backend& backend) {
        const hsa::LevelKernel level =
            hsa::bind_level(backend, data.registry, 0, 1.0, hsa::Side::key);
        return backend.key_sums(*level.bound, data.coordinates.levels[0]->view(), weight,
                                values.view(), {});
    };
    const auto cpu = reference::cpu();
    const hsa::KeySums wanted = sums_of(*cpu);
    const hsa::KeySums found = sums_of(*reference::tested());
    const std::vector<double> logs = wanted.mass.logs();
    const std::vector<double> found_logs = found.mass.logs();
    const Matrix<float> means = wanted.means();
    const Matrix<float> found_means = found.means();
    for (std::size_t s = 0; s < logs.size(); ++s)
        CHECK(found_logs[s] == Approx(logs[s]).margin(1e-5));
    for (std::size_t e = 0; e < means.size(); ++e)
        CHECK(found_means.data()[e] == Approx(means.data()[e]).margin(2e-5));
}

TEST_CASE("card: rows that are far from every splat are told", "[card]") {
    reference::Case data = case_of(hsa::CovarianceKind::spherical, 300, 4);
    data.registry.background_log_weight.reset();
    Matrix<float> rows = *data.coordinates.base;
    for (const std::size_t i : {3U, 290U})
        for (std::size_t a = 0; a < rows.cols(); ++a) rows(i, a) = 3e4F;
    data.set_rows(rows);
    const Matrix<float> values = values_of(300, 2);
    const Matrix<float> wanted = outputs_of(*reference::cpu(), data, values);
    const Matrix<float> found = outputs_of(*reference::tested(), data, values);
    for (std::size_t e = 0; e < wanted.size(); ++e)
        CHECK(found.data()[e] == Approx(wanted.data()[e]).margin(2e-4));
}

TEST_CASE("card: long sums of axes that mix go through a card in several turns", "[card]") {
    // Mesa's programs of the CPU leave a thread's loops after 65,535 steps: here in the middle of
    // the rows of a chunk, then in the middle of the splats.
    for (const std::size_t tokens : {600U, 20U}) {
        reference::Shape shape;
        shape.tokens = tokens;
        shape.dimension = 384;
        shape.splats = {tokens < 100 ? std::size_t{480} : std::size_t{9}, 3};
        shape.kind = hsa::CovarianceKind::lowrank;
        shape.background = true;
        const reference::Case data = reference::random_case(shape, 29);
        const Matrix<float> values = values_of(tokens, 5);
        const Matrix<float> wanted = outputs_of(*reference::cpu(), data, values);
        CHECK(reference::largest_difference(
                  reference::widened(outputs_of(*reference::tested(), data, values)),
                  reference::widened(wanted)) < 2e-4);
    }
}

TEST_CASE("card: blocks of any size give the same bits", "[card]") {
    const reference::Case data = case_of(hsa::CovarianceKind::diagonal, 2100, 17);
    const Matrix<float> values = values_of(2100, 3);
    const auto cut = make_tested({}, 1);  // the least there is: one chunk of rows
    CHECK(outputs_of(*cut, data, values) == outputs_of(*reference::tested(), data, values));
    const hsa::Factors whole =
        hsa::compute_factors(*reference::tested(), data.registry, data.coordinates, {}, {});
    const hsa::Factors parts = hsa::compute_factors(*cut, data.registry, data.coordinates, {}, {});
    CHECK(whole.p == parts.p);
    CHECK(whole.k == parts.k);
    CHECK(whole.log_mass == parts.log_mass);
}

TEST_CASE("card: what is not finite is refused before it is sent, and the card goes on", "[card]") {
    const auto backend = make_tested();
    reference::Case data = case_of(hsa::CovarianceKind::diagonal, 300, 4);
    const Matrix<float> values = values_of(300, 2);
    const Matrix<float> wanted = outputs_of(*backend, data, values);
    for (const float wrong :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        Matrix<float> broken = values;
        broken(217, 1) = wrong;
        CHECK_THROWS_WITH(
            outputs_of(*backend, data, broken),
            Catch::Contains("Row 217, column 1 of the values") && Catch::Contains("finite"));
    }
    CHECK(backend->info().name == tested_name());
    CHECK(outputs_of(*backend, data, values) == wanted);
}

TEST_CASE("card: where the card fails the CPU goes on, and says so", "[card]") {
    const reference::Case data = case_of(hsa::CovarianceKind::lowrank, 260, 12);
    const Matrix<float> values = values_of(260, 3);
    const Matrix<float> wanted = outputs_of(*reference::cpu(), data, values);
    for (const int after : {0, 1, 4, 7}) {
        int left = after;
        const auto backend = make_tested([&left] {
            if (left-- == 0) hsa::fail("The graphics card has too little memory for this test.");
        });
        const Matrix<float> found = outputs_of(*backend, data, values);
        const hsa::BackendInfo info = backend->info();
        if (left < 0) {
            CHECK(info.name == "cpu");
            CHECK_THAT(info.note,
                       Catch::Contains("too little memory") && Catch::Contains("the CPU goes on"));
        } else {
            CHECK(info.name == tested_name());
        }
        for (std::size_t e = 0; e < wanted.size(); ++e)
            CHECK(found.data()[e] == Approx(wanted.data()[e]).margin(2e-4));
        // What follows is computed, too, with splats that were bound before.
        CHECK(outputs_of(*backend, data, values).size() == wanted.size());
    }
}
