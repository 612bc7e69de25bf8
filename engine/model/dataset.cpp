#include "engine/model/dataset.h"

#include <algorithm>
#include <utility>

namespace hsa {

Embeddings Embeddings::own(Matrix<float> values) {
    auto held = std::make_shared<const Matrix<float>>(std::move(values));
    Embeddings embeddings;
    embeddings.rows = held->view();
    embeddings.owner = held;
    return embeddings;
}

std::size_t Dataset::size() const { return tokens.empty() ? embeddings.rows.rows : tokens.size(); }

std::string Dataset::token_text(std::size_t i) const {
    if (text && i < tokens.size()) {
        // A part of a character, and what nothing in the text stands for, have their names alone.
        const bool part = tokens[i].begin == tokens[i].end ||
                          (i > 0 && tokens[i - 1].end > tokens[i].begin) ||
                          (i + 1 < tokens.size() && tokens[i + 1].begin < tokens[i].end);
        if (part && i < types.size()) return type_names[types[i]];
        return text->substr(tokens[i].begin, tokens[i].end - tokens[i].begin);
    }
    if (i < labels.size()) return labels[i];
    return std::to_string(i);
}

std::string Dataset::context(std::size_t i, std::size_t words) const {
    const std::size_t n = size();
    const std::size_t first = i > words ? i - words : 0;
    const std::size_t last = words < n - std::min(i, n) ? i + words + 1 : n;
    std::string raw;
    if (text && i < tokens.size()) {
        raw = text->substr(tokens[first].begin, tokens[last - 1].end - tokens[first].begin);
    } else {
        for (std::size_t t = first; t < last; ++t) raw += (t > first ? " " : "") + token_text(t);
    }
    std::string folded;
    for (const char c : raw) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (blank && (folded.empty() || folded.back() == ' ')) continue;
        folded += blank ? ' ' : c;
    }
    return folded;
}

std::vector<double> type_share(const Dataset& dataset) {
    const std::size_t n = dataset.size();
    std::vector<double> share(n, n == 0 ? 0.0 : 1.0 / static_cast<double>(n));
    if (dataset.types.size() != n) return share;
    std::vector<std::size_t> counts(dataset.type_names.size(), 0);
    for (const std::uint32_t type : dataset.types) ++counts[type];
    for (std::size_t i = 0; i < n; ++i)
        share[i] = static_cast<double>(counts[dataset.types[i]]) / static_cast<double>(n);
    return share;
}

}  // namespace hsa
