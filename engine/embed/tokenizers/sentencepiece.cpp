#include "engine/embed/tokenizers/sentencepiece.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/core/parallel.h"
#include "engine/embed/tokenizers/characters.h"
#include "engine/embed/tokenizers/sentencepiece_model.h"
#include "engine/embed/tokenizers/spans.h"
#include "engine/embed/tokenizers/word_cache.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <span>
#include <utility>

namespace hsa {
namespace {

// The library adds up scores in single precision from the start of what it is given, which settles
// what is as good either way: up to this size a text is given to it as one.
constexpr std::size_t kWholeBytes = 1 << 14;
constexpr std::size_t kPartBytes = 1 << 18;  // a part of a long text: what one core does at a time
constexpr std::size_t kLongestKept = 64;     // bytes of a word whose pieces are remembered

bool is_letter_at(std::string_view text, std::size_t at) {
    const std::int32_t code = next_character(text, at);
    return is_letter(code) || is_number(code);
}

class SentencePiece : public Tokenizer {
  public:
    SentencePiece(const std::string& path, std::string_view bytes)
        : file_(check_sentencepiece(path, bytes)), hash_(hash_text(bytes)) {
        std::string complaint;
        try {
            const auto status = processor_.LoadFromSerializedProto(bytes);
            if (!status.ok()) complaint = status.ToString();
        } catch (const std::exception& error) {
            complaint = error.what();
        }
        if (!complaint.empty())
            fail("{}: SentencePiece does not take this model ({}): copy the file again.", path,
                 complaint);
    }

    [[nodiscard]] std::vector<Piece> encode(std::string_view text) const override {
        if (text.size() > static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max()))
            fail("The text is {} bytes long: up to 2 GB can be cut into pieces at once.",
                 text.size());
        std::vector<Piece> all;
        if (text.size() <= kWholeBytes) {
            std::vector<Symbol> symbols;
            cut(text, symbols);
            for (const Symbol& symbol : symbols)
                all.push_back({symbol.id, {symbol.begin, symbol.end}});
            return all;
        }
        const std::vector<Span> parts = parts_of(text);
        std::vector<std::vector<Piece>> pieces(parts.size());
        parallel_for(parts.size(), [&](std::size_t p) { pieces[p] = encode_part(text, parts[p]); });
        for (const auto& some : pieces) all.insert(all.end(), some.begin(), some.end());
        return all;
    }

    [[nodiscard]] std::string_view piece(std::uint32_t id) const override {
        return file_.vocabulary->piece(id);
    }
    [[nodiscard]] std::optional<std::uint32_t> id_of(std::string_view piece) const override {
        return file_.vocabulary->find(piece);
    }
    [[nodiscard]] std::size_t size() const override { return file_.vocabulary->size(); }
    [[nodiscard]] std::uint64_t hash() const override { return hash_; }
    [[nodiscard]] std::string_view kind() const override { return "SentencePiece"; }

  private:
    // The next blank between two letters at or behind `at`, which begins a piece, as does a text
    // that goes on without it; or the end. Only where the model has it so.
    [[nodiscard]] std::size_t next_cut(std::string_view text, std::size_t at) const {
        if (!file_.dummy_prefix || !file_.blanks_cut) return text.size();
        for (at = std::max<std::size_t>(at, 1); at + 1 < text.size(); ++at)
            if (text[at] == ' ' && is_letter_at(text, character_begin(text, at - 1)) &&
                is_letter_at(text, at + 1))
                return at;
        return text.size();
    }

    [[nodiscard]] std::vector<Span> parts_of(std::string_view text) const {
        std::vector<Span> parts;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = next_cut(text, begin + kPartBytes);
            parts.push_back({begin, end});
            begin = end + 1;
        }
        return parts;
    }

    // The words between such blanks, each once: the library forgets nothing and remembers nothing.
    [[nodiscard]] std::vector<Piece> encode_part(std::string_view whole, const Span& part) const {
        const std::string_view text = whole.substr(part.begin, part.end - part.begin);
        std::vector<Piece> pieces;
        WordCache cache;
        std::vector<Symbol> symbols;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = next_cut(text, begin);
            const std::string_view word = text.substr(begin, end - begin);
            std::span<const Symbol> found;
            if (word.size() > kLongestKept) {
                symbols.clear();
                cut(word, symbols);
                found = symbols;
            } else {
                found = cache.find(word, [&](std::vector<Symbol>& into) { cut(word, into); });
            }
            const std::uint64_t from = part.begin + begin;
            for (const Symbol& symbol : found)
                pieces.push_back({symbol.id, {from + symbol.begin, from + symbol.end}});
            // The blank that this word was cut off at.
            if (from > 0 && !found.empty() && is_blank(found.front()))
                --pieces[pieces.size() - found.size()].span.begin;
            begin = end + 1;
        }
        return pieces;
    }

    // A mark of blanks alone, which the library gave no bytes of the text.
    [[nodiscard]] bool is_blank(const Symbol& symbol) const {
        return symbol.begin == symbol.end && file_.vocabulary->piece(symbol.id) == "\u2581";
    }

    void cut(std::string_view text, std::vector<Symbol>& symbols) const {
        sentencepiece::ImmutableSentencePieceText found;
        const auto status = processor_.Encode(text, found.mutable_proto());
        if (!status.ok())
            fail("SentencePiece cannot cut this text with this model ({}): take another.",
                 status.ToString());
        std::uint32_t last = 0;
        for (const auto& piece : found.pieces()) {
            Bytes span{piece.begin(), piece.end()};
            // Parts of one character: the library gives its bytes to the last of them alone.
            if (!is_blank({piece.id(), span.begin, span.end}))
                span.end = std::max(span.end, span.begin + 1);
            span.end = std::min(span.end, static_cast<std::uint32_t>(text.size()));
            if (span.begin < span.end)
                span = {static_cast<std::uint32_t>(character_begin(text, span.begin)),
                        static_cast<std::uint32_t>(character_end(text, span.end - 1))};
            span = trimmed(text, span);
            span.begin = std::max(span.begin, last);
            span.end = std::max(span.end, span.begin);
            last = span.begin;
            symbols.push_back({piece.id(), span.begin, span.end});
        }
    }

    SentencePieceFile file_;
    sentencepiece::SentencePieceProcessor processor_;
    std::uint64_t hash_ = 0;
};

}  // namespace

std::shared_ptr<const Tokenizer> read_sentencepiece(const std::string& path,
                                                    std::string_view bytes) {
    return std::make_shared<const SentencePiece>(path, bytes);
}

}  // namespace hsa
