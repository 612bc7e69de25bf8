#include "engine/explain/names.h"

#include "engine/core/parallel.h"
#include "engine/explain/function_words.h"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>
#include <string_view>

namespace hsa {
namespace {

constexpr std::size_t kCandidates = 16;  // words a splat can choose its name from
constexpr std::size_t kTypesAtOnce = 256;

// In lower case with a plain apostrophe, as the function words are written.
std::string plain(std::string_view word) {
    std::string folded;
    for (std::size_t b = 0; b < word.size(); ++b) {
        if (word.substr(b).starts_with("\u2019")) {
            folded += '\'';
            b += 2;
        } else {
            folded +=
                word[b] >= 'A' && word[b] <= 'Z' ? static_cast<char>(word[b] - 'A' + 'a') : word[b];
        }
    }
    return folded;
}

// Two characters with a letter among them, or one that is a word by itself.
bool can_name(std::string_view word) {
    if (is_function_word(plain(word))) return false;
    const icu::UnicodeString text = icu::UnicodeString::fromUTF8(
        icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())));
    bool letter = false;
    bool ideograph = false;
    for (std::int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        const UChar32 c = text.char32At(at);
        letter = letter || u_isalpha(c) != 0;
        ideograph = ideograph || u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) != 0;
    }
    return ideograph || (letter && text.countChar32() > 1);
}

struct Scored {
    double score = 0.0;
    std::uint32_t type = 0;
};
bool better(const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.type < b.type;
}

// Keeps the best few, best first.
void offer(std::vector<Scored>& best, const Scored& scored) {
    if (best.size() == kCandidates && !better(scored, best.back())) return;
    best.insert(std::upper_bound(best.begin(), best.end(), scored, better), scored);
    if (best.size() > kCandidates) best.pop_back();
}

// The tokens of every type, one type after the other.
struct TokensByType {
    std::vector<std::size_t> begin;     // [types + 1]
    std::vector<std::uint32_t> tokens;  // [n]

    TokensByType(const std::vector<std::uint32_t>& types, std::size_t count)
        : begin(count + 1, 0), tokens(types.size()) {
        for (const std::uint32_t type : types) ++begin[type + std::size_t{1}];
        for (std::size_t t = 0; t < count; ++t) begin[t + 1] += begin[t];
        std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
        for (std::size_t i = 0; i < types.size(); ++i)
            tokens[next[types[i]]++] = static_cast<std::uint32_t>(i);
    }
    [[nodiscard]] std::span<const std::uint32_t> of(std::size_t type) const {
        return std::span(tokens).subspan(begin[type], begin[type + 1] - begin[type]);
    }
};

// The best types of every column: [c], best first.
std::vector<std::vector<Scored>> best_types(const Factors& factors, const TokensByType& by_type,
                                            const std::vector<std::uint32_t>& usable) {
    const std::size_t columns = factors.columns();
    const auto n = static_cast<double>(factors.tokens());
    const std::size_t blocks = (usable.size() + kTypesAtOnce - 1) / kTypesAtOnce;
    std::vector<std::vector<std::vector<Scored>>> found(blocks);
    parallel_blocks(usable.size(), kTypesAtOnce, [&](std::size_t begin, std::size_t end) {
        std::vector<std::vector<Scored>>& best = found[begin / kTypesAtOnce];
        best.resize(columns);
        std::vector<double> mass(columns);
        for (std::size_t u = begin; u < end; ++u) {
            const std::span<const std::uint32_t> tokens = by_type.of(usable[u]);
            std::fill(mass.begin(), mass.end(), 0.0);
            for (const std::uint32_t j : tokens) {
                const FactorRow row = factors.k.row(j);
                for (std::size_t c = 0; c < columns; ++c) mass[c] += static_cast<double>(row[c]);
            }
            const double share = static_cast<double>(tokens.size()) / n;
            for (std::size_t c = 0; c < columns; ++c)
                if (mass[c] > share)
                    offer(best[c], {mass[c] * std::log(mass[c] / share), usable[u]});
        }
    });
    std::vector<std::vector<Scored>> all(columns);
    for (std::size_t c = 0; c < columns; ++c)
        for (const std::vector<std::vector<Scored>>& best : found)
            for (const Scored& scored : best[c]) offer(all[c], scored);
    return all;
}

// The first `words` candidates; where another splat has just these, the last gives way to the next
// best.
std::vector<std::uint32_t> choose(const std::vector<Scored>& candidates, std::size_t words,
                                  const std::set<std::vector<std::uint32_t>>& taken) {
    std::vector<std::uint32_t> types;
    for (std::size_t w = 0; w < std::min(words, candidates.size()); ++w)
        types.push_back(candidates[w].type);
    const auto is_taken = [&] {
        std::vector<std::uint32_t> sorted = types;
        std::sort(sorted.begin(), sorted.end());
        return taken.count(sorted) > 0;
    };
    std::vector<std::uint32_t> plainly = types;
    for (std::size_t next = types.size(); is_taken(); ++next) {
        if (next == candidates.size()) return plainly;
        types.back() = candidates[next].type;
    }
    return types;
}

// True where token i goes on in the middle of a word: the pieces of a vocabulary do.
bool continues(const Dataset& dataset, std::size_t i) {
    if (i == 0) return false;
    const Span& before = dataset.tokens[i - 1];
    const Span& here = dataset.tokens[i];
    // Special ones stand for nothing of the text and go on with nothing.
    if (before.begin == before.end || here.begin == here.end || before.end != here.begin)
        return false;
    const auto letter = [&](std::uint64_t byte) {
        const auto c = static_cast<unsigned char>((*dataset.text)[byte]);
        return c >= 0x80 || std::isalnum(c) != 0;
    };
    return letter(here.begin - 1) && letter(here.begin);
}

// What stands for a type: its own name or, of pieces, the whole word about its first token; empty
// for one that only goes on in words.
std::string word_of(const Dataset& dataset, const std::string& type_name,
                    std::span<const std::uint32_t> tokens) {
    if (dataset.piece_ids.empty() || !dataset.text) return type_name;
    for (const std::uint32_t token : tokens) {
        const Span& span = dataset.tokens[token];
        if (span.begin == span.end) return type_name;  // a special one
        if (continues(dataset, token)) continue;
        std::size_t last = token;
        while (last + 1 < dataset.tokens.size() && continues(dataset, last + 1)) ++last;
        return last == token
                   ? type_name
                   : plain(std::string_view(*dataset.text)
                               .substr(span.begin, dataset.tokens[last].end - span.begin));
    }
    return "";
}

}  // namespace

std::vector<std::string> splat_names(const Dataset& dataset, const Factors& factors,
                                     std::size_t words) {
    const std::size_t columns = factors.columns();
    std::vector<std::string> names(columns);
    for (std::size_t c = 0; c < columns; ++c)
        names[c] =
            factors.ids[c] == kNoSplat ? "background" : fmt::format("splat {}", factors.ids[c]);
    if (words == 0 || dataset.types.size() != factors.tokens()) return names;
    const TokensByType by_type(dataset.types, dataset.type_names.size());
    std::vector<std::uint32_t> usable;
    std::vector<std::string> shown(dataset.type_names.size());
    for (std::uint32_t t = 0; t < dataset.type_names.size(); ++t) {
        shown[t] = word_of(dataset, dataset.type_names[t], by_type.of(t));
        if (can_name(shown[t])) usable.push_back(t);
    }
    if (usable.empty()) return names;

    const std::vector<std::vector<Scored>> best = best_types(factors, by_type, usable);
    std::set<std::vector<std::uint32_t>> taken;
    for (std::size_t c = 0; c < columns; ++c) {
        if (factors.ids[c] == kNoSplat || best[c].empty()) continue;
        std::vector<std::uint32_t> types = choose(best[c], words, taken);
        std::string name;
        for (const std::uint32_t type : types) name += (name.empty() ? "" : " ") + shown[type];
        std::sort(types.begin(), types.end());
        if (!taken.insert(std::move(types)).second) name += fmt::format(" ({})", factors.ids[c]);
        names[c] = std::move(name);
    }
    return names;
}

}  // namespace hsa
