#pragma once

#include "engine/model/dataset.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hsa {

// Something that a token is or is not: "numbers", "start of a sentence", "topic: The reef".
struct Trait {
    std::string name;
    std::size_t tokens = 0;  // that have it: 1 .. n - 1
};

// The traits of every token, by tokens.
struct Traits {
    std::vector<Trait> all;
    std::vector<std::size_t> begins;  // [n + 1]
    std::vector<std::uint16_t> of;    // of token i: of[begins[i]] .. of[begins[i + 1] - 1], rising

    [[nodiscard]] std::size_t tokens() const { return begins.empty() ? 0 : begins.size() - 1; }
    [[nodiscard]] std::span<const std::uint16_t> of_token(std::size_t i) const {
        return std::span(of).subspan(begins[i], begins[i + 1] - begins[i]);
    }
};

// What can be told of the tokens of any data: of words their kind (numbers, punctuation, function
// words, names, capitals, length, script, rare and repeated ones), where they stand in the text,
// its sentences, paragraphs and sections, each section as a topic, and of the columns of metadata
// every value, of numbers the highest and lowest quarter. Traits that no token or every token has
// are left out; of topics and values of one column the 64 commonest are kept, of columns the
// first 32. O(n).
[[nodiscard]] Traits token_traits(const Dataset& dataset);

// The parts of that, each adding what its tokens have to `add(trait, token)` (traits.cpp).
class TraitList {
  public:
    explicit TraitList(std::size_t tokens) : has_(tokens) {}

    // The trait's number; the same for the same name.
    [[nodiscard]] std::size_t named(const std::string& name);
    void add(std::size_t trait, std::size_t token);
    [[nodiscard]] std::size_t tokens() const { return has_.size(); }
    [[nodiscard]] Traits finish() &&;

  private:
    std::vector<std::string> names_;
    std::vector<std::vector<std::uint16_t>> has_;
};
void add_word_traits(const Dataset& dataset, TraitList& list);
void add_place_traits(const Dataset& dataset, TraitList& list);
void add_column_traits(const Dataset& dataset, TraitList& list);

}  // namespace hsa
