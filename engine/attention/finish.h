#pragma once

#include "engine/attention/cells.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"
#include "engine/model/selection.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>

namespace hsa {

// Steps after A = P K that need whole rows and do not factor: attention.normalise other than row,
// then top-k or threshold (maths.md "Settings, exactly"; rulings.md "What the map shows" (d)).
[[nodiscard]] bool has_row_steps(const AttentionSettings& settings);
// Their names in order, "softmax(0.5), top 8"; empty without any.
[[nodiscard]] std::string row_steps_text(const AttentionSettings& settings);

// Tokens up to which all finished rows are formed for a picture or a mean.
inline constexpr std::size_t kFinishedRowsUpTo = 4096;

// What a row cannot see stays zero in every step: columns from `seen` on and the masked ones.
struct RowReach {
    std::size_t seen = std::numeric_limits<std::size_t>::max();
    std::span<const std::uint32_t> masked = {};  // rising
};

// A row of A [n] with its ln Z becomes the finished row, which sums to 1 where the row did.
void finish_row(std::span<float> row, double log_normaliser, const AttentionSettings& settings,
                const RowReach& reach = {});

// softmax over j of ln(S_ij) / tau, in terms of A: A_ij^(1/tau) over its sum. tau > 0; 1 changes
// nothing, a zero stays zero.
void soften(std::span<float> row, double tau);
// softmax over j of S_ij = Z_i A_ij, the plain softmax of the non-negative sum (maths.md 2).
void soften_linear(std::span<float> row, double log_normaliser, const RowReach& reach = {});
// Keeps the k largest of a row (ties: lower index) or all >= threshold (at least the largest),
// divides by their sum; top-k wins when both are set.
void keep_strongest(std::span<float> row, std::size_t top_k, double threshold);

// The mean over the block of finished rows, or nothing without row steps and where n and the block
// have more rows than kFinishedRowsUpTo: then only a part of it can be looked at. Throws Error for
// a block beyond the tokens.
[[nodiscard]] std::optional<double> finished_mean(const Factors& factors, const Block& block,
                                                  const AttentionSettings& settings,
                                                  const Work& work);

}  // namespace hsa
