#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/card/card_memory.h"
#include "engine/compute/card/on_card.h"
#include "engine/core/error.h"
#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// The card has no room for what was asked of it: smaller blocks may fit.
class CardFull : public Error {
  public:
    explicit CardFull(const std::string& sentence) : Error(ErrorKind::input, sentence) {}
};

// What a block may be on a card with room enough; rows is a multiple of kChunkRows.
struct BlockLimits {
    std::uint64_t bytes = 0;
    std::size_t rows = 0;
    std::uint64_t kept = std::numeric_limits<std::uint64_t>::max();  // bytes of rows that stay
};

// What a card does with blocks of rows: at most rows_at_once() of them. It keeps one matrix, ell,
// from call to call, for those who read it. Functions may be called from any thread, one at a time,
// and throw Error with what the card said.
class Card {
  public:
    virtual ~Card() = default;
    [[nodiscard]] virtual std::string name() const = 0;    // "opengl"
    [[nodiscard]] virtual std::string device() const = 0;  // "NVIDIA H200"
    [[nodiscard]] virtual CardMemory memory() const = 0;
    [[nodiscard]] virtual BlockLimits limits() const = 0;
    // Gives back what blocks of rows hold on the card.
    virtual void drop_blocks() = 0;

    // What may be taken at once: a quarter of what is free now, where `held` counts as free.
    [[nodiscard]] std::uint64_t bytes_at_once(std::uint64_t held = 0) const;
    // What rows that stay may take in all: half of what is free, where `held` counts as free.
    [[nodiscard]] std::uint64_t bytes_to_keep(std::uint64_t held) const;
    // A multiple of kChunkRows for blocks of `columns` numbers a row in all, asked for once an
    // operation.
    [[nodiscard]] std::size_t rows_at_once(std::size_t columns) const;
    // After CardFull: half of the last, so that the operation may be begun anew; false where that
    // was the smallest.
    [[nodiscard]] bool take_smaller_blocks();
    // After an operation went through: a card that was full may have room again after a while.
    void went_well();

    [[nodiscard]] virtual std::unique_ptr<OnCard> send(const CardForms& forms) = 0;
    [[nodiscard]] virtual std::unique_ptr<OnCard> send_rows(MatrixView<const float> rows) = 0;

    // ell of a block's rows x [rows, d] into columns [first, first + k) of rows of `stride`
    // numbers.
    virtual void log_kernel(const CardForms& forms, const OnCard& splats, const OnCard& x,
                            std::size_t rows, std::size_t stride, std::size_t first) = 0;
    // What Backend::tile_exponentials says of ell as it is there, [rows, k].
    virtual void exponentials(std::size_t rows, std::size_t k,
                              std::span<const float> log_row_weight, MatrixView<float> most,
                              MatrixView<double> sums) = 0;
    // What ell is now is read later, while the next ell is computed: one is kept at a time.
    virtual void keep_kernel() = 0;
    virtual void read_kept(std::size_t rows, std::size_t k, MatrixView<float> out) = 0;
    // What Backend::best_splats says of ell as it is there, [rows, shift.size()].
    virtual void best(std::span<const float> shift, const BestColumns& out) = 0;

    // Splats over rows of keys with values [rows, v], each chunk of kChunkRows rows by itself, and
    // rows that ask over the splats of all parts with means [k of all, v]: neither forms ell nor
    // exponentials in the card's memory. What the first makes stays there, from chunk `first` of
    // `chunks` on, until joined_means() reads what all of these are together. The second returns
    // the rows whose largest logit is below kFarLogit.
    virtual void key_means(const CardForms& forms, const OnCard& splats, const OnCard& x,
                           std::span<const float> log_row_weight, const OnCard& values,
                           std::size_t columns, std::size_t rows, std::size_t first,
                           std::size_t chunks) = 0;
    virtual void joined_means(std::size_t chunks, const CardMeans& out) = 0;
    [[nodiscard]] virtual std::vector<std::uint32_t> query_means(std::span<const CardQueries> parts,
                                                                 MatrixView<const float> means,
                                                                 MatrixView<float> out) = 0;

    // out [rows, keys] = p [rows, columns] k^T.
    virtual void cells(const OnCard& p, const OnCard& k, std::size_t columns,
                       MatrixView<float> out) = 0;

    // Of each range of rows [n, columns] their sum over its count, in the chosen columns: [ranges,
    // chosen], which stays there. `before` as KeptRows says (row_passes.h).
    [[nodiscard]] virtual std::unique_ptr<OnCard> send_sums(MatrixView<const double> before) = 0;
    [[nodiscard]] virtual std::unique_ptr<OnCard> range_means(
        const OnCard& rows, const OnCard& before, std::size_t columns, std::size_t tile,
        std::span<const RowRange> ranges, std::span<const std::uint32_t> chosen) = 0;
    // out [k, q] = weight^T beside over `rows` rows, whole chunks in float64; goes_on: from `out`
    // of the call before, which is still there.
    virtual void moments(const OnCard& weight, const OnCard& beside, std::size_t rows, bool goes_on,
                         MatrixView<double> out) = 0;
    // What every card has is above; of what follows it is asked where it has it.
    [[nodiscard]] virtual bool has(RowPass pass) const {
        return pass == RowPass::rectangles || pass == RowPass::moments;
    }
    // RowPasses::compare_rows(): ell as it is there becomes K by log_mass [k].
    virtual void kernel_to_keys(std::size_t, std::span<const float>) {}
    virtual void compare(const CardComparison&) {}
    virtual void past(const CardPast&) {}
    // Adds to log_total [r], the ln of the sums over the columns before (-infinity: none).
    virtual void totals(const CardTotals&, std::span<double>) {}
    virtual void slopes(const CardSlopes&) {}

  private:
    std::uint64_t most_bytes_ = std::numeric_limits<std::uint64_t>::max();  // of a block
    std::size_t went_well_ = 0;  // operations since blocks became smaller
    mutable std::size_t last_rows_ = 0;
    mutable std::uint64_t last_bytes_ = 0;
};

// Where flags are not 0.
[[nodiscard]] std::vector<std::uint32_t> indices_of(std::span<const std::uint32_t> flags);

}  // namespace hsa
