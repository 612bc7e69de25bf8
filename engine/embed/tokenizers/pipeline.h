#pragma once

#include "engine/embed/tokenizer.h"
#include "engine/embed/tokenizers/added_tokens.h"
#include "engine/embed/tokenizers/normalizer.h"
#include "engine/embed/tokenizers/pre_tokenizer.h"
#include "engine/embed/tokenizers/vocabulary.h"

#include <memory>
#include <vector>

namespace hsa {

// What a tokenizer of several steps is made of.
struct Pipeline {
    std::vector<AddedToken> added;
    Normalizers normalizers;
    PreTokenizers pre_tokenizers;
    std::shared_ptr<const Vocabulary> vocabulary;  // with the added tokens
    std::shared_ptr<const PieceModel> model;
    std::uint64_t hash = 0;
};

// Added tokens are found first, what lies between them is normalised, cut into words, and every
// word into pieces. Long texts are cut at blanks where that changes nothing, and the parts done on
// all cores.
[[nodiscard]] std::shared_ptr<const Tokenizer> make_tokenizer(Pipeline pipeline);

}  // namespace hsa
