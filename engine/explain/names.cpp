#include "engine/explain/names.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string_view>

namespace hsa {
namespace {

// English words that carry grammar and no topic: they name nothing.
constexpr std::array<std::string_view, 128> kFunctionWords = {
    "a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any", "are", "as",
    "at", "be", "because", "been", "before", "being", "below", "between", "both", "but", "by", "can", "cannot",
    "could", "did", "do", "does", "down", "during", "each", "every", "few", "for", "from", "further", "had",
    "has", "have", "he", "her", "here", "him", "his", "how", "i", "if", "in", "into", "is", "it", "its",
    "itself", "like", "made", "make", "may", "me", "might", "more", "most", "much", "must", "my", "no", "nor",
    "not", "now", "of", "off", "on", "once", "one", "only", "or", "other", "our", "out", "over", "own", "s",
    "same", "shall", "she", "should", "so", "some", "still", "such", "t", "than", "that", "the", "their",
    "them", "then", "there", "these", "they", "this", "those", "through", "to", "too", "two", "under",
    "until", "up", "upon", "us", "very", "was", "we", "were", "what", "when", "where", "which", "while",
    "who", "will", "with", "would", "you", "your"};

bool can_name(std::string_view word) {
    if (std::binary_search(kFunctionWords.begin(), kFunctionWords.end(), word)) return false;
    std::size_t letters = 0;
    std::size_t characters = 0;
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0U) == 0x80U) continue;  // a later byte of one character
        ++characters;
        if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte >= 0x80U || byte == '/') ++letters;
    }
    return letters > 0 && (characters > 1 || static_cast<unsigned char>(word.front()) >= 0x80U);
}

}  // namespace

std::vector<std::string> splat_names(const Dataset& dataset, const Factors& factors, std::size_t words) {
    const std::size_t columns = factors.columns();
    const std::size_t n = factors.tokens();
    std::vector<std::string> names(columns);
    const bool has_words = dataset.types.size() == n && !dataset.type_names.empty();
    const std::size_t types = dataset.type_names.size();
    std::vector<double> share(types, 0.0);
    std::vector<char> usable(types, 0);
    if (has_words) {
        for (const std::uint32_t type : dataset.types) share[type] += 1.0 / static_cast<double>(n);
        for (std::size_t t = 0; t < types; ++t) usable[t] = can_name(dataset.type_names[t]) ? 1 : 0;
    }
    // Types by their tokens, so that a column is one pass over its entries.
    parallel_for(columns, [&](std::size_t c) {
        if (factors.ids[c] == kNoSplat) {
            names[c] = "background";
            return;
        }
        names[c] = "splat " + std::to_string(factors.ids[c]);
        if (!has_words) return;
        std::vector<double> mass(types, 0.0);
        for (std::size_t j = 0; j < n; ++j) mass[dataset.types[j]] += static_cast<double>(factors.k(j, c));
        std::vector<std::pair<double, std::uint32_t>> scored;
        for (std::uint32_t t = 0; t < types; ++t) {
            if (usable[t] == 0 || mass[t] <= 0.0) continue;
            const double score = mass[t] * std::log(mass[t] / share[t]);
            if (score > 0.0) scored.emplace_back(-score, t);
        }
        const std::size_t count = std::min(words, scored.size());
        std::partial_sort(scored.begin(), scored.begin() + static_cast<std::ptrdiff_t>(count), scored.end());
        if (count == 0) return;
        names[c].clear();
        for (std::size_t w = 0; w < count; ++w)
            names[c] += (w > 0 ? " " : "") + dataset.type_names[scored[w].second];
    });
    return names;
}

}  // namespace hsa
