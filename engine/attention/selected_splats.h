#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hsa {

struct SelectOptions {
    std::size_t splats = 16;  // of each token, m
    bool spatial = false;     // through cells: only splats that come near are scored
    std::size_t scored = 0;   // spatial: how many of each token; 0: 2 m
    double temperature = 1.0;
    bool totals = false;  // where all are scored: SelectedSplats::log_total too
};

// The m best splats of every token by ell + shift.
struct SelectedSplats {
    Matrix<std::uint32_t> splat;    // [n, m] rows of the registry, rising along a row
    Matrix<float> log_kernel;       // [n, m] their ell
    std::vector<double> log_total;  // [n] LSE_s(ell + shift) over all splats, where asked for
    bool spatial = false;           // chosen through cells
    double recall = 1.0;  // the share of exp(ell + shift) of the exact 4 best that is among
                          // them, mean over 256 sampled tokens
    std::string note;     // why cells were not used although asked for; else empty

    [[nodiscard]] std::size_t width() const { return splat.cols(); }
};

// shift [k]: what is added to ell, as ln w_s + c_s for the splats that P is made of; -infinity: the
// splat is not heard. m is at most the number of splats that are. Exact: all are scored, some
// tokens at a time, ties to the lower row; memory O(n m). Spatial: attention/product_cells.h;
// splats that are lowrank or full are all scored, and the note says so; so are all splats where
// hardly more than `scored` are heard. The same bits for any number of threads. Throws Error when
// no splat is heard or m is 0, and when the shapes of registry and coordinates differ.
[[nodiscard]] SelectedSplats select_splats(Backend& backend, const SplatRegistry& registry,
                                           const Coordinates& coordinates, Side side,
                                           std::span<const double> shift,
                                           const SelectOptions& options, const Work& work);

}  // namespace hsa
