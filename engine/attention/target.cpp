#include "engine/attention/target.h"

#include "engine/compute/backend.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/gather.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr std::size_t kChunksAtOnce = 32;  // of columns, between two reports
constexpr double kRowSumTolerance = 1e-3;
constexpr float kNothing = -std::numeric_limits<float>::infinity();

void check_rows(std::span<const std::uint32_t> rows, std::size_t n) {
    for (const std::uint32_t row : rows)
        if (row >= n) fault("target row {} of {} tokens", row, n);
}

void check_shape(MatrixView<const float> out, std::size_t rows, std::size_t cols) {
    if (out.rows != rows || out.cols != cols)
        fault("a target of {} x {} was asked for into {} x {}", rows, cols, out.rows, out.cols);
}

// Softmax over the first seen(r) columns of every row; the others are zero.
template <class Seen>
void softmax_rows(MatrixView<float> out, Seen seen) {
    parallel_for(out.rows, [&](std::size_t r) {
        const std::span<float> row = out.row(r);
        const std::size_t count = seen(r);
        if (count > 0) softmax(row.first(count));
        std::fill(row.begin() + static_cast<std::ptrdiff_t>(count), row.end(), 0.0F);
    });
}

void check_finite(const Matrix<float>& rows) {
    for (std::size_t i = 0; i < rows.rows(); ++i)
        for (std::size_t c = 0; c < rows.cols(); ++c)
            if (!std::isfinite(rows(i, c)))
                fail("The target's row {}, column {} is {}; every coordinate must be finite.", i, c,
                     rows(i, c));
}

}  // namespace

Target::Target(Matrix<float> rows, double scale, bool causal, std::vector<std::uint32_t> masked)
    : Target({}, std::move(rows), scale, causal, std::move(masked)) {}

Target::Target(Matrix<float> queries, Matrix<float> keys, double scale, bool causal,
               std::vector<std::uint32_t> masked)
    : keys_(std::move(keys)),
      queries_(std::move(queries)),
      scale_(scale),
      causal_(causal),
      masked_(std::move(masked)) {
    if (!std::isfinite(scale) || scale <= 0.0)
        fail("The target's scale is {}; it must be positive and finite: set target.scale.", scale);
    if (!queries_.empty() && (queries_.rows() != keys_.rows() || queries_.cols() != keys_.cols()))
        fault("queries of {} x {} with keys of {} x {}", queries_.rows(), queries_.cols(),
              keys_.rows(), keys_.cols());
    check_finite(keys_);
    check_finite(queries_);
}

Target::Target(Matrix<float> attention, bool causal, std::vector<std::uint32_t> masked)
    : attention_(std::move(attention)), causal_(causal), masked_(std::move(masked)) {
    const std::size_t n = attention_.rows();
    const std::size_t without_keys = causal_ ? rows_without_keys(masked_) : 0;
    if (n != attention_.cols())
        fail("The target is {} x {}; an attention matrix must be square.", n, attention_.cols());
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (std::size_t j = 0; j < n; ++j) {
            const float value = attention_(i, j);
            if (!std::isfinite(value) || value < 0.0F)
                fail("The target's row {}, column {} is {}; attention is finite and at least 0.", i,
                     j, value);
            sum += static_cast<double>(value);
        }
        if (std::abs(sum - 1.0) > kRowSumTolerance)
            fail("The target's row {} sums to {:.6g}; every row of attention sums to 1.", i, sum);
        if (causal_ || !masked_.empty()) {
            for (std::size_t j = seen(i); j < n; ++j) attention_(i, j) = 0.0F;
            for (const std::uint32_t j : masked_) attention_(i, j) = 0.0F;
            sum = 0.0;
            for (const float value : attention_.row(i)) sum += static_cast<double>(value);
            if (i < without_keys) continue;
            if (sum <= 0.0)
                fail("The target's row {} attends to nothing {}; with {} it must.", i,
                     causal_ ? "up to its own token" : "but masked tokens",
                     causal_ ? "attention.causal" : "attention.mask");
        }
        for (float& value : attention_.row(i))
            value = static_cast<float>(static_cast<double>(value) / sum);
    }
}

std::size_t Target::size() const { return attention_.empty() ? keys_.rows() : attention_.rows(); }

float Target::score(std::size_t i, std::size_t j) const {
    if (!attention_.empty()) return std::log(attention_(i, j));
    const std::span<const float> query = queries_.empty() ? keys_.row(i) : queries_.row(i);
    const std::span<const float> key = keys_.row(j);
    double sum = 0.0;
    for (std::size_t c = 0; c < key.size(); ++c)
        sum += static_cast<double>(query[c]) * static_cast<double>(key[c]);
    return static_cast<float>(scale_ * sum);
}

Matrix<float> Target::queries(std::span<const std::uint32_t> rows) const {
    Matrix<float> out = gather_rows((queries_.empty() ? keys_ : queries_).view(), rows);
    const auto scale = static_cast<float>(scale_);
    for (std::size_t i = 0; i < out.size(); ++i) out.data()[i] *= scale;
    return out;
}

void Target::hide(Range columns, MatrixView<float> scores) const {
    for (std::size_t m = masked_before(masked_, columns.begin);
         m < masked_.size() && masked_[m] < columns.end; ++m)
        for (std::size_t r = 0; r < scores.rows; ++r)
            scores(r, masked_[m] - columns.begin) = kNothing;
}

void Target::scores(MatrixView<const float> queries, Range columns, MatrixView<float> out) const {
    parallel_blocks(columns.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        const MatrixView<float> piece(out.data + begin, out.rows, end - begin, out.stride);
        multiply_transposed(queries, keys_.view().block(columns.begin + begin, columns.begin + end),
                            piece);
    });
}

void Target::rows(std::span<const std::uint32_t> rows, MatrixView<float> out) const {
    check_rows(rows, size());
    check_shape(out, rows.size(), size());
    if (!attention_.empty()) {
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const std::span<const float> row = attention_.row(rows[r]);
            std::copy(row.begin(), row.end(), out.row(r).begin());
        }
        return;
    }
    const Matrix<float> asking = queries(rows);
    scores(asking.view(), {0, size()}, out);
    hide({0, size()}, out);
    softmax_rows(out, [&](std::size_t r) { return seen(rows[r]); });
}

void Target::sampled_rows(std::span<const std::uint32_t> rows,
                          std::span<const std::uint32_t> columns,
                          std::span<const float> log_column_weight, MatrixView<float> out) const {
    check_rows(rows, size());
    check_rows(columns, size());
    check_shape(out, rows.size(), columns.size());
    if (!log_column_weight.empty() && log_column_weight.size() != columns.size())
        fault("{} column weights for {} columns", log_column_weight.size(), columns.size());
    if (attention_.empty()) {
        const Matrix<float> asking = queries(rows);
        const Matrix<float> keys = gather_rows(keys_.view(), columns);
        parallel_blocks(columns.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            const MatrixView<float> piece(out.data + begin, out.rows, end - begin, out.stride);
            multiply_transposed(asking.view(), keys.view().block(begin, end), piece);
        });
    } else {
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t c = 0; c < columns.size(); ++c)
                out(r, c) = std::log(attention_(rows[r], columns[c]));
    }
    if (!log_column_weight.empty())
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t c = 0; c < columns.size(); ++c) out(r, c) += log_column_weight[c];
    for (std::size_t c = 0; c < columns.size() && !masked_.empty(); ++c)
        if (is_masked(masked_, columns[c]))
            for (std::size_t r = 0; r < rows.size(); ++r) out(r, c) = kNothing;
    softmax_rows(out, [&](std::size_t r) {
        return static_cast<std::size_t>(
            std::lower_bound(columns.begin(), columns.end(), seen(rows[r])) - columns.begin());
    });
}

bool Target::totals_on_card(Backend& backend, std::span<const std::uint32_t> rows,
                            const Matrix<float>& queries, std::span<double> out,
                            const Work& work) const {
    if (!backend.has(RowPass::totals)) return false;
    std::vector<std::size_t> visible;  // columns that each row sees of those that are not masked
    for (const std::uint32_t row : rows)
        visible.push_back(seen(row) - masked_before(masked_, seen(row)));
    Matrix<float> kept;
    if (!masked_.empty()) kept = gather_rows(keys_.view(), visible_tokens(masked_, size()));
    const MatrixView<const float> keys =
        masked_.empty() ? keys_.view() : std::as_const(kept).view();
    return backend.score_totals({queries.view(), keys, visible}, out, work);
}

std::vector<double> Target::log_normalisers(std::span<const std::uint32_t> rows, const Work& work,
                                            Backend* backend) const {
    check_rows(rows, size());
    std::vector<double> total(rows.size(), 0.0);
    if (!attention_.empty()) return total;
    const Matrix<float> asking = queries(rows);
    if (backend != nullptr && totals_on_card(*backend, rows, asking, total, work)) return total;
    std::fill(total.begin(), total.end(), 0.0);
    const std::size_t m = rows.size();
    const std::size_t n = size();
    const std::size_t chunks = (n + kChunkRows - 1) / kChunkRows;
    Matrix<float> most(chunks, m);
    Matrix<double> sums(chunks, m);
    const auto find = [&](std::size_t chunk) {
        work.check();
        const Range columns{chunk * kChunkRows, std::min(n, (chunk + 1) * kChunkRows)};
        Matrix<float> piece(m, columns.size());
        multiply_transposed(asking.view(), keys_.view().block(columns.begin, columns.end),
                            piece.view());
        hide(columns, piece.view());
        for (std::size_t r = 0; r < m; ++r) {
            const std::size_t end = std::min(columns.end, seen(rows[r]));
            const std::span<float> part =
                piece.row(r).first(end > columns.begin ? end - columns.begin : 0);
            most(chunk, r) = part.empty() ? kNothing : *std::max_element(part.begin(), part.end());
            if (most(chunk, r) > kNothing) sums(chunk, r) = exp_shifted(part, most(chunk, r));
        }
    };
    for (std::size_t first = 0; first < chunks; first += kChunksAtOnce) {
        work.report("reading the target", static_cast<double>(first) / static_cast<double>(chunks));
        parallel_for(std::min(kChunksAtOnce, chunks - first),
                     [&](std::size_t chunk) { find(first + chunk); });
    }
    for (std::size_t r = 0; r < m; ++r) {
        float top = most(0, r);
        for (std::size_t c = 1; c < chunks; ++c) top = std::max(top, most(c, r));
        for (std::size_t c = 0; c < chunks; ++c)
            if (most(c, r) > kNothing)
                total[r] += sums(c, r) *
                            std::exp(static_cast<double>(most(c, r)) - static_cast<double>(top));
        total[r] = std::log(total[r]) + static_cast<double>(top);
    }
    return total;
}

void Target::block(std::span<const std::uint32_t> rows, std::span<const double> log_normalisers,
                   Range columns, MatrixView<float> out) const {
    check_rows(rows, size());
    check_shape(out, rows.size(), columns.size());
    if (!attention_.empty()) {
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const std::span<const float> row = attention_.row(rows[r]);
            std::copy(row.begin() + static_cast<std::ptrdiff_t>(columns.begin),
                      row.begin() + static_cast<std::ptrdiff_t>(columns.end), out.row(r).begin());
        }
        return;
    }
    const Matrix<float> asking = queries(rows);
    scores(asking.view(), columns, out);
    hide(columns, out);
    parallel_for(rows.size(), [&](std::size_t r) {
        const std::span<float> row = out.row(r);
        std::size_t end = std::clamp(seen(rows[r]), columns.begin, columns.end);
        if (std::isinf(log_normalisers[r])) end = columns.begin;  // it sees no key
        exp_shifted(row.first(end - columns.begin), static_cast<float>(log_normalisers[r]));
        std::fill(row.begin() + static_cast<std::ptrdiff_t>(end - columns.begin), row.end(), 0.0F);
    });
}

std::shared_ptr<const Target> make_target(const Dataset& dataset, const Coordinates& coordinates,
                                          const TargetSettings& settings, bool causal) {
    if (settings.source == TargetSource::none) return nullptr;
    if (settings.source == TargetSource::file)
        fault("the target file '{}' has to be read before a target is made of it", settings.path);
    if (!coordinates.base)
        fail("There are no coordinates of '{}' yet to make a target from.", dataset.source);
    if (coordinates.queries) {  // scaled already so that q . k is the logit with the default scale
        const double length = std::sqrt(static_cast<double>(coordinates.dimension()));
        return std::make_shared<const Target>(*coordinates.queries, *coordinates.base,
                                              settings.scale ? *settings.scale * length : 1.0,
                                              causal, coordinates.masked);
    }
    Matrix<float> y = *coordinates.base;
    const std::size_t n = y.rows();
    const std::size_t d = y.cols();
    if (coordinates.recipe) {
        for (std::size_t i = 0; i < n; ++i) {
            double square = 0.0;
            for (const float value : y.row(i))
                square += static_cast<double>(value) * static_cast<double>(value);
            if (square <= 0.0) continue;
            const double scale = std::sqrt(static_cast<double>(d) / square);
            for (float& value : y.row(i))
                value = static_cast<float>(static_cast<double>(value) * scale);
        }
    } else {
        const std::vector<double> sum =
            parallel_sum(n, d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
                for (std::size_t i = begin; i < end; ++i)
                    for (std::size_t c = 0; c < d; ++c) out[c] += static_cast<double>(y(i, c));
            });
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t c = 0; c < d; ++c)
                y(i, c) = static_cast<float>(static_cast<double>(y(i, c)) -
                                             sum[c] / static_cast<double>(n));
    }
    const double scale =
        settings.scale.value_or(1.0 / std::sqrt(static_cast<double>(std::max<std::size_t>(d, 1))));
    return std::make_shared<const Target>(std::move(y), scale, causal, coordinates.masked);
}

}  // namespace hsa
