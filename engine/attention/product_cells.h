#pragma once

#include "engine/compute/backend.h"
#include "engine/core/large_memory.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// Product cells of the tokens: the axes in groups of four, in each group one of 16 cells by its
// nearest centre (Jegou, Douze & Schmid 2011, "Product quantization for nearest neighbor search").
// ell of a spherical or diagonal splat is a sum over axes, so its mean in a product of cells is a
// sum of one number a group: tables of 8 bits a cell and splat say, at an addition a group, which
// splats come near a token's best, and only those are scored.
class ProductCells {
  public:
    // Whether every splat that is heard (shift > -infinity) is spherical or diagonal on that side.
    [[nodiscard]] static bool serve(const SplatRegistry& registry, Side side,
                                    std::span<const double> shift);

    // shift [k] is what is added to ell. `scored` splats of each token are looked at. Keeps views
    // of the coordinates. The same cells for the same data.
    ProductCells(const SplatRegistry& registry, const Coordinates& coordinates, Side side,
                 std::span<const double> shift, std::size_t scored, double temperature,
                 const Work& work);

    // Tokens [begin, end): the rows of the registry, rising, of the splat.cols largest ell + shift
    // among those scored, and their ell; both [end - begin, m]. Returns the tokens, rising, of
    // which the tables reach fewer than m: their rows are not to be used.
    [[nodiscard]] std::vector<std::uint32_t> select(std::size_t begin, std::size_t end,
                                                    MatrixView<std::uint32_t> splat,
                                                    MatrixView<float> log_kernel) const;

  private:
    struct Codes;
    struct Tile;
    // The cells of the rows that one or more levels see.
    struct Cells {
        const Matrix<float>* rows = nullptr;
        std::vector<float> centre;       // [groups, codes, axes of a group]
        std::vector<float> half_square;  // [groups, codes]
        std::vector<float> spread;       // as centre: mean square of a row's step from it
    };
    // The splats of a level, at places of their own from a multiple of kCellSlice on.
    struct LevelTables {
        std::size_t cells = 0;  // which
        std::size_t first = 0;
        std::size_t slices = 0;
        std::vector<std::uint8_t, LargeAllocator<std::uint8_t>> table;  // CellTables::tables
    };

    void place_splats(const SplatRegistry& registry, const Coordinates& coordinates, Side side,
                      std::span<const double> shift);
    void take_gaussians(const GaussianColumns& gaussians, std::span<const float> beta,
                        double temperature);
    void find_cells(Cells& cells) const;
    [[nodiscard]] std::vector<float> parts_of(const LevelTables& level) const;
    // The least part of every cell, which is left out: [cells][groups, codes].
    [[nodiscard]] std::vector<std::vector<float>> least_parts(
        const std::vector<std::vector<float>>& parts) const;
    [[nodiscard]] double scale_for(const std::vector<std::vector<float>>& parts,
                                   const std::vector<std::vector<float>>& least,
                                   const std::vector<float>& base) const;
    void write_tables(const std::vector<std::vector<float>>& parts);
    bool select_one(Tile& tile, std::size_t token, std::size_t place,
                    std::span<std::uint32_t> splat, std::span<float> log_kernel) const;

    std::size_t axes_;    // d
    std::size_t groups_;  // axis a belongs to group a % groups
    std::size_t scored_;
    std::vector<Cells> cells_;
    std::vector<LevelTables> levels_;
    // By places.
    std::vector<std::uint32_t> row_;  // of the registry; kNoSplat where there is no splat
    std::vector<float> shift_;        // less the greatest
    std::vector<std::uint8_t> base_;  // of the totals, which fall with ell + shift
    std::size_t stride_;              // of the rows below, filled up with zeros
    Matrix<float> centre_;
    Matrix<float> rate_;        // sqrt(beta / (2 temperature variance))
    std::vector<float> scale_;  // its square on the first axis
    bool spherical_ = true;     // all of them: rate_ is not needed
    bool rising_ = true;        // rows rise with places
};

}  // namespace hsa
