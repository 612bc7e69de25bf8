#pragma once

#include "engine/core/work.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// One token of a vocabulary: its number there, and the bytes of the text that it stands for. A span
// never splits a character; tokens that are parts of one character share its span.
struct Piece {
    std::uint32_t id = 0;
    Span span;
    bool operator==(const Piece&) const = default;
};

// Text -> numbers of a vocabulary, as the model that goes with it was taught. Immutable; every
// function may be called from any thread.
class Tokenizer {
  public:
    virtual ~Tokenizer() = default;
    // The tokens of UTF-8 text in order, without those that mark its ends; spans begin in order and
    // leave out white space at their ends. Empty for a text of blanks. Does not depend on the
    // number of threads.
    [[nodiscard]] virtual std::vector<Piece> encode(std::string_view text) const = 0;
    // As the vocabulary writes it: "##ing"; empty for a number without one.
    [[nodiscard]] virtual std::string_view piece(std::uint32_t id) const = 0;
    [[nodiscard]] virtual std::optional<std::uint32_t> id_of(std::string_view piece) const = 0;
    // One more than the highest number.
    [[nodiscard]] virtual std::size_t size() const = 0;
    // Of all that defines it.
    [[nodiscard]] virtual std::uint64_t hash() const = 0;
    // What it is called: "WordPiece".
    [[nodiscard]] virtual std::string_view kind() const = 0;
    // A piece for people: the letters that it writes in another alphabet are shown as they are.
    [[nodiscard]] virtual std::string name(std::uint32_t id) const {
        return std::string(piece(id));
    }
};

// Reads a vocab.txt (WordPiece; casing from a tokenizer_config.json beside it), a tokenizer.json
// (WordPiece or BPE), a SentencePiece .model, or a folder with one of these, in this order:
// tokenizer.json, vocab.txt, *.model. Throws Error naming what is missing, wrong or not understood.
[[nodiscard]] std::shared_ptr<const Tokenizer> read_tokenizer(const std::string& path);

// A text in the tokens of a vocabulary: types are its pieces; structure as split_words has it.
// `text` is valid UTF-8. Throws Error when there is no token, and for more than 2 GB.
[[nodiscard]] Dataset split_pieces(const std::string& source,
                                   std::shared_ptr<const std::string> text,
                                   const Tokenizer& tokenizer, const Work& work);

// What cuts a text with these settings: "words", "characters", "bytes", "lines" or a path. auto:
// the folder of the model that may embed it, where there is one (find_model.h), else words.
[[nodiscard]] std::string tokenizer_of(const EmbedSettings& settings);

}  // namespace hsa
