#include "engine/model/eight_bits.h"

#include "engine/core/random.h"
#include "tests/catch.h"

#include <cmath>
#include <vector>

TEST_CASE("numbers in 8 bits are within half a step of their group", "[model][eight_bits]") {
    constexpr std::size_t kRows = 60;
    constexpr std::size_t kColumns = 5;
    const bool by_column = GENERATE(true, false);
    hsa::Matrix<float> values(kRows, kColumns);
    std::vector<std::uint16_t> level(kRows);
    hsa::Random random{3};
    for (std::size_t r = 0; r < kRows; ++r) {
        level[r] = static_cast<std::uint16_t>(r % 3 == 2 ? 2 : 0);  // level 1 is empty
        for (std::size_t c = 0; c < kColumns; ++c)
            values(r, c) = static_cast<float>(random.normal() * std::pow(10.0, c));
    }
    const hsa::EightBits bits =
        hsa::to_eight_bits(std::as_const(values).view(), level, 3, by_column);
    const hsa::Matrix<float> back = hsa::from_eight_bits(bits, kColumns, level, 3, by_column);
    double largest = 0.0;
    for (std::size_t r = 0; r < kRows; ++r)
        for (std::size_t c = 0; c < kColumns; ++c) {
            const std::size_t g = by_column ? level[r] * kColumns + c : level[r];
            const double step = static_cast<double>(bits.high[g] - bits.low[g]) / 255.0;
            const double off = std::abs(static_cast<double>(back(r, c) - values(r, c)));
            CHECK(off <= 0.5001 * step);
            largest = std::max(largest, off / step);
        }
    CHECK(largest > 0.3);  // the bound is near
    // The ends are exact, and so is what is read from numbers that were read.
    CHECK(hsa::from_eight_bits(hsa::to_eight_bits(std::as_const(back).view(), level, 3, by_column),
                               kColumns, level, 3, by_column) == back);
}

TEST_CASE("8 bits of equal numbers and of none", "[model][eight_bits]") {
    const std::vector<std::uint16_t> level = {0, 0};
    const hsa::Matrix<float> same(2, 3, -4.25F);
    CHECK(hsa::from_eight_bits(hsa::to_eight_bits(same.view(), level, 1, true), 3, level, 1,
                               true) == same);
    const hsa::Matrix<float> none(0, 3);
    CHECK(hsa::from_eight_bits(hsa::to_eight_bits(none.view(), {}, 2, false), 3, {}, 2, false)
              .rows() == 0);
}
