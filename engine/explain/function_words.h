#pragma once

#include <string_view>

namespace hsa {

// True for English words that carry grammar and no topic (articles, pronouns, prepositions,
// conjunctions, auxiliaries, the commonest adverbs, and the pieces that contractions leave); `word`
// is in lower case.
[[nodiscard]] bool is_function_word(std::string_view word);

}  // namespace hsa
