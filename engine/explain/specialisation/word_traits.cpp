#include "engine/explain/function_words.h"
#include "engine/explain/specialisation/traits.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace hsa {
namespace {

constexpr std::size_t kLong = 9;         // letters of a long word
constexpr std::size_t kShort = 3;        // letters of a short one, at most
constexpr std::size_t kRepeatedIn = 20;  // tokens before one that repeats it

// What the letters of a token say.
struct Spelling {
    std::size_t letters = 0, digits = 0, upper = 0;
    bool capital = false;  // the first letter is one
    bool cased = false;    // a script with capitals
    UScriptCode script = USCRIPT_UNKNOWN;

    [[nodiscard]] bool word() const { return letters > 0; }
};

Spelling spelling_of(std::string_view text) {
    Spelling s;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t at = 0; at < size;) {
        UChar32 c = 0;
        U8_NEXT(bytes, at, size, c);
        if (c < 0) continue;
        if (u_isdigit(c) != 0) ++s.digits;
        if (u_isalpha(c) == 0) continue;
        const bool upper = u_isupper(c) != 0 || u_istitle(c) != 0;
        if (s.letters++ == 0) {
            s.capital = upper;
            UErrorCode fault = U_ZERO_ERROR;
            s.script = uscript_getScript(c, &fault);
            if (U_FAILURE(fault)) s.script = USCRIPT_UNKNOWN;
        }
        if (upper) ++s.upper;
        s.cased = s.cased || upper || u_islower(c) != 0;
    }
    return s;
}

std::string lower_ascii(std::string_view text) {
    std::string folded(text);
    for (char& c : folded)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return folded;
}

// True where the first word of a sentence stands, behind quotes and brackets.
std::vector<bool> sentence_openers(const Dataset& dataset, const std::vector<Spelling>& spelling) {
    const std::vector<std::uint32_t>& sentence = dataset.structure.sentence;
    std::vector<bool> opens(spelling.size(), false);
    bool before_word = true;
    for (std::size_t i = 0; i < opens.size(); ++i) {
        if (i == 0 || (sentence.size() == opens.size() && sentence[i] != sentence[i - 1]))
            before_word = true;
        if (!spelling[i].word()) continue;
        opens[i] = before_word;
        before_word = false;
    }
    return opens;
}

// Types that are written with a capital inside sentences, nearly always.
std::vector<bool> name_types(const Dataset& dataset, const std::vector<Spelling>& spelling,
                             const std::vector<bool>& opens) {
    std::vector<std::size_t> inside(dataset.type_names.size(), 0);
    std::vector<std::size_t> capitals(inside.size(), 0);
    for (std::size_t i = 0; i < spelling.size(); ++i) {
        if (opens[i] || !spelling[i].word()) continue;
        ++inside[dataset.types[i]];
        if (spelling[i].capital) ++capitals[dataset.types[i]];
    }
    std::vector<bool> names(inside.size(), false);
    for (std::size_t t = 0; t < names.size(); ++t)
        names[t] = inside[t] > 0 && 10 * capitals[t] >= 9 * inside[t] &&
                   !is_function_word(dataset.type_names[t]);
    return names;
}

}  // namespace

void add_word_traits(const Dataset& dataset, TraitList& list) {
    const std::size_t n = list.tokens();
    const bool words = (dataset.text && !dataset.tokens.empty()) || !dataset.labels.empty();
    if (!words) return;
    const std::size_t numbers = list.named("numbers");
    const std::size_t marks = list.named("punctuation");
    const std::size_t function = list.named("function words");
    const std::size_t entities = list.named("names and entities");
    const std::size_t capitalised = list.named("capitalised words");
    const std::size_t capitals = list.named("words in capitals");
    const std::size_t lengthy = list.named("long words");
    const std::size_t brief = list.named("short words");
    const std::size_t rare = list.named("words that occur once");
    const std::size_t repeated = list.named("words just repeated");

    std::vector<Spelling> spelling(n);
    std::map<UScriptCode, std::size_t> scripts;
    for (std::size_t i = 0; i < n; ++i) {
        const std::string text = dataset.token_text(i);
        const Spelling& s = spelling[i] = spelling_of(text);
        if (s.digits > s.letters) list.add(numbers, i);
        if (!text.empty() && s.digits == 0 && s.letters == 0) list.add(marks, i);
        if (!s.word()) continue;
        if (s.script > USCRIPT_INHERITED) {
            const auto [place, fresh] = scripts.emplace(s.script, 0);
            if (fresh)
                place->second = list.named(std::string(uscript_getName(s.script)) + " script");
            list.add(place->second, i);
        }
        if (is_function_word(lower_ascii(text))) list.add(function, i);
        else if (s.letters <= kShort && s.cased) list.add(brief, i);
        if (s.letters >= kLong && s.cased) list.add(lengthy, i);
        if (s.capital) list.add(capitalised, i);
        if (s.upper > 1 && s.upper == s.letters) list.add(capitals, i);
    }
    const std::size_t types = dataset.type_names.size();
    if (dataset.types.size() != n || types >= n) return;
    const std::vector<bool> opens = sentence_openers(dataset, spelling);
    const std::vector<bool> named = name_types(dataset, spelling, opens);
    std::vector<std::size_t> count(types, 0);
    for (const std::uint32_t type : dataset.types) ++count[type];
    std::vector<std::size_t> seen(types, n);
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint32_t type = dataset.types[i];
        if (named[type] && spelling[i].capital) list.add(entities, i);
        if (!spelling[i].word() || is_function_word(dataset.type_names[type])) continue;
        if (count[type] == 1) list.add(rare, i);
        if (dataset.ordered && seen[type] < n && i - seen[type] <= kRepeatedIn)
            list.add(repeated, i);
        seen[type] = i;
    }
}

}  // namespace hsa
