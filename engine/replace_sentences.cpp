#include "engine/replace.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hsa {
namespace {

// Mean rows of each sentence, in their order, of length 1.
Matrix<double> sentence_means(const Matrix<float>& states,
                              std::span<const std::uint32_t> sentence) {
    std::vector<std::uint32_t> names(sentence.begin(), sentence.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (!names.empty() && names.back() == kNoSentence) names.pop_back();
    Matrix<double> means(names.size(), states.cols());
    for (std::size_t r = 0; r < states.rows(); ++r) {
        if (sentence[r] == kNoSentence) continue;
        const auto s = static_cast<std::size_t>(
            std::lower_bound(names.begin(), names.end(), sentence[r]) - names.begin());
        for (std::size_t a = 0; a < states.cols(); ++a)
            means(s, a) += static_cast<double>(states(r, a));
    }
    for (std::size_t s = 0; s < means.rows(); ++s) {
        double square = 0.0;
        for (const double x : means.row(s)) square += x * x;
        if (!(square > 0.0)) continue;
        for (double& x : means.row(s)) x /= std::sqrt(square);
    }
    return means;
}

double product(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

// Ranks from 0; equal values share the mean of theirs.
std::vector<double> ranks(const std::vector<double>& values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return values[a] != values[b] ? values[a] < values[b] : a < b;
    });
    std::vector<double> rank(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
        const double mean = 0.5 * static_cast<double>(begin + end - 1);
        for (std::size_t i = begin; i < end; ++i) rank[order[i]] = mean;
        begin = end;
    }
    return rank;
}

double spearman(const std::vector<double>& a, const std::vector<double>& b) {
    const std::vector<double> ra = ranks(a);
    const std::vector<double> rb = ranks(b);
    const double middle = 0.5 * (static_cast<double>(a.size()) - 1.0);
    double both = 0.0;
    double of_a = 0.0;
    double of_b = 0.0;
    for (std::size_t i = 0; i < ra.size(); ++i) {
        both += (ra[i] - middle) * (rb[i] - middle);
        of_a += (ra[i] - middle) * (ra[i] - middle);
        of_b += (rb[i] - middle) * (rb[i] - middle);
    }
    return of_a > 0.0 && of_b > 0.0 ? both / std::sqrt(of_a * of_b) : 1.0;
}

}  // namespace

void add_sentences(const Matrix<float>& own, const Matrix<float>& got,
                   std::span<const std::uint32_t> sentence, ReplaceReport& report) {
    const Matrix<double> before = sentence_means(own, sentence);
    const Matrix<double> after = sentence_means(got, sentence);
    report.sentences = before.rows();
    if (report.sentences == 0) return;
    report.cosine_mean = 0.0;
    report.cosine_least = std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < before.rows(); ++s) {
        const double cosine = product(before.row(s), after.row(s));
        report.cosine_mean += cosine / static_cast<double>(before.rows());
        report.cosine_least = std::min(report.cosine_least, cosine);
    }
    if (report.sentences < 3) return;
    std::vector<double> a;
    std::vector<double> b;
    for (std::size_t s = 0; s < before.rows(); ++s)
        for (std::size_t t = s + 1; t < before.rows(); ++t) {
            a.push_back(product(before.row(s), before.row(t)));
            b.push_back(product(after.row(s), after.row(t)));
        }
    report.rank_correlation = spearman(a, b);
}

}  // namespace hsa
