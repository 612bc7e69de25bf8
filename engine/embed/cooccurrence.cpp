#include "engine/embed/cooccurrence.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kWindow = 8;  // tokens on either side
constexpr double kContextPower = 0.75;
constexpr std::size_t kShortText = 2000;  // tokens
constexpr std::size_t kRank = 96;
constexpr std::size_t kShortRank = 48;
constexpr std::size_t kOversampling = 24;
constexpr int kPowerRounds = 5;
constexpr std::size_t kRowsAtOnce = 64;  // of a sparse matrix, between two looks at a stop

using Dense = Eigen::MatrixXd;

// A sparse matrix by rows.
struct Rows {
    std::vector<std::size_t> begin;  // [rows + 1]
    std::vector<std::uint32_t> column;
    std::vector<double> value;

    [[nodiscard]] std::size_t rows() const { return begin.size() - 1; }
};

// The places of every type in the text, one type after the other.
struct Occurrences {
    std::vector<std::size_t> begin;    // [types + 1]
    std::vector<std::uint32_t> token;  // [n], rising within a type

    Occurrences(const std::vector<std::uint32_t>& types, std::size_t type_count)
        : begin(type_count + 1, 0), token(types.size()) {
        for (const std::uint32_t type : types) ++begin[type + std::size_t{1}];
        for (std::size_t t = 0; t < type_count; ++t) begin[t + 1] += begin[t];
        std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
        for (std::size_t i = 0; i < types.size(); ++i)
            token[next[types[i]]++] = static_cast<std::uint32_t>(i);
    }
};

// How often types stand within the window of one another, both orders counted.
Rows count_pairs(const std::vector<std::uint32_t>& types, std::size_t type_count,
                 const Work& work) {
    constexpr std::size_t kTypesAtOnce = 256;
    const Occurrences occurrences(types, type_count);
    std::vector<Rows> parts((type_count + kTypesAtOnce - 1) / kTypesAtOnce);
    parallel_for(parts.size(), [&](std::size_t part) {
        work.check();
        Rows& rows = parts[part];
        rows.begin.push_back(0);
        std::vector<std::uint32_t> count(type_count, 0);
        std::vector<std::uint32_t> met;
        const std::size_t last = std::min(type_count, (part + 1) * kTypesAtOnce);
        for (std::size_t type = part * kTypesAtOnce; type < last; ++type) {
            for (std::size_t o = occurrences.begin[type]; o < occurrences.begin[type + 1]; ++o) {
                const std::size_t i = occurrences.token[o];
                const std::size_t end = std::min(types.size(), i + kWindow + 1);
                for (std::size_t j = i - std::min(i, kWindow); j < end; ++j)
                    if (j != i && count[types[j]]++ == 0) met.push_back(types[j]);
            }
            std::sort(met.begin(), met.end());
            for (const std::uint32_t other : met) {
                rows.column.push_back(other);
                rows.value.push_back(static_cast<double>(count[other]));
                count[other] = 0;
            }
            met.clear();
            rows.begin.push_back(rows.column.size());
        }
    });
    Rows counts;
    counts.begin.push_back(0);
    for (const Rows& part : parts) {
        const std::size_t before = counts.column.size();
        for (std::size_t r = 0; r < part.rows(); ++r)
            counts.begin.push_back(before + part.begin[r + 1]);
        counts.column.insert(counts.column.end(), part.column.begin(), part.column.end());
        counts.value.insert(counts.value.end(), part.value.begin(), part.value.end());
    }
    return counts;
}

// max(0, ln(C_wc sum C^.75 / (C_w C_c^.75))).
Rows positive_pmi(const Rows& counts, const Work& work) {
    const std::size_t m = counts.rows();
    std::vector<double> total(m, 0.0);
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t e = counts.begin[r]; e < counts.begin[r + 1]; ++e)
            total[r] += counts.value[e];
    std::vector<double> context(m);
    double all = 0.0;
    for (std::size_t r = 0; r < m; ++r) all += context[r] = std::pow(total[r], kContextPower);
    std::vector<double> value(counts.value.size());
    parallel_blocks(m, kRowsAtOnce, [&](std::size_t begin, std::size_t end) {
        work.check();
        for (std::size_t r = begin; r < end; ++r)
            for (std::size_t e = counts.begin[r]; e < counts.begin[r + 1]; ++e)
                value[e] = std::log(counts.value[e] * all / (total[r] * context[counts.column[e]]));
    });
    Rows pmi;
    pmi.begin.assign(m + 1, 0);
    for (std::size_t r = 0; r < m; ++r) {
        for (std::size_t e = counts.begin[r]; e < counts.begin[r + 1]; ++e) {
            if (value[e] <= 0.0) continue;
            pmi.column.push_back(counts.column[e]);
            pmi.value.push_back(value[e]);
        }
        pmi.begin[r + 1] = pmi.column.size();
    }
    return pmi;
}

Rows transposed(const Rows& a) {
    const std::size_t m = a.rows();
    Rows t;
    t.begin.assign(m + 1, 0);
    for (const std::uint32_t c : a.column) ++t.begin[c + 1];
    for (std::size_t r = 0; r < m; ++r) t.begin[r + 1] += t.begin[r];
    t.column.resize(a.column.size());
    t.value.resize(a.value.size());
    std::vector<std::size_t> next(t.begin.begin(), t.begin.end() - 1);
    for (std::size_t r = 0; r < m; ++r)
        for (std::size_t e = a.begin[r]; e < a.begin[r + 1]; ++e) {
            const std::size_t place = next[a.column[e]]++;
            t.column[place] = static_cast<std::uint32_t>(r);
            t.value[place] = a.value[e];
        }
    return t;
}

using RowDense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

RowDense times(const Rows& a, const RowDense& x, const Work& work) {
    RowDense out = RowDense::Zero(static_cast<Eigen::Index>(a.rows()), x.cols());
    parallel_blocks(a.rows(), kRowsAtOnce, [&](std::size_t begin, std::size_t end) {
        work.check();
        for (std::size_t r = begin; r < end; ++r) {
            auto row = out.row(static_cast<Eigen::Index>(r));
            for (std::size_t e = a.begin[r]; e < a.begin[r + 1]; ++e)
                row.noalias() += a.value[e] * x.row(static_cast<Eigen::Index>(a.column[e]));
        }
    });
    return out;
}

RowDense orthonormal(const RowDense& x) {
    const Eigen::HouseholderQR<Dense> qr(x);
    return qr.householderQ() * Dense::Identity(x.rows(), x.cols());
}

// U sqrt(S) of the `rank` largest singular values by subspace iteration from a fixed start (Halko,
// Martinsson, Tropp 2011): [m, rank], largest entry of each column positive.
Dense truncated_svd(const Rows& a, std::size_t rank, const Work& work) {
    const std::size_t m = a.rows();
    const auto width = static_cast<Eigen::Index>(std::min(m, rank + kOversampling));
    const Rows at = transposed(a);
    RowDense q(static_cast<Eigen::Index>(m), width);
    Random random{20};
    for (Eigen::Index i = 0; i < q.rows(); ++i)
        for (Eigen::Index j = 0; j < width; ++j) q(i, j) = random.normal();
    q = orthonormal(times(a, q, work));
    for (int round = 0; round < kPowerRounds; ++round) {
        work.report("embedding words", 0.4 + 0.5 * round / kPowerRounds);
        const RowDense turned = times(at, q, work);
        work.report("embedding words", 0.4 + 0.5 * (round + 0.4) / kPowerRounds);
        const RowDense again = times(a, turned, work);
        work.report("embedding words", 0.4 + 0.5 * (round + 0.8) / kPowerRounds);
        q = orthonormal(again);
    }
    const RowDense b = times(at, q, work);  // (Q^T A)^T
    const Eigen::SelfAdjointEigenSolver<Dense> solver(Dense(b.transpose() * b));
    Dense u(static_cast<Eigen::Index>(m), static_cast<Eigen::Index>(rank));
    for (std::size_t r = 0; r < rank; ++r) {
        const Eigen::Index from = width - 1 - static_cast<Eigen::Index>(r);
        const double singular = std::sqrt(std::max(solver.eigenvalues()(from), 0.0));
        Eigen::VectorXd column = q * solver.eigenvectors().col(from);
        Eigen::Index top = 0;
        column.cwiseAbs().maxCoeff(&top);
        if (column(top) < 0.0) column = -column;
        u.col(static_cast<Eigen::Index>(r)) = column * std::sqrt(singular);
    }
    return u;
}

}  // namespace

Embeddings embed_cooccurrence(const Dataset& dataset, const Work& work) {
    const std::size_t n = dataset.size();
    if (dataset.types.size() != n || dataset.type_names.empty())
        fail("{} has no words to embed: open a text, or a file of vectors.", dataset.source);
    const std::size_t m = dataset.type_names.size();
    work.report("embedding words", 0.0);
    const Rows counts = count_pairs(dataset.types, m, work);
    work.report("embedding words", 0.3);
    const std::size_t rank = std::min(m, n >= kShortText ? kRank : kShortRank);
    const Dense u = truncated_svd(positive_pmi(counts, work), rank, work);
    Matrix<float> rows(n, rank);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            for (std::size_t r = 0; r < rank; ++r)
                rows(i, r) = static_cast<float>(
                    u(static_cast<Eigen::Index>(dataset.types[i]), static_cast<Eigen::Index>(r)));
    });
    work.report("embedding words", 1.0);
    return Embeddings::own(std::move(rows));
}

}  // namespace hsa
