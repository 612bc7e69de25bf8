#pragma once

#include "engine/embed/tokenizers/mapped_text.h"

#include <memory>
#include <optional>
#include <vector>

namespace hsa {

// A step that rewrites a text before it is cut. Immutable.
class Normalizer {
  public:
    virtual ~Normalizer() = default;
    virtual void apply(MappedText& text) const = 0;
};
using Normalizers = std::vector<std::shared_ptr<const Normalizer>>;

// What BERT does to a text: control characters are left out and white space becomes blanks, blanks
// go around ideographs, accents are taken off (by default where case is), letters become lower.
struct BertCasing {
    bool clean = true;
    bool ideographs = true;
    std::optional<bool> strip_accents;
    bool lowercase = true;
};
[[nodiscard]] std::shared_ptr<const Normalizer> bert_normalizer(const BertCasing& casing);

enum class UnicodeForm : std::uint8_t { nfc, nfd, nfkc, nfkd };
[[nodiscard]] std::shared_ptr<const Normalizer> unicode_normalizer(UnicodeForm form);

[[nodiscard]] std::shared_ptr<const Normalizer> lowercase_normalizer();
[[nodiscard]] std::shared_ptr<const Normalizer> accent_normalizer();  // leaves marks out

}  // namespace hsa
