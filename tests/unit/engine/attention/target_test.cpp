#include "engine/attention/target.h"

#include "engine/core/error.h"
#include "tests/catch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using hsa::Matrix;
using hsa::Target;

namespace {

Matrix<float> wave(std::size_t n, std::size_t d, double size = 1.0) {
    Matrix<float> x(n, d);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < d; ++c)
            x(i, c) = static_cast<float>(size * std::sin(0.7 * static_cast<double>(i + 1) +
                                                         1.3 * static_cast<double>(c + 1)));
    return x;
}

std::vector<double> by_hand(const Matrix<float>& x, double scale, std::size_t i,
                            std::span<const std::uint32_t> columns) {
    std::vector<double> row;
    double most = -1e300;
    for (const std::uint32_t j : columns) {
        double score = 0.0;
        for (std::size_t c = 0; c < x.cols(); ++c)
            score += scale * static_cast<double>(x(i, c)) * static_cast<double>(x(j, c));
        row.push_back(score);
        most = std::max(most, score);
    }
    double sum = 0.0;
    for (double& score : row) sum += score = std::exp(score - most);
    for (double& score : row) score /= sum;
    return row;
}

std::vector<std::uint32_t> all_of(std::size_t n) {
    std::vector<std::uint32_t> all(n);
    std::iota(all.begin(), all.end(), 0U);
    return all;
}

}  // namespace

TEST_CASE("a causal target sees the tokens up to its row's", "[target][causal]") {
    const std::size_t n = 2500;
    const Matrix<float> x = wave(n, 5, 3.0);
    const Target target(x, 0.4, true);
    const std::vector<std::uint32_t> rows = {0, 17, 1023, 1024, 2499};
    Matrix<float> t(rows.size(), n);
    target.rows(rows, t.view());
    const auto normaliser = target.log_normalisers(rows);
    Matrix<float> piece(rows.size(), 700);
    target.block(rows, normaliser, {900, 1600}, piece.view());
    const std::vector<std::uint32_t> columns = {5, 16, 17, 18, 1024, 2000};
    Matrix<float> some(rows.size(), columns.size());
    target.sampled_rows(rows, columns, {}, some.view());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::size_t seen = rows[r] + 1;
        const auto wanted = by_hand(x, 0.4, rows[r], all_of(seen));
        for (std::size_t j = 0; j < n; ++j) {
            const double exact = j < seen ? wanted[j] : 0.0;
            CHECK(static_cast<double>(t(r, j)) == Approx(exact).epsilon(1e-4).margin(1e-9));
            if (j >= 900 && j < 1600)
                CHECK(static_cast<double>(piece(r, j - 900)) ==
                      Approx(exact).epsilon(1e-4).margin(1e-9));
        }
        std::vector<std::uint32_t> known;
        for (const std::uint32_t j : columns)
            if (j < seen) known.push_back(j);
        const auto few = by_hand(x, 0.4, rows[r], known);
        for (std::size_t c = 0; c < columns.size(); ++c)
            CHECK(static_cast<double>(some(r, c)) ==
                  Approx(c < few.size() ? few[c] : 0.0).epsilon(1e-4).margin(1e-9));
    }
    // From a file: what lies ahead is left out, and a row needs something that does not.
    Matrix<float> file(2, 2);
    file(0, 0) = 0.25F;
    file(0, 1) = 0.75F;
    file(1, 0) = file(1, 1) = 0.5F;
    Matrix<float> kept(2, 2);
    Target(file, true).rows(std::vector<std::uint32_t>{0, 1}, kept.view());
    CHECK(kept(0, 0) == 1.0F);
    CHECK(kept(0, 1) == 0.0F);
    CHECK(kept(1, 1) == 0.5F);
    file(0, 0) = 0.0F;
    file(0, 1) = 1.0F;
    CHECK_THROWS_WITH(Target(file, true), Catch::Contains("row 0"));
}

TEST_CASE("the target is the softmax of scaled scores", "[target]") {
    const std::size_t n = 2500;  // more than two chunks
    const double size = GENERATE(1.0, 30.0);
    const Matrix<float> x = wave(n, 5, size);
    const Target target(x, 0.4);
    CHECK(target.size() == n);
    const std::vector<std::uint32_t> rows = {0, 17, 2499};
    Matrix<float> t(rows.size(), n);
    target.rows(rows, t.view());
    const auto normaliser = target.log_normalisers(rows);
    Matrix<float> piece(rows.size(), 700);
    target.block(rows, normaliser, {900, 1600}, piece.view());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::vector<double> wanted = by_hand(x, 0.4, rows[r], all_of(n));
        double sum = 0.0;
        double worst = 0.0;
        double worst_piece = 0.0;
        for (std::size_t j = 0; j < n; ++j) {
            sum += static_cast<double>(t(r, j));
            worst = std::max(worst, std::abs(static_cast<double>(t(r, j)) - wanted[j]));
            if (j >= 900 && j < 1600)
                worst_piece = std::max(
                    worst_piece, std::abs(static_cast<double>(piece(r, j - 900)) - wanted[j]));
        }
        CHECK(sum == Approx(1.0).epsilon(1e-5));
        CHECK(worst < 1e-4 * *std::max_element(wanted.begin(), wanted.end()));
        CHECK(worst_piece < 1e-4 * *std::max_element(wanted.begin(), wanted.end()));
    }
}

TEST_CASE("the target of a head is the softmax of its queries times its keys", "[target][heads]") {
    const std::size_t n = 1300;
    hsa::Coordinates head;
    head.base = std::make_shared<const Matrix<float>>(wave(n, 4, 1.5));
    Matrix<float> queries(n, 4);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < 4; ++c)
            queries(i, c) = static_cast<float>(std::cos(0.3 * static_cast<double>(i * c + 1)));
    head.queries = std::make_shared<const Matrix<float>>(queries);
    hsa::TargetSettings settings;
    const std::vector<std::uint32_t> rows = {3, 1299};
    for (const double scale : {1.0, 0.5}) {
        // Of the rows as a file has them: the coordinates are these times d^(-1/4), d = 4.
        if (scale != 1.0) settings.scale = 0.5 * scale;
        const auto target = hsa::make_target({}, head, settings);
        REQUIRE(target->size() == n);
        Matrix<float> t(rows.size(), n);
        target->rows(rows, t.view());
        const auto normaliser = target->log_normalisers(rows);
        Matrix<float> piece(rows.size(), n);
        target->block(rows, normaliser, {0, n}, piece.view());
        const std::vector<std::uint32_t> columns = {7, 900, 20};
        Matrix<float> some(rows.size(), columns.size());
        target->sampled_rows(rows, columns, {}, some.view());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            std::vector<double> wanted;
            double sum = 0.0;
            for (std::size_t j = 0; j < n; ++j) {
                double score = 0.0;
                for (std::size_t c = 0; c < 4; ++c)
                    score += static_cast<double>(queries(rows[r], c)) *
                             static_cast<double>((*head.base)(j, c));
                CHECK(static_cast<double>(target->score(rows[r], j)) ==
                      Approx(scale * score).margin(1e-6));
                wanted.push_back(std::exp(scale * score));
                sum += wanted.back();
            }
            double asked = 0.0;
            for (const std::uint32_t j : columns) asked += wanted[j];
            double worst = 0.0;
            for (std::size_t j = 0; j < n; ++j) {
                worst = std::max(worst, std::abs(static_cast<double>(t(r, j)) - wanted[j] / sum));
                worst =
                    std::max(worst, std::abs(static_cast<double>(piece(r, j)) - wanted[j] / sum));
            }
            CHECK(worst < 1e-5 * *std::max_element(wanted.begin(), wanted.end()) / sum);
            for (std::size_t c = 0; c < columns.size(); ++c)
                CHECK(static_cast<double>(some(r, c)) ==
                      Approx(wanted[columns[c]] / asked).epsilon(1e-5));
        }
    }
    // Causal: row 3 sees four tokens.
    Matrix<float> causal(rows.size(), n);
    hsa::make_target({}, head, settings, true)->rows(rows, causal.view());
    CHECK(causal(0, 3) > 0.0F);
    CHECK(std::count(causal.row(0).begin(), causal.row(0).end(), 0.0F) ==
          static_cast<std::ptrdiff_t>(n - 4));
    CHECK_THROWS_AS(Target(wave(5, 3), wave(4, 3), 1.0), hsa::Error);
}

TEST_CASE("columns can be sampled and weighted", "[target]") {
    const Matrix<float> x = wave(50, 4);
    const Target target(x, 1.0);
    const std::vector<std::uint32_t> rows = {3, 40};
    const std::vector<std::uint32_t> columns = {1, 4, 9, 48};
    Matrix<float> t(2, 4);
    target.sampled_rows(rows, columns, {}, t.view());
    for (std::size_t r = 0; r < 2; ++r) {
        const std::vector<double> wanted = by_hand(x, 1.0, rows[r], columns);
        for (std::size_t c = 0; c < 4; ++c)
            CHECK(static_cast<double>(t(r, c)) == Approx(wanted[c]).epsilon(1e-4));
    }
    Matrix<float> weighted(2, 4);
    const std::vector<float> weight = {0.0F, std::log(3.0F), 0.0F, 0.0F};
    target.sampled_rows(rows, columns, weight, weighted.view());
    for (std::size_t r = 0; r < 2; ++r)
        CHECK(weighted(r, 1) / weighted(r, 0) == Approx(3.0F * t(r, 1) / t(r, 0)).epsilon(1e-4));
}

TEST_CASE("a target from a file is taken as it is, faults are named", "[target]") {
    Matrix<float> a(3, 3);
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) a(i, j) = i == j ? 0.5F : 0.25F;
    const Target target(a);
    Matrix<float> t(1, 3);
    target.rows(std::vector<std::uint32_t>{1}, t.view());
    CHECK(t(0, 1) == Approx(0.5F));
    Matrix<float> some(1, 2);
    target.sampled_rows(std::vector<std::uint32_t>{1}, std::vector<std::uint32_t>{0, 1}, {},
                        some.view());
    CHECK(some(0, 1) == Approx(2.0F / 3.0F));
    Matrix<float> bad = a;
    bad(2, 1) = -0.25F;
    CHECK_THROWS_WITH(Target(bad), Catch::Contains("row 2, column 1"));
    bad(2, 1) = 0.75F;
    CHECK_THROWS_WITH(Target(bad), Catch::Contains("row 2 sums to"));
    CHECK_THROWS_AS(Target(Matrix<float>(3, 2)), hsa::Error);
    Matrix<float> rows = wave(4, 2);
    rows(1, 0) = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH(Target(rows, 1.0), Catch::Contains("row 1, column 0"));
    CHECK_THROWS_AS(Target(wave(4, 2), 0.0), hsa::Error);
}

TEST_CASE("with a recipe rows have the length of their dimension, without one they are centred",
          "[target]") {
    hsa::Dataset dataset;
    hsa::Coordinates coordinates;
    coordinates.base = std::make_shared<const Matrix<float>>(wave(30, 4, 3.0));
    hsa::TargetSettings settings;
    const std::vector<std::uint32_t> row = {2};
    Matrix<float> t(1, 30);
    hsa::make_target(dataset, coordinates, settings)->rows(row, t.view());
    Matrix<float> centred = *coordinates.base;
    for (std::size_t c = 0; c < 4; ++c) {
        double mean = 0.0;
        for (std::size_t i = 0; i < 30; ++i) mean += static_cast<double>(centred(i, c)) / 30.0;
        for (std::size_t i = 0; i < 30; ++i)
            centred(i, c) = static_cast<float>(static_cast<double>(centred(i, c)) - mean);
    }
    const std::vector<double> without = by_hand(centred, 0.5, 2, all_of(30));
    for (std::size_t j = 0; j < 30; ++j)
        CHECK(static_cast<double>(t(0, j)) == Approx(without[j]).epsilon(1e-3));

    coordinates.recipe = std::make_shared<const hsa::CoordinateRecipe>();
    settings.scale = 0.25;
    hsa::make_target(dataset, coordinates, settings)->rows(row, t.view());
    Matrix<float> unit = *coordinates.base;
    for (std::size_t i = 0; i < 30; ++i) {
        double square = 0.0;
        for (const float v : unit.row(i)) square += static_cast<double>(v) * static_cast<double>(v);
        for (float& v : unit.row(i))
            v = static_cast<float>(static_cast<double>(v) * 2.0 / std::sqrt(square));
    }
    const std::vector<double> with = by_hand(unit, 0.25, 2, all_of(30));
    for (std::size_t j = 0; j < 30; ++j)
        CHECK(static_cast<double>(t(0, j)) == Approx(with[j]).epsilon(1e-3));

    settings.source = hsa::TargetSource::none;
    CHECK(hsa::make_target(dataset, coordinates, settings) == nullptr);
}

TEST_CASE("masked tokens are left out of a target", "[target][mask]") {
    const std::size_t n = 2500;
    const bool causal = GENERATE(false, true);
    const Matrix<float> x = wave(n, 5, 3.0);
    std::vector<std::uint32_t> masked = {0, 1, 17};
    for (std::uint32_t j = 1024; j < 2100; ++j) masked.push_back(j);  // a whole chunk
    const Target target(x, 0.4, causal, masked);
    const std::vector<std::uint32_t> rows = {0, 1, 2, 17, 1100, 2499};
    Matrix<float> t(rows.size(), n);
    target.rows(rows, t.view());
    const auto normaliser = target.log_normalisers(rows);
    Matrix<float> piece(rows.size(), 1300);
    target.block(rows, normaliser, {900, 2200}, piece.view());
    const std::vector<std::uint32_t> columns = {0, 5, 16, 17, 18, 1024, 2200};
    Matrix<float> sampled(rows.size(), columns.size());
    target.sampled_rows(rows, columns, {}, sampled.view());
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::vector<std::uint32_t> seen;
        for (std::uint32_t j = 0; j < n; ++j)
            if (!std::binary_search(masked.begin(), masked.end(), j) && (!causal || j <= rows[r]))
                seen.push_back(j);
        std::vector<double> wanted(n, 0.0);
        if (!seen.empty()) {
            const std::vector<double> row = by_hand(x, 0.4, rows[r], seen);
            for (std::size_t s = 0; s < seen.size(); ++s) wanted[seen[s]] = row[s];
        }
        double kept = 0.0;
        for (const std::uint32_t j : columns) kept += wanted[j];
        for (std::size_t j = 0; j < n; ++j) {
            CHECK(static_cast<double>(t(r, j)) == Approx(wanted[j]).epsilon(1e-4).margin(1e-12));
            if (j >= 900 && j < 2200)
                CHECK(static_cast<double>(piece(r, j - 900)) ==
                      Approx(wanted[j]).epsilon(1e-4).margin(1e-12));
        }
        for (std::size_t c = 0; c < columns.size(); ++c)
            CHECK(static_cast<double>(sampled(r, c)) ==
                  Approx(kept > 0.0 ? wanted[columns[c]] / kept : 0.0).epsilon(1e-4).margin(1e-12));
    }
}

TEST_CASE("a target from a file loses its masked columns", "[target][mask]") {
    Matrix<float> t(3, 3, 1.0F / 3.0F);
    Matrix<float> out(3, 3);
    const std::vector<std::uint32_t> zero = {0};
    const std::vector<std::uint32_t> one = {1};
    Target(t, false, one).rows(all_of(3), out.view());
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(out(i, 0) == Approx(0.5));
        CHECK(out(i, 1) == 0.0F);
    }
    Target(t, true, zero).rows(all_of(3), out.view());
    CHECK(out(0, 0) == 0.0F);
    CHECK(out(1, 1) == Approx(1.0));
    CHECK(out(2, 2) == Approx(0.5));
    t(2, 0) = t(2, 2) = 0.0F;
    t(2, 1) = 1.0F;
    CHECK_THROWS_WITH(Target(t, false, one),
                      Catch::Contains("row 2") && Catch::Contains("attention.mask"));
}

TEST_CASE("normalisers of a long target stop", "[target]") {
    const Target target(wave(70000, 4), 0.4);
    const std::vector<std::uint32_t> rows = {3, 4000};
    std::vector<double> told;
    hsa::Work work;
    work.on_progress = [&](std::string_view, double fraction) { told.push_back(fraction); };
    const std::vector<double> found = target.log_normalisers(rows, work);
    CHECK(found == target.log_normalisers(rows));
    CHECK(told.size() > 2);
    CHECK(std::is_sorted(told.begin(), told.end()));
    std::stop_source source;
    source.request_stop();
    CHECK_THROWS_AS(target.log_normalisers(rows, {source.get_token(), {}}), hsa::Cancelled);
}
