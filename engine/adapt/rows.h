#pragma once

#include "engine/core/gather.h"
#include "engine/core/matrix.h"
#include "engine/model/coordinates.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// What a random number of adaptation is for: the fourth of its counters (seed, cycle, level,
// purpose, index) (rulings.md "Adaptation").
enum class Purpose : std::uint64_t { report, probe, adjust, pool, columns, trial, birth, halves };

// Above this many tokens adjust, pool and trials see a sample of the columns.
inline constexpr std::size_t kColumnLimit = 16384;

// Who may look at which rows. W is reported and never decides; V decides and is never reported; the
// rest feed gradients, measurements and trials. Sorted. Drawn once for the data, from the seed
// alone.
struct RowSets {
    std::vector<std::uint32_t> report;  // W
    std::vector<std::uint32_t> probe;   // V
    std::vector<std::uint32_t> free;    // neither
    bool shared = false;                // n < 64: all three are all rows
};
[[nodiscard]] RowSets row_sets(std::size_t tokens, std::size_t probe_rows, std::uint64_t seed);

// `count` of `from`, one from each of as many equal stretches (all of them when there are fewer).
[[nodiscard]] std::vector<std::uint32_t> stratified(std::span<const std::uint32_t> from,
                                                    std::size_t count, std::uint64_t seed,
                                                    std::int32_t cycle, Purpose purpose,
                                                    std::uint64_t index);

// The rows a cycle measures on: clamp(2^23 / n, 256, 2048) of the free rows, fresh every cycle.
[[nodiscard]] std::vector<std::uint32_t> pool_rows(const RowSets& sets, std::size_t tokens,
                                                   std::uint64_t seed, std::int32_t cycle);

// The places [0, count) of a pool in two halves, sorted: of each two neighbours a coin sends one to
// either side, so that rows that come in a rhythm are on both.
struct Halves {
    std::vector<std::size_t> one;
    std::vector<std::size_t> other;
};
[[nodiscard]] Halves halve(std::size_t count, std::uint64_t seed, std::int32_t cycle,
                           std::uint64_t index);

// The columns of a cycle: all tokens that are not masked, or a stratified sample of kColumnLimit of
// them that each stand for as many tokens.
struct Columns {
    Columns() = default;
    Columns(Columns&&) = default;
    Columns& operator=(Columns&&) = default;
    Columns(const Columns&) = delete;  // `x` looks into `owned`
    Columns& operator=(const Columns&) = delete;
    ~Columns() = default;

    std::size_t tokens = 0;                  // n
    std::vector<std::uint32_t> sample;       // empty: all
    std::vector<MatrixView<const float>> x;  // [levels] of [m, d]
    std::vector<Matrix<float>> owned;        // behind x when sampled
    double log_weight = 0.0;                 // ln of the tokens that a column stands for

    [[nodiscard]] std::size_t size() const { return sample.empty() ? tokens : sample.size(); }
    [[nodiscard]] std::uint32_t token(std::size_t column) const {
        return sample.empty() ? static_cast<std::uint32_t>(column) : sample[column];
    }
};
[[nodiscard]] Columns choose_columns(const Coordinates& coordinates, std::uint64_t seed,
                                     std::int32_t cycle);

// Rows of a pool drawn for one trial, with replacement: place in the pool, how often it was drawn,
// and the weight 1 / (N q) that makes a mean over draws unbiased for the pool. Sorted by place.
struct DrawnRow {
    std::size_t place = 0;
    std::size_t times = 0;
    double weight = 0.0;
};
// `count` draws with q = 3/4 pull / sum + 1/4 uniform over the places given (pull >= 0, one a place
// of the pool; adaptation.md 4).
[[nodiscard]] std::vector<DrawnRow> draw_rows(std::span<const double> pull,
                                              std::span<const std::size_t> places,
                                              std::size_t count, std::uint64_t seed,
                                              std::int32_t cycle, std::uint64_t index);

// Weighted mean change of a number of each drawn row from `before` to `after`, and its standard
// error.
struct RowChange {
    double mean = 0.0;
    double error = 0.0;
};
[[nodiscard]] RowChange weighted_change(std::span<const DrawnRow> rows,
                                        std::span<const double> before,
                                        std::span<const double> after);

}  // namespace hsa
