#pragma once

#include "engine/model/dataset.h"
#include "engine/model/factors.h"

#include <cstdint>
#include <optional>
#include <span>

namespace hsa {

// How far a level's splats part the text as it is parted itself. Tokens by their strongest splat of
// the level against the parts that they stand in: the mutual information less what chance gives,
// (r - 1)(c - 1) / (2 n), over the mean of both entropies less the same; 1 where they are the same,
// 0 where they know nothing of each other. None where the text has fewer than two such parts.
struct StructureAgreement {
    std::optional<double> sentence;
    std::optional<double> paragraph;
    std::optional<double> section;

    [[nodiscard]] bool any() const { return sentence || paragraph || section; }
};

// O(n c). Factors of all tokens of the data; else nothing.
[[nodiscard]] StructureAgreement structure_agreement(const Dataset& dataset, const Factors& factors,
                                                     std::size_t level);

// The number above for two partitions of the same things.
[[nodiscard]] double adjusted_information(std::span<const std::uint32_t> a,
                                          std::span<const std::uint32_t> b);

}  // namespace hsa
