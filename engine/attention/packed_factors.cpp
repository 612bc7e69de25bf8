#include "engine/attention/packed_factors.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/stratified.h"

#include <Eigen/Core>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kErrorRows = 64;  // of A, over so many columns
constexpr std::size_t kErrorColumns = 4096;
constexpr double kDepth = 24.0;  // logarithms below the largest that 8 bits reach
constexpr double kSteps = 255.0;

// Codes of numbers in [0, 1] and what they stand for.
struct HalfCode {
    using Type = std::uint16_t;
    static constexpr std::size_t kCodes = 0x3c01;  // up to that of 1
    static constexpr const char* kName = "float16";
    static Type of(float x) { return Eigen::half_impl::float_to_half_rtne(x).x; }
    static float value(std::size_t code) {
        return Eigen::half_impl::half_to_float(
            Eigen::half_impl::raw_uint16_to_half(static_cast<Type>(code)));
    }
};
struct LogCode {
    using Type = std::uint8_t;
    static constexpr std::size_t kCodes = 256;
    static constexpr const char* kName = "8bit";
    static Type of(float x) {
        const double depth =
            x > 0.0F ? std::max(std::log(static_cast<double>(x)), -kDepth) : -kDepth;
        return static_cast<Type>(std::lround(kSteps * (1.0 + depth / kDepth)));
    }
    static float value(std::size_t code) {
        return static_cast<float>(std::exp(kDepth * (static_cast<double>(code) / kSteps - 1.0)));
    }
};

// x = value[code] row_scale column_scale.
template <class Code>
class ScaledRows final : public PackedRows {
  public:
    ScaledRows(std::size_t rows, std::size_t cols)
        : codes_(Matrix<typename Code::Type>::unwritten(rows, cols)),
          row_scale_(rows, 1.0F),
          column_scale_(cols, 1.0F) {
        for (std::size_t code = 0; code < Code::kCodes; ++code) value_[code] = Code::value(code);
    }

    [[nodiscard]] std::size_t rows() const override { return codes_.rows(); }
    [[nodiscard]] std::size_t cols() const override { return codes_.cols(); }
    [[nodiscard]] float at(std::size_t row, std::size_t col) const override {
        return value_[codes_(row, col)] * row_scale_[row] * column_scale_[col];
    }
    void read(std::size_t row, std::span<float> out) const override {
        const auto* code = codes_.row(row).data();
        const float scale = row_scale_[row];
        for (std::size_t s = 0; s < out.size(); ++s)
            out[s] = value_[code[s]] * scale * column_scale_[s];
    }
    [[nodiscard]] std::size_t bytes() const override {
        return codes_.size() * sizeof(typename Code::Type) +
               (row_scale_.size() + column_scale_.size()) * sizeof(float);
    }
    [[nodiscard]] const char* name() const override { return Code::kName; }

    // What the code of x stands for.
    float write(std::size_t row, std::size_t col, float x) {
        return value_[codes_(row, col) = Code::of(std::clamp(x, 0.0F, 1.0F))];
    }
    std::vector<float>& row_scale() { return row_scale_; }
    std::vector<float>& column_scale() { return column_scale_; }

  private:
    Matrix<typename Code::Type> codes_;
    std::vector<float> row_scale_;     // [n]
    std::vector<float> column_scale_;  // [c]
    std::array<float, Code::kCodes> value_{};
};

// Rows of P: each over its largest, and of the sum that it had.
template <class Code>
void pack_shares(const FactorMatrix& block, std::size_t first, ScaledRows<Code>& out) {
    parallel_blocks(block.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const FactorRow row = block.row(i);
            const float most = *std::max_element(row.begin(), row.end());
            double sum = 0.0;
            double decoded = 0.0;
            for (std::size_t s = 0; s < row.size(); ++s) {
                sum += static_cast<double>(row[s]);
                decoded += static_cast<double>(
                    out.write(first + i, s, most > 0.0F ? row[s] / most : 0.0F) *
                    out.column_scale()[s]);
            }
            out.row_scale()[first + i] =
                most > 0.0F && decoded > 0.0 ? static_cast<float>(sum / decoded) : 0.0F;
        }
    });
}

// Columns of K: each over its largest number of all tokens; what they decode to is added to `sums`.
template <class Code>
void pack_keys(const FactorMatrix& block, std::size_t first, std::span<const float> most,
               ScaledRows<Code>& out, std::vector<double>& sums) {
    const std::vector<double> decoded = parallel_sum(
        block.rows(), block.cols(), [&](std::size_t begin, std::size_t end, std::span<double> sum) {
            for (std::size_t j = begin; j < end; ++j) {
                const FactorRow row = block.row(j);
                const bool none =
                    std::all_of(row.begin(), row.end(), [](float k) { return k == 0.0F; });
                if (none) out.row_scale()[first + j] = 0.0F;
                for (std::size_t s = 0; s < row.size(); ++s) {
                    const float value =
                        out.write(first + j, s, most[s] > 0.0F ? row[s] / most[s] : 0.0F);
                    if (!none) sum[s] += static_cast<double>(value);
                }
            }
        });
    for (std::size_t s = 0; s < sums.size(); ++s) sums[s] += decoded[s];
}

void keep_rows(const FactorMatrix& block, std::size_t first,
               const std::vector<std::uint32_t>& tokens, Matrix<float>& kept) {
    auto place = std::lower_bound(tokens.begin(), tokens.end(), first);
    for (; place != tokens.end() && *place < first + block.rows(); ++place) {
        const FactorRow row = block.row(*place - first);
        std::copy(row.begin(), row.end(),
                  kept.row(static_cast<std::size_t>(place - tokens.begin())).begin());
    }
}

double cell(std::span<const float> p, std::span<const float> k) {
    double sum = 0.0;
    for (std::size_t s = 0; s < p.size(); ++s)
        sum += static_cast<double>(p[s]) * static_cast<double>(k[s]);
    return sum;
}

// P of `rows` and K of `columns` as they were, against what is kept of them.
PackingError error_of(const Factors& packed, const std::vector<std::uint32_t>& rows,
                      const Matrix<float>& p, const std::vector<std::uint32_t>& columns,
                      const Matrix<float>& k) {
    PackingError error;
    error.rows = rows.size();
    if (rows.empty()) return error;
    const double each = static_cast<double>(packed.tokens()) / static_cast<double>(columns.size());
    std::vector<double> l1(rows.size(), 0.0);
    std::vector<double> kl(rows.size(), 0.0);
    parallel_for(rows.size(), [&](std::size_t r) {
        const FactorRow own = packed.p.row(rows[r]);
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const FactorRow key = packed.k.row(columns[c]);
            const double was = cell(p.row(r), k.row(c));
            const double is = cell(own, key);
            l1[r] += each * std::abs(was - is);
            // Summed with what both sum to, so that a sample of the columns is no less than 0.
            if (was > 0.0)
                kl[r] +=
                    each * (was * std::log(was / std::max(is, std::numeric_limits<double>::min())) -
                            was + is);
        }
    });
    for (std::size_t r = 0; r < rows.size(); ++r) {
        error.l1 += l1[r] / static_cast<double>(rows.size());
        error.most_l1 = std::max(error.most_l1, l1[r]);
        error.kl += kl[r] / static_cast<double>(rows.size());
    }
    return error;
}

template <class Code>
Factors pack(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
             const FactorOptions& options, const Work& work) {
    const std::size_t n = coordinates.size();
    const LogSums mass = key_masses(backend, registry, coordinates, options, work);
    const std::size_t columns = mass.most.size();
    auto p = std::make_shared<ScaledRows<Code>>(n, columns);
    auto k = std::make_shared<ScaledRows<Code>>(n, columns);
    std::vector<float> most(columns);  // of a column of K: exp(most - c_s)
    for (std::size_t s = 0; s < columns; ++s) most[s] = static_cast<float>(1.0 / mass.sum[s]);
    std::vector<double> sums(columns, 0.0);
    const std::vector<std::uint32_t> rows = stratified_rows(n, kErrorRows);
    const std::vector<std::uint32_t> keys = stratified_rows(n, kErrorColumns);
    Matrix<float> exact_p(rows.size(), columns);
    Matrix<float> exact_k(keys.size(), columns);
    Factors made;
    made.masked = coordinates.masked;
    made.log_normaliser.reserve(n);
    for_token_blocks(n, options, [&](std::size_t begin, std::size_t end) {
        Factors block = compute_factors_within(
            backend, registry, coordinates_of(coordinates, begin, end), mass, options, work);
        if (begin == 0) {
            made.ids = block.ids;
            made.level = block.level;
            made.log_weight = block.log_weight;
            made.log_mass = block.log_mass;
            for (std::size_t s = 0; s < columns; ++s)
                if (!std::isfinite(block.log_weight[s])) p->column_scale()[s] = 0.0F;
        }
        made.row_bound = std::max(made.row_bound, block.row_bound);
        made.log_normaliser.insert(made.log_normaliser.end(), block.log_normaliser.begin(),
                                   block.log_normaliser.end());
        keep_rows(block.p, begin, rows, exact_p);
        keep_rows(block.k, begin, keys, exact_k);
        pack_shares(block.p, begin, *p);
        pack_keys(block.k, begin, most, *k, sums);
        work.report("factors", static_cast<double>(end) / static_cast<double>(n));
    });
    for (std::size_t s = 0; s < columns; ++s)
        k->column_scale()[s] = sums[s] > 0.0 ? static_cast<float>(1.0 / sums[s]) : 0.0F;
    made.p = FactorMatrix(std::move(p));
    made.k = FactorMatrix(std::move(k));
    made.packing = error_of(made, rows, exact_p, keys, exact_k);
    made.mark = Mark::approximate;
    return made;
}

}  // namespace

Factors compute_packed_factors(Backend& backend, const SplatRegistry& registry,
                               const Coordinates& coordinates, const FactorOptions& options,
                               const Work& work) {
    const bool half = options.storage == Storage::float16;
    if (options.causal)
        fail(
            "compute.storage {}: causal attention weighs every splat by sums over the past, which "
            "few bits would spoil: set compute.storage float32.",
            half ? HalfCode::kName : LogCode::kName);
    return half ? pack<HalfCode>(backend, registry, coordinates, options, work)
                : pack<LogCode>(backend, registry, coordinates, options, work);
}

PackingError row_error(const Factors& was, const Factors& is) {
    if (was.ids != is.ids || was.tokens() != is.tokens())
        fault("row errors of factors of other tokens or splats");
    const std::vector<std::uint32_t> rows = stratified_rows(was.tokens(), kErrorRows);
    const std::vector<std::uint32_t> keys = stratified_rows(was.tokens(), kErrorColumns);
    Matrix<float> p(rows.size(), was.columns());
    Matrix<float> k(keys.size(), was.columns());
    keep_rows(was.p, 0, rows, p);
    keep_rows(was.k, 0, keys, k);
    return error_of(is, rows, p, keys, k);
}

std::string packing_sentence(const Factors& factors) {
    const PackingError& error = *factors.packing;
    return fmt::format(
        "P and K are kept as {}: a row of A is off by {:.2g} (L1; at most {:.2g}), its KL {:.2g}, "
        "on {} rows",
        factors.p.storage(), error.l1, error.most_l1, error.kl, error.rows);
}

}  // namespace hsa
