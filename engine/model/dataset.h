#pragma once

#include "engine/core/matrix.h"
#include "engine/core/range.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

// Where a token stands in the bytes of the text it came from.
struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    bool operator==(const Span&) const = default;
};

// A stretch of tokens under one heading; the heading's own tokens are its first.
struct Section {
    std::string title;  // as written, without markup; empty for text before the first heading
    Range tokens;
};

// Which sentence, paragraph and section each token is in: [n] each, numbered from 0, rising.
struct Structure {
    std::vector<std::uint32_t> sentence;
    std::vector<std::uint32_t> paragraph;
    std::vector<std::uint32_t> section;
    std::vector<Section> sections;  // in order, covering all tokens; empty without a text
};

// [n, d] float32 rows and whatever keeps them alive (a vector, a mapped file).
struct Embeddings {
    MatrixView<const float> rows;
    std::shared_ptr<const void> owner;

    static Embeddings own(Matrix<float> values);
};

// One attention head as its file holds it, unscaled: [n, d], [n, d], [n, v] (v = 0: no values).
struct HeadRows {
    Matrix<float> queries;
    Matrix<float> keys;
    Matrix<float> values;
};

struct Dataset;

// The heads of a model on one text or of one file, read one at a time: [layers] of so many each.
class HeadSource {
  public:
    HeadSource() = default;
    virtual ~HeadSource() = default;
    HeadSource(const HeadSource&) = delete;
    HeadSource& operator=(const HeadSource&) = delete;

    [[nodiscard]] virtual std::size_t layers() const = 0;
    [[nodiscard]] virtual std::size_t heads() const = 0;  // of a layer
    [[nodiscard]] virtual std::shared_ptr<const HeadRows> rows(std::size_t layer,
                                                               std::size_t head) const = 0;
    // The tokens that heads see where these are more than the data have (the special ones of each
    // window of a model); else null.
    [[nodiscard]] virtual std::shared_ptr<const Dataset> tokens() const { return nullptr; }
};

// One of them.
struct HeadIndex {
    std::size_t layer = 0;
    std::size_t head = 0;
    bool operator==(const HeadIndex&) const = default;
};

// A column of metadata: a word a token, or a number (not NaN unless the file had none there).
struct MetadataColumn {
    std::string name;
    std::vector<std::string> words;  // [n], or empty ...
    std::vector<double> numbers;     // ... then these are [n]
};

// What was opened: words, vectors, or both. Immutable once published.
//
// `tokens` has n spans into `text` when there is a text; without one, `labels` may hold n words
// (a label column); else a token is shown by its index. `types` numbers distinct words: [n], with
// `type_names`; every token is its own type when there are no words. `embeddings` is empty until
// the embed stage has run on a text.
struct Dataset {
    std::string source;      // the path or sample name as the user gave it
    std::string understood;  // "5,214 tokens, ... header skipped": what the parser made of it
    std::uint64_t hash = 0;  // of the content
    std::string dtype;       // of the embeddings as stored in their file: "float32"
    std::uint64_t bytes = 0;

    std::shared_ptr<const std::string> text;
    std::vector<Span> tokens;
    Structure structure;
    std::vector<std::string> labels;
    std::vector<std::uint32_t> types;
    std::vector<std::string> type_names;
    // Of a vocabulary (embed/tokenizer.h): [n] its ids, and the hash of what gave them; else empty.
    std::vector<std::uint32_t> piece_ids;
    std::uint64_t vocabulary = 0;
    std::vector<MetadataColumn> properties;  // further columns, in the order of the file

    Embeddings embeddings;
    std::string embedding_id;  // "cooccurrence:<hash>" or "file:<hash>" (rulings.md "coordinates")
    std::shared_ptr<const HeadRows> head;     // null: the embeddings ask and are asked
    std::shared_ptr<const HeadSource> heads;  // null: no other heads than `head`
    HeadIndex head_index;                     // of `head` among them
    std::vector<std::uint32_t> masked;        // tokens that the file hides from all rows, rising
    bool ordered = false;  // true when rows follow a text, so that smoothing along it has meaning

    // n: the number of tokens.
    [[nodiscard]] std::size_t size() const;
    // The word of token i: a piece of the text, its label, or its index as digits.
    [[nodiscard]] std::string token_text(std::size_t i) const;
    // Token i with up to `words` tokens of text on either side, white space folded.
    [[nodiscard]] std::string context(std::size_t i, std::size_t words) const;
};

// Share of each token's type in the data: [n], every entry > 0.
[[nodiscard]] std::vector<double> type_share(const Dataset& dataset);

}  // namespace hsa
