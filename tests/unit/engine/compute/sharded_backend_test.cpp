#include "engine/compute/sharded_backend.h"

#include "engine/attention/outputs.h"
#include "engine/attention/selected_splats.h"
#include "engine/compute/card/card_memory.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/reference/fake_card.h"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

namespace {

using hsa::Matrix;

std::unique_ptr<hsa::Backend> several(std::size_t count) {
    std::vector<std::unique_ptr<hsa::Backend>> parts;
    for (std::size_t p = 0; p < count; ++p) parts.push_back(reference::cpu());
    return hsa::make_sharded_backend(std::move(parts));
}

reference::Case case_of(std::size_t tokens) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 5;
    shape.splats = {12, 3};
    shape.kind = tokens % 2 == 0 ? hsa::CovarianceKind::full : hsa::CovarianceKind::diagonal;
    shape.background = true;
    shape.own_blocks = true;
    return reference::random_case(shape, 71);
}

Matrix<float> outputs_of(hsa::Backend& backend, const reference::Case& data) {
    Matrix<float> values(data.tokens(), 4);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(e % 13) - 6.0F;
    return hsa::compute_outputs(backend, data.registry, data.coordinates, values.view(), {}, {});
}

}  // namespace

TEST_CASE("sharded: what one backend computes, for any number of rows and parts",
          "[compute][threads]") {
    const auto one = reference::cpu();
    for (const std::size_t tokens : {0U, 1U, 1023U, 1024U, 1025U, 2047U, 2049U, 5000U})
        for (const std::size_t parts : {1U, 2U, 3U}) {
            INFO(tokens << " tokens, " << parts << " parts");
            const auto backend = several(parts);
            const reference::Case data = case_of(tokens);
            const hsa::Factors wanted =
                hsa::compute_factors(*one, data.registry, data.coordinates, {}, {});
            const hsa::Factors found =
                hsa::compute_factors(*backend, data.registry, data.coordinates, {}, {});
            CHECK(reference::largest_difference(reference::widened(found.p),
                                                reference::widened(wanted.p)) < 1e-6);
            CHECK(reference::largest_difference(reference::widened(found.k),
                                                reference::widened(wanted.k)) < 1e-6);
            const Matrix<float> outputs = outputs_of(*backend, data);
            CHECK(reference::largest_difference(reference::widened(outputs),
                                                reference::widened(outputs_of(*one, data))) < 1e-5);
            CHECK(outputs == outputs_of(*backend, data));  // the same bits again
            const std::vector<double> shift(data.registry.size(), 0.0);
            hsa::SelectOptions options;
            options.splats = 4;
            options.totals = true;
            const auto select = [&](hsa::Backend& by) {
                return hsa::select_splats(by, data.registry, data.coordinates, hsa::Side::key,
                                          shift, options, {});
            };
            const hsa::SelectedSplats best = select(*backend);
            CHECK(best.splat == select(*one).splat);
            CHECK(best.log_total == select(*one).log_total);
        }
}

TEST_CASE("sharded: cells are those of one backend, bit for bit", "[compute]") {
    for (const std::size_t rows : {1U, 63U, 64U, 65U, 200U}) {
        Matrix<float> p(rows, 7);
        Matrix<float> k(31, 7);
        for (std::size_t e = 0; e < p.size(); ++e) p.data()[e] = static_cast<float>(e % 11);
        for (std::size_t e = 0; e < k.size(); ++e) k.data()[e] = static_cast<float>(e % 5) - 2.0F;
        Matrix<float> wanted(rows, 31);
        Matrix<float> found(rows, 31);
        reference::cpu()->cells(p.view(), k.view(), wanted.view(), {});
        several(3)->cells(p.view(), k.view(), found.view(), {});
        CHECK(found == wanted);
    }
}

TEST_CASE("sharded: rows far from every splat are told by their place among all", "[compute]") {
    reference::Case data = case_of(3001);
    data.registry.background_log_weight.reset();
    Matrix<float> rows = *data.coordinates.base;
    for (const std::size_t i : {3U, 1500U, 2999U})
        for (std::size_t a = 0; a < rows.cols(); ++a) rows(i, a) = 3e4F;
    data.set_rows(rows);
    const Matrix<float> wanted = outputs_of(*reference::cpu(), data);
    const Matrix<float> found = outputs_of(*several(2), data);
    CHECK(reference::largest_difference(reference::widened(found), reference::widened(wanted)) <
          1e-5);
}

TEST_CASE("sharded: a part that fails or is stopped ends all", "[compute][threads]") {
    const reference::Case data = case_of(5000);
    const auto backend = several(2);
    std::stop_source source;
    source.request_stop();
    const hsa::LevelKernel level = hsa::bind_level(*backend, data.registry, 0, 1.0);
    hsa::Work work;
    work.stop = source.get_token();
    CHECK_THROWS_AS(backend->log_mass(*level.bound, data.coordinates.levels[0]->view(), {}, work),
                    hsa::Cancelled);
}

TEST_CASE("sharded: it says how many of what it is", "[compute]") {
    const std::string one = reference::cpu()->info().device;
    CHECK(several(1)->info().device == one);
    CHECK(several(2)->info().device == "2 x " + one);
    CHECK(several(2)->info().memory_bytes == 2 * reference::cpu()->info().memory_bytes);
}

TEST_CASE("sharded: a row that is refused has its own number", "[compute]") {
    const reference::Case data = case_of(3000);
    const auto backend = several(2);
    const hsa::LevelKernel level = hsa::bind_level(*backend, data.registry, 0, 1.0);
    Matrix<float> rows = *data.coordinates.levels[0];
    rows(2500, 2) = std::nanf("");
    Matrix<float> ell(3000, level.rows.size());
    CHECK_THROWS_WITH(backend->log_kernel(*level.bound, rows.view(), ell.view()),
                      Catch::Contains("Row 2500, column 2 of the tokens is nan"));
}

TEST_CASE("sharded: it has the memory of all cards that compute", "[compute]") {
    const auto slot = std::make_shared<reference::FakeSlot>();
    std::vector<std::unique_ptr<hsa::Backend>> cards;
    for (int c = 0; c < 2; ++c) cards.push_back(std::make_unique<reference::FakeCard>(slot));
    const auto card = dynamic_cast<const hsa::SaysCardMemory&>(*cards.front()).card_memory();
    REQUIRE(card.known());
    const auto two = hsa::make_sharded_backend(std::move(cards));
    const auto both = dynamic_cast<const hsa::SaysCardMemory&>(*two).card_memory();
    CHECK(both == hsa::CardMemory{2 * card.total, 2 * card.free});
    CHECK_FALSE(dynamic_cast<const hsa::SaysCardMemory&>(*several(2)).card_memory().known());
}
