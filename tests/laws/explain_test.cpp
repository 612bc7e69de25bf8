// What must hold for any factors: parts sum to cells and blocks, a picture of the tokens in another
// order is the same picture, a Gaussian's image follows its tokens.

#include "engine/attention/cells.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/explain/answers.h"
#include "engine/explain/cards.h"
#include "engine/explain/changed_rows.h"
#include "engine/explain/compare.h"
#include "engine/explain/layout.h"
#include "engine/explain/linked.h"
#include "engine/explain/tokens.h"
#include "tests/catch.h"
#include "tests/unit/engine/explain/world.h"

#include <algorithm>
#include <cmath>
#include <numeric>

using explain_test::make_world;
using explain_test::World;

namespace {

// The world with its tokens in another order: token i is token order[i] of before.
World permuted(const World& world, const std::vector<std::uint32_t>& order) {
    World out = world;
    const auto rows = [&](const hsa::Matrix<float>& from) {
        hsa::Matrix<float> to(from.rows(), from.cols());
        for (std::size_t i = 0; i < order.size(); ++i)
            std::copy(from.row(order[i]).begin(), from.row(order[i]).end(), to.row(i).begin());
        return to;
    };
    for (auto& level : out.coordinates.levels)
        level = std::make_shared<const hsa::Matrix<float>>(rows(*level));
    out.coordinates.base = out.coordinates.levels.front();
    out.factors.p = rows(world.factors.p.values());
    out.factors.k = rows(world.factors.k.values());
    out.sums = hsa::tile_sums(out.factors);
    return out;
}

std::vector<std::uint32_t> shuffled(std::size_t n, std::uint64_t seed) {
    std::vector<std::uint32_t> order(n);
    std::iota(order.begin(), order.end(), 0U);
    hsa::Random random({seed});
    for (std::size_t i = n; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    return order;
}

}  // namespace

TEST_CASE("parts sum to the cell, and blocks are means of their cells", "[laws][explain]") {
    hsa::Random random({5});
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        const std::size_t n = 30 + 40 * seed;
        const World world = make_world({n, 4, 7, 3, seed % 2 == 0, seed});
        const hsa::Snapshot snapshot = explain_test::snapshot_of(world);
        const auto a = explain_test::attention_of(world.factors);
        for (int trial = 0; trial < 12; ++trial) {
            hsa::Range ranges[2];
            for (hsa::Range& range : ranges) {
                range.begin = random.below(n);
                range.end = range.begin + 1 + random.below(n - range.begin);
            }
            const auto block = hsa::answer_block(snapshot, {ranges[0], ranges[1]}, {}, {});
            double parts = 0.0;
            for (const auto& part : block.at("parts")) parts += part.at("value").get<double>();
            double mean = 0.0;
            for (std::size_t i = ranges[0].begin; i < ranges[0].end; ++i)
                for (std::size_t j = ranges[1].begin; j < ranges[1].end; ++j) mean += a(i, j);
            mean /= static_cast<double>(ranges[0].size() * ranges[1].size());
            CHECK(parts == Approx(block.at("value").get<double>()).epsilon(1e-6));
            CHECK(parts == Approx(mean).epsilon(1e-6));
            const auto cell = hsa::answer_cell(snapshot, ranges[0].begin, ranges[1].begin, {}, {});
            double sum = 0.0;
            for (const auto& part : cell.at("parts")) sum += part.at("value").get<double>();
            CHECK(sum == Approx(a(ranges[0].begin, ranges[1].begin)).epsilon(1e-6));
        }
    }
}

TEST_CASE("permuting the tokens permutes what is explained", "[laws][explain]") {
    const std::size_t n = 150;
    const World world = make_world({n, 4, 9, 3, true, 41});
    const std::vector<std::uint32_t> order = shuffled(n, 42);
    const World other = permuted(world, order);

    const auto pairs = hsa::strongest_pairs(world.factors, 60, {}).pairs;
    const auto moved = hsa::strongest_pairs(other.factors, 60, {}).pairs;
    for (std::size_t r = 0; r < pairs.size(); ++r) {
        CHECK(order[moved[r].i] == pairs[r].i);
        CHECK(order[moved[r].j] == pairs[r].j);
        CHECK(moved[r].value == pairs[r].value);
        CHECK(moved[r].splats == pairs[r].splats);
    }
    const hsa::TokenCard card = hsa::token_card(world.factors, order[7]);
    const hsa::TokenCard same = hsa::token_card(other.factors, 7);
    for (std::size_t r = 0; r < card.to.size(); ++r) {
        CHECK(order[same.to[r].token] == card.to[r].token);
        CHECK(order[same.from[r].token] == card.from[r].token);
    }
    const auto entropy = hsa::token_properties(world.factors, world.coordinates)[0].values;
    const auto entropy_moved = hsa::token_properties(other.factors, other.coordinates)[0].values;
    const auto layout =
        hsa::splat_layout(world.coordinates, world.registry, world.measures.usage, nullptr, {});
    const auto layout_moved =
        hsa::splat_layout(other.coordinates, other.registry, other.measures.usage, nullptr, {});
    CHECK(layout_moved.axes == layout.axes);
    for (std::size_t i = 0; i < n; ++i) {
        CHECK(entropy_moved[i] == entropy[order[i]]);
        for (std::size_t r = 0; r < 3; ++r)
            CHECK((*layout_moved.points[1])(i, r) == (*layout.points[1])(order[i], r));
    }
    hsa::Selection token;
    token.tokens = {{order[7], order[7] + std::size_t{1}}};
    hsa::Selection token_moved;
    token_moved.tokens = {{7, 8}};
    const auto lit = hsa::linked(token, world.factors, world.sums, world.registry, {}, 0);
    const auto lit_moved =
        hsa::linked(token_moved, other.factors, other.sums, other.registry, {}, 0);
    CHECK(lit.splats == lit_moved.splats);
    for (std::size_t j = 0; j < n; ++j) CHECK(lit_moved.tint_from[j] == lit.tint_from[order[j]]);
}

TEST_CASE("one thread explains as many do, bit for bit", "[laws][explain]") {
    const World world = make_world({3500, 4, 9, 3, true, 43});
    World later = world;
    later.factors.p(7, 0) *= 0.5F;
    const auto all = [&] {
        const hsa::Snapshot snapshot = explain_test::snapshot_of(world);
        std::vector<nlohmann::json> answers = {
            hsa::answer_pairs(snapshot, 30, {}),
            hsa::answer_token(snapshot, 1700),
            hsa::answer_splat(snapshot, 3, {}),
            hsa::answer_level(snapshot, 0),
            hsa::answer_health(snapshot),
            hsa::answer_block(snapshot, {{5, 3000}, {9, 2000}}, {}, {}),
            hsa::answer_compare(snapshot, "x",
                                hsa::compare(world.factors, world.registry.hierarchy, later.factors,
                                             world.registry.hierarchy, {})),
        };
        std::string text;
        for (const auto& answer : answers) text += answer.dump() + "\n";
        for (const auto& row : hsa::changed_rows(world.factors, later.factors, 20, {}).rows)
            text += std::to_string(row.row) + " ";
        return text;
    };
    const std::string many = all();
    const hsa::ThreadLimit one(1);
    CHECK(all() == many);
}

TEST_CASE("the drawn distance is never more than the full one", "[laws][explain]") {
    // maths.md 6: the Mahalanobis distance in three axes is at most that in all of them.
    const World world = make_world({60, 6, 7, 3, true, 44});
    const auto layout =
        hsa::splat_layout(world.coordinates, world.registry, world.measures.usage, nullptr, {});
    for (std::size_t s = 0; s < world.registry.size(); ++s) {
        const auto c = layout.covariances.row(s);
        const auto xx = static_cast<double>(c[0]), xy = static_cast<double>(c[1]),
                   xz = static_cast<double>(c[2]), yy = static_cast<double>(c[3]),
                   yz = static_cast<double>(c[4]), zz = static_cast<double>(c[5]);
        const double det =
            xx * (yy * zz - yz * yz) - xy * (xy * zz - yz * xz) + xz * (xy * yz - yy * xz);
        REQUIRE(det > 0.0);
        const auto& points = *layout.points[world.registry.level[s]];
        const auto& y = *world.coordinates.levels[world.registry.level[s]];
        for (std::size_t i = 0; i < 60; ++i) {
            double u[3];
            for (std::size_t r = 0; r < 3; ++r)
                u[r] =
                    static_cast<double>(points(i, r)) - static_cast<double>(layout.centres(s, r));
            const double drawn =
                (u[0] * u[0] * (yy * zz - yz * yz) + u[1] * u[1] * (xx * zz - xz * xz) +
                 u[2] * u[2] * (xx * yy - xy * xy) + 2.0 * u[0] * u[1] * (xz * yz - xy * zz) +
                 2.0 * u[0] * u[2] * (xy * yz - xz * yy) +
                 2.0 * u[1] * u[2] * (xy * xz - xx * yz)) /
                det;
            double full = 0.0;
            for (std::size_t a = 0; a < 6; ++a) {
                const double delta = static_cast<double>(y(i, a)) -
                                     static_cast<double>(world.registry.gaussians.centre(s, a));
                full +=
                    delta * delta / static_cast<double>(world.registry.gaussians.variance(s, a));
            }
            CHECK(drawn <= full * (1.0 + 1e-4) + 1e-6);
        }
    }
}
