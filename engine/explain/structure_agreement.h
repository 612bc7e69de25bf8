#pragma once

#include "engine/model/dataset.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// How far a level's splats part the text as some parts of it do. The splat of a token is its
// strongest of the level.
struct PartAgreement {
    // The mutual information of splats and parts less what chance gives, (r - 1)(c - 1) / (2 n),
    // over the mean of both entropies less the same: 1 where they are the same, 0 where they know
    // nothing of each other.
    double information = 0.0;
    // Of the places where the splat changes against those where the part does, one found when the
    // other is at most `tolerance` tokens away, a tenth of the mean part: the harmonic mean of
    // precision and recall, and what as many places at random would reach.
    double boundary_f1 = 0.0;
    double f1_by_chance = 0.0;
    std::size_t tolerance = 0;
};

// How much a level's own attention A_l puts on the head of a token in a parse.
struct DependencyAgreement {
    std::size_t pairs = 0;       // tokens that have a head
    double mean = 0.0;           // of A_l(token, head)
    double same_distance = 0.0;  // of A_l over pairs that stand as far apart, the same way

    [[nodiscard]] double lift() const { return same_distance > 0.0 ? mean / same_distance : 0.0; }
};

// None where the text has fewer than two such parts; phrases and heads come with a parse
// (io/conllu.h).
struct StructureAgreement {
    std::optional<PartAgreement> phrase, sentence, paragraph, section;
    std::optional<DependencyAgreement> dependencies;

    [[nodiscard]] bool any() const {
        return phrase || sentence || paragraph || section || dependencies;
    }
};

// The parts by name, finest first, with what a level has of each.
struct NamedAgreement {
    std::string name;  // "phrases", "sentences", "paragraphs", "sections"
    std::optional<PartAgreement> StructureAgreement::*of = nullptr;
};
[[nodiscard]] std::span<const NamedAgreement> parts_of_a_text();

// O(n c). Factors of all tokens of the data; else nothing.
[[nodiscard]] StructureAgreement structure_agreement(const Dataset& dataset, const Factors& factors,
                                                     std::size_t level);

// The numbers above for two partitions of the same things, in their order.
[[nodiscard]] double adjusted_information(std::span<const std::uint32_t> a,
                                          std::span<const std::uint32_t> b);
[[nodiscard]] PartAgreement part_agreement(std::span<const std::uint32_t> splats,
                                           std::span<const std::uint32_t> parts);

}  // namespace hsa
