#include "engine/attention/sparse_rows.h"

#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <memory>

// Sparse factors read as Factors give the attention that they have on their own.
namespace {

using hsa::Matrix;

std::shared_ptr<const hsa::SparseFactors> sparse_of(const reference::Case& data, std::size_t m,
                                                    bool spatial) {
    hsa::SparseOptions options;
    options.splats = m;
    options.spatial = spatial;
    return std::make_shared<const hsa::SparseFactors>(hsa::compute_sparse_factors(
        *reference::cpu(), data.registry, data.coordinates, options, {}));
}

}  // namespace

TEST_CASE("cells, blocks, rows and outputs of sparse factors are those of their rows",
          "[attention][sparse]") {
    const auto form = GENERATE(hsa::Form::token, hsa::Form::shared, hsa::Form::paired);
    const bool background = GENERATE(true, false);
    const bool spatial = GENERATE(false, true);
    reference::Shape shape;
    shape.tokens = 140;
    shape.dimension = 4;
    shape.splats = {17, 6};
    shape.kind = hsa::CovarianceKind::diagonal;
    shape.form = form;
    shape.background = background;
    shape.mixed_ids = true;
    const reference::Case data = reference::random_case(shape, 31);
    const auto sparse = sparse_of(data, 5, spatial);
    // A share that no key takes needs a background.
    const bool lost = std::any_of(sparse->rest.begin(), sparse->rest.end(),
                                  [](float rest) { return rest > 0.0F; });
    if (!background && lost) {
        CHECK_THROWS_AS(hsa::factors_of(sparse), hsa::Error);
        return;
    }
    const hsa::Factors factors = hsa::factors_of(sparse);
    const std::size_t n = factors.tokens();
    const auto close = [](double value) { return Approx(value).epsilon(2e-5).margin(1e-9); };
    for (std::size_t i = 0; i < n; i += 9) {
        double sum = 0.0;
        const hsa::FactorRow row = factors.p.row(i);
        for (std::size_t s = 0; s < row.size(); ++s) {
            CHECK(row[s] == factors.p(i, s));
            sum += static_cast<double>(row[s]);
        }
        CHECK(sum == Approx(1.0).epsilon(1e-5));
        for (std::size_t j = 0; j < n; j += 11)
            CHECK(hsa::cell_parts(factors, i, j).value ==
                  close(hsa::cell_parts(*sparse, i, j).value));
    }
    for (std::size_t s = 0; s < factors.columns(); ++s) {
        double sum = 0.0;
        for (std::size_t j = 0; j < n; ++j) sum += static_cast<double>(factors.k(j, s));
        if (sparse->kept_keys[s] > 0.0) CHECK(sum == Approx(1.0).epsilon(1e-5));
    }
    const hsa::Block block{{10, 90}, {0, 133}};
    CHECK(hsa::block_parts(factors, hsa::tile_sums(factors), block).value ==
          close(hsa::block_parts(*sparse, block).value));
    Matrix<float> values(n, 2);
    for (std::size_t e = 0; e < values.size(); ++e) values.data()[e] = static_cast<float>(e % 13);
    const Matrix<float> out = hsa::attend(factors, values.view());
    const Matrix<float> wanted = hsa::attend(*sparse, values.view());
    for (std::size_t e = 0; e < out.size(); e += 5)
        CHECK(static_cast<double>(out.data()[e]) == close(static_cast<double>(wanted.data()[e])));
    CHECK(factors.row_bound == Approx(static_cast<double>(sparse->largest_bound())));
    CHECK((factors.mark == hsa::Mark::approximate) == sparse->estimated);
    CHECK(factors.p.bytes() + factors.k.bytes() == sparse->bytes());
}

TEST_CASE("with every splat kept sparse factors are the dense ones", "[attention][sparse]") {
    reference::Shape shape;
    shape.tokens = 90;
    shape.dimension = 3;
    shape.splats = {8, 3};
    shape.background = true;
    const reference::Case data = reference::random_case(shape, 32);
    const hsa::Factors dense = reference::factors_of(data);
    const hsa::Factors factors = hsa::factors_of(sparse_of(data, 11, false));
    CHECK(factors.row_bound < 1e-5);
    CHECK(reference::largest_difference(reference::product(dense), reference::product(factors)) <
          1e-6);
}
