#include "engine/model/key_mask.h"

#include "engine/attention/blend.h"
#include "engine/attention/causal.h"
#include "engine/attention/cells.h"
#include "engine/attention/near_factors.h"
#include "engine/attention/outputs.h"
#include "engine/attention/picture.h"
#include "engine/attention/sparse_factors.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace {

using hsa::Factors;
using hsa::Matrix;
using reference::Case;

const std::vector<std::uint32_t>& some_masked() {
    static const std::vector<std::uint32_t> masked = {0, 1, 2, 17, 18, 64, 65, 66, 139};
    return masked;
}

Case case_of(hsa::Form form, bool background, std::vector<std::uint32_t> masked,
             std::size_t tokens = 140) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 4;
    shape.splats =
        form == hsa::Form::token ? std::vector<std::size_t>{6, 3} : std::vector<std::size_t>{7};
    shape.kind = hsa::CovarianceKind::diagonal;
    shape.background = background;
    shape.form = form;
    shape.own_blocks = form == hsa::Form::token;
    Case data = reference::random_case(shape, 91);
    data.coordinates.masked = std::move(masked);
    return data;
}

std::vector<bool> flags_of(const Case& data) {
    std::vector<bool> flags(data.tokens(), false);
    for (const std::uint32_t token : data.coordinates.masked) flags[token] = true;
    return flags;
}

std::vector<std::uint32_t> all_of(std::size_t n) {
    std::vector<std::uint32_t> rows(n);
    std::iota(rows.begin(), rows.end(), 0U);
    return rows;
}

template <class AnyFactors>
Matrix<double> rows_of(const AnyFactors& factors, const hsa::AttentionSettings& settings = {}) {
    const std::size_t n = factors.tokens();
    Matrix<float> a(n, n);
    hsa::attention_rows(factors, all_of(n), settings, a.view());
    return reference::widened(a);
}

Factors factors_of(const Case& data, bool causal) {
    hsa::FactorOptions options;
    options.causal = causal;
    return reference::factors_of(data, options);
}

void check_masked_columns(const Matrix<double>& a, const std::vector<std::uint32_t>& masked) {
    for (const std::uint32_t j : masked)
        for (std::size_t i = 0; i < a.rows(); ++i) REQUIRE(a(i, j) == 0.0);
}

// Every row sums to 1, or is zero where it is one of the first `zero`.
void check_sums(const Matrix<double>& a, std::size_t zero) {
    for (std::size_t i = 0; i < a.rows(); ++i) {
        const auto row = a.row(i);
        const double sum = std::accumulate(row.begin(), row.end(), 0.0);
        CHECK(sum == Approx(i < zero ? 0.0 : 1.0).margin(2e-5));
    }
}

}  // namespace

TEST_CASE("masks by token", "[mask]") {
    const std::vector<std::uint32_t> masked = {0, 1, 4};
    CHECK(hsa::visible_tokens(masked, 6) == std::vector<std::uint32_t>{2, 3, 5});
    CHECK(hsa::rows_without_keys(masked) == 2);
    CHECK(hsa::rows_without_keys(std::vector<std::uint32_t>{1, 2}) == 0);
    CHECK(hsa::masked_before(masked, 4) == 2);
    CHECK(hsa::masked_before(masked, 5) == 3);
    CHECK(hsa::mask_flags(masked, 5) == std::vector<std::uint8_t>{1, 1, 0, 0, 1});
    CHECK(hsa::mask_flags({}, 5).empty());
    Case data = case_of(hsa::Form::token, false, masked, 6);
    data.coordinates.token_weight = {1, 2, 3, 4, 5, 6};
    CHECK(hsa::coordinates_of(data.coordinates, std::vector<std::uint32_t>{4, 3, 0}).masked ==
          std::vector<std::uint32_t>{0, 2});
    const hsa::Coordinates visible = hsa::visible_coordinates(data.coordinates);
    CHECK(visible.masked.empty());
    CHECK(visible.token_weight == std::vector<float>{3, 4, 6});
    CHECK((*visible.base)(2, 1) == (*data.coordinates.base)(5, 1));
}

TEST_CASE("masked keys are left out of every form", "[mask][attention]") {
    const hsa::Form form = GENERATE(hsa::Form::token, hsa::Form::shared, hsa::Form::paired);
    const bool background = GENERATE(false, true);
    const bool causal = GENERATE(false, true);
    INFO(hsa::name_of(form) << (background ? ", background" : "") << (causal ? ", causal" : ""));
    const Case data = case_of(form, background, some_masked());
    const Factors factors = factors_of(data, causal);
    const Matrix<double> exact =
        reference::without_masked(data.attention().a, flags_of(data), causal);
    const Matrix<double> a = rows_of(factors);
    CHECK(reference::largest_difference(a, exact) < 2e-5);
    check_masked_columns(a, some_masked());
    check_sums(a, causal ? 3 : 0);
    for (const std::uint32_t j : some_masked())
        for (const float k : factors.k.row(j)) REQUIRE(k == 0.0F);
    for (std::size_t i = 0; i < data.tokens(); ++i) {
        const auto p = factors.p.row(i);
        const double sum = std::accumulate(p.begin(), p.end(), 0.0);
        CHECK(sum == Approx(causal && i < 3 ? 0.0 : 1.0).margin(1e-5));
    }
    // The other readings.
    Matrix<float> values(data.tokens(), 2);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = std::sin(static_cast<float>(3 * e + 1));
    const Matrix<float> outputs = hsa::attend(factors, values.view());
    for (std::size_t i = 0; i < data.tokens(); ++i)
        for (std::size_t c = 0; c < 2; ++c) {
            double sum = 0.0;
            for (std::size_t j = 0; j < data.tokens(); ++j)
                sum += exact(i, j) * static_cast<double>(values(j, c));
            CHECK(static_cast<double>(outputs(i, c)) == Approx(sum).margin(3e-5));
        }
    const hsa::TileSums sums = hsa::tile_sums(factors);
    for (const hsa::Block& block :
         {hsa::Block{{0, 3}, {0, 3}}, {{0, 140}, {0, 140}}, {{5, 90}, {64, 70}}, {{2, 3}, {3, 4}}})
        CHECK(hsa::block_parts(factors, sums, block).value ==
              Approx(reference::block_mean(exact, block.rows.begin, block.rows.end,
                                           block.columns.begin, block.columns.end))
                  .margin(1e-6));
    CHECK(hsa::cell_parts(factors, 30, 17).value == 0.0);
    CHECK(hsa::mean_column(factors, std::vector<hsa::Range>{{64, 67}})[80] == 0.0F);
    hsa::PictureRequest wanted{{0, 140}, {0, 140}, 140, 140};
    const hsa::Picture picture = hsa::attention_picture(factors, sums, wanted, {}, {});
    for (std::size_t i = 0; i < 140; i += 7)
        for (std::size_t j = 0; j < 140; ++j)
            CHECK(static_cast<double>(picture.mean(i, j)) == Approx(exact(i, j)).margin(2e-5));
}

TEST_CASE("masked keys in steps that rows are finished with", "[mask][attention]") {
    const bool causal = GENERATE(false, true);
    const Case data = case_of(hsa::Form::token, true, some_masked());
    const Factors factors = factors_of(data, causal);
    hsa::AttentionSettings settings;
    const int step = GENERATE(0, 1, 2, 3);
    INFO(step << (causal ? ", causal" : ""));
    if (step == 0) settings.normalise = hsa::Normalise::softmax_linear;
    if (step == 1) {
        settings.normalise = hsa::Normalise::softmax;
        settings.tau = 3.0;
    }
    if (step == 2) settings.top_k = 139;
    if (step == 3) settings.threshold = 0.02;
    const Matrix<double> a = rows_of(factors, settings);
    check_masked_columns(a, some_masked());
    check_sums(a, causal ? 3 : 0);
    for (std::size_t i = 0; i < 140 && causal; ++i)
        for (std::size_t j = i + 1; j < 140; ++j) REQUIRE(a(i, j) == 0.0);
}

TEST_CASE("the factors of masked data are those of the visible tokens", "[mask][attention]") {
    const bool causal = GENERATE(false, true);
    const Case data = case_of(hsa::Form::token, true, some_masked());
    Case less = data;
    less.coordinates = hsa::visible_coordinates(data.coordinates);
    const Factors whole = factors_of(data, causal);
    const Factors visible = factors_of(less, causal);
    const std::vector<std::uint32_t> tokens = hsa::visible_tokens(some_masked(), 140);
    for (std::size_t v = 0; v < tokens.size(); ++v)
        for (std::size_t s = 0; s < whole.columns(); ++s) {
            CHECK(whole.k(tokens[v], s) == Approx(visible.k(v, s)).epsilon(2e-5).margin(1e-30));
            CHECK(whole.p(tokens[v], s) == Approx(visible.p(v, s)).epsilon(5e-5).margin(1e-9));
        }
    for (std::size_t s = 0; s < whole.columns(); ++s)
        CHECK(whole.log_mass[s] == Approx(visible.log_mass[s]).margin(1e-5));
}

TEST_CASE("a row far from every visible token still has its attention", "[mask][attention]") {
    // The masked tokens sit on the splats, the visible ones far away.
    Case data = case_of(hsa::Form::token, false, {}, 12);
    Matrix<float> rows(12, 4);
    for (std::size_t i = 0; i < 12; ++i)
        for (std::size_t a = 0; a < 4; ++a) {
            rows(i, a) = data.registry.gaussians.centre(i % 6, a);
            if (i >= 6) rows(i, a) += 60.0F + static_cast<float>(i * (a + 1));
        }
    data.set_rows(rows);
    data.coordinates.masked = {0, 1, 2, 3, 4, 5};
    const bool causal = GENERATE(false, true);
    const Matrix<double> a = rows_of(factors_of(data, causal));
    check_masked_columns(a, data.coordinates.masked);
    check_sums(a, causal ? 6 : 0);
}

TEST_CASE("a subset whose keys are all masked attends to nothing", "[mask][attention]") {
    const Case data = case_of(hsa::Form::token, true, some_masked());
    const auto backend = reference::cpu();
    const Factors none = hsa::compute_factors_of_rows(
        *backend, data.registry, data.coordinates, std::vector<std::uint32_t>{0, 17, 64}, {}, {});
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t s = 0; s < none.columns(); ++s) {
            CHECK(none.p(i, s) == 0.0F);
            CHECK(none.k(i, s) == 0.0F);
        }
}

TEST_CASE("outputs without factors leave masked keys out", "[mask][attention][outputs]") {
    const hsa::Form form = GENERATE(hsa::Form::token, hsa::Form::shared, hsa::Form::paired);
    const bool background = GENERATE(false, true);
    std::vector<std::uint32_t> masked = some_masked();
    for (std::uint32_t j = 1024; j < 2100; ++j) masked.push_back(j);  // whole chunks and tiles
    const Case data = case_of(form, background, masked, 2300);
    Matrix<float> values(data.tokens(), 3);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = std::cos(static_cast<float>(e % 997));
    const Matrix<float> wanted = hsa::attend(factors_of(data, false), values.view());
    const Matrix<float> outputs = hsa::compute_outputs(*reference::cpu(), data.registry,
                                                       data.coordinates, values.view(), {}, {});
    CHECK(reference::largest_difference(reference::widened(outputs), reference::widened(wanted)) <
          3e-5);
}

TEST_CASE("the causal stream takes the mask of the coordinates", "[mask][causal]") {
    const Case data = case_of(hsa::Form::token, true, some_masked());
    const auto backend = reference::cpu();
    Matrix<float> rows(140, 140);
    hsa::causal_rows(*backend, data.registry, data.coordinates, all_of(140), {}, rows.view(), {});
    const Matrix<double> exact =
        reference::without_masked(data.attention().a, flags_of(data), true);
    CHECK(reference::largest_difference(reference::widened(rows), exact) < 2e-5);
    Matrix<float> values(140, 1);
    for (std::size_t j = 0; j < 140; ++j) values(j, 0) = static_cast<float>(j % 5);
    // With more tokens masked by the caller.
    std::vector<std::uint8_t> more(140, 0);
    more[3] = 1;
    hsa::CausalOptions options;
    options.masked = more;
    CHECK(hsa::causal_attend(*backend, data.registry, data.coordinates, values.view(), {}, {})
              .empty == 3);
    CHECK(hsa::causal_attend(*backend, data.registry, data.coordinates, values.view(), options, {})
              .empty == 4);
}

TEST_CASE("near sets and windows leave masked keys out", "[mask][near]") {
    const bool causal = GENERATE(false, true);
    const Case data = case_of(hsa::Form::shared, true, some_masked());
    const hsa::Coordinates& c = data.coordinates;
    const hsa::Target target(*c.queries, *c.base, 1.0, causal, c.masked);
    hsa::NearOptions options;
    options.window = GENERATE(std::size_t{1}, std::size_t{200});
    options.near = 2;
    options.anchors = 140;
    options.causal = causal;
    const Factors near =
        hsa::near_factors(data.registry, c, target, factors_of(data, false), options, {});
    for (std::size_t i = 0; i < 140; ++i)
        for (const std::uint32_t j : near.near->set.row(i))
            REQUIRE_FALSE(hsa::is_masked(some_masked(), j));
    const Matrix<double> a = rows_of(near);
    check_masked_columns(a, some_masked());
    check_sums(a, causal ? 3 : 0);
    const Factors blended = hsa::blend_window(factors_of(data, causal), target, 1, 0.4, {});
    const Matrix<double> b = rows_of(blended);
    check_masked_columns(b, some_masked());
    check_sums(b, causal ? 3 : 0);
    // Row 65 sees masked tokens alone in its window: it is that of the splats.
    const Matrix<double> splats = rows_of(factors_of(data, causal));
    for (std::size_t j = 0; j < 140; ++j) CHECK(b(65, j) == Approx(splats(65, j)).margin(1e-7));
    for (const auto& usage : {hsa::near_usage(near)}) {
        const double sum = std::accumulate(usage.begin(), usage.end(), 0.0);
        CHECK(sum == Approx(causal ? 137.0 / 140.0 : 1.0).epsilon(1e-4));
    }
}

TEST_CASE("sparse factors leave masked keys out", "[mask][sparse]") {
    const hsa::Form form = GENERATE(hsa::Form::token, hsa::Form::shared);
    const bool background = GENERATE(false, true);
    const bool spatial = GENERATE(false, true);
    const std::size_t splats = GENERATE(std::size_t{2}, std::size_t{64});
    const Case data = case_of(form, background, some_masked());
    hsa::SparseOptions options;
    options.splats = splats;
    options.spatial = spatial;
    const hsa::SparseFactors factors = hsa::compute_sparse_factors(*reference::cpu(), data.registry,
                                                                   data.coordinates, options, {});
    const Matrix<double> a = rows_of(factors);
    check_masked_columns(a, some_masked());
    check_sums(a, 0);
    const Matrix<double> exact = reference::without_masked(data.attention().a, flags_of(data));
    if (splats == 64) CHECK(reference::largest_difference(a, exact) < 1e-4);
    hsa::AttentionSettings settings;
    settings.normalise = hsa::Normalise::softmax_linear;
    check_masked_columns(rows_of(factors, settings), some_masked());
}

TEST_CASE("factors in few bits leave masked keys out", "[mask][packed]") {
    std::vector<std::uint32_t> masked = some_masked();
    for (std::uint32_t j = 1024; j < 2100; ++j) masked.push_back(j);  // a whole block of tokens
    const Case data = case_of(hsa::Form::token, true, masked, 2300);
    const Factors whole = factors_of(data, false);
    hsa::FactorOptions options;
    options.storage = GENERATE(hsa::Storage::float16, hsa::Storage::logarithmic);
    options.tokens_at_once = 1024;
    const Factors packed = reference::factors_of(data, options);
    CHECK(packed.masked == masked);
    for (const std::uint32_t j : masked)
        for (const float k : packed.k.row(j)) REQUIRE(k == 0.0F);
    for (std::size_t i = 0; i < data.tokens(); ++i) {
        const auto own = packed.p.row(i);
        const double sum = std::accumulate(own.begin(), own.end(), 0.0);
        CHECK(sum == Approx(1.0).epsilon(1e-4));
        const auto wanted = whole.p.row(i);
        for (std::size_t s = 0; s < own.size(); ++s)
            // Half a step of 8 bits is 4.7 %, and as much more may come of the row's sum.
            CHECK(static_cast<double>(own[s]) ==
                  Approx(static_cast<double>(wanted[s])).epsilon(0.1).margin(1e-6));
    }
}

TEST_CASE("masked factors have the same bits for any number of threads", "[mask][threads]") {
    const Case data = case_of(hsa::Form::token, true, some_masked(), 1500);
    const auto with_threads = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return factors_of(data, true);
    };
    const Factors one = with_threads(1);
    const Factors three = with_threads(3);
    CHECK(one.p == three.p);
    CHECK(one.k == three.k);
    CHECK(one.causal->weight == three.causal->weight);
}
