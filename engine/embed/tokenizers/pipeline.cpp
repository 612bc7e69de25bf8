#include "engine/embed/tokenizers/pipeline.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/embed/tokenizers/safe_cuts.h"
#include "engine/embed/tokenizers/spans.h"
#include "engine/embed/tokenizers/word_cache.h"

#include <algorithm>
#include <limits>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kPartBytes = 1 << 18;  // a part of a long text: what one core does at a time
constexpr std::size_t kLongestKept = 64;     // bytes of a word whose pieces are remembered

// A stretch of the text between added tokens, or one of them.
struct Part {
    std::size_t begin = 0;
    std::size_t end = 0;
    const AddedToken* token = nullptr;
};

class PipelineTokenizer : public Tokenizer {
  public:
    explicit PipelineTokenizer(Pipeline pipeline) : pipeline_(std::move(pipeline)) {
        std::vector<std::pair<std::string, AddedToken>> raw;
        std::vector<std::pair<std::string, AddedToken>> normal;
        for (const AddedToken& token : pipeline_.added) {
            if (!token.normalized) {
                raw.emplace_back(token.content, token);
                continue;
            }
            MappedText content(token.content);
            for (const auto& step : pipeline_.normalizers) step->apply(content);
            normal.emplace_back(std::string(content.text()), token);
        }
        raw_ = AddedTokens(std::move(raw));
        normal_ = AddedTokens(std::move(normal));
        cut_ = normal_.minds_blanks() ? SafeCut::never : find_cut();
    }

    [[nodiscard]] std::vector<Piece> encode(std::string_view text) const override {
        if (text.size() > std::numeric_limits<std::uint32_t>::max())
            fail("The text is {} bytes long: up to 4 GB can be cut into pieces at once.",
                 text.size());
        std::vector<Part> parts;
        for (const AddedSplit& split : raw_.split(text)) {
            if (split.token != nullptr) {
                parts.push_back({split.begin, split.end, split.token});
                continue;
            }
            const std::string_view between = text.substr(split.begin, split.end - split.begin);
            const std::vector<std::size_t> begins = safe_cuts(between, kPartBytes, cut_);
            for (std::size_t b = 0; b < begins.size(); ++b)
                parts.push_back({split.begin + begins[b],
                                 b + 1 < begins.size() ? split.begin + begins[b + 1] : split.end,
                                 nullptr});
        }
        if (parts.size() == 1) return encode_part(text, parts.front());
        std::vector<std::vector<Piece>> pieces(parts.size());
        parallel_for(parts.size(), [&](std::size_t p) { pieces[p] = encode_part(text, parts[p]); });
        std::size_t count = 0;
        for (const auto& some : pieces) count += some.size();
        std::vector<Piece> all;
        all.reserve(count);
        for (const auto& some : pieces) all.insert(all.end(), some.begin(), some.end());
        return all;
    }

    [[nodiscard]] std::string_view piece(std::uint32_t id) const override {
        return pipeline_.vocabulary->piece(id);
    }
    [[nodiscard]] std::optional<std::uint32_t> id_of(std::string_view piece) const override {
        return pipeline_.vocabulary->find(piece);
    }
    [[nodiscard]] std::size_t size() const override { return pipeline_.vocabulary->size(); }
    [[nodiscard]] std::uint64_t hash() const override { return pipeline_.hash; }
    [[nodiscard]] std::string_view kind() const override { return pipeline_.model->kind(); }
    [[nodiscard]] std::string name(std::uint32_t id) const override {
        const bool added = std::any_of(pipeline_.added.begin(), pipeline_.added.end(),
                                       [&](const AddedToken& token) { return token.id == id; });
        return added ? std::string(piece(id)) : pipeline_.model->name(id);
    }

  private:
    // What the first step that cuts words says: those before it must not mind.
    [[nodiscard]] SafeCut find_cut() const {
        for (const auto& step : pipeline_.pre_tokenizers)
            if (step->safe_cut() != SafeCut::as_others) return step->safe_cut();
        return SafeCut::never;
    }

    [[nodiscard]] std::vector<Piece> encode_part(std::string_view whole, const Part& part) const {
        std::vector<Piece> pieces;
        const std::string_view source = whole.substr(part.begin, part.end - part.begin);
        const auto add = [&](std::uint32_t id, Bytes span) {
            const Bytes inner = trimmed(source, span);
            pieces.push_back({id, {part.begin + inner.begin, part.begin + inner.end}});
        };
        if (part.token != nullptr) {
            add(part.token->id, {0, static_cast<std::uint32_t>(source.size())});
            return pieces;
        }
        MappedText text(source);
        for (const auto& step : pipeline_.normalizers) step->apply(text);
        if (normal_.empty()) {
            encode_words({std::move(text), {}}, add);
            return pieces;
        }
        const std::vector<AddedSplit> splits = normal_.split(text.text());
        if (splits.size() == 1 && splits.front().token == nullptr) {
            encode_words({std::move(text), {}}, add);
            return pieces;
        }
        for (const AddedSplit& split : splits) {
            const Bytes bytes{static_cast<std::uint32_t>(split.begin),
                              static_cast<std::uint32_t>(split.end)};
            if (split.token != nullptr) add(split.token->id, text.source_of(bytes));
            else encode_words({text.part(bytes), {}}, add);
        }
        return pieces;
    }

    template <class Add>
    void encode_words(Words words, Add&& add) const {
        if (words.text.text().empty()) return;
        words.words = {{0, static_cast<std::uint32_t>(words.text.text().size())}};
        for (const auto& step : pipeline_.pre_tokenizers) step->apply(words);
        const std::string_view text = words.text.text();
        WordCache cache;
        std::vector<Symbol> symbols;
        for (const Bytes& word : words.words) {
            const std::string_view letters = text.substr(word.begin, word.end - word.begin);
            std::span<const Symbol> found;
            if (letters.size() > kLongestKept) {
                symbols.clear();
                pipeline_.model->cut(letters, symbols);
                found = symbols;
            } else {
                found = cache.find(letters, [&](std::vector<Symbol>& into) {
                    pipeline_.model->cut(letters, into);
                });
            }
            for (const Symbol& symbol : found)
                add(symbol.id,
                    words.text.source_of({word.begin + symbol.begin, word.begin + symbol.end}));
        }
    }

    Pipeline pipeline_;
    AddedTokens raw_;     // looked for in the text as it is
    AddedTokens normal_;  // looked for in the normalised text
    SafeCut cut_ = SafeCut::never;
};

}  // namespace

std::shared_ptr<const Tokenizer> make_tokenizer(Pipeline pipeline) {
    return std::make_shared<const PipelineTokenizer>(std::move(pipeline));
}

}  // namespace hsa
