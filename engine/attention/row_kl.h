#pragma once

#include "engine/attention/target.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hsa {

// KL(t | a) of one whole row, in nats: of one length, as long as they like; divergence() by chunks
// of fixed size, whose sums are float64. Nothing (a row of zeros) adds nothing.
[[nodiscard]] double row_kl(std::span<const float> t, std::span<const float> a);

// KL(T_i | A_i) of some rows i of the joint attention, in their order: A is formed some rows at a
// time. A row without a target is 0. Throws Cancelled.
[[nodiscard]] std::vector<double> rows_kl(const Factors& factors, const Target& target,
                                          std::span<const std::uint32_t> rows, const Work& work);

}  // namespace hsa
