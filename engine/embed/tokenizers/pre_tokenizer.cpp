#include "engine/embed/tokenizers/pre_tokenizer.h"

namespace hsa {
namespace {

class BertPreTokenizer : public PreTokenizer {
  public:
    void apply(Words& words) const override {
        std::vector<Bytes> found;
        const std::string_view text = words.text.text();
        for (const Bytes& word : words.words) {
            std::uint32_t begin = word.begin;
            const auto end_word = [&](std::size_t end) {
                if (end > begin) found.push_back({begin, static_cast<std::uint32_t>(end)});
            };
            for (std::size_t at = word.begin; at < word.end;) {
                const std::size_t here = at;
                const std::int32_t code = next_character(text, at);
                const bool space = is_space(code);
                if (!space && !is_punctuation(code)) continue;
                end_word(here);
                begin = static_cast<std::uint32_t>(here);
                if (!space) end_word(at);
                begin = static_cast<std::uint32_t>(at);
            }
            end_word(word.end);
        }
        words.words = std::move(found);
    }
    [[nodiscard]] SafeCut safe_cut() const override { return SafeCut::anywhere; }
};

}  // namespace

std::shared_ptr<const PreTokenizer> bert_pre_tokenizer() {
    return std::make_shared<const BertPreTokenizer>();
}

}  // namespace hsa
