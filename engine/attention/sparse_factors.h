#pragma once

#include "engine/attention/cells.h"
#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/coordinates.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hsa {

struct SparseOptions {
    std::size_t splats = 16;  // kept of each token on each side, m
    bool spatial = false;     // chosen through cells (attention/selected_splats.h)
    std::size_t scored = 0;   // SelectOptions::scored
    double temperature = 1.0;
    LevelMask mask;
};

// A = P K where each token keeps m splats a side: A_ij = sum_s p_is k_js + rest_i rest_k_j over the
// splats that both keep. What a side drops is not lost, so rows sum to 1: it goes to the
// background, of P as shares of the row, of K as what the column lacks, times the row's share of
// it. Without a background both are divided by what they kept, and a column that no token keeps is
// spread evenly. Columns as in Factors: the registry's rows, the background, if there is one, last.
struct SparseFactors {
    std::vector<SplatId> ids;           // [c]; kNoSplat for the background
    std::vector<std::uint16_t> level;   // [c]
    std::vector<double> log_weight;     // [c]
    std::vector<double> log_mass;       // [c] c_s
    std::vector<float> log_normaliser;  // [n] ln Z_i over all splats
    // The splats that a token keeps, rising, and its numbers; both sides share them in form token.
    std::shared_ptr<const Matrix<std::uint32_t>> p_column;  // [n, m]
    std::shared_ptr<const Matrix<std::uint32_t>> k_column;  // [n, m]
    Matrix<float> p;                                        // [n, m]
    Matrix<float> k;                                        // [n, m]
    std::vector<float> rest;    // [n] the row's share of the background, all that was dropped too
    std::vector<float> rest_k;  // [n] K of the background; 1 / n (of those not masked) without
    // K by splat: column s is key_tokens[begins[s]] .. [begins[s + 1] - 1], rising.
    std::vector<std::size_t> key_begins;    // [c + 1]
    std::vector<std::uint32_t> key_tokens;  // [n m]
    std::vector<float> key_values;          // [n m]
    std::vector<float> kept;                // [n] share of the row of P that stayed where it was
    std::vector<double> kept_keys;          // [c] the same of the columns of K
    std::vector<float>
        bound;  // [n] of the row's L1 error: 2 (1 - kept) + 2 sum_s p_is (1 - kept_s)
    std::vector<std::uint32_t> masked;  // tokens whose K is zero everywhere, rising
    // Through cells ln Z, c_s and with them what was kept are estimated on sampled tokens.
    bool estimated = false;
    double recall = 1.0;  // SelectedSplats::recall, the lesser of the sides
    std::string note;     // SelectedSplats::note

    [[nodiscard]] std::size_t tokens() const { return p.rows(); }
    [[nodiscard]] std::size_t columns() const { return ids.size(); }
    [[nodiscard]] bool has_background() const { return !ids.empty() && ids.back() == kNoSplat; }
    [[nodiscard]] float largest_bound() const {
        return bound.empty() ? 0.0F : *std::max_element(bound.begin(), bound.end());
    }
    // Memory of what grows with the tokens.
    [[nodiscard]] std::size_t bytes() const;
};

// The splats of a row are the m largest P(s|i), those of a key the m largest ln w_s + ell^k_s(j) +
// LSE_i ell^q_s(i), which in form token are the same. Memory O(n m). The same bits for any number
// of threads. Throws Error when every level is muted or has weight zero, when m is 0 and when the
// shapes of registry and coordinates differ.
[[nodiscard]] SparseFactors compute_sparse_factors(Backend& backend, const SplatRegistry& registry,
                                                   const Coordinates& coordinates,
                                                   const SparseOptions& options, const Work& work);

// The readings of A that attention/cells.h has of dense factors. Cells O(m), block means O((rows +
// columns) m + c), a row O(its splats' keys + n), outputs O(n m v).
[[nodiscard]] CellParts cell_parts(const SparseFactors& factors, std::size_t i, std::size_t j);
[[nodiscard]] CellParts block_parts(const SparseFactors& factors, const Block& block);
void attention_rows(const SparseFactors& factors, std::span<const std::uint32_t> rows,
                    const AttentionSettings& settings, MatrixView<float> out);
[[nodiscard]] std::vector<float> mean_row(const SparseFactors& factors,
                                          std::span<const Range> tokens);
[[nodiscard]] std::vector<float> mean_column(const SparseFactors& factors,
                                             std::span<const Range> tokens);
[[nodiscard]] Matrix<float> attend(const SparseFactors& factors, MatrixView<const float> values);

}  // namespace hsa
