#include "engine/compute/level_kernels.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

// The best splats of every row, and cells of A, against double precision.
namespace {

using hsa::Matrix;

constexpr double kBand = 1e-5;  // of scores that float32 may take one for the other

struct Chosen {
    Matrix<std::uint32_t> column;
    Matrix<float> log_kernel;
    std::vector<double> total;
};

Chosen chosen_of(hsa::Backend& backend, const reference::Case& data,
                 const std::vector<float>& shift, std::size_t wanted) {
    const std::size_t n = data.tokens();
    const std::vector<hsa::LevelKernel> levels = hsa::bind_levels(backend, data.registry, 1.0);
    std::vector<hsa::ScoredColumns> parts;
    for (const hsa::LevelKernel& level : levels)
        parts.push_back(
            {level.bound.get(), data.coordinates.levels[level.level]->view(), level.rows});
    Chosen made{Matrix<std::uint32_t>(n, wanted, 77), Matrix<float>(n, wanted, 1.0F),
                std::vector<double>(n)};
    backend.best_splats(parts, shift, {made.column.view(), made.log_kernel.view(), made.total}, {});
    return made;
}

std::vector<float> shifts_of(std::size_t splats) {
    std::vector<float> shift;
    for (std::size_t s = 0; s < splats; ++s) {
        hsa::Random random{4, s};
        shift.push_back(s % 5 == 3 ? -std::numeric_limits<float>::infinity()
                                   : static_cast<float>(random.normal()));
    }
    return shift;
}

void check_chosen(const reference::Case& data, const std::vector<float>& shift,
                  std::size_t wanted) {
    const Chosen found = chosen_of(*reference::tested(), data, shift, wanted);
    const reference::Attention exact = data.attention();
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < data.tokens(); ++i) {
        std::vector<double> score(shift.size());
        for (std::size_t s = 0; s < shift.size(); ++s)
            score[s] = exact.ell(i, s) + static_cast<double>(shift[s]);
        std::vector<double> sorted = score;
        std::sort(sorted.begin(), sorted.end(), std::greater<>());
        const double least = sorted[wanted - 1];
        const double band = kBand * (1.0 + std::abs(least));
        const auto columns = found.column.row(i);
        if (std::adjacent_find(columns.begin(), columns.end(), std::greater_equal<>()) !=
            columns.end())
            ++wrong;  // not rising
        for (std::size_t b = 0; b < wanted; ++b) {
            REQUIRE(columns[b] < shift.size());
            const double ell = exact.ell(i, columns[b]);
            if (!(score[columns[b]] >= least - band)) ++wrong;
            if (!(std::abs(static_cast<double>(found.log_kernel(i, b)) - ell) <=
                  kBand * (1.0 + std::abs(ell))))
                ++wrong;
        }
        double total = 0.0;
        for (const double own : score) total += std::exp(own - sorted[0]);
        if (!(std::abs(found.total[i] - sorted[0] - std::log(total)) <=
              kBand * (1.0 + std::abs(sorted[0]))))
            ++wrong;
    }
    CHECK(wrong == 0);
}

struct BestCase {
    std::size_t tokens;
    std::vector<std::size_t> splats;
    std::size_t wanted;
};

void check_best(const std::vector<BestCase>& sizes) {
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::diagonal, hsa::CovarianceKind::full})
        for (const BestCase& size : sizes)
            for (const bool mixed_ids : {false, true}) {
                INFO(fmt::format("n = {}, k = {}, {} wanted, {}, mixed ids {}", size.tokens,
                                 size.splats.front(), size.wanted, hsa::name_of(kind), mixed_ids));
                reference::Shape shape;
                shape.tokens = size.tokens;
                shape.dimension = 4;
                shape.splats = size.splats;
                shape.kind = kind;
                shape.own_blocks = true;
                shape.mixed_ids = mixed_ids;
                const reference::Case data = reference::random_case(shape, 61);
                check_chosen(data, shifts_of(data.registry.size()), size.wanted);
            }
}

Matrix<float> drawn_rows(std::size_t rows, std::size_t columns, std::uint64_t seed) {
    Matrix<float> made(rows, columns);
    hsa::Random random{seed, rows, columns};
    for (std::size_t e = 0; e < made.size(); ++e)
        made.data()[e] = static_cast<float>(random.uniform());
    return made;
}

}  // namespace

TEST_CASE("parity: the best splats of every row", "[parity]") {
    check_best({{0, {3}, 2},
                {1, {1}, 1},
                {7, {4, 1}, 4},
                {128, {32, 2}, 16},
                {129, {33}, 5},
                {40, {63, 3}, 9},
                {40, {64}, 1},
                {40, {65, 2}, 40},
                {9, {1100}, 33}});
}

TEST_CASE("parity: the best splats of many rows", "[parity][plain]") {
    check_best({{127, {31}, 3}, {1025, {12}, 4}});
}

TEST_CASE("parity: of splats with one score those of the lower rows are chosen", "[parity]") {
    reference::Shape shape;
    shape.tokens = 70;
    shape.dimension = 3;
    shape.splats = {90};
    reference::Case data = reference::random_case(shape, 62);
    hsa::GaussianColumns& gaussians = data.registry.gaussians;
    for (std::size_t s = 1; s < 90; ++s) {
        for (std::size_t a = 0; a < 3; ++a) {
            gaussians.centre(s, a) = gaussians.centre(s % 6, a);
            gaussians.variance(s, a) = gaussians.variance(s % 6, a);
        }
        data.registry.beta[s] = data.registry.beta[s % 6];
    }
    // Fifteen splats for each of six scores: the best 20 are all of one and the first five of
    // another.
    const Chosen found = chosen_of(*reference::tested(), data, std::vector<float>(90, 0.0F), 20);
    for (std::size_t i = 0; i < data.tokens(); ++i) {
        std::vector<std::size_t> of_score(6, 0);
        for (const std::uint32_t s : found.column.row(i)) ++of_score[s % 6];
        CHECK(std::count(of_score.begin(), of_score.end(), 15U) == 1);
        const auto fewer = std::find(of_score.begin(), of_score.end(), 5U);
        REQUIRE(fewer != of_score.end());
        const auto score = static_cast<std::uint32_t>(fewer - of_score.begin());
        for (const std::uint32_t s : found.column.row(i))
            if (s % 6 == score) CHECK(s < 30);
    }
}

TEST_CASE("parity: cells of A from given rows of P and K", "[parity]") {
    struct Size {
        std::size_t rows;
        std::size_t keys;
        std::size_t columns;
    };
    const std::vector<Size> sizes = {{0, 3, 4},    {1, 1, 1},     {5, 7, 0},    {15, 17, 16},
                                     {63, 65, 64}, {64, 64, 63},  {65, 63, 65}, {129, 1, 70},
                                     {3, 200, 4},  {130, 97, 100}};
    for (const Size& size : sizes) {
        INFO(size.rows << " x " << size.keys << ", " << size.columns << " columns");
        const Matrix<float> p = drawn_rows(size.rows, size.columns, 1);
        const Matrix<float> k = drawn_rows(size.keys, size.columns, 2);
        Matrix<float> wide(size.rows, size.keys + 3, -5.0F);
        reference::tested()->cells(p.view(), k.view(),
                                   {wide.data(), size.rows, size.keys, size.keys + 3}, {});
        double worst = 0.0;
        for (std::size_t i = 0; i < size.rows; ++i) {
            for (std::size_t j = 0; j < size.keys; ++j) {
                double sum = 0.0;
                for (std::size_t s = 0; s < size.columns; ++s)
                    sum += static_cast<double>(p(i, s)) * static_cast<double>(k(j, s));
                worst =
                    std::max(worst, std::abs(static_cast<double>(wide(i, j)) - sum) / (1.0 + sum));
            }
            for (std::size_t j = 0; j < 3; ++j) CHECK(wide(i, size.keys + j) == -5.0F);
        }
        CHECK(worst < 2e-6);
    }
}

TEST_CASE("parity: cells that the time did not reach are not numbers, all but the first",
          "[parity]") {
    const Matrix<float> p = drawn_rows(5000, 3, 3);
    const Matrix<float> k = drawn_rows(4, 3, 4);
    Matrix<float> out(5000, 4);
    hsa::Work work;
    work.until = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    reference::tested()->cells(p.view(), k.view(), out.view(), work);
    CHECK_FALSE(std::isnan(out(0, 0)));
    for (std::size_t i = 0; i < 5000; ++i) {
        const bool left_out = std::isnan(out(i, 0));
        for (std::size_t j = 0; j < 4; ++j) CHECK(std::isnan(out(i, j)) == left_out);
    }
}
