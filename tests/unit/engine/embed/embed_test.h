#pragma once

#include "engine/core/matrix.h"
#include "engine/core/random.h"
#include "engine/embed/cooccurrence.h"
#include "engine/embed/coordinates.h"
#include "engine/embed/words.h"
#include "tests/catch.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>

namespace embed_test {

inline hsa::Dataset words_of(const std::string& text) {
    return hsa::split_words("test.txt", std::make_shared<const std::string>(text), hsa::Work{});
}

inline hsa::Dataset embedded(const std::string& text) {
    hsa::Dataset dataset = words_of(text);
    dataset.embeddings = hsa::embed_cooccurrence(dataset, hsa::Work{});
    return dataset;
}

inline std::string sample(const std::string& name) {
    std::ifstream file(std::string(SPLATSCOPE_SOURCE_DIR) + "/assets/samples/" + name,
                       std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Rows without words, as an embedding file gives them.
inline hsa::Dataset vectors(hsa::Matrix<float> rows) {
    hsa::Dataset dataset;
    dataset.source = "test.npy";
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        dataset.types.push_back(static_cast<std::uint32_t>(i));
        dataset.type_names.push_back(std::to_string(i));
    }
    dataset.embeddings = hsa::Embeddings::own(std::move(rows));
    return dataset;
}

// Normal rows around a few centres.
inline hsa::Matrix<float> clusters(std::size_t n, std::size_t d, std::size_t centres,
                                   std::uint64_t seed) {
    hsa::Random random{seed};
    hsa::Matrix<float> middle(centres, d);
    for (std::size_t e = 0; e < middle.size(); ++e)
        middle.data()[e] = static_cast<float>(random.normal());
    hsa::Matrix<float> rows(n, d);
    for (std::size_t i = 0; i < n; ++i) {
        const std::size_t c = random.below(centres);
        for (std::size_t a = 0; a < d; ++a)
            rows(i, a) = middle(c, a) + 0.3F * static_cast<float>(random.normal());
    }
    return rows;
}

// A text of `tokens` words drawn from a vocabulary in stretches, so that it has something to find.
inline std::string made_up_text(std::size_t tokens, std::uint64_t seed) {
    hsa::Random random{seed, 7};
    std::string text;
    for (std::size_t i = 0; i < tokens; ++i) {
        const std::size_t stretch = i / 50 % 6;
        const std::size_t word =
            random.uniform() < 0.4 ? random.below(10) : 10 + stretch * 40 + random.below(40);
        text += "w" + std::to_string(word) + (i % 12 == 11 ? "\n" : " ");
    }
    return text;
}

inline double mean_square(hsa::MatrixView<const float> y) {
    double sum = 0.0;
    for (std::size_t i = 0; i < y.rows; ++i)
        for (const float v : y.row(i)) sum += static_cast<double>(v) * static_cast<double>(v);
    return sum / static_cast<double>(y.rows * y.cols);
}

inline double norm(std::span<const float> row) {
    double sum = 0.0;
    for (const float v : row) sum += static_cast<double>(v) * static_cast<double>(v);
    return std::sqrt(sum);
}

inline bool all_finite(hsa::MatrixView<const float> y) {
    for (std::size_t i = 0; i < y.rows; ++i)
        for (const float v : y.row(i))
            if (!std::isfinite(v)) return false;
    return true;
}

}  // namespace embed_test
