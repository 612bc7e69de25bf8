#include "engine/embed/tokenizers/sentencepiece.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/core/parallel.h"
#include "engine/embed/tokenizers/characters.h"
#include "engine/embed/tokenizers/sentencepiece_model.h"
#include "engine/embed/tokenizers/spans.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <utility>

namespace hsa {
namespace {

// The library adds up scores in single precision from the start of what it is given.
constexpr std::size_t kPartBytes = 1 << 14;

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
        const std::vector<Span> parts = parts_of(text);
        std::vector<std::vector<Piece>> pieces(parts.size());
        parallel_for(parts.size(), [&](std::size_t p) { pieces[p] = encode_part(text, parts[p]); });
        std::vector<Piece> all;
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
    // A blank between two letters begins a piece, and so does a text that goes on without it.
    [[nodiscard]] std::vector<Span> parts_of(std::string_view text) const {
        std::vector<Span> parts = {{0, text.size()}};
        if (!file_.dummy_prefix || !file_.blanks_cut) return parts;
        for (std::size_t at = kPartBytes; at + 1 < text.size(); ++at) {
            if (text[at] != ' ' || !is_letter_at(text, character_begin(text, at - 1)) ||
                !is_letter_at(text, at + 1))
                continue;
            parts.back().end = at;
            parts.push_back({at + 1, text.size()});
            at += kPartBytes;
        }
        return parts;
    }

    [[nodiscard]] std::vector<Piece> encode_part(std::string_view whole, const Span& part) const {
        const std::string_view text = whole.substr(part.begin, part.end - part.begin);
        sentencepiece::ImmutableSentencePieceText found;
        const auto status = processor_.Encode(text, found.mutable_proto());
        if (!status.ok())
            fail("SentencePiece cannot cut this text with this model ({}): take another.",
                 status.ToString());
        std::vector<Piece> pieces;
        pieces.reserve(found.pieces_size());
        std::uint64_t last = 0;
        for (const auto& piece : found.pieces()) {
            Bytes span{piece.begin(), piece.end()};
            // Parts of one character: the library gives its bytes to the last of them alone.
            const bool is_blank =
                span.begin == span.end && file_.vocabulary->piece(piece.id()) == "\u2581";
            if (!is_blank) span.end = std::max(span.end, span.begin + 1);
            span.end = std::min(span.end, static_cast<std::uint32_t>(text.size()));
            if (span.begin < span.end)
                span = {static_cast<std::uint32_t>(character_begin(text, span.begin)),
                        static_cast<std::uint32_t>(character_end(text, span.end - 1))};
            span = trimmed(text, span);
            span.begin = std::max(span.begin, static_cast<std::uint32_t>(last));
            span.end = std::max(span.end, span.begin);
            last = span.begin;
            pieces.push_back({piece.id(), {part.begin + span.begin, part.begin + span.end}});
            // The blank that this part was cut off at.
            if (is_blank && pieces.size() == 1 && part.begin > 0) --pieces.back().span.begin;
        }
        return pieces;
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
