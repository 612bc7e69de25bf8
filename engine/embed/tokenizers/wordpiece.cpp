#include "engine/embed/tokenizers/wordpiece.h"

#include "engine/core/error.h"
#include "engine/embed/tokenizers/characters.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace hsa {
namespace {

class WordPiece : public PieceModel {
  public:
    WordPiece(const std::string& where, std::shared_ptr<const Vocabulary> vocabulary,
              const WordPieceOptions& options)
        : vocabulary_(std::move(vocabulary)), longest_word_(options.longest_word) {
        const auto unknown = vocabulary_->find(options.unknown);
        if (!unknown)
            fail(
                "{}: the vocabulary has no piece {} for unknown words: add it, or name another as "
                "unk_token.",
                where, options.unknown);
        unknown_ = *unknown;
        for (std::uint32_t id = 0; id < vocabulary_->size(); ++id) {
            const std::string_view piece = vocabulary_->piece(id);
            if (piece.empty()) continue;
            longest_piece_ = std::max(longest_piece_, piece.size());
            if (piece.size() > options.prefix.size() && piece.starts_with(options.prefix))
                further_.emplace(piece.substr(options.prefix.size()), id);
        }
    }

    void cut(std::string_view word, std::vector<Symbol>& pieces) const override {
        const std::size_t before = pieces.size();
        if (cut_known(word, pieces)) return;
        pieces.resize(before);
        pieces.push_back({unknown_, 0, static_cast<std::uint32_t>(word.size())});
    }

    [[nodiscard]] std::string_view kind() const override { return "WordPiece"; }
    [[nodiscard]] std::string name(std::uint32_t id) const override {
        return std::string(vocabulary_->piece(id));
    }

  private:
    [[nodiscard]] bool cut_known(std::string_view word, std::vector<Symbol>& pieces) const {
        if (is_long(word)) return false;
        std::size_t begin = 0;
        while (begin < word.size()) {
            std::size_t end = std::min(word.size(), begin + longest_piece_);
            if (end < word.size()) end = character_begin(word, end);
            while (end > begin) {
                if (const auto id = find(word.substr(begin, end - begin), begin > 0)) {
                    pieces.push_back(
                        {*id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
                    break;
                }
                end = character_begin(word, end - 1);
            }
            if (end == begin) return false;
            begin = end;
        }
        return true;
    }

    [[nodiscard]] bool is_long(std::string_view word) const {
        if (word.size() <= longest_word_) return false;
        std::size_t characters = 0;
        for (std::size_t at = 0; at < word.size(); ++characters) (void)next_character(word, at);
        return characters > longest_word_;
    }

    [[nodiscard]] std::optional<std::uint32_t> find(std::string_view part, bool further) const {
        if (!further) return vocabulary_->find(part);
        const auto known = further_.find(part);
        if (known == further_.end()) return std::nullopt;
        return known->second;
    }

    std::shared_ptr<const Vocabulary> vocabulary_;
    std::unordered_map<std::string_view, std::uint32_t> further_;  // without the prefix
    std::uint32_t unknown_ = 0;
    std::size_t longest_piece_ = 1;
    std::size_t longest_word_ = 100;
};

}  // namespace

std::shared_ptr<const PieceModel> wordpiece_model(const std::string& where,
                                                  std::shared_ptr<const Vocabulary> vocabulary,
                                                  const WordPieceOptions& options) {
    return std::make_shared<const WordPiece>(where, std::move(vocabulary), options);
}

}  // namespace hsa
