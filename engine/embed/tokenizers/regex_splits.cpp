#include "engine/embed/tokenizers/regex_splits.h"

#include "engine/core/error.h"
#include "engine/io/json.h"

#include <unicode/unistr.h>
#include <unicode/uregex.h>
#include <unicode/utext.h>

#include <algorithm>
#include <utility>

namespace hsa {
namespace {

struct CloseExpression {
    void operator()(URegularExpression* expression) const { uregex_close(expression); }
};
using Expression = std::unique_ptr<URegularExpression, CloseExpression>;
struct CloseText {
    void operator()(UText* text) const { utext_close(text); }
};

class RegexPreTokenizer : public PreTokenizer {
  public:
    RegexPreTokenizer(std::string where, SplitPattern pattern)
        : where_(std::move(where)), pattern_(std::move(pattern)) {
        const icu::UnicodeString text = icu::UnicodeString::fromUTF8(pattern_.text);
        UErrorCode status = U_ZERO_ERROR;
        UParseError place = {};
        expression_.reset(uregex_open(text.getBuffer(), text.length(),
                                      pattern_.literal ? UREGEX_LITERAL : 0, &place, &status));
        if (U_FAILURE(status) != 0 || pattern_.text.empty())
            fail(
                "{}: the pattern {} is no regular expression that is understood ({}): take "
                "another tokenizer.",
                where_, json_text(pattern_.text), u_errorName(status));
    }

    void apply(Words& words) const override {
        UErrorCode status = U_ZERO_ERROR;
        const Expression own(uregex_clone(expression_.get(), &status));
        uregex_setTimeLimit(own.get(), kSteps, &status);
        check(status);
        std::vector<Bytes> found;
        std::vector<Bytes> fits;
        for (const Bytes& word : words.words) {
            fits.clear();
            find(own.get(), words.text.text(), word, fits);
            split_at(word, fits, pattern_.inverted, pattern_.behaviour, found);
        }
        words.words = std::move(found);
    }
    [[nodiscard]] SafeCut safe_cut() const override { return SafeCut::never; }

  private:
    static constexpr std::int32_t kSteps = 2000;  // about milliseconds for one fit

    void check(UErrorCode status) const {
        if (status == U_MEMORY_ALLOCATION_ERROR)
            fail("{}: too little memory for its pattern.", where_);
        if (U_FAILURE(status) != 0)
            fail(
                "{}: the pattern {} takes too long or too much memory on this text ({}): take "
                "another tokenizer.",
                where_, json_text(pattern_.text), u_errorName(status));
    }

    void find(URegularExpression* expression, std::string_view text, Bytes word,
              std::vector<Bytes>& fits) const {
        UErrorCode status = U_ZERO_ERROR;
        const std::unique_ptr<UText, CloseText> bytes(
            utext_openUTF8(nullptr, text.data() + word.begin, word.end - word.begin, &status));
        uregex_setUText(expression, bytes.get(), &status);
        check(status);
        while (uregex_findNext(expression, &status) != 0) {
            const std::int64_t begin = uregex_start64(expression, 0, &status);
            const std::int64_t end = uregex_end64(expression, 0, &status);
            check(status);
            if (end > begin)
                fits.push_back({word.begin + static_cast<std::uint32_t>(begin),
                                word.begin + static_cast<std::uint32_t>(end)});
        }
        check(status);
    }

    std::string where_;
    SplitPattern pattern_;
    Expression expression_;
};

}  // namespace

void split_at(Bytes word, const std::vector<Bytes>& fits, bool inverted, SplitBehaviour behaviour,
              std::vector<Bytes>& words) {
    struct Stretch {
        Bytes bytes;
        bool fits = false;
    };
    std::vector<Stretch> stretches;
    std::uint32_t done = word.begin;
    for (const Bytes& fit : fits) {
        if (fit.begin > done) stretches.push_back({{done, fit.begin}, inverted});
        stretches.push_back({fit, !inverted});
        done = fit.end;
    }
    if (done < word.end) stretches.push_back({{done, word.end}, inverted});
    const bool backwards = behaviour == SplitBehaviour::with_next;
    if (backwards) std::reverse(stretches.begin(), stretches.end());
    const std::size_t first = words.size();
    bool fitted = false;
    for (const Stretch& stretch : stretches) {
        const bool joins =
            words.size() > first && (behaviour == SplitBehaviour::contiguous
                                         ? stretch.fits == fitted
                                         : (behaviour == SplitBehaviour::with_last || backwards) &&
                                               stretch.fits && !fitted);
        if (joins && backwards) words.back().begin = stretch.bytes.begin;
        else if (joins) words.back().end = stretch.bytes.end;
        else if (behaviour != SplitBehaviour::removed || !stretch.fits)
            words.push_back(stretch.bytes);
        fitted = stretch.fits;
    }
    if (backwards) std::reverse(words.begin() + static_cast<std::ptrdiff_t>(first), words.end());
}

std::shared_ptr<const PreTokenizer> regex_pre_tokenizer(const std::string& where,
                                                        const SplitPattern& pattern) {
    return std::make_shared<const RegexPreTokenizer>(where, pattern);
}

}  // namespace hsa
