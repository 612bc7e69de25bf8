#include "engine/embed/tokenizers/added_tokens.h"

#include "engine/embed/tokenizers/characters.h"

#include <algorithm>

namespace hsa {
namespace {

bool is_word_character(std::int32_t code) {
    return is_letter(code) || is_number(code) || is_accent(code) || code == '_';
}

bool ends_with_word(std::string_view text) {
    if (text.empty()) return false;
    std::size_t at = character_begin(text, text.size() - 1);
    return is_word_character(next_character(text, at));
}

bool starts_with_word(std::string_view text) {
    std::size_t at = 0;
    return !text.empty() && is_word_character(next_character(text, at));
}

// Where the white space at the end of a text begins.
std::size_t trailing_space(std::string_view text) {
    std::size_t end = text.size();
    while (end > 0) {
        const std::size_t begin = character_begin(text, end - 1);
        std::size_t at = begin;
        if (!is_space(next_character(text, at))) break;
        end = begin;
    }
    return end;
}

std::size_t leading_space(std::string_view text) {
    std::size_t end = 0;
    while (end < text.size()) {
        std::size_t at = end;
        if (!is_space(next_character(text, at))) break;
        end = at;
    }
    return end;
}

bool has_space(std::string_view text) {
    for (std::size_t at = 0; at < text.size();)
        if (is_space(next_character(text, at))) return true;
    return false;
}

}  // namespace

AddedTokens::AddedTokens(const std::vector<std::pair<std::string, AddedToken>>& tokens) {
    for (const auto& [text, token] : tokens)
        if (!text.empty()) tokens_.push_back({text, token});
    const auto first = [](const Sought& sought) {
        return static_cast<unsigned char>(sought.text.front());
    };
    std::stable_sort(tokens_.begin(), tokens_.end(), [&](const Sought& a, const Sought& b) {
        return first(a) != first(b) ? first(a) < first(b) : a.text.size() > b.text.size();
    });
    for (std::size_t t = 0; t < tokens_.size(); ++t) {
        auto& [begin, end] = by_first_[first(tokens_[t])];
        if (begin == end) begin = t;
        end = t + 1;
        const AddedToken& token = tokens_[t].token;
        minds_blanks_ =
            minds_blanks_ || token.takes_left || token.takes_right || has_space(tokens_[t].text);
    }
}

const AddedTokens::Sought* AddedTokens::at(std::string_view rest) const {
    const auto [begin, end] = by_first_[static_cast<unsigned char>(rest.front())];
    for (std::size_t t = begin; t < end; ++t)
        if (rest.starts_with(tokens_[t].text)) return &tokens_[t];
    return nullptr;
}

std::vector<AddedSplit> AddedTokens::split(std::string_view text) const {
    std::vector<AddedSplit> found;
    std::size_t done = 0;
    if (!tokens_.empty()) {
        for (std::size_t at = 0; at < text.size();) {
            const Sought* sought = this->at(text.substr(at));
            if (sought == nullptr) {
                ++at;
                continue;
            }
            const AddedToken& token = sought->token;
            std::size_t begin = at;
            std::size_t end = at + sought->text.size();
            at = end;
            if (token.single_word &&
                (ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(end))))
                continue;
            if (begin < done) continue;  // the token before it has taken what it begins with
            if (token.takes_left) begin = std::max(done, trailing_space(text.substr(0, begin)));
            if (token.takes_right) end += leading_space(text.substr(end));
            if (begin > done) found.push_back({done, begin, nullptr});
            found.push_back({begin, end, &token});
            done = end;
        }
    }
    if (done < text.size()) found.push_back({done, text.size(), nullptr});
    return found;
}

}  // namespace hsa
