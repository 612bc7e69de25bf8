#include "engine/attention/causal_factors.h"

#include "engine/attention/causal.h"
#include "engine/attention/cells.h"
#include "engine/attention/picture.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/explain/cards.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace {

using hsa::Block;
using hsa::Factors;
using hsa::Matrix;
using hsa::Range;
using reference::Case;

hsa::FactorOptions causal_options() {
    hsa::FactorOptions options;
    options.causal = true;
    return options;
}

// One splat that tokens come nearer to by 60 nats each time: what a row attends to vanishes beside
// what comes later, so that the rows need segments of their own.
Case approaching(std::size_t n, bool background) {
    reference::Shape shape;
    shape.tokens = n;
    shape.dimension = 1;
    shape.splats = {2};
    shape.background = background;
    Case data = reference::random_case(shape, 5);
    Matrix<float> rows(n, 1);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t steps = (n - 1 - i) / 3;
        rows(i, 0) = 12.0F * static_cast<float>(steps) + 0.1F * static_cast<float>(i % 3);
    }
    data.set_rows(rows);
    return data;
}

std::vector<Case> cases() {
    std::vector<Case> made;
    reference::Shape shape;
    shape.splats = {6, 3};
    shape.dimension = 5;
    shape.background = true;
    for (const std::size_t n : {1UL, 2UL, 63UL, 64UL, 65UL, 130UL, 401UL}) {
        shape.tokens = n;
        made.push_back(reference::random_case(shape, 40 + n));
    }
    shape.background = false;
    shape.own_blocks = true;
    shape.kind = hsa::CovarianceKind::diagonal;
    made.push_back(reference::random_case(shape, 7));
    made.push_back(approaching(150, false));
    made.push_back(approaching(200, true));
    return made;
}

void check_close(double value, double wanted) {
    CHECK(value == Approx(wanted).epsilon(2e-4).margin(2e-7));
}

double cell_mean(const Matrix<double>& a, Range rows, Range columns) {
    return reference::block_mean(a, rows.begin, rows.end, columns.begin, columns.end);
}

Range random_range(hsa::Random& random, std::size_t n) {
    const std::size_t begin = random.below(n);
    return {begin, begin + 1 + random.below(n - begin)};
}

reference::Attention exact_of(const Case& data) {
    return reference::causal(data.splats(), data.blocks(), data.registry.background_log_weight);
}

}  // namespace

TEST_CASE("causal rows and shares are those of the tokens up to their own", "[attention][causal]") {
    for (const Case& data : cases()) {
        const std::size_t n = data.tokens();
        const Factors factors = reference::factors_of(data, causal_options());
        const reference::Attention exact = exact_of(data);
        std::vector<std::uint32_t> all(n);
        std::iota(all.begin(), all.end(), 0U);
        Matrix<float> rows(n, n);
        hsa::attention_rows(factors, all, {}, rows.view());
        double worst_a = 0.0;
        double worst_p = 0.0;
        for (std::size_t i = 0; i < n; ++i) {
            double l1 = 0.0;
            for (std::size_t j = 0; j < n; ++j)
                l1 += std::abs(static_cast<double>(rows(i, j)) - exact.a(i, j));
            worst_a = std::max(worst_a, l1);
            for (std::size_t s = 0; s < factors.columns(); ++s)
                worst_p = std::max(worst_p,
                                   std::abs(static_cast<double>(factors.p(i, s)) - exact.p(i, s)));
            for (std::size_t j = i + 1; j < n; ++j) REQUIRE(rows(i, j) == 0.0F);
        }
        CAPTURE(n, factors.causal->segments.size());
        CHECK(worst_a < 5e-4);
        CHECK(worst_p < 2e-4);
    }
}

TEST_CASE("what approaches a splat from afar needs several segments", "[attention][causal]") {
    const Case data = approaching(150, false);
    const Factors factors = reference::factors_of(data, causal_options());
    const auto& segments = factors.causal->segments;
    CHECK(segments.size() > 1);
    std::size_t next = 0;
    for (const hsa::CausalSegment& segment : segments) {
        CHECK(segment.rows.begin == next);
        next = segment.rows.end;
        CHECK((segment.k == nullptr) == (next == data.tokens()));
    }
    CHECK(next == data.tokens());
    reference::Shape plain;
    plain.tokens = 300;
    plain.splats = {5};
    plain.dimension = 4;
    CHECK(reference::factors_of(reference::random_case(plain, 1), causal_options())
              .causal->segments.size() == 1);
}

TEST_CASE("a causal block and its parts, mean rows, columns and outputs", "[attention][causal]") {
    for (const Case& data : cases()) {
        const std::size_t n = data.tokens();
        CAPTURE(n);
        const Factors factors = reference::factors_of(data, causal_options());
        const hsa::TileSums sums = hsa::tile_sums(factors);
        const Matrix<double> a = exact_of(data).a;
        hsa::Random random{3, n};
        for (std::size_t trial = 0; trial < 40; ++trial) {
            const Block block{random_range(random, n), random_range(random, n)};
            const hsa::CellParts parts = hsa::block_parts(factors, sums, block);
            CAPTURE(block.rows.begin, block.rows.end, block.columns.begin, block.columns.end);
            check_close(parts.value, cell_mean(a, block.rows, block.columns));
            double sum = 0.0;
            for (const hsa::Part& part : parts.parts) {
                CHECK(part.p * part.k == Approx(part.value).margin(1e-12));
                sum += part.value;
            }
            CHECK(sum == Approx(parts.value).epsilon(1e-12).margin(1e-300));
        }
        const std::size_t i = random.below(n);
        const std::size_t j = random.below(n);
        check_close(hsa::cell_parts(factors, i, j).value, a(i, j));
        const std::vector<float> column = hsa::attention_column(factors, j);
        const Range some = random_range(random, n);
        const std::vector<Range> ranges = {some};
        const std::vector<float> row_mean = hsa::mean_row(factors, ranges);
        const std::vector<float> column_mean = hsa::mean_column(factors, ranges);
        for (std::size_t t = 0; t < n; ++t) {
            check_close(static_cast<double>(column[t]), a(t, j));
            check_close(static_cast<double>(row_mean[t]), cell_mean(a, some, {t, t + 1}));
            check_close(static_cast<double>(column_mean[t]), cell_mean(a, {t, t + 1}, some));
        }
        Matrix<float> values(n, 3);
        for (std::size_t x = 0; x < values.size(); ++x)
            values.data()[x] = static_cast<float>(random.uniform() - 0.5);
        const Matrix<float> outputs = hsa::attend(factors, values.view());
        for (std::size_t row = 0; row < n; ++row)
            for (std::size_t c = 0; c < 3; ++c) {
                double sum = 0.0;
                for (std::size_t t = 0; t < n; ++t)
                    sum += a(row, t) * static_cast<double>(values(t, c));
                CHECK(static_cast<double>(outputs(row, c)) ==
                      Approx(sum).epsilon(3e-4).margin(1e-4));
            }
    }
}

TEST_CASE("every pixel of a causal picture is the mean of its cells", "[attention][causal]") {
    std::vector<Case> data = cases();
    reference::Shape shape;
    shape.tokens = 1700;
    shape.splats = {5, 2};
    shape.dimension = 3;
    shape.background = true;
    data.push_back(reference::random_case(shape, 11));
    for (const Case& one : data) {
        const std::size_t n = one.tokens();
        const Factors factors = reference::factors_of(one, causal_options());
        const hsa::TileSums sums = hsa::tile_sums(factors);
        const Matrix<double> a = exact_of(one).a;
        hsa::Random random{9, n};
        for (std::size_t trial = 0; trial < 6; ++trial) {
            hsa::PictureRequest wanted;
            wanted.rows = trial == 0 ? Range{0, n} : random_range(random, n);
            wanted.columns = trial < 2 ? Range{0, n} : random_range(random, n);
            wanted.height = 1 + random.below(40);
            wanted.width = trial == 0 ? 5 : 1 + random.below(40);
            const hsa::Picture picture =
                hsa::attention_picture(factors, sums, wanted, hsa::AttentionSettings{}, {});
            CHECK(picture.mark == hsa::Mark::exact);
            for (std::size_t r = 0; r < picture.mean.rows(); ++r)
                for (std::size_t c = 0; c < picture.mean.cols(); ++c)
                    check_close(static_cast<double>(picture.mean(r, c)),
                                cell_mean(a, {picture.row_edges[r], picture.row_edges[r + 1]},
                                          {picture.column_edges[c], picture.column_edges[c + 1]}));
        }
        // Levels and the background add up to the whole.
        hsa::PictureRequest wanted{{0, n}, {0, n}, 7, 9};
        const hsa::Picture whole = hsa::attention_picture(factors, sums, wanted, {}, {});
        Matrix<double> added(whole.mean.rows(), whole.mean.cols());
        std::vector<std::uint16_t> levels = {0, 1, hsa::kBackgroundLevel};
        for (const std::uint16_t level : levels) {
            wanted.part.level = level;
            const hsa::Picture part = hsa::attention_picture(factors, sums, wanted, {}, {});
            for (std::size_t x = 0; x < added.size(); ++x)
                added.data()[x] += static_cast<double>(part.mean.data()[x]);
        }
        for (std::size_t x = 0; x < added.size(); ++x)
            check_close(added.data()[x], static_cast<double>(whole.mean.data()[x]));
    }
}

TEST_CASE("the strongest causal pairs are those of all rows", "[attention][causal]") {
    for (const Case& data : cases()) {
        const std::size_t n = data.tokens();
        const Factors factors = reference::factors_of(data, causal_options());
        std::vector<double> cells;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j)
                cells.push_back(hsa::cell_parts(factors, i, j).value);
        std::sort(cells.rbegin(), cells.rend());
        const std::vector<hsa::Pair> pairs = hsa::strongest_pairs(factors, 25, {}).pairs;
        REQUIRE(pairs.size() == std::min<std::size_t>(25, cells.size()));
        for (std::size_t r = 0; r < pairs.size(); ++r) {
            CHECK(pairs[r].j <= pairs[r].i);
            CHECK(pairs[r].value == Approx(cells[r]).epsilon(1e-9));
        }
    }
}

TEST_CASE("few splats a token share out the causal row", "[attention][causal]") {
    reference::Shape shape;
    shape.tokens = 300;
    shape.splats = {8, 3};
    shape.dimension = 3;
    shape.background = true;
    const Case data = reference::random_case(shape, 21);
    hsa::FactorOptions options = causal_options();
    const Factors all = reference::factors_of(data, options);
    options.splats_per_token = 2;
    const Factors few = reference::factors_of(data, options);
    CHECK(few.row_bound > 0.0);
    std::vector<std::uint32_t> tokens(data.tokens());
    std::iota(tokens.begin(), tokens.end(), 0U);
    Matrix<float> before(tokens.size(), tokens.size());
    Matrix<float> after = before;
    hsa::attention_rows(all, tokens, {}, before.view());
    hsa::attention_rows(few, tokens, {}, after.view());
    double worst = 0.0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        double sum = 0.0;
        double l1 = 0.0;
        for (std::size_t j = 0; j < tokens.size(); ++j) {
            sum += static_cast<double>(after(i, j));
            l1 += std::abs(static_cast<double>(after(i, j)) - static_cast<double>(before(i, j)));
        }
        CHECK(sum == Approx(1.0).epsilon(1e-5));
        worst = std::max(worst, l1);
    }
    CHECK(worst <= few.row_bound + 1e-5);
    CHECK(worst > 0.0);
}

TEST_CASE("causal factors have the same bits for one thread", "[attention][causal]") {
    reference::Shape shape;
    shape.tokens = 5000;
    shape.splats = {9, 2};
    shape.dimension = 4;
    shape.background = true;
    const Case data = reference::random_case(shape, 2);
    const Factors many = reference::factors_of(data, causal_options());
    const hsa::TileSums many_sums = hsa::tile_sums(many);
    const hsa::ThreadLimit limit(1);
    const Factors one = reference::factors_of(data, causal_options());
    const hsa::TileSums one_sums = hsa::tile_sums(one);
    CHECK(many.p == one.p);
    CHECK(many.causal->weight == one.causal->weight);
    CHECK(many_sums.diagonal == one_sums.diagonal);
    const Range some{100, 4000};
    CHECK(hsa::mean_row(many, std::span(&some, 1)) == hsa::mean_row(one, std::span(&some, 1)));
}

TEST_CASE("D1 causal: A_2 of reference-values", "[attention][causal]") {
    const Factors factors = reference::factors_of(reference::d1(), causal_options());
    Matrix<float> row(1, 6);
    const std::vector<std::uint32_t> two = {2};
    hsa::attention_rows(factors, two, {}, row.view());
    const std::vector<double> wanted = {.1718546036, .3801174096, .4480279868, 0.0, 0.0, 0.0};
    for (std::size_t j = 0; j < 6; ++j)
        CHECK(static_cast<double>(row(0, j)) == Approx(wanted[j]).margin(1e-5));
}
