#include "engine/attention/causal.h"

#include "engine/attention/columns.h"
#include "engine/attention/far_rows.h"
#include "engine/attention/row_lanes.h"
#include "engine/attention/streaming.h"
#include "engine/compute/formulas.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr std::size_t kRowsAtOnce = kChunkRows;

// Both sides of the log kernels of a run of tokens.
struct Sides {
    Matrix<float> key;  // [m, k]
    Matrix<float> far;  // [m, k] the query side where it differs, else empty
    [[nodiscard]] MatrixView<const float> query() const {
        return far.empty() ? key.view() : far.view();
    }
};

class TokenKernels {
  public:
    TokenKernels(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                 const CausalOptions& options)
        : backend_(backend),
          registry_(registry),
          coordinates_(coordinates),
          temperature_(options.temperature),
          log_weight_(column_log_weights(registry, options.mask)),
          levels_(bind_levels(backend, registry, options.temperature)) {
        check_shapes(registry, coordinates);
        require_form_token(registry, "Causal attention");
        if (!options.masked.empty() && options.masked.size() != coordinates.size())
            fault("a mask of {} tokens for {}", options.masked.size(), coordinates.size());
        masked_ = mask_flags(coordinates.masked, coordinates.size());
        if (masked_.empty()) masked_.assign(options.masked.begin(), options.masked.end());
        for (std::size_t j = 0; j < options.masked.size(); ++j)
            masked_[j] = masked_[j] != 0 || options.masked[j] != 0 ? 1 : 0;
    }

    // Of tokens [begin, end); empty where none is.
    [[nodiscard]] std::span<const std::uint8_t> masked(std::size_t begin, std::size_t end) const {
        const std::span<const std::uint8_t> all = masked_;
        return all.empty() ? all : all.subspan(begin, end - begin);
    }

    [[nodiscard]] const std::vector<double>& log_weight() const { return log_weight_; }
    [[nodiscard]] bool background() const { return registry_.background_log_weight.has_value(); }
    [[nodiscard]] std::size_t columns() const { return log_weight_.size(); }

    [[nodiscard]] Matrix<float> keys(std::size_t begin, std::size_t end) const {
        auto ell = Matrix<float>::unwritten(end - begin, registry_.size());
        log_kernel_of_range(backend_, levels_, coordinates_, begin, end, ell.view());
        return ell;
    }

    [[nodiscard]] Sides sides(std::size_t begin, std::size_t end) {
        Sides both;
        both.key = keys(begin, end);
        if (background()) return both;  // it decides where every ell is clamped
        for (std::size_t r = 0; r < both.key.rows(); ++r)
            if (all_clamped(both.key.row(r))) {
                if (both.far.empty()) both.far = both.key;
                write_exact(begin + r, both.far.row(r));
            }
        return both;
    }

  private:
    [[nodiscard]] bool all_clamped(std::span<const float> ell) const {
        for (std::size_t s = 0; s < ell.size(); ++s)
            if (log_weight_[s] > kNothing && ell[s] > kLeastLogKernel) return false;
        return true;
    }

    // Differences in float64 decide there (rulings.md "At bind"), relative to the nearest splat:
    // what all ell of a row have in common cancels in P.
    void write_exact(std::size_t token, std::span<float> row) {
        if (whitening_.empty())
            for (std::size_t s = 0; s < registry_.size(); ++s)
                whitening_.emplace_back(registry_.gaussians.covariance(s));
        const std::vector<double> ell =
            exact_log_kernel(registry_, whitening_, coordinates_, token, temperature_);
        double largest = kNothing;
        for (std::size_t s = 0; s < ell.size(); ++s)
            if (log_weight_[s] > kNothing) largest = std::max(largest, ell[s]);
        for (std::size_t s = 0; s < ell.size(); ++s) row[s] = held_log_kernel(ell[s] - largest);
    }

    Backend& backend_;
    const SplatRegistry& registry_;
    const Coordinates& coordinates_;
    double temperature_;
    std::vector<double> log_weight_;  // [c]
    std::vector<LevelKernel> levels_;
    std::vector<Whitening> whitening_;  // [k] once it is needed
    std::vector<std::uint8_t> masked_;  // [n] or empty
};

// What a row of A is made of: A_ij = sum_s weight_s exp(ell_s(j) - reference_s), weight = P / mass.
struct RowState {
    Matrix<float> weight;     // [rows, c]
    Matrix<float> reference;  // [rows, c]
};

// Runs the stream up to the last of `rows`.
RowState states_of_rows(TokenKernels& kernels, std::span<const std::uint32_t> rows,
                        const Work& work) {
    RowState found{Matrix<float>(rows.size(), kernels.columns()),
                   Matrix<float>(rows.size(), kernels.columns())};
    Matrix<double> mass(1, kernels.columns());
    CausalState state(kernels.log_weight(), kernels.background(), 0);
    const std::size_t end = rows.empty() ? 0 : rows.back() + std::size_t{1};
    std::size_t next = 0;
    for (std::size_t begin = 0; begin < end; begin += kRowsAtOnce) {
        work.check();
        const std::size_t last = std::min(end, begin + kRowsAtOnce);
        const Sides sides = kernels.sides(begin, last);
        const auto push = [&](std::size_t from, std::size_t to, const StreamRows& out) {
            if (from == to) return;
            state.push(sides.query().block(from - begin, to - begin),
                       sides.key.view().block(from - begin, to - begin), {nullptr, to - from, 0},
                       kernels.masked(from, to), out);
        };
        std::size_t from = begin;
        for (; next < rows.size() && rows[next] < last; ++next) {
            push(from, rows[next], {});
            from = rows[next] + std::size_t{1};
            const std::span<float> weight = found.weight.row(next);
            push(rows[next], from,
                 {{},
                  found.weight.view().block(next, next + 1),
                  found.reference.view().block(next, next + 1),
                  mass.view()});
            for (std::size_t s = 0; s < weight.size(); ++s)
                weight[s] = mass(0, s) > 0.0
                                ? static_cast<float>(static_cast<double>(weight[s]) / mass(0, s))
                                : 0.0F;
            for (float& by : found.reference.row(next))
                if (std::isinf(by)) by = 0.0F;  // no key yet, no weight
        }
        push(from, last, {});
    }
    return found;
}

}  // namespace

CausalOutputs causal_attend(Backend& backend, const SplatRegistry& registry,
                            const Coordinates& coordinates, MatrixView<const float> values,
                            const CausalOptions& options, const Work& work) {
    TokenKernels kernels(backend, registry, coordinates, options);
    const std::size_t n = coordinates.size();
    if (values.rows != n) fault("{} rows of values for {} tokens", values.rows, n);
    CausalOutputs result;
    result.outputs = Matrix<float>::unwritten(n, values.cols);
    CausalState state(kernels.log_weight(), kernels.background(), values.cols);
    for (std::size_t begin = 0; begin < n; begin += kRowsAtOnce) {
        work.check();
        const std::size_t end = std::min(n, begin + kRowsAtOnce);
        const Sides sides = kernels.sides(begin, end);
        result.empty += state.push(sides.query(), sides.key.view(), values.block(begin, end),
                                   kernels.masked(begin, end),
                                   {result.outputs.view().block(begin, end), {}, {}, {}});
        work.report("causal attention", static_cast<double>(end) / static_cast<double>(n));
    }
    return result;
}

Matrix<float> causal_p(Backend& backend, const SplatRegistry& registry,
                       const Coordinates& coordinates, const CausalOptions& options,
                       const Work& work) {
    TokenKernels kernels(backend, registry, coordinates, options);
    const std::size_t n = coordinates.size();
    auto p = Matrix<float>::unwritten(n, kernels.columns());
    CausalState state(kernels.log_weight(), kernels.background(), 0);
    for (std::size_t begin = 0; begin < n; begin += kRowsAtOnce) {
        work.check();
        const std::size_t end = std::min(n, begin + kRowsAtOnce);
        const Sides sides = kernels.sides(begin, end);
        state.push(sides.query(), sides.key.view(), {nullptr, end - begin, 0},
                   kernels.masked(begin, end), {{}, p.view().block(begin, end), {}, {}});
    }
    return p;
}

void causal_rows(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                 std::span<const std::uint32_t> rows, const CausalOptions& options,
                 MatrixView<float> out, const Work& work) {
    TokenKernels kernels(backend, registry, coordinates, options);
    const std::size_t n = coordinates.size();
    for (std::size_t r = 0; r < rows.size(); ++r)
        if (rows[r] >= n || (r > 0 && rows[r] <= rows[r - 1]))
            fault("row {} of {} tokens was asked for out of order", rows[r], n);
    if (out.rows != rows.size() || out.cols != n)
        fault("{} x {} for {} rows of {} tokens", out.rows, out.cols, rows.size(), n);
    const RowState state = states_of_rows(kernels, rows, work);
    for (std::size_t r = 0; r < rows.size(); ++r)
        std::fill(out.row(r).begin(), out.row(r).end(), 0.0F);
    const std::size_t columns = kernels.columns();
    const std::size_t end = rows.empty() ? 0 : rows.back() + std::size_t{1};
    for (std::size_t begin = 0; begin < end; begin += kRowsAtOnce) {
        work.check();
        const std::size_t last = std::min(end, begin + kRowsAtOnce);
        const Matrix<float> keys = kernels.keys(begin, last);
        parallel_for(rows.size(), [&](std::size_t r) {
            if (rows[r] < begin) return;
            Matrix<float> e(kKernelTile, columns);
            const std::size_t past = std::min<std::size_t>(last, rows[r] + std::size_t{1});
            for (std::size_t first = begin; first < past; first += kKernelTile) {
                const std::size_t count = std::min(kKernelTile, past - first);
                for (std::size_t j = 0; j < count; ++j) {
                    const auto key = keys.row(first - begin + j);
                    std::fill(std::copy(key.begin(), key.end(), e.row(j).begin()), e.row(j).end(),
                              0.0F);
                    exp_shifted(e.row(j), state.reference.row(r));
                }
                row_products(state.weight.view().block(r, r + 1), e.view().block(0, count),
                             {&out(r, first), 1, count, out.stride});
            }
            const std::span<const std::uint8_t> masked = kernels.masked(begin, past);
            for (std::size_t j = 0; j < masked.size(); ++j)
                if (masked[j] != 0) out(r, begin + j) = 0.0F;
        });
    }
}

}  // namespace hsa
