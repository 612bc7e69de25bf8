#pragma once

#include "engine/model/dataset.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hsa {

// How the token j that is asked may stand to the token i that asks: first .. last tokens behind it
// (0 left out), the same word, or one of the pairs (i, j).
struct Relation {
    std::string name;
    std::ptrdiff_t first = 0, last = 0;
    bool same_type = false;  // a token to itself included
    std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
    double share_in_text = 0.0;  // of all n^2 pairs
    double share_of_near = 0.0;  // of all pairs of neighbours, where the pairs are given
};

// Those that the data can tell: of neighbours where rows follow a text, of the same word where
// words repeat, of subject and verb where metadata have the columns "deprel" and "head", the latter
// the row of each token's head from 0, as a CoNLL-U file gives it.
[[nodiscard]] std::vector<Relation> relations_of(const Dataset& dataset);

// Tokens within 8 of each other, of n.
[[nodiscard]] Relation neighbours(std::size_t n);

}  // namespace hsa
