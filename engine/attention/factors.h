#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/log_sums.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/factors.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hsa {

struct FactorOptions {
    double temperature = 1.0;
    std::size_t splats_per_token = 0;  // 0 = all
    LevelMask mask;
    bool causal = false;
    Storage storage = Storage::float32;  // of P and K (attention/packed_factors.h)
    std::size_t tokens_at_once = 0;      // formed together before they are packed: a multiple of
                                         // 1,024; 0 = 16,384. Changes no bit
};

// P and K of every token (maths.md 2): ell^k of the keys, which takes in the keys' norms, makes K
// and c, ell^q of the queries makes P; in the form token both are the tokens' own. A background is
// the limit of ever wider splats: ell^q = 0, ell^k = kappa |k|^2 / 2, a factor of the keys that all
// columns share. K of a masked token is exactly 0 (Factors::masked), and where every token is
// masked so are P and K. Columns whose weight is zero (muted) have P = 0 and keep
// their K. Throws Error when every level is muted or has weight zero, and when the shapes of
// registry and coordinates differ. splats_per_token: what is dropped goes to the nearest kept
// ancestor, else to the background, else the row is renormalised; the largest row bound 2 (1 -
// kept) is reported. causal: row i sees tokens 0 .. i alone (attention/causal_factors.h).
[[nodiscard]] Factors compute_factors(Backend& backend, const SplatRegistry& registry,
                                      const Coordinates& coordinates, const FactorOptions& options,
                                      const Work& work);

// P of some rows, K of every token: p is [rows, c], k [n, c], log_normaliser [rows]. What a sample
// of rows needs, at the cost of one side.
[[nodiscard]] Factors compute_factors_of_queries(Backend& backend, const SplatRegistry& registry,
                                                 const Coordinates& coordinates,
                                                 std::span<const std::uint32_t> rows,
                                                 const FactorOptions& options, const Work& work);

// Coarse first: the factors of `rows` only, with c_s estimated from those rows (stratified
// callers). For the first picture of a long text; labelled approximate by whoever shows it.
[[nodiscard]] Factors compute_factors_of_rows(Backend& backend, const SplatRegistry& registry,
                                              const Coordinates& coordinates,
                                              std::span<const std::uint32_t> rows,
                                              const FactorOptions& options, const Work& work);

// For factors that are never whole in memory: c_s of all tokens, nothing of [n, c] kept ...
[[nodiscard]] LogSums key_masses(Backend& backend, const SplatRegistry& registry,
                                 const Coordinates& coordinates, const FactorOptions& options,
                                 const Work& work);
// ... and with them the rows that compute_factors gives these tokens, bit for bit where they are a
// block of for_token_blocks. Not causal.
[[nodiscard]] Factors compute_factors_within(Backend& backend, const SplatRegistry& registry,
                                             const Coordinates& part, const LogSums& mass,
                                             const FactorOptions& options, const Work& work);
void for_token_blocks(std::size_t n, const FactorOptions& options,
                      const std::function<void(std::size_t begin, std::size_t end)>& block);

// Sums over tiles of tokens, from which any block's mean is read.
[[nodiscard]] TileSums tile_sums(const Factors& factors, const Work& work = {});

}  // namespace hsa
