#pragma once

#include "engine/fit/head.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace hsa_bench {

// Positive orthogonal random features (FAVOR+, Choromanski et al. 2021), each form with what the
// one before it has.
enum class FavorForm : std::uint8_t {
    plain,     // exp(w . x - |x|^2 / 2), w orthogonal with the norms of Gaussian vectors
    balanced,  // queries and keys less their means, of one mean square
    pairs,     // w and -w
    optimal    // exp(A |w|^2 + B w . x - |x|^2 / 2) with the A of least variance (OPRF,
               // Likhosherstov et al. 2022)
};
inline constexpr std::array kFavorForms = {FavorForm::plain, FavorForm::balanced, FavorForm::pairs,
                                           FavorForm::optimal};

// Rows of its A, [rows.size(), n].
[[nodiscard]] hsa::Matrix<float> favor_rows(const hsa::Head& head,
                                            std::span<const std::uint32_t> rows,
                                            std::size_t features, FavorForm form,
                                            std::uint64_t seed);

}  // namespace hsa_bench
