#include "tests/reference/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace reference {
namespace {

double log_sum_exp(const std::vector<double>& values) {
    double most = -std::numeric_limits<double>::infinity();
    for (const double v : values) most = std::max(most, v);
    if (std::isinf(most)) return most;
    double sum = 0.0;
    for (const double v : values) sum += std::exp(v - most);
    return most + std::log(sum);
}

std::vector<double> log_weights(const std::vector<Splat>& splats,
                                std::optional<double> background) {
    std::vector<double> log_weight;
    log_weight.reserve(splats.size() + 1);
    for (const Splat& splat : splats) log_weight.push_back(splat.log_weight);
    if (background) log_weight.push_back(*background);
    return log_weight;
}

// ell, and p and a of zeros.
Attention log_kernels(const std::vector<Splat>& splats, const std::vector<Matrix<double>>& blocks,
                      std::optional<double> background, double temperature) {
    const std::size_t n = blocks.front().rows();
    const std::size_t c = splats.size() + (background ? 1 : 0);
    Attention out;
    out.ell = Matrix<double>(n, c);
    out.p = Matrix<double>(n, c);
    out.a = Matrix<double>(n, n);
    for (std::size_t s = 0; s < splats.size(); ++s)
        for (std::size_t i = 0; i < n; ++i) {
            const auto row = blocks[splats[s].block].row(i);
            out.ell(i, s) = log_kernel(splats[s], {row.begin(), row.end()}, temperature);
        }
    return out;
}

}  // namespace

Matrix<double> inverse(const Matrix<double>& matrix) {
    const std::size_t d = matrix.rows();
    Matrix<long double> lower(d, d);   // matrix = lower lower^T
    Matrix<long double> across(d, d);  // the transpose of the inverse of lower
    const auto sum_of_products = [](const long double* one, const long double* other,
                                    std::size_t begin, std::size_t end) {
        long double sum = 0.0L;
        for (std::size_t t = begin; t < end; ++t) sum += one[t] * other[t];
        return sum;
    };
    for (std::size_t a = 0; a < d; ++a) {
        long double* own = lower.row(a).data();
        for (std::size_t b = 0; b <= a; ++b) {
            const long double* other = lower.row(b).data();
            const long double rest =
                static_cast<long double>(matrix(a, b)) - sum_of_products(own, other, 0, b);
            if (b == a && !(rest > 0.0L))
                throw std::logic_error("reference::inverse: the matrix is not positive definite");
            own[b] = b == a ? std::sqrt(rest) : rest / other[b];
        }
        across(a, a) = 1.0L / own[a];
        for (std::size_t b = 0; b < a; ++b)
            across(b, a) = -sum_of_products(own, across.row(b).data(), b, a) / own[a];
    }
    Matrix<double> out(d, d);
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b <= a; ++b) {
            out(a, b) = static_cast<double>(
                sum_of_products(across.row(a).data(), across.row(b).data(), a, d));
            out(b, a) = out(a, b);
        }
    return out;
}

double log_kernel(const Splat& splat, const std::vector<double>& x, double temperature) {
    double m = 0.0;
    for (std::size_t a = 0; a < splat.precision.rows(); ++a)
        for (std::size_t b = 0; b < x.size(); ++b)
            m += (x[a] - splat.centre[a]) * splat.precision(a, b) * (x[b] - splat.centre[b]);
    for (std::size_t a = 0; a < splat.variance.size(); ++a)
        m += (x[a] - splat.centre[a]) * (x[a] - splat.centre[a]) / splat.variance[a];
    return -0.5 * splat.beta / temperature * m;
}

Attention attend(const std::vector<Splat>& splats, const std::vector<Matrix<double>>& blocks,
                 std::optional<double> background, double temperature) {
    Attention out = log_kernels(splats, blocks, background, temperature);
    const std::vector<double> log_weight = log_weights(splats, background);
    const std::size_t n = out.ell.rows();
    const std::size_t c = out.ell.cols();
    Matrix<double> keys(c, n);  // k, a row a splat
    out.k = Matrix<double>(n, c);
    out.log_mass.resize(c);
    out.log_normaliser.resize(n);
    for (std::size_t s = 0; s < c; ++s) {
        std::vector<double> column(n);
        for (std::size_t i = 0; i < n; ++i) column[i] = out.ell(i, s);
        out.log_mass[s] = log_sum_exp(column);
        for (std::size_t i = 0; i < n; ++i) {
            out.k(i, s) = std::exp(out.ell(i, s) - out.log_mass[s]);
            keys(s, i) = out.k(i, s);
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> logits(c);
        for (std::size_t s = 0; s < c; ++s)
            logits[s] = log_weight[s] + out.ell(i, s) + out.log_mass[s];
        out.log_normaliser[i] = log_sum_exp(logits);
        for (std::size_t s = 0; s < c; ++s)
            out.p(i, s) = std::exp(logits[s] - out.log_normaliser[i]);
        double* row = out.a.row(i).data();
        for (std::size_t s = 0; s < c; ++s) {
            const double share = out.p(i, s);
            const double* key = keys.row(s).data();
            for (std::size_t j = 0; j < n; ++j) row[j] += share * key[j];
        }
    }
    return out;
}

Attention attend_heads(const Heads& heads, std::optional<double> background, double temperature) {
    const std::size_t n = heads.queries.rows();
    const std::size_t k = heads.key.size();
    const std::size_t c = k + (background ? 1 : 0);
    const std::vector<double> log_weight = log_weights(heads.key, background);
    Attention out;
    out.ell = Matrix<double>(n, c);
    out.p = Matrix<double>(n, c);
    out.k = Matrix<double>(n, c);
    out.a = Matrix<double>(n, n);
    Matrix<double> asked(n, c);
    for (std::size_t i = 0; i < n; ++i) {
        double norm = 0.0;
        for (const double x : heads.norms.row(i)) norm += x * x;
        const auto query = heads.queries.row(i);
        for (std::size_t s = 0; s < c; ++s) {
            out.ell(i, s) = 0.5 * heads.kappa * norm;
            if (s == k) continue;
            const auto key = heads.keys[heads.key[s].block].row(i);
            out.ell(i, s) += log_kernel(heads.key[s], {key.begin(), key.end()}, temperature);
            asked(i, s) = log_kernel(heads.query[s], {query.begin(), query.end()}, temperature);
        }
    }
    for (std::size_t s = 0; s < c; ++s) {
        std::vector<double> column;
        for (std::size_t j = 0; j < n; ++j) column.push_back(out.ell(j, s));
        out.log_mass.push_back(log_sum_exp(column));
        for (std::size_t j = 0; j < n; ++j) out.k(j, s) = std::exp(column[j] - out.log_mass[s]);
    }
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> log_row(n);
        for (std::size_t j = 0; j < n; ++j) {
            std::vector<double> terms;
            for (std::size_t s = 0; s < c; ++s)
                terms.push_back(log_weight[s] + asked(i, s) + out.ell(j, s));
            log_row[j] = log_sum_exp(terms);
        }
        out.log_normaliser.push_back(log_sum_exp(log_row));
        for (std::size_t j = 0; j < n; ++j)
            out.a(i, j) = std::exp(log_row[j] - out.log_normaliser[i]);
        for (std::size_t s = 0; s < c; ++s)
            out.p(i, s) =
                std::exp(log_weight[s] + asked(i, s) + out.log_mass[s] - out.log_normaliser[i]);
    }
    return out;
}

Matrix<double> near_and_far(const Heads& heads, std::optional<double> background,
                            const Near& near) {
    const Attention plain = attend_heads(heads, background);
    const std::size_t n = plain.a.rows();
    Matrix<double> a(n, n);
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> logs;
        for (std::size_t j = 0; j < (near.causal ? i + 1 : n); ++j)
            logs.push_back(near.inside[i][j] ? near.score(i, j)
                                             : std::log(plain.a(i, j)) + plain.log_normaliser[i] +
                                                   near.log_extra[i]);
        const double normaliser = log_sum_exp(logs);
        for (std::size_t j = 0; j < logs.size(); ++j) a(i, j) = std::exp(logs[j] - normaliser);
    }
    return a;
}

Attention causal(const std::vector<Splat>& splats, const std::vector<Matrix<double>>& blocks,
                 std::optional<double> background, double temperature,
                 const std::vector<bool>& masked) {
    Attention out = log_kernels(splats, blocks, background, temperature);
    const std::vector<double> log_weight = log_weights(splats, background);
    const std::size_t c = out.ell.cols();
    for (std::size_t i = 0; i < out.ell.rows(); ++i) {
        std::vector<std::size_t> keys;
        for (std::size_t j = 0; j <= i; ++j)
            if (masked.empty() || !masked[j]) keys.push_back(j);
        if (keys.empty()) continue;
        std::vector<double> mass(c);
        std::vector<double> logits(c);
        for (std::size_t s = 0; s < c; ++s) {
            std::vector<double> column;
            column.reserve(keys.size());
            for (const std::size_t j : keys) column.push_back(out.ell(j, s));
            mass[s] = log_sum_exp(column);
            logits[s] = log_weight[s] + out.ell(i, s) + mass[s];
        }
        const double normaliser = log_sum_exp(logits);
        for (std::size_t s = 0; s < c; ++s) {
            out.p(i, s) = std::exp(logits[s] - normaliser);
            for (const std::size_t j : keys)
                out.a(i, j) += out.p(i, s) * std::exp(out.ell(j, s) - mass[s]);
        }
    }
    return out;
}

Matrix<double> without_masked(Matrix<double> a, const std::vector<bool>& masked, bool causal) {
    for (std::size_t i = 0; i < a.rows(); ++i) {
        double sum = 0.0;
        for (std::size_t j = 0; j < a.cols(); ++j) {
            if (masked[j] || (causal && j > i)) a(i, j) = 0.0;
            sum += a(i, j);
        }
        for (double& value : a.row(i)) value = sum > 0.0 ? value / sum : 0.0;
    }
    return a;
}

double block_mean(const Matrix<double>& a, std::size_t r0, std::size_t r1, std::size_t c0,
                  std::size_t c1) {
    double sum = 0.0;
    for (std::size_t i = r0; i < r1; ++i)
        for (std::size_t j = c0; j < c1; ++j) sum += a(i, j);
    return sum / static_cast<double>((r1 - r0) * (c1 - c0));
}

}  // namespace reference
