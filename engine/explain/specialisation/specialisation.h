#pragma once

#include "engine/core/work.h"
#include "engine/explain/specialisation/traits.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// Something that a splat has more of than the text.
struct Specialisation {
    std::string name;  // of the trait, "the word “sea”", or of a relation: "the same word"
    double confidence = 0.0;     // 0..1: one less what chance would give, for all that were tried
    double lift = 0.0;           // share / share_in_text
    double share = 0.0;          // of K(.|s); of a relation, of the pairs that the splat joins
    double share_in_text = 0.0;  // of all tokens; of a relation, of all pairs
    std::vector<std::uint32_t> tokens;  // that show it: at most 8, falling K
};

// What one splat does, of a confidence of .95 and more, a lift of 1.5 and more and a share of 2 %
// and more: at most 4 traits and words, then at most 2 relations, each by falling share x ln(lift).
struct SplatSpecialisation {
    SplatId splat = kNoSplat;
    double effective_tokens = 0.0;  // 1 / sum_j K(j|s)^2: among so many tokens it spreads
    std::vector<Specialisation> found;
};

struct Specialisations {
    std::size_t tried = 0;  // traits and relations that each splat was held against ...
    std::size_t words = 0;  // ... and single words
    std::vector<SplatSpecialisation> splats;  // [columns asked for]
};

// Which traits (traits.h), single words and relations of pairs (i asks, j is asked: previous word,
// next word, neighbours, the same word, subject and verb) are enriched under K(.|s), respectively
// under P(s|.) / n u_s times K(.|s), against the text. Were the splat's weights dealt to tokens at
// random, a trait of share q would have the share m with a chance of at most exp(-e KL(m | q)), e
// the effective number of tokens with the correction for drawing from n: 1 / (sum_j K^2 - 1/n)
// (Chernoff's bound for e equal weights). Of a relation e is the smaller of P's and K's, for
// partners come in clumps; but subjects and verbs, each with one partner, are held against
// neighbours, which stand as near, and e is the product of both. Confidence = 1 - min(1, 2 tried x
// that), for words 2 words x that: either family may err half as often.
//
// Subject and verb are told by columns of metadata "deprel" (nsubj...) and "head" (the row of the
// head). `columns`: of the factors. O(n columns traits of a token). Factors of all tokens of the
// data; else nothing is found. Throws Cancelled.
[[nodiscard]] Specialisations specialisations(const Dataset& dataset, const Traits& traits,
                                              const Factors& factors,
                                              std::span<const std::size_t> columns,
                                              const Work& work);
// Of all columns.
[[nodiscard]] Specialisations specialisations(const Dataset& dataset, const Traits& traits,
                                              const Factors& factors, const Work& work);

// The confidence above.
[[nodiscard]] double enrichment_confidence(double share, double share_in_text,
                                           double effective_tokens, std::size_t tried);

}  // namespace hsa
