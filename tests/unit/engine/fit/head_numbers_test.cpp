#include "engine/fit/head_numbers.h"

#include "engine/attention/near_set.h"
#include "engine/core/parallel.h"
#include "engine/fit/distil.h"
#include "tests/catch.h"
#include "tests/unit/engine/fit/heads.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace {

// The same numbers from whole rows of the target, in the plainest way.
hsa::HeadNumbers brute_force(const hsa::Target& target) {
    const std::vector<std::uint32_t> rows = hsa::sampled_rows(target.size());
    hsa::Matrix<float> t(rows.size(), target.size());
    target.rows(rows, t.view());
    hsa::HeadNumbers numbers;
    std::vector<double> mass(target.size());
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t j = 0; j < target.size(); ++j) {
            const auto value = static_cast<double>(t(r, j)) / static_cast<double>(rows.size());
            mass[j] += value;
            if (value > 0.0) numbers.row_entropy -= value * std::log(static_cast<double>(t(r, j)));
            if (j + 2 >= rows[r] && j <= rows[r] + 2U) numbers.near_share += value;
        }
    const auto most = std::max_element(mass.begin(), mass.end());
    numbers.sink = static_cast<std::uint32_t>(most - mass.begin());
    numbers.sink_share = *most;
    return numbers;
}

void check_same(const hsa::HeadNumbers& numbers, const hsa::HeadNumbers& plain) {
    CHECK(numbers.row_entropy == Approx(plain.row_entropy).epsilon(1e-5));
    CHECK(numbers.near_share == Approx(plain.near_share).epsilon(1e-5));
    CHECK(numbers.sink_share == Approx(plain.sink_share).epsilon(1e-5));
    CHECK(numbers.sink == plain.sink);
}

}  // namespace

TEST_CASE("numbers of a head are those of its exact rows", "[fit][heads]") {
    for (const std::size_t n : {1U, 40U, 300U, 2500U}) {
        INFO(n << " tokens");
        const TestHead head = clustered_head(n, 6, 5, 2.0, n);
        const hsa::HeadNumbers numbers = hsa::head_numbers(*head.target);
        CHECK(numbers.rows == std::min<std::size_t>(n, 64));
        check_same(numbers, brute_force(*head.target));
        CHECK(numbers.splats == hsa::splats_for_entropy(numbers.row_entropy, false));
        CHECK(numbers.splats_near == hsa::splats_for_entropy(numbers.row_entropy, true));
        const hsa::ThreadLimit one(1);
        const hsa::HeadNumbers again = hsa::head_numbers(*head.target);
        CHECK(again.row_entropy == numbers.row_entropy);
        CHECK(again.sink_share == numbers.sink_share);
        CHECK(again.near_share == numbers.near_share);
    }
}

TEST_CASE("a sink and a window show in the numbers", "[fit][heads]") {
    constexpr std::size_t kTokens = 200;
    hsa::Matrix<float> attention(kTokens, kTokens);
    for (std::size_t i = 0; i < kTokens; ++i) {
        attention(i, 7) += 0.5F;
        attention(i, i) += 0.25F;
        attention(i, i >= 100 ? i - 3 : i + 3) += 0.25F;  // just beyond what is near
    }
    const hsa::HeadNumbers numbers = hsa::head_numbers(hsa::Target(std::move(attention)));
    CHECK(numbers.sink == 7);
    CHECK(numbers.sink_share == Approx(0.5).margin(0.02));
    // Rows within two of the sink have that as well.
    CHECK(numbers.near_share >= 0.25 - 1e-6);
    CHECK(numbers.near_share < 0.25 + 0.5 * 3.0 / 64.0 + 1e-6);
    CHECK(numbers.row_entropy == Approx(1.04).margin(0.02));
}

TEST_CASE("causal rows are counted over what they see", "[fit][heads]") {
    const TestHead head = clustered_head(90, 5, 4, 2.0, 3);
    const hsa::Target causal(*head.coordinates.queries, *head.coordinates.base, 1.0, true);
    const hsa::HeadNumbers numbers = hsa::head_numbers(causal);
    check_same(numbers, brute_force(causal));
    CHECK(numbers.row_entropy < hsa::head_numbers(*head.target).row_entropy);
}
