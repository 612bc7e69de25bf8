#include "engine/attention/selected_splats.h"

#include "engine/compute/level_kernels.h"
#include "engine/compute/selection_lanes.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stop_token>
#include <vector>

// The best splats of every token, against log kernels in double precision.
namespace {

using hsa::Matrix;
using hsa::SelectedSplats;
using reference::Case;
using reference::Shape;

constexpr double kNothing = -std::numeric_limits<double>::infinity();

std::vector<double> random_shift(std::size_t k, std::uint64_t seed) {
    std::vector<double> shift(k);
    for (std::size_t s = 0; s < k; ++s) shift[s] = 0.5 * hsa::Random{seed, s}.normal();
    return shift;
}

SelectedSplats select(const Case& data, std::span<const double> shift,
                      const hsa::SelectOptions& options, hsa::Side side = hsa::Side::key) {
    return hsa::select_splats(*reference::cpu(), data.registry, data.coordinates, side, shift,
                              options, {});
}

// ell of every token and splat: [n, k].
Matrix<double> log_kernels(const Case& data, hsa::Side side, double temperature) {
    const std::vector<reference::Splat> splats = data.splats(side);
    Matrix<double> ell(data.tokens(), splats.size());
    for (std::size_t i = 0; i < ell.rows(); ++i)
        for (std::size_t s = 0; s < ell.cols(); ++s) {
            const auto row =
                hsa::rows_of_side(data.coordinates, data.registry.level[s], side).row(i);
            ell(i, s) = reference::log_kernel(splats[s], {row.begin(), row.end()}, temperature);
        }
    return ell;
}

// Rows rise, their ell are those of the reference, and none left out scores more than those kept.
void check_best(const SelectedSplats& selected, const Matrix<double>& ell,
                const std::vector<double>& shift) {
    double worst_ell = 0.0;
    double worst_choice = 0.0;
    for (std::size_t i = 0; i < ell.rows(); ++i) {
        const auto kept = selected.splat.row(i);
        REQUIRE(std::adjacent_find(kept.begin(), kept.end(), std::greater_equal<>()) == kept.end());
        REQUIRE(kept.back() < ell.cols());
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t b = 0; b < kept.size(); ++b) {
            const double own = ell(i, kept[b]);
            worst_ell =
                std::max(worst_ell, std::abs(static_cast<double>(selected.log_kernel(i, b)) - own) /
                                        std::max(1.0, std::abs(own)));
            least = std::min(least, own + shift[kept[b]]);
        }
        for (std::size_t s = 0; s < ell.cols(); ++s)
            if (!std::binary_search(kept.begin(), kept.end(), s))
                worst_choice = std::max(worst_choice, ell(i, s) + shift[s] - least);
    }
    CHECK(worst_ell < 2e-5);
    CHECK(worst_choice < 1e-4);
}

// The mean share of the mass of the exact 4 best that is kept.
double recall_of(const SelectedSplats& selected, const Matrix<double>& ell,
                 const std::vector<double>& shift) {
    double sum = 0.0;
    for (std::size_t i = 0; i < ell.rows(); ++i) {
        std::vector<std::size_t> order(ell.cols());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return ell(i, a) + shift[a] > ell(i, b) + shift[b];
        });
        const auto kept = selected.splat.row(i);
        const double most = ell(i, order[0]) + shift[order[0]];
        double whole = 0.0;
        double found = 0.0;
        for (std::size_t r = 0; r < 4; ++r) {
            const double mass = std::exp(ell(i, order[r]) + shift[order[r]] - most);
            whole += mass;
            if (std::binary_search(kept.begin(), kept.end(), order[r])) found += mass;
        }
        sum += found / whole;
    }
    return sum / static_cast<double>(ell.rows());
}

// Tokens at several scales of a splat around many centres, as clusters are.
Shape clustered(std::size_t tokens) {
    Shape shape;
    shape.tokens = tokens;
    shape.dimension = 14;
    shape.splats = {280};
    shape.kind = hsa::CovarianceKind::diagonal;
    return shape;
}

bool same(const SelectedSplats& a, const SelectedSplats& b) {
    return a.splat == b.splat && a.log_kernel == b.log_kernel && a.recall == b.recall;
}

}  // namespace

TEST_CASE("the best splats of every token when all are scored", "[select]") {
    for (const hsa::CovarianceKind kind : reference::kKinds)
        for (const hsa::Form form : {hsa::Form::token, hsa::Form::paired})
            for (const std::size_t m : {1U, 5U, 40U, 95U, 400U}) {
                Shape shape;
                shape.tokens = 130;
                shape.dimension = 5;
                shape.splats = {70, 20, 5};
                shape.kind = kind;
                shape.form = form;
                shape.background = true;
                shape.own_blocks = form == hsa::Form::token;
                shape.mixed_ids = true;
                const Case data = reference::random_case(shape, m);
                const std::vector<double> shift = random_shift(data.registry.size(), m);
                for (const hsa::Side side : {hsa::Side::query, hsa::Side::key}) {
                    INFO(hsa::name_of(kind) << " " << hsa::name_of(form) << ", m = " << m);
                    const SelectedSplats selected =
                        select(data, shift, {m, false, 0, 1.3, false}, side);
                    CHECK(selected.width() == std::min<std::size_t>(m, 95));
                    CHECK(selected.recall == 1.0);
                    check_best(selected, log_kernels(data, side, 1.3), shift);
                }
            }
}

TEST_CASE("splats that are not heard are not chosen, equal ones by their row", "[select]") {
    Shape shape;
    shape.tokens = 50;
    shape.dimension = 3;
    shape.splats = {150};
    Case data = reference::random_case(shape, 3);
    std::vector<double> shift(150, 0.0);
    for (std::size_t s = 0; s < 150; s += 2) shift[s] = kNothing;
    for (const bool spatial : {false, true}) {
        const SelectedSplats selected = select(data, shift, {10, spatial, 20, 1.0, false});
        CHECK(selected.spatial == spatial);
        for (std::size_t i = 0; i < 50; ++i)
            for (const std::uint32_t s : selected.splat.row(i)) CHECK(s % 2 == 1);
    }
    CHECK(select(data, shift, {100, true, 0, 1.0, false}).width() == 75);
    // Row 4 r + 1 becomes row 1, and so on: of four that are equal the lower go first.
    for (std::size_t s = 4; s < 148; ++s)
        std::copy_n(data.registry.gaussians.centre.row(s % 4).begin(), 3,
                    data.registry.gaussians.centre.row(s).begin());
    std::fill(shift.begin(), shift.end(), 0.0);
    for (std::size_t s = 148; s < 150; ++s) shift[s] = kNothing;
    for (auto* columns : {&data.registry.beta}) std::fill(columns->begin(), columns->end(), 1.0F);
    std::fill(data.registry.gaussians.variance.data(),
              data.registry.gaussians.variance.data() + data.registry.gaussians.variance.size(),
              1.0F);
    const SelectedSplats ties = select(data, shift, {37, false, 0, 1.0, false});
    for (std::size_t i = 0; i < 50; ++i) {
        std::vector<std::size_t> of_kind(4, 0);
        for (const std::uint32_t s : ties.splat.row(i)) {
            CHECK(s / 4 == of_kind[s % 4]);  // the next one of its kind
            ++of_kind[s % 4];
        }
        CHECK(std::find(of_kind.begin(), of_kind.end(), 37U) != of_kind.end());
    }
    CHECK_THROWS_AS(select(data, std::vector<double>(150, kNothing), {4, false, 0, 1.0, false}),
                    hsa::Error);
    CHECK_THROWS_AS(select(data, shift, {0, false, 0, 1.0, false}), hsa::Error);
}

TEST_CASE("through cells nearly all of the best splats are found", "[select][plain]") {
    for (const bool levels : {false, true})
        for (const hsa::Form form : {hsa::Form::token, hsa::Form::paired}) {
            Shape shape = clustered(3000);
            shape.form = form;
            if (levels) {
                shape.splats = {200, 80};
                shape.own_blocks = form == hsa::Form::token;
                shape.mixed_ids = true;
            }
            const Case data = reference::random_case(shape, 11);
            const std::vector<double> shift = random_shift(280, 5);
            for (const hsa::Side side : {hsa::Side::query, hsa::Side::key}) {
                INFO("levels " << levels << ", form " << hsa::name_of(form));
                const SelectedSplats selected =
                    select(data, shift, {8, true, 24, 1.0, false}, side);
                const Matrix<double> ell = log_kernels(data, side, 1.0);
                CHECK(selected.spatial);
                CHECK(selected.note.empty());
                const double recall = recall_of(selected, ell, shift);
                CHECK(recall > 0.93);
                CHECK(std::abs(recall - selected.recall) < 0.02);
                for (std::size_t i = 0; i < data.tokens(); i += 7) {
                    const auto kept = selected.splat.row(i);
                    CHECK(std::is_sorted(kept.begin(), kept.end()));
                    for (std::size_t b = 0; b < kept.size(); ++b)
                        CHECK_THAT(static_cast<double>(selected.log_kernel(i, b)),
                                   Catch::Matchers::WithinRel(ell(i, kept[b]), 1e-5) ||
                                       Catch::Matchers::WithinAbs(ell(i, kept[b]), 1e-5));
                }
                CHECK(select(data, shift, {8, true, 9, 1.0, false}, side).recall < selected.recall);
            }
        }
}

TEST_CASE("where cells do not serve all splats are scored", "[select]") {
    Shape shape = clustered(300);
    const std::vector<double> shift = random_shift(280, 5);
    Case data = reference::random_case(shape, 12);
    CHECK(same(select(data, shift, {8, true, 280, 1.0, false}),
               select(data, shift, {8, false, 0, 1.0, false})));
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full}) {
        shape.kind = kind;
        data = reference::random_case(shape, 12);
        const SelectedSplats selected = select(data, shift, {8, true, 24, 1.0, false});
        CHECK(!selected.spatial);
        CHECK(!selected.note.empty());
        CHECK(same(selected, select(data, shift, {8, false, 0, 1.0, false})));
    }
    // Tokens beyond the range of the tables.
    shape.kind = hsa::CovarianceKind::spherical;
    data = reference::random_case(shape, 12);
    Matrix<float> rows = *data.coordinates.base;
    for (std::size_t i = 0; i < rows.rows(); i += 50)
        for (float& x : rows.row(i)) x *= 300.0F;
    data.set_rows(rows);
    const SelectedSplats far = select(data, shift, {8, true, 24, 1.0, false});
    const SelectedSplats all = select(data, shift, {8, false, 0, 1.0, false});
    CHECK(far.spatial);
    for (std::size_t i = 0; i < rows.rows(); i += 50)
        CHECK(
            std::equal(far.splat.row(i).begin(), far.splat.row(i).end(), all.splat.row(i).begin()));
}

TEST_CASE("the best splats do not depend on the threads, and choosing them stops", "[select]") {
    const Case data = reference::random_case(clustered(5000), 13);
    const std::vector<double> shift = random_shift(280, 6);
    for (const bool spatial : {false, true}) {
        const SelectedSplats many = select(data, shift, {12, spatial, 0, 1.0, false});
        const hsa::ThreadLimit one(1);
        CHECK(same(many, select(data, shift, {12, spatial, 0, 1.0, false})));
        std::stop_source source;
        source.request_stop();
        CHECK_THROWS_AS(
            hsa::select_splats(*reference::cpu(), data.registry, data.coordinates, hsa::Side::key,
                               shift, {12, spatial, 0, 1.0, false}, {source.get_token(), {}}),
            hsa::Cancelled);
    }
}

TEST_CASE("the largest scores are those of a sort", "[select]") {
    for (const std::size_t count : {1U, 7U, 33U, 64U, 65U, 200U, 1024U, 1025U})
        for (const std::size_t wanted : {1U, 4U, 16U, 32U, 33U, 100U})
            for (const bool ties : {false, true}) {
                if (wanted > count) continue;
                std::vector<float> scores(count);
                for (std::size_t s = 0; s < count; ++s) {
                    hsa::Random random{count, wanted, s};
                    scores[s] = ties ? static_cast<float>(random.below(5))
                                     : static_cast<float>(random.normal());
                    if (random.below(4) == 0) scores[s] = static_cast<float>(kNothing);
                }
                std::vector<std::uint32_t> order(count);
                std::iota(order.begin(), order.end(), 0U);
                std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
                    return scores[a] > scores[b];
                });
                order.resize(wanted);
                std::sort(order.begin(), order.end());
                std::vector<std::uint32_t> best(wanted);
                scores.resize(count + hsa::kScoreWord, static_cast<float>(kNothing));
                hsa::SelectionScratch scratch(count);
                hsa::largest_scores(std::span(scores).first(count), scratch, best);
                INFO(count << " scores, " << wanted << " wanted, ties " << ties);
                CHECK(best == order);
            }
}
