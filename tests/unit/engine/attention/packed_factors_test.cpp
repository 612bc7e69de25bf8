#include "engine/attention/packed_factors.h"

#include "engine/attention/cells.h"
#include "engine/attention/picture.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <string>

// P and K in few bits against the same in float32: what the bits promise, and that nothing else
// about A changes.
namespace {

using hsa::Factors;
using hsa::Matrix;
using hsa::Storage;
using reference::Case;

Case some_case(hsa::Form form, std::uint64_t seed, std::size_t tokens = 300) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 5;
    shape.splats = {9, 4};
    shape.kind = hsa::CovarianceKind::diagonal;
    shape.background = true;
    shape.form = form;
    return reference::random_case(shape, seed);
}

Factors kept_as(const Case& data, Storage storage, hsa::FactorOptions options = {}) {
    options.storage = storage;
    return reference::factors_of(data, options);
}

// The largest |a' / a - 1| of entries of a factor that are at least `least` of the largest of
// their row (P) or column (K).
double largest_ratio(const hsa::FactorMatrix& was, const hsa::FactorMatrix& is, bool by_row,
                     double least) {
    double largest = 0.0;
    for (std::size_t i = 0; i < was.rows(); ++i)
        for (std::size_t s = 0; s < was.cols(); ++s) {
            double most = 0.0;
            if (by_row)
                for (std::size_t t = 0; t < was.cols(); ++t)
                    most = std::max(most, static_cast<double>(was(i, t)));
            else
                for (std::size_t j = 0; j < was.rows(); ++j)
                    most = std::max(most, static_cast<double>(was(j, s)));
            const auto value = static_cast<double>(was(i, s));
            if (value <= least * most) continue;
            largest = std::max(largest, std::abs(static_cast<double>(is(i, s)) / value - 1.0));
        }
    return largest;
}

double row_kl(const Matrix<double>& was, const Matrix<double>& is) {
    double sum = 0.0;
    for (std::size_t i = 0; i < was.rows(); ++i)
        for (std::size_t j = 0; j < was.cols(); ++j)
            if (was(i, j) > 0.0) sum += was(i, j) * std::log(was(i, j) / is(i, j));
    return sum / static_cast<double>(was.rows());
}

}  // namespace

TEST_CASE("factors in few bits are as near as their bits promise, and stay stochastic",
          "[attention][packed]") {
    const auto form = GENERATE(hsa::Form::token, hsa::Form::shared, hsa::Form::paired);
    const auto storage = GENERATE(Storage::float16, Storage::logarithmic);
    const Case data = some_case(form, 11);
    const Factors was = kept_as(data, Storage::float32);
    const Factors is = kept_as(data, storage);
    CHECK(is.ids == was.ids);
    CHECK(is.log_mass == was.log_mass);
    CHECK(is.log_normaliser == was.log_normaliser);
    CHECK(is.mark == hsa::Mark::approximate);
    const std::size_t n = was.tokens();
    CHECK(is.p.bytes() <
          was.p.bytes() / (storage == Storage::float16 ? 2 : 4) + 5 * (n + is.columns()));
    // A step of the logarithm is 24 / 255, half of it 4.7 %; normalising takes the mean off.
    const double promised = storage == Storage::float16 ? 2e-3 : 0.1;
    const double least = storage == Storage::float16 ? 1e-4 : 1e-10;
    CHECK(largest_ratio(was.p, is.p, true, least) < promised);
    CHECK(largest_ratio(was.k, is.k, false, least) < promised);
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (std::size_t s = 0; s < is.columns(); ++s) sum += static_cast<double>(is.p(i, s));
        CHECK(sum == Approx(1.0).epsilon(1e-6));
    }
    for (std::size_t s = 0; s < is.columns(); ++s) {
        double sum = 0.0;
        for (std::size_t j = 0; j < n; ++j) sum += static_cast<double>(is.k(j, s));
        CHECK(sum == Approx(1.0).epsilon(1e-6));
    }
    const Matrix<double> a = reference::product(was);
    const double kl = row_kl(a, reference::product(is));
    CHECK(kl < (storage == Storage::float16 ? 1e-6 : 2e-3));
    REQUIRE(is.packing);
    CHECK(is.packing->rows == 64);
    // 64 of the 300 rows, on all columns: about the mean over all rows.
    CHECK(is.packing->kl == Approx(kl).epsilon(0.5).margin(1e-7));
    CHECK(is.packing->most_l1 >= is.packing->l1);
    CHECK(is.packing->l1 * is.packing->l1 <= 2.01 * is.packing->kl);  // Pinsker, mean square above
    CHECK(hsa::packing_sentence(is).find(storage == Storage::float16 ? "float16" : "8bit") !=
          std::string::npos);
}

TEST_CASE("what is exactly zero stays zero in few bits", "[attention][packed]") {
    const Case data = some_case(hsa::Form::token, 12);
    hsa::FactorOptions options;
    options.mask.muted = {data.registry.hierarchy.levels[1].name};
    const auto storage = GENERATE(Storage::float16, Storage::logarithmic);
    const Factors is = kept_as(data, storage, options);
    for (std::size_t s = 0; s < is.columns(); ++s)
        if (is.level[s] == 1)
            for (std::size_t i = 0; i < is.tokens(); ++i) CHECK(is.p(i, s) == 0.0F);
}

TEST_CASE("readings of packed factors are those of what they decode to", "[attention][packed]") {
    const Case data = some_case(hsa::Form::shared, 13);
    const auto storage = GENERATE(Storage::float16, Storage::logarithmic);
    const Factors packed = kept_as(data, storage);
    Factors plain = packed;
    plain.p = hsa::FactorMatrix(Matrix<float>(packed.p.rows(), packed.p.cols()));
    plain.k = hsa::FactorMatrix(Matrix<float>(packed.p.rows(), packed.p.cols()));
    for (std::size_t i = 0; i < packed.tokens(); ++i)
        for (std::size_t s = 0; s < packed.columns(); ++s) {
            plain.p(i, s) = std::as_const(packed.p)(i, s);
            plain.k(i, s) = std::as_const(packed.k)(i, s);
        }
    plain.mark = hsa::Mark::exact;
    const hsa::TileSums of_packed = hsa::tile_sums(packed);
    const hsa::TileSums of_plain = hsa::tile_sums(plain);
    CHECK(of_packed.p == of_plain.p);
    CHECK(of_packed.k == of_plain.k);
    const hsa::Block block{{3, 200}, {70, 290}};
    CHECK(hsa::block_parts(packed, of_packed, block).value ==
          hsa::block_parts(plain, of_plain, block).value);
    CHECK(hsa::cell_parts(packed, 4, 250).value == hsa::cell_parts(plain, 4, 250).value);
    const hsa::Range rows{5, 80};
    CHECK(hsa::mean_row(packed, std::span(&rows, 1)) == hsa::mean_row(plain, std::span(&rows, 1)));
    CHECK(hsa::mean_column(packed, std::span(&rows, 1)) ==
          hsa::mean_column(plain, std::span(&rows, 1)));
    Matrix<float> values(packed.tokens(), 3);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(e % 17) - 8.0F;
    CHECK(hsa::attend(packed, values.view()) == hsa::attend(plain, values.view()));
    hsa::PictureRequest wanted{{0, 300}, {0, 300}, 20, 30};
    const hsa::Picture a = hsa::attention_picture(packed, of_packed, wanted, {}, {});
    CHECK(a.mean == hsa::attention_picture(plain, of_plain, wanted, {}, {}).mean);
    CHECK(a.mark == hsa::Mark::approximate);
}

TEST_CASE("packed factors do not depend on threads, and blocks of tokens on none of the others",
          "[attention][packed]") {
    // More tokens than are formed at once.
    const Case data = some_case(hsa::Form::token, 14, 16384 + 700);
    const Factors was = kept_as(data, Storage::float32);
    const hsa::LogSums mass =
        hsa::key_masses(*reference::cpu(), data.registry, data.coordinates, {}, {});
    CHECK(mass.logs() == was.log_mass);
    const Factors late = hsa::compute_factors_within(
        *reference::cpu(), data.registry, hsa::coordinates_of(data.coordinates, 16384, 17084), mass,
        {}, {});
    bool same = true;
    for (std::size_t i = 0; i < late.tokens(); ++i)
        for (std::size_t s = 0; s < late.columns(); ++s)
            same = same && late.p.values()(i, s) == was.p.values()(16384 + i, s) &&
                   late.k.values()(i, s) == was.k.values()(16384 + i, s);
    CHECK(same);
    const Factors many = kept_as(data, Storage::logarithmic);
    const hsa::ThreadLimit one(1);
    hsa::FactorOptions few;
    few.tokens_at_once = 2048;
    const Factors single = kept_as(data, Storage::logarithmic, few);
    same = true;
    for (std::size_t i = 0; i < many.tokens(); i += 7)
        for (std::size_t s = 0; s < many.columns(); ++s)
            same = same && std::as_const(many.p)(i, s) == std::as_const(single.p)(i, s) &&
                   std::as_const(many.k)(i, s) == std::as_const(single.k)(i, s);
    CHECK(same);
}

TEST_CASE("few bits are refused where attention is causal; no writing into them",
          "[attention][packed]") {
    const Case data = some_case(hsa::Form::token, 15);
    hsa::FactorOptions options;
    options.causal = true;
    CHECK_THROWS_AS(kept_as(data, Storage::logarithmic, options), hsa::Error);
    Factors packed = kept_as(data, Storage::logarithmic);
    CHECK_THROWS_AS(packed.p.values(), hsa::Error);
}
