#pragma once

#include "engine/core/matrix.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Tokens that a tile of the stream holds at most.
inline constexpr std::size_t kStreamTile = 64;

// What a push writes of its m tokens; empty views are left out.
struct StreamRows {
    MatrixView<float> outputs;  // [m, v] O_i
    MatrixView<float> p;        // [m, c] P(s|i), which uses c_s of tokens 0 .. i
    // [m, c] both: c_s = reference + ln mass; before the first key -infinity and 0.
    MatrixView<float> reference;
    MatrixView<double> mass;
};

// Causal attention, O_i = sum over j <= i of A_ij v_j, of tokens that arrive in order (maths.md 2,
// "causal"). What is kept of the past does not grow with it: for each splat the largest log kernel
// of its keys, the sum of exponentials relative to that and U_s = sum_j exp(ell_s(j) - largest) v_j
// (float64), and a tile of at most kStreamTile tokens that is added to them when it is full, or
// before a key that would leave the range of float32 in it. Where tiles begin follows from the
// tokens before alone. So the same tokens give the same bits however they are cut into pushes, and
// row i has the same bits whatever follows it. A value: a copy goes on from the same past.
class CausalState {
  public:
    // log_weight [c]: ln w_s, -infinity where a splat is not heard; with a background it is the
    // last one. values: v, the columns of V.
    CausalState(std::vector<double> log_weight, bool background, std::size_t values);

    // Takes the next m tokens: query and key [m, k] are ell^q and ell^k (the same in form token; k
    // = c less the background, whose ell is 0), values [m, v]. masked [m] or empty: 1 where no row
    // attends to the token (ell^k = -infinity). Returns how many of the rows of O or P that were
    // asked for have no key at all: they are zero. Numbers must be finite. Throws a fault when
    // shapes do not fit.
    std::size_t push(MatrixView<const float> query, MatrixView<const float> key,
                     MatrixView<const float> values, std::span<const std::uint8_t> masked,
                     const StreamRows& rows);

    [[nodiscard]] std::size_t tokens() const { return tokens_; }
    [[nodiscard]] std::size_t columns() const { return log_weight_.size(); }
    // Memory of what is kept.
    [[nodiscard]] std::size_t bytes() const;

  private:
    // Tokens whose keys share one reference a splat, and what was summed up before them.
    struct Tile {
        std::vector<float> reference;  // [c] ell that exponentials and sums are relative to
        std::vector<double> base;      // [c] ln w + reference
        std::vector<float> most;       // [c] the largest ell up to the tile's last key
        std::vector<double> mass;      // [c] the sum of exponentials before the tile
        std::vector<double> total;     // [c] mass and the tile's own rows that were written
        Matrix<float> means;           // [c, v] U / mass, before the tile
        Matrix<float> e;               // [kStreamTile, c] exp(ell^k - reference)
        Matrix<float> values;          // [kStreamTile, v]
        std::size_t count = 0;
    };
    // The rows [begin, end) of a push that one tile takes.
    struct Piece;

    [[nodiscard]] Tile make_tile() const;
    void begin_tile(Tile& tile) const;
    [[nodiscard]] bool takes(const Tile& tile, MatrixView<const float> key, std::size_t row,
                             bool masked) const;
    void admit(Tile& tile, MatrixView<const float> key, std::size_t row, bool masked) const;
    [[nodiscard]] std::vector<Piece> cut(MatrixView<const float> key,
                                         std::span<const std::uint8_t> masked, std::size_t begin);
    void fill(Piece& piece, MatrixView<const float> key, MatrixView<const float> values,
              std::span<const std::uint8_t> masked, bool closes) const;
    void close(std::vector<Piece>& pieces);
    [[nodiscard]] std::size_t write_rows(Piece& piece, MatrixView<const float> query,
                                         const StreamRows& rows) const;
    [[nodiscard]] bool weigh(const Tile& tile, std::span<float> weight) const;
    void shift_far_logits(const Tile& tile, std::span<float> ell) const;

    std::vector<double> log_weight_;  // [c]
    bool background_;
    Matrix<double> sums_;  // [c, v] U before the open tile, relative to its reference
    Tile open_;
    std::size_t tokens_ = 0;
};

}  // namespace hsa
