#include "engine/attention/outputs.h"

#include "engine/attention/columns.h"
#include "engine/attention/far_rows.h"
#include "engine/compute/key_sums.h"
#include "engine/compute/level_kernels.h"
#include "engine/compute/twofold.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr std::size_t kFarRowsAtOnce = 8 * kChunkRows;

// What the keys of the background leave: ell^k is their factor alone.
KeySums background_sums(std::span<const float> key_factors, MatrixView<const float> values) {
    return sum_over_keys(
        values.rows, 1, values.cols,
        [&](std::size_t first, std::size_t last, std::span<KeySums> out) {
            parallel_blocks(last - first, kChunkRows, [&](std::size_t begin, std::size_t end) {
                Matrix<float> e(1, end - begin);
                if (!key_factors.empty())
                    std::copy_n(key_factors.begin() + static_cast<std::ptrdiff_t>(first + begin),
                                e.size(), e.data());
                KeySums& sums = out[begin / kChunkRows];
                sums.mass.most[0] = *std::max_element(e.data(), e.data() + e.size());
                sums.mass.sum[0] = exp_shifted(e.row(0), sums.mass.most[0]);
                std::fill(sums.values.row(0).begin(), sums.values.row(0).end(), 0.0);
                for (std::size_t j = 0; j < e.size(); ++j)
                    for (std::size_t c = 0; c < values.cols; ++c)
                        sums.values(0, c) += static_cast<double>(e(0, j)) *
                                             static_cast<double>(values(first + begin + j, c));
            });
        });
}

// One pass over the keys: what every column of P and K stands for.
class Columns {
  public:
    Columns(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
            MatrixView<const float> values, const OutputOptions& options, const Work& work)
        : backend_(backend),
          registry_(registry),
          coordinates_(coordinates),
          options_(options),
          work_(work),
          side_(has_two_sides(registry) ? Side::query : Side::key),
          log_weight_(column_log_weights(registry, options.mask)),
          log_mass_(log_weight_.size(), kNothing),
          means_(log_weight_.size(), values.cols) {
        const std::vector<float> key_factors = log_key_factors(registry, coordinates);
        for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
            LevelKernel level = bind_level(backend, registry, l, options.temperature);
            if (!is_heard(level)) continue;
            const auto& keys = rows_of_side(coordinates, l, Side::key);
            const KeySums sums =
                backend.key_sums(*level.bound, keys.view(), key_factors, values, work);
            keep(level.rows, sums);
            if (side_ == Side::query)
                level = bind_level(backend, registry, l, options.temperature, side_);
            levels_.push_back(std::move(level));
        }
        if (registry.background_log_weight)
            keep({registry.size()}, background_sums(key_factors, values));
    }

    // The second pass, over the queries.
    void write(MatrixView<float> out) const {
        if (twofold_of(backend_)) {  // shifts of the backend's own outputs are float32
            std::vector<std::uint32_t> all(out.rows);
            std::iota(all.begin(), all.end(), 0U);
            write_far(all, out);
            return;
        }
        double greatest = kNothing;
        for (std::size_t s = 0; s < log_weight_.size(); ++s)
            greatest = std::max(greatest, log_weight_[s] + log_mass_[s]);
        std::vector<std::vector<std::size_t>> rows;
        for (const LevelKernel& level : levels_) rows.push_back(level.rows);
        if (registry_.background_log_weight) rows.push_back({registry_.size()});
        std::vector<std::vector<float>> shifts;
        std::vector<Matrix<float>> means;
        for (const auto& some : rows) {
            shifts.emplace_back();
            means.emplace_back(some.size(), means_.cols());
            for (std::size_t s = 0; s < some.size(); ++s) {
                const double shift = log_weight_[some[s]] + log_mass_[some[s]] - greatest;
                shifts.back().push_back(static_cast<float>(shift));
                if (shift > kNothing)
                    std::copy_n(means_.row(some[s]).begin(), means_.cols(),
                                means.back().row(s).begin());
            }
        }
        std::vector<QueryColumns> parts(rows.size());
        for (std::size_t p = 0; p < parts.size(); ++p) {
            parts[p].shift = shifts[p];
            parts[p].means = std::as_const(means[p]).view();
            if (p == levels_.size()) continue;  // the background
            parts[p].splats = levels_[p].bound.get();
            parts[p].x = rows_of_side(coordinates_, levels_[p].level, side_).view();
        }
        write_far(backend_.outputs(parts, out, work_), out);
    }

  private:
    [[nodiscard]] bool is_heard(const LevelKernel& level) const {
        return std::any_of(level.rows.begin(), level.rows.end(),
                           [this](std::size_t row) { return log_weight_[row] > kNothing; });
    }

    void keep(const std::vector<std::size_t>& rows, const KeySums& sums) {
        const std::vector<double> logs = sums.mass.logs();
        const Matrix<float> means = sums.means();
        for (std::size_t s = 0; s < rows.size(); ++s) {
            log_mass_[rows[s]] = logs[s];
            std::copy_n(means.row(s).begin(), means.cols(), means_.row(rows[s]).begin());
        }
    }

    // Rows too far from every splat for float32: their P in the log domain, some at a time.
    void write_far(std::span<const std::uint32_t> tokens, MatrixView<float> out) const {
        for (std::size_t first = 0; first < tokens.size(); first += kFarRowsAtOnce) {
            const auto some =
                tokens.subspan(first, std::min(kFarRowsAtOnce, tokens.size() - first));
            Coordinates own = coordinates_of(coordinates_, some);
            if (side_ == Side::key) own.queries = nullptr;
            Factors factors;
            factors.ids = registry_.id;
            if (registry_.background_log_weight) factors.ids.push_back(kNoSplat);
            factors.log_weight = log_weight_;
            factors.log_mass = log_mass_;
            factors.log_normaliser.assign(some.size(), 0.0F);
            factors.p = Matrix<float>(some.size(), factors.ids.size());
            write_query_rows(backend_, registry_, levels_, own, options_.temperature, factors,
                             {work_.stop, {}});
            Matrix<float> rows(some.size(), out.cols);
            multiply(std::as_const(factors.p).values().view(), means_.view(), rows.view());
            for (std::size_t r = 0; r < some.size(); ++r)
                std::copy_n(rows.row(r).begin(), out.cols, out.row(some[r]).begin());
        }
    }

    Backend& backend_;
    const SplatRegistry& registry_;
    const Coordinates& coordinates_;
    const OutputOptions& options_;
    const Work& work_;
    Side side_;
    std::vector<double> log_weight_;   // [c]
    std::vector<double> log_mass_;     // [c], -infinity where it was not wanted
    Matrix<float> means_;              // [c, v] U_s over the mass
    std::vector<LevelKernel> levels_;  // that are heard, bound on the side that asks
};

}  // namespace

Matrix<float> compute_outputs(Backend& backend, const SplatRegistry& registry,
                              const Coordinates& coordinates, MatrixView<const float> values,
                              const OutputOptions& options, const Work& work) {
    check_shapes(registry, coordinates);
    const std::size_t n = coordinates.size();
    if (values.rows != n)
        fail("The values have {} rows and the data {} tokens: one row a token is needed.",
             values.rows, n);
    Matrix<float> out = Matrix<float>::unwritten(n, values.cols);
    work.report("outputs", 0.0);
    const Columns columns(backend, registry, coordinates, values, options, work);
    work.report("outputs", 0.5);
    if (!out.empty()) columns.write(out.view());
    work.report("outputs", 1.0);
    return out;
}

}  // namespace hsa
