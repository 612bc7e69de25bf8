// What each peer of bench/bench must be, whatever it is compared with.
#include "bench/bench/peers/clustered_queries.h"
#include "bench/bench/peers/favor.h"
#include "bench/bench/peers/kl_nmf.h"
#include "bench/bench/peers/linear_attention.h"
#include "bench/bench/peers/nystrom.h"
#include "bench/bench/peers/quality.h"
#include "bench/bench/peers/window_chunks.h"
#include "bench/bench/peers/worlds.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/unit/engine/fit/heads.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

using namespace hsa_bench;
using hsa::Matrix;

namespace {

constexpr std::size_t kTokens = 60;

// Queries other than keys, with means of their own.
struct SmallHead {
    TestHead made;
    std::vector<std::uint32_t> rows;
    Matrix<double> exact;  // [rows, n]

    explicit SmallHead(double sharpness, std::size_t d = 4)
        : made(clustered_head(kTokens, d, 5, sharpness, 7)), rows{0, 7, 31, 59} {
        const Matrix<float>& queries = *made.coordinates.queries;
        const Matrix<float>& keys = *made.coordinates.base;
        exact = Matrix<double>(rows.size(), kTokens);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            double sum = 0.0;
            for (std::size_t j = 0; j < kTokens; ++j) {
                double score = 0.0;
                for (std::size_t a = 0; a < keys.cols(); ++a)
                    score +=
                        static_cast<double>(queries(rows[r], a)) * static_cast<double>(keys(j, a));
                sum += exact(r, j) = std::exp(score);
            }
            for (double& x : exact.row(r)) x /= sum;
        }
    }

    [[nodiscard]] hsa::Head head() const { return made.view(); }
    // The largest difference of an entry.
    [[nodiscard]] double distance(const Matrix<float>& a) const {
        double most = 0.0;
        for (std::size_t e = 0; e < exact.size(); ++e)
            most = std::max(most, std::abs(static_cast<double>(a.data()[e]) - exact.data()[e]));
        return most;
    }
};

double worst_sum(const Matrix<float>& a) {
    double worst = 0.0;
    for (std::size_t i = 0; i < a.rows(); ++i) {
        double sum = 0.0;
        for (const float x : a.row(i)) sum += static_cast<double>(x);
        worst = std::max(worst, std::abs(sum - 1.0));
    }
    return worst;
}

float least(const Matrix<float>& a) { return *std::min_element(a.data(), a.data() + a.size()); }

}  // namespace

TEST_CASE("random features of every form come close to softmax with many of them",
          "[bench][peers]") {
    const SmallHead small(0.3);
    for (const FavorForm form : kFavorForms) {
        INFO("form " << static_cast<int>(form));
        const Matrix<float> few = favor_rows(small.head(), small.rows, 16, form, 3);
        const Matrix<float> many = favor_rows(small.head(), small.rows, 10000, form, 3);
        CHECK(worst_sum(few) < 1e-5);
        CHECK(least(few) >= 0.0F);
        CHECK(small.distance(many) < 0.02);
        CHECK(small.distance(few) > small.distance(many));
    }
}

TEST_CASE("random features stay finite where their exponentials do not", "[bench][peers]") {
    const SmallHead sharp(400.0);
    for (const FavorForm form : kFavorForms)
        CHECK(worst_sum(favor_rows(sharp.head(), sharp.rows, 9, form, 3)) < 1e-5);
}

TEST_CASE("linear attention is the normalised product of elu + 1", "[bench][peers]") {
    const SmallHead small(1.0);
    const Matrix<float> a = linear_attention_rows(small.head(), small.rows, 2.0);
    CHECK(worst_sum(a) < 1e-5);
    const auto feature = [](float x) {
        const double scaled = 2.0 * static_cast<double>(x);
        return scaled > 0.0 ? scaled + 1.0 : std::exp(scaled);
    };
    const Matrix<float>& keys = *small.made.coordinates.base;
    std::vector<double> wanted(kTokens, 0.0);
    for (std::size_t j = 0; j < kTokens; ++j)
        for (std::size_t c = 0; c < keys.cols(); ++c)
            wanted[j] +=
                feature((*small.made.coordinates.queries)(small.rows[1], c)) * feature(keys(j, c));
    const double sum = std::accumulate(wanted.begin(), wanted.end(), 0.0);
    for (std::size_t j = 0; j < kTokens; ++j)
        CHECK(a(1, j) == Approx(wanted[j] / sum).epsilon(1e-4));
}

TEST_CASE("with every token a landmark Nystrom is exact", "[bench][peers]") {
    // Enough axes that the kernel of all tokens has an inverse.
    const SmallHead small(2.0, 12);
    for (const NystromForm form : {NystromForm::softmax, NystromForm::kernel}) {
        INFO("form " << static_cast<int>(form));
        const Nystrom all(small.head(), small.rows, kTokens, form, 5);
        CHECK(small.distance(all.rows(0.0)) < 1e-4);
        const Nystrom some(small.head(), small.rows, 8, form, 5);
        const Matrix<float> a = some.rows(1e-3);
        CHECK(worst_sum(a) < 1e-3);
        CHECK(small.distance(a) > 1e-3);
    }
}

TEST_CASE("rows made positive sum to one and keep their floor", "[bench][peers]") {
    Matrix<float> rows(1, 4);
    const std::vector<float> given = {0.9F, -0.2F, 0.3F, 0.0F};
    std::copy(given.begin(), given.end(), rows.data());
    const Matrix<float> positive = positive_rows(rows, 0.1);
    CHECK(worst_sum(positive) < 1e-6);
    CHECK(positive(0, 0) == Approx(0.9 * 0.75 + 0.025));
    CHECK(positive(0, 1) == Approx(0.025));
}

TEST_CASE("clustered queries are exact when every query is its own cell", "[bench][peers]") {
    const SmallHead small(2.0);
    CHECK(small.distance(clustered_query_rows(small.head(), small.rows, kTokens, 0, 5)) < 1e-5);
    // One cell: the same row for all, unless the strongest keys are exact.
    const Matrix<float> one = clustered_query_rows(small.head(), small.rows, 1, 0, 5);
    for (std::size_t j = 0; j < kTokens; ++j) CHECK(one(0, j) == one(3, j));
    const Matrix<float> improved = clustered_query_rows(small.head(), small.rows, 1, 20, 5);
    CHECK(worst_sum(one) < 1e-5);
    CHECK(worst_sum(improved) < 1e-5);
    CHECK(small.distance(improved) < small.distance(one));
    CHECK(small.distance(clustered_query_rows(small.head(), small.rows, 1, kTokens, 5)) < 1e-5);
}

TEST_CASE("a window over everything and chunks of one token are exact", "[bench][peers]") {
    const SmallHead small(2.0);
    CHECK(small.distance(window_chunk_rows(small.head(), small.rows, kTokens, 1)) < 1e-5);
    CHECK(small.distance(window_chunk_rows(small.head(), small.rows, 0, kTokens)) < 1e-5);
    const Matrix<float> a = window_chunk_rows(small.head(), small.rows, 6, 10);
    CHECK(worst_sum(a) < 1e-5);
    // Row 7 sees tokens 4 .. 9 themselves, row 59 the last six; a chunk of six shares its mass.
    const auto ratio_is_exact = [&](std::size_t r, std::size_t i, std::size_t j) {
        return std::abs(static_cast<double>(a(r, i)) / static_cast<double>(a(r, j)) /
                            (small.exact(r, i) / small.exact(r, j)) -
                        1.0) < 1e-4;
    };
    CHECK(ratio_is_exact(1, 4, 9));
    CHECK(!ratio_is_exact(1, 4, 10));
    CHECK(ratio_is_exact(3, 54, 59));
    CHECK(a(1, 12) == a(1, 17));
}

TEST_CASE("KL-NMF finds a factorisation that is there and never gets worse", "[bench][peers]") {
    constexpr std::size_t kParts = 3;
    Matrix<float> w(30, kParts);
    Matrix<float> h(kParts, 40);
    const auto fill = [](Matrix<float>& x, std::uint64_t seed) {
        hsa::Random random{seed};
        for (std::size_t i = 0; i < x.rows(); ++i) {
            float sum = 0.0F;
            for (float& value : x.row(i))
                sum += value = static_cast<float>(std::pow(random.uniform(), 3));
            for (float& value : x.row(i)) value /= sum;
        }
    };
    fill(w, 1);
    fill(h, 2);
    Matrix<float> target(30, 40);
    for (std::size_t i = 0; i < target.rows(); ++i)
        for (std::size_t j = 0; j < target.cols(); ++j)
            for (std::size_t s = 0; s < kParts; ++s) target(i, j) += w(i, s) * h(s, j);
    fill(w, 3);
    fill(h, 4);
    const double start = kl_nmf(target, w, h, 0.0, 1).kl;
    double before = start;
    for (const std::size_t rounds : {5U, 50U}) {
        const KlNmf nmf = kl_nmf(target, w, h, 0.0, rounds);
        CHECK(nmf.kl < before);
        before = nmf.kl;
    }
    const KlNmf nmf = kl_nmf(target, w, h, 1e-5, 5000);
    CHECK(nmf.kl < 1e-3 * start);
    CHECK(nmf.kl >= 0.0);
    CHECK(worst_sum(nmf.w) < 1e-5);
    CHECK(worst_sum(nmf.h) < 1e-5);
}

TEST_CASE("a world is a head whose logits are the sharpness times those of its data",
          "[bench][peers]") {
    for (const char* name : kWorlds) {
        const World once = make_world(name, 128, 1.0, 2);
        const World twice = make_world(name, 128, 2.0, 2);
        CHECK(twice.target->score(3, 90) == Approx(2.0 * once.target->score(3, 90)).epsilon(1e-5));
        CHECK(once.values == twice.values);
        const hsa::ExactRows exact = hsa::exact_rows(once.head(), {1, 100});
        const Quality none = quality_of(exact, exact.target, once.values, once.grouped);
        CHECK(none.kl == Approx(0.0).margin(1e-6));
        CHECK(none.output < 1e-5);
        CHECK(none.noise < 1e-5);
        const Quality all = quality_of(exact, Matrix<float>(2, 128), once.values, once.grouped);
        CHECK(all.output == Approx(1.0));
    }
    CHECK_THROWS_AS(make_world("sea", 16, 1.0, 1), hsa::Error);
}
