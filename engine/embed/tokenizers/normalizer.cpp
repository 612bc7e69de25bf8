#include "engine/embed/tokenizers/normalizer.h"

#include "engine/core/error.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <string>

namespace hsa {
namespace {

const UNormalizer2* normalizer_of(UnicodeForm form) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* found = nullptr;
    switch (form) {
        case UnicodeForm::nfc: found = unorm2_getNFCInstance(&status); break;
        case UnicodeForm::nfd: found = unorm2_getNFDInstance(&status); break;
        case UnicodeForm::nfkc: found = unorm2_getNFKCInstance(&status); break;
        case UnicodeForm::nfkd: found = unorm2_getNFKDInstance(&status); break;
    }
    if (U_FAILURE(status) != 0) fault("ICU cannot normalise a text: {}", u_errorName(status));
    return found;
}

// Lower case character by character, without regard for what is around it.
template <class Put>
void put_lower(std::int32_t code, Bytes from, Put&& put) {
    constexpr std::int32_t kDottedI = 0x130;
    constexpr std::int32_t kDotAbove = 0x307;
    if (code < 0x80) {
        put(code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code, from);
    } else if (code == kDottedI) {
        put('i', from);
        put(kDotAbove, from);
    } else {
        put(u_tolower(code), from);
    }
}

// Decomposes characters and puts marks into their order, one character in, some out.
class Decomposition {
  public:
    explicit Decomposition(const UNormalizer2* form) : form_(form) {}

    template <class Put>
    void put(std::int32_t code, Bytes from, Put&& next) {
        if (code < 0x80) {
            end(next);
            next(code, from);
            return;
        }
        std::array<UChar, 64> units = {};
        UErrorCode status = U_ZERO_ERROR;
        const std::int32_t count =
            unorm2_getDecomposition(form_, code, units.data(), units.size(), &status);
        if (count < 0 || U_FAILURE(status) != 0) {
            put_part(code, from, next);
            return;
        }
        for (std::int32_t at = 0; at < count;) {
            UChar32 part = 0;
            U16_NEXT(units.data(), at, count, part);
            put_part(part, from, next);
        }
    }
    // Hands on the marks that wait for others.
    template <class Put>
    void end(Put&& next) {
        if (marks_.empty()) return;
        std::stable_sort(marks_.begin(), marks_.end(),
                         [](const Mark& a, const Mark& b) { return a.order < b.order; });
        for (const Mark& mark : marks_) next(mark.code, mark.from);
        marks_.clear();
    }

  private:
    struct Mark {
        std::int32_t code = 0;
        Bytes from;
        std::uint8_t order = 0;
    };
    template <class Put>
    void put_part(std::int32_t code, Bytes from, Put&& next) {
        const std::uint8_t order = u_getCombiningClass(code);
        if (order > 0) {
            marks_.push_back({code, from, order});
            return;
        }
        end(next);
        next(code, from);
    }

    const UNormalizer2* form_;
    std::vector<Mark> marks_;
};

class BertNormalizer : public Normalizer {
  public:
    explicit BertNormalizer(const BertCasing& casing)
        : casing_(casing), strip_(casing.strip_accents.value_or(casing.lowercase)) {}

    void apply(MappedText& text) const override {
        Rewriting out(text.text().size() + 16);
        Decomposition decomposition(normalizer_of(UnicodeForm::nfd));
        const auto put = [&](std::int32_t code, Bytes from) { out.put(code, from); };
        const auto put_cased = [&](std::int32_t code, Bytes from) {
            if (casing_.lowercase) put_lower(code, from, put);
            else out.put(code, from);
        };
        const auto put_bare = [&](std::int32_t code, Bytes from) {
            if (is_accent(code)) out.leave_out(from);
            else put_cased(code, from);
        };
        const auto put_clean = [&](std::int32_t code, Bytes from) {
            if (strip_) decomposition.put(code, from, put_bare);
            else put_cased(code, from);
        };
        text.each([&](std::int32_t code, Bytes from) {
            // Most characters of most texts.
            if (code < 0x80 && (character::of(code) & kPlain) != 0) {
                if (strip_) decomposition.end(put_bare);
                put_cased(code, from);
                return;
            }
            if (casing_.clean) {
                if (code == 0 || is_removed_control(code)) return;
                if (is_space(code)) code = ' ';
            }
            if (casing_.ideographs && is_ideograph(code)) {
                put_clean(' ', {from.begin, from.begin});
                put_clean(code, from);
                put_clean(' ', {from.end, from.end});
                return;
            }
            put_clean(code, from);
        });
        decomposition.end(put_bare);
        text.take(std::move(out));
    }

  private:
    static constexpr std::uint8_t kPlain =
        character::kLetter | character::kNumber | character::kPunctuation;

    BertCasing casing_;
    bool strip_ = true;
};

// Decomposed text; each character comes from the one it was part of.
void decompose(MappedText& text, UnicodeForm form) {
    Rewriting out(text.text().size() + 16);
    Decomposition decomposition(normalizer_of(form));
    const auto put = [&](std::int32_t code, Bytes from) { out.put(code, from); };
    text.each([&](std::int32_t code, Bytes from) { decomposition.put(code, from, put); });
    decomposition.end(put);
    text.take(std::move(out));
}

// Composed text. What is composed together comes from all of the cluster.
class Composition {
  public:
    explicit Composition(UnicodeForm form) : normalizer_(normalizer_of(form)) {}

    void apply(MappedText& text) {
        if (is_composed(text.text())) return;
        Rewriting out(text.text().size() + 16);
        text.each([&](std::int32_t code, Bytes from) {
            if (codes_.size() >= kLongest || unorm2_hasBoundaryBefore(normalizer_, code) != 0)
                end(out);
            if (codes_.empty()) from_ = from;
            from_ = {std::min(from_.begin, from.begin), std::max(from_.end, from.end)};
            codes_.push_back(code);
        });
        end(out);
        text.take(std::move(out));
    }

  private:
    static constexpr std::size_t kLongest = 1 << 16;  // characters of a cluster, for bounded memory

    // What nearly all texts are.
    static bool is_composed(std::string_view text) {
        return std::all_of(text.begin(), text.end(),
                           [](char byte) { return static_cast<unsigned char>(byte) < 0x80U; });
    }

    void end(Rewriting& out) {
        if (codes_.empty()) return;
        if (codes_.size() == 1 && codes_.front() < 0x80) {
            out.put(codes_.front(), from_);
            codes_.clear();
            return;
        }
        units_.clear();
        for (const std::int32_t code : codes_) {
            std::array<UChar, U16_MAX_LENGTH> pair = {};
            std::int32_t count = 0;
            U16_APPEND_UNSAFE(pair.data(), count, code);
            units_.append(pair.data(), static_cast<std::size_t>(count));
        }
        codes_.clear();
        made_.resize(units_.size() * 20 + 20);  // no character grows more than 18-fold
        UErrorCode status = U_ZERO_ERROR;
        const std::int32_t count =
            unorm2_normalize(normalizer_, units_.data(), static_cast<std::int32_t>(units_.size()),
                             made_.data(), static_cast<std::int32_t>(made_.size()), &status);
        if (U_FAILURE(status) != 0) fault("ICU cannot compose a text: {}", u_errorName(status));
        for (std::int32_t at = 0; at < count;) {
            UChar32 code = 0;
            U16_NEXT(made_.data(), at, count, code);
            out.put(code, from_);
        }
    }

    const UNormalizer2* normalizer_;
    std::vector<std::int32_t> codes_;
    Bytes from_;
    std::u16string units_;
    std::u16string made_;
};

class UnicodeNormalizer : public Normalizer {
  public:
    explicit UnicodeNormalizer(UnicodeForm form) : form_(form) {}
    void apply(MappedText& text) const override {
        if (form_ == UnicodeForm::nfd || form_ == UnicodeForm::nfkd) decompose(text, form_);
        else Composition(form_).apply(text);
    }

  private:
    UnicodeForm form_;
};

class LowercaseNormalizer : public Normalizer {
  public:
    void apply(MappedText& text) const override {
        Rewriting out(text.text().size() + 16);
        text.each([&](std::int32_t code, Bytes from) {
            put_lower(code, from, [&](std::int32_t lower, Bytes same) { out.put(lower, same); });
        });
        text.take(std::move(out));
    }
};

class AccentNormalizer : public Normalizer {
  public:
    void apply(MappedText& text) const override {
        Rewriting out(text.text().size());
        text.each([&](std::int32_t code, Bytes from) {
            if (code >= 0x80 && is_mark(code)) out.leave_out(from);
            else out.put(code, from);
        });
        text.take(std::move(out));
    }
};

}  // namespace

std::shared_ptr<const Normalizer> bert_normalizer(const BertCasing& casing) {
    return std::make_shared<const BertNormalizer>(casing);
}
std::shared_ptr<const Normalizer> unicode_normalizer(UnicodeForm form) {
    return std::make_shared<const UnicodeNormalizer>(form);
}
std::shared_ptr<const Normalizer> lowercase_normalizer() {
    return std::make_shared<const LowercaseNormalizer>();
}
std::shared_ptr<const Normalizer> accent_normalizer() {
    return std::make_shared<const AccentNormalizer>();
}

}  // namespace hsa
