#include "engine/adapt/trial_rows.h"

#include "engine/adapt/past.h"
#include "engine/attention/divergence.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr double kLeastMass = 1e-37;  // a share below this is nothing in float32

}  // namespace

TrialRows::TrialRows(const CycleContext& context, const Pool& pool, const LevelPool& level,
                     std::span<const std::size_t> touched, std::vector<DrawnRow> drawn)
    : level_(level.splats.level), drawn_(std::move(drawn)), x_columns_(context.columns.x[level_]) {
    const std::size_t rows = drawn_.size();
    const std::size_t m = x_columns_.rows;
    const std::size_t k = level.splats.size();
    std::vector<std::uint32_t> tokens;
    target_ = Matrix<float>(rows, m);
    const LevelRows all = level.queries.rows();
    const bool causal = !all.seen.empty();
    Matrix<float> weight(rows, k);
    std::vector<float> background(rows);
    as_is_.p = Matrix<float>(rows, touched.size());
    if (causal) as_is_.weight = Matrix<float>(rows, touched.size());
    as_is_.rest.resize(rows);
    log_rest_.resize(rows);
    std::vector<float> p(k);
    for (std::size_t r = 0; r < rows; ++r) {
        const std::size_t place = drawn_[r].place;
        draws_ += drawn_[r].times;
        tokens.push_back(pool.rows[place]);
        if (causal) seen_.push_back(all.seen[place]);
        std::copy_n(pool.target.row(place).begin(), m, target_.row(r).begin());
        std::copy_n(level.queries.p.row(place).begin(), k, p.begin());
        std::copy_n(all.weight.row(place).begin(), k, weight.row(r).begin());
        for (std::size_t t = 0; t < touched.size(); ++t) {
            as_is_.p(r, t) = p[touched[t]];
            if (causal) as_is_.weight(r, t) = weight(r, touched[t]);
            p[touched[t]] = weight(r, touched[t]) = 0.0F;
        }
        // The frozen part by itself: a row of A without the touched splats.
        auto rest = static_cast<double>(level.queries.background[place]);
        for (const float share : p) rest += static_cast<double>(share);
        rest = std::max(rest, kLeastMass);
        for (float& share : weight.row(r))
            share = static_cast<float>(static_cast<double>(share) / rest);
        background[r] = static_cast<float>(static_cast<double>(all.background[place]) / rest);
        as_is_.rest[r] = static_cast<float>(rest);
        log_rest_[r] = level.queries.log_normaliser[place] + std::log(rest);
    }
    x_ = context.coordinates(level_, tokens);
    frozen_ = Matrix<float>(rows, m);
    as_is_.keys.k = Matrix<float>(m, touched.size());
    parallel_blocks(m, kChunkRows, [&](std::size_t begin, std::size_t end) {
        level_block(level.keys, {weight.view(), background, seen_}, begin,
                    {frozen_.data() + begin, rows, end - begin, m});
        for (std::size_t j = begin; j < end; ++j)
            for (std::size_t t = 0; t < touched.size(); ++t)
                as_is_.keys.k(j, t) = level.keys.k(j, touched[t]);
    });
}

Mixture TrialRows::mix(const CycleContext& context, const LevelSplats& splats) const {
    Mixture mixture;
    const std::size_t rows = drawn_.size();
    const std::size_t count = splats.size();
    mixture.p = Matrix<float>(rows, count);
    mixture.rest.assign(rows, 1.0F);
    mixture.keys.k = Matrix<float>(x_columns_.rows, count);
    if (count == 0) return mixture;
    const auto bound = bind(context.backend, splats, context.input.temperature);
    mixture.keys = level_keys(context.backend, *bound, x_columns_, context.columns.log_weight);
    context.backend.log_kernel(*bound, x_.view(), mixture.p.view());
    Matrix<double> reached;
    if (!seen_.empty()) {
        reached = reached_keys(mixture.keys.k.view(), seen_);
        mixture.weight = Matrix<float>(rows, count);
    }
    for (std::size_t r = 0; r < rows; ++r) {
        std::vector<double> logit(count);
        double most = log_rest_[r];
        for (std::size_t s = 0; s < count; ++s) {
            logit[s] = static_cast<double>(mixture.p(r, s)) +
                       static_cast<double>(splats.log_weight[s]) + mixture.keys.log_mass[s];
            if (!seen_.empty()) logit[s] += std::log(reached(r, s));  // c_s of what the row sees
            most = std::max(most, logit[s]);
        }
        double sum = std::exp(log_rest_[r] - most);
        const double rest = sum;
        for (double& value : logit) sum += value = std::exp(value - most);
        for (std::size_t s = 0; s < count; ++s)
            mixture.p(r, s) = static_cast<float>(logit[s] / sum);
        for (std::size_t s = 0; s < mixture.weight.cols(); ++s)
            if (reached(r, s) > 0.0)
                mixture.weight(r, s) = static_cast<float>(logit[s] / sum / reached(r, s));
        mixture.rest[r] = static_cast<float>(rest / sum);
    }
    return mixture;
}

void TrialRows::attention(const Mixture& mixture, std::size_t begin, MatrixView<float> out) const {
    const std::size_t count = mixture.p.cols();
    if (count > 0)
        multiply_transposed(mixture.weights().view(),
                            mixture.keys.k.view().block(begin, begin + out.cols), out);
    for (std::size_t r = 0; r < out.rows; ++r) {
        const float* frozen = frozen_.row(r).data() + begin;
        const float share = mixture.rest[r];
        float* a = out.row(r).data();
        if (count > 0)
            for (std::size_t j = 0; j < out.cols; ++j) a[j] += share * frozen[j];
        else
            for (std::size_t j = 0; j < out.cols; ++j) a[j] = share * frozen[j];
    }
    hide_future(seen_, begin, out);
}

std::vector<double> TrialRows::divergences(const Mixture& mixture) const {
    const std::size_t rows = drawn_.size();
    return parallel_sum(
        target_.cols(), rows, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            auto a = Matrix<float>::unwritten(rows, end - begin);
            attention(mixture, begin, a.view());
            for (std::size_t r = 0; r < rows; ++r)
                out[r] += divergence(target_.row(r).subspan(begin, end - begin), a.row(r));
        });
}

double TrialRows::loss(const Mixture& mixture) const {
    const std::vector<double> kl = divergences(mixture);
    double sum = 0.0;
    for (std::size_t r = 0; r < kl.size(); ++r)
        sum += kl[r] * drawn_[r].weight * static_cast<double>(drawn_[r].times);
    return sum / static_cast<double>(draws_);
}

Matrix<float> TrialRows::weighted(const Matrix<float>& p) const {
    Matrix<float> out = p;
    for (std::size_t r = 0; r < out.rows(); ++r) {
        const auto weight = static_cast<float>(
            drawn_[r].weight * static_cast<double>(drawn_[r].times) / static_cast<double>(draws_));
        for (float& value : out.row(r)) value *= weight;
    }
    return out;
}

LevelGradient TrialRows::gradient(const CycleContext& context, const LevelSplats& splats) const {
    const std::size_t rows = drawn_.size();
    const std::size_t count = splats.size();
    const Mixture mixture = mix(context, splats);
    const Matrix<float> share = weighted(mixture.p);
    Matrix<float> weighted_cells;
    if (!seen_.empty()) weighted_cells = weighted(mixture.weight);
    const Matrix<float>& cells = seen_.empty() ? share : weighted_cells;
    std::vector<float> drawn(count, 0.0F);
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t s = 0; s < count; ++s) drawn[s] += share(r, s);
    const KernelSums kernel(count, x_.cols(), splats.spherical());
    const std::size_t sums_at = rows + rows * count;
    std::vector<double> total = parallel_sum(
        target_.cols(), sums_at + kernel.width(),
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            const std::size_t width = end - begin;
            auto ratio = Matrix<float>::unwritten(rows, width);
            attention(mixture, begin, ratio.view());
            for (std::size_t r = 0; r < rows; ++r)
                out[r] += divergence_to_ratio(target_.row(r).subspan(begin, width), ratio.row(r));
            const MatrixView<const float> key = mixture.keys.k.view().block(begin, end);
            auto product = Matrix<float>::unwritten(rows, count);
            multiply(ratio.view(), key, product.view());
            for (std::size_t e = 0; e < product.size(); ++e)
                out[rows + e] += static_cast<double>(product.data()[e]);
            auto g = Matrix<float>::unwritten(width, count);
            transposed_multiply(ratio.view(), cells.view(), g.view());
            if (seen_.empty())
                for (std::size_t j = 0; j < width; ++j)
                    for (std::size_t s = 0; s < count; ++s)
                        g(j, s) = key(j, s) * (drawn[s] - g(j, s));
            else to_key_slopes(key, cells, seen_, begin, g.view());
            kernel.add(g.view(), x_columns_.block(begin, end), out.subspan(sums_at));
        });
    LevelGradient gradient;
    gradient.log_weight.assign(count, 0.0);
    Matrix<float> dz(rows, count);
    for (std::size_t r = 0; r < rows; ++r) {
        gradient.loss += total[r] * drawn_[r].weight * static_cast<double>(drawn_[r].times) /
                         static_cast<double>(draws_);
        for (std::size_t s = 0; s < count; ++s) {
            const double own = total[rows + r * count + s];
            const auto p = static_cast<double>(share(r, s));
            const double step =
                seen_.empty() ? p * (1.0 - own) : p - static_cast<double>(cells(r, s)) * own;
            dz(r, s) = static_cast<float>(step);
            gradient.log_weight[s] += step;
        }
    }
    const std::span<double> sums = std::span(total).subspan(sums_at);
    kernel.add(dz.view(), x_.view(), sums);
    kernel.to_parameters(sums, columns_of(splats, context.input.temperature), gradient);
    return gradient;
}

std::vector<std::size_t> TrialRows::strongest_columns(const Mixture& mixture,
                                                      std::size_t count) const {
    const std::size_t m = target_.cols();
    const std::size_t rows = drawn_.size();
    const Matrix<float> share = weighted(mixture.weights());
    std::vector<float> mass(m, 0.0F);
    parallel_blocks(m, kChunkRows, [&](std::size_t begin, std::size_t end) {
        auto a = Matrix<float>::unwritten(rows, end - begin);
        attention(mixture, begin, a.view());
        for (std::size_t r = 0; r < rows; ++r) {
            const float* t = target_.row(r).data() + begin;
            for (std::size_t j = 0; j < end - begin; ++j) {
                float through = 0.0F;
                for (std::size_t s = 0; s < share.cols(); ++s)
                    through += share(r, s) * mixture.keys.k(begin + j, s);
                mass[begin + j] += through * t[j] / std::max(a(r, j), 1e-30F);
            }
        }
    });
    std::vector<std::size_t> order(m);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const std::size_t kept = std::min(count, m);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      [&](std::size_t a, std::size_t b) {
                          return mass[a] != mass[b] ? mass[a] > mass[b] : a < b;
                      });
    order.resize(kept);
    return order;
}

}  // namespace hsa
