#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hsa {

// Who may look at which rows, seeded and sorted: a fit draws from `free`, stops by `stop` and
// reports on `report`, which nothing else sees.
struct FitRows {
    std::vector<std::uint32_t> report;
    std::vector<std::uint32_t> stop;
    std::vector<std::uint32_t> free;
    bool shared = false;  // too few rows, or none to be kept apart: all three are all rows
};
// report: a quarter of the rows, at most 256; stop: an eighth, at most 64; all rows where n < 64 or
// `apart` is false.
[[nodiscard]] FitRows fit_rows(std::size_t tokens, bool apart, std::uint64_t seed);

// `count` of `from` for a step, sorted: every row is drawn once before any is drawn again.
[[nodiscard]] std::vector<std::uint32_t> rows_of_step(const std::vector<std::uint32_t>& from,
                                                      std::size_t count, std::uint64_t seed,
                                                      std::size_t step);

}  // namespace hsa
