#include "engine/embed/cooccurrence.h"

#include "engine/core/parallel.h"
#include "tests/unit/engine/embed/embed_test.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using embed_test::embedded;
using hsa::Dataset;

namespace {

// Positive PMI by the definition, dense: [m, m].
Eigen::MatrixXd dense_pmi(const Dataset& dataset) {
    const auto m = static_cast<Eigen::Index>(dataset.type_names.size());
    Eigen::MatrixXd c = Eigen::MatrixXd::Zero(m, m);
    for (std::size_t i = 0; i < dataset.size(); ++i)
        for (std::size_t j = 0; j < dataset.size(); ++j)
            if (i != j && (i > j ? i - j : j - i) <= 8)
                c(dataset.types[i], dataset.types[j]) += 1.0;
    const Eigen::VectorXd row = c.rowwise().sum();
    const Eigen::VectorXd context = row.array().pow(0.75);
    Eigen::MatrixXd pmi = Eigen::MatrixXd::Zero(m, m);
    for (Eigen::Index a = 0; a < m; ++a)
        for (Eigen::Index b = 0; b < m; ++b)
            if (c(a, b) > 0.0)
                pmi(a, b) =
                    std::max(0.0, std::log(c(a, b) * context.sum() / (row(a) * context(b))));
    return pmi;
}

}  // namespace

TEST_CASE("vectors of types are U sqrt(S) of the positive PMI", "[embed][cooccurrence]") {
    const Dataset dataset = embedded(embed_test::made_up_text(600, 3));
    const Eigen::MatrixXd pmi = dense_pmi(dataset);
    const Eigen::BDCSVD<Eigen::MatrixXd> svd(pmi, Eigen::ComputeThinU);
    const hsa::MatrixView<const float> rows = dataset.embeddings.rows;
    REQUIRE(rows.rows == dataset.size());
    REQUIRE(rows.cols == 48);
    // One row a type, gathered from the tokens.
    Eigen::MatrixXd x(pmi.rows(), 48);
    for (std::size_t i = 0; i < dataset.size(); ++i)
        for (std::size_t a = 0; a < 48; ++a)
            x(dataset.types[i], static_cast<Eigen::Index>(a)) = static_cast<double>(rows(i, a));
    // The columns' squared lengths are the singular values; the flat end of the spectrum is found
    // to a per cent.
    for (Eigen::Index a = 0; a < 48; ++a)
        CHECK(x.col(a).squaredNorm() ==
              Approx(svd.singularValues()(a)).epsilon(a < 20 ? 1e-3 : 2e-2));
    const Eigen::MatrixXd gram = x.transpose() * x;
    for (Eigen::Index a = 0; a < 48; ++a)
        for (Eigen::Index b = 0; b < a; ++b)
            CHECK(std::abs(gram(a, b)) < 1e-4 * std::sqrt(gram(a, a) * gram(b, b)));
    // What the leading axes say of pairs of types agrees with the exact decomposition.
    const Eigen::MatrixXd u = svd.matrixU().leftCols(6);
    for (Eigen::Index a = 0; a < 6; ++a) {
        const double cosine = std::abs(u.col(a).dot(x.col(a)) / x.col(a).norm());
        CHECK(cosine > 0.99);
    }
}

TEST_CASE("the largest entry of each axis is positive", "[embed][cooccurrence]") {
    const Dataset dataset = embedded(embed_test::made_up_text(400, 5));
    const hsa::MatrixView<const float> rows = dataset.embeddings.rows;
    for (std::size_t a = 0; a < rows.cols; ++a) {
        float top = 0.0F;
        for (std::size_t i = 0; i < rows.rows; ++i)
            if (std::abs(rows(i, a)) > std::abs(top)) top = rows(i, a);
        CHECK(top >= 0.0F);
    }
}

TEST_CASE("words that share company are near, others are not", "[embed][cooccurrence]") {
    const Dataset dataset = embedded(embed_test::sample("voyage.txt"));
    CHECK(dataset.embeddings.rows.cols == 96);
    const auto row_of = [&](const std::string& word) {
        for (std::size_t i = 0; i < dataset.size(); ++i)
            if (dataset.type_names[dataset.types[i]] == word) return dataset.embeddings.rows.row(i);
        FAIL("no " << word);
        return dataset.embeddings.rows.row(0);
    };
    const auto cosine = [&](const std::string& a, const std::string& b) {
        const auto x = row_of(a);
        const auto y = row_of(b);
        double dot = 0.0;
        for (std::size_t c = 0; c < x.size(); ++c)
            dot += static_cast<double>(x[c]) * static_cast<double>(y[c]);
        return dot / (embed_test::norm(x) * embed_test::norm(y));
    };
    // .470 and .001 by an exact decomposition in double precision elsewhere.
    CHECK(cosine("whales", "herring") > 0.35);
    CHECK(std::abs(cosine("whales", "boiler")) < 0.1);
}

TEST_CASE("co-occurrence has the same bits for any number of threads", "[embed][cooccurrence]") {
    const std::string text = embed_test::made_up_text(3000, 9);
    const auto run = [&](std::size_t threads) {
        const hsa::ThreadLimit limit(threads);
        return embedded(text);
    };
    const Dataset one = run(1);
    const Dataset many = run(4);
    REQUIRE(one.embeddings.rows.cols == 96);
    for (std::size_t i = 0; i < one.size(); ++i)
        REQUIRE(std::equal(one.embeddings.rows.row(i).begin(), one.embeddings.rows.row(i).end(),
                           many.embeddings.rows.row(i).begin()));
}

TEST_CASE("the smallest texts have finite vectors", "[embed][cooccurrence]") {
    for (const std::string& text : {std::string("one"), std::string("one two"),
                                    std::string("same same same same same same same same"),
                                    std::string("a b a b a b"), std::string(". . . x")}) {
        const Dataset dataset = embedded(text);
        CHECK(dataset.embeddings.rows.rows == dataset.size());
        CHECK(dataset.embeddings.rows.cols >= 1);
        CHECK(dataset.embeddings.rows.cols <= dataset.type_names.size());
        CHECK(embed_test::all_finite(dataset.embeddings.rows));
    }
}

TEST_CASE("vectors without words cannot be embedded", "[embed][cooccurrence]") {
    Dataset dataset;
    dataset.source = "x.npy";
    dataset.embeddings = hsa::Embeddings::own(embed_test::clusters(4, 3, 2, 1));
    CHECK_THROWS_AS(hsa::embed_cooccurrence(dataset, hsa::Work{}), hsa::Error);
}

TEST_CASE("embedding words says how far it is and stops", "[embed][cooccurrence]") {
    const Dataset dataset = embedded(embed_test::made_up_text(3000, 3));
    std::vector<double> told;
    hsa::Work work;
    work.on_progress = [&](std::string_view, double fraction) { told.push_back(fraction); };
    (void)hsa::embed_cooccurrence(dataset, work);
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.size() > 15);
    for (const double at : {0.3, 0.4, 0.85}) {
        std::stop_source source;
        work.stop = source.get_token();
        double last = 0.0;
        work.on_progress = [&](std::string_view, double fraction) {
            last = fraction;
            if (fraction >= at) source.request_stop();
        };
        CHECK_THROWS_AS(hsa::embed_cooccurrence(dataset, work), hsa::Cancelled);
        CHECK(last < 1.0);
    }
}
