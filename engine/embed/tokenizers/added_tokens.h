#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hsa {

// A token that is found in the text as it is written, before anything else cuts it.
struct AddedToken {
    std::uint32_t id = 0;
    std::string content;       // never empty
    bool normalized = false;   // it is looked for after normalisation, and is normalised itself
    bool single_word = false;  // only where no letter or number touches it
    bool takes_left = false;   // white space before it is part of it
    bool takes_right = false;
    bool special = false;
};

// A stretch of a text: a token, or what lies between two.
struct AddedSplit {
    std::size_t begin = 0;
    std::size_t end = 0;
    const AddedToken* token = nullptr;
};

// Finds tokens in texts: the leftmost, of several there the longest. Immutable.
class AddedTokens {
  public:
    AddedTokens() = default;
    // What is looked for: the content of each, or another text that stands for it.
    explicit AddedTokens(const std::vector<std::pair<std::string, AddedToken>>& tokens);

    [[nodiscard]] bool empty() const { return tokens_.empty(); }
    // True when what surrounds white space decides what is found.
    [[nodiscard]] bool minds_blanks() const { return minds_blanks_; }
    // Stretches that cover the text in order; none of them is empty.
    [[nodiscard]] std::vector<AddedSplit> split(std::string_view text) const;

  private:
    struct Sought {
        std::string text;
        AddedToken token;
    };
    [[nodiscard]] const Sought* at(std::string_view rest) const;

    std::vector<Sought> tokens_;  // by first byte, longer ones first
    std::array<std::pair<std::size_t, std::size_t>, 256> by_first_ = {};
    bool minds_blanks_ = false;
};

}  // namespace hsa
