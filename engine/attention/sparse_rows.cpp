#include "engine/attention/sparse_rows.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace hsa {
namespace {

// One side of sparse factors: [n, c] of which m columns a row are held, the background apart.
class SparseRows final : public PackedRows {
  public:
    SparseRows(std::shared_ptr<const SparseFactors> sparse, bool keys, std::vector<float> scale)
        : sparse_(std::move(sparse)),
          values_(keys ? sparse_->k : sparse_->p),
          column_(keys ? *sparse_->k_column : *sparse_->p_column),
          rest_(keys ? sparse_->rest_k : sparse_->rest),
          scale_(std::move(scale)),
          keys_(keys) {}

    [[nodiscard]] std::size_t rows() const override { return values_.rows(); }
    [[nodiscard]] std::size_t cols() const override { return sparse_->columns(); }
    [[nodiscard]] float at(std::size_t row, std::size_t col) const override {
        if (sparse_->has_background() && col + 1 == cols()) return rest_[row];
        const auto own = column_.row(row);
        const auto place = std::lower_bound(own.begin(), own.end(), col);
        if (place == own.end() || *place != col) return 0.0F;
        return values_(row, static_cast<std::size_t>(place - own.begin())) * scale_[col];
    }
    void read(std::size_t row, std::span<float> out) const override {
        std::fill(out.begin(), out.end(), 0.0F);
        const auto own = column_.row(row);
        for (std::size_t b = 0; b < own.size(); ++b) out[own[b]] = values_(row, b) * scale_[own[b]];
        if (sparse_->has_background()) out.back() = rest_[row];
    }
    // The lists of both sides count with the keys.
    [[nodiscard]] std::size_t bytes() const override {
        const std::size_t rows = (values_.size() + rest_.size()) * sizeof(float);
        return keys_ ? sparse_->bytes() - (values_.size() + rest_.size()) * sizeof(float) : rows;
    }
    [[nodiscard]] const char* name() const override { return "sparse"; }

  private:
    std::shared_ptr<const SparseFactors> sparse_;
    const Matrix<float>& values_;          // [n, m]
    const Matrix<std::uint32_t>& column_;  // [n, m], rising along a row
    const std::vector<float>& rest_;       // [n] of the background
    std::vector<float> scale_;             // [c]
    bool keys_;
};

}  // namespace

Factors factors_of(const std::shared_ptr<const SparseFactors>& sparse) {
    const SparseFactors& from = *sparse;
    const bool background = from.has_background();
    if (!background &&
        std::any_of(from.rest.begin(), from.rest.end(), [](float rest) { return rest > 0.0F; }))
        fail(
            "attention.mode: some token keeps splats that no key keeps, and there is no background "
            "to take its attention: raise attention.splats_per_token, or set splats.background "
            "true.");
    Factors factors;
    factors.ids = from.ids;
    factors.level = from.level;
    factors.log_weight = from.log_weight;
    factors.log_mass = from.log_mass;
    factors.masked = from.masked;
    factors.log_normaliser = from.log_normaliser;
    factors.row_bound = static_cast<double>(from.largest_bound());
    factors.mark = from.estimated ? Mark::approximate : Mark::exact;
    std::vector<float> of_rows(from.columns(), 1.0F);
    std::vector<float> of_keys(from.columns(), 1.0F);
    // Without a background columns of K sum to 1 as they are.
    for (std::size_t s = 0; background && s + 1 < from.columns(); ++s) {
        of_rows[s] = static_cast<float>(from.kept_keys[s]);
        of_keys[s] = from.kept_keys[s] > 0.0 ? static_cast<float>(1.0 / from.kept_keys[s]) : 0.0F;
    }
    factors.p = FactorMatrix(std::make_shared<SparseRows>(sparse, false, std::move(of_rows)));
    factors.k = FactorMatrix(std::make_shared<SparseRows>(sparse, true, std::move(of_keys)));
    return factors;
}

std::string sparse_sentence(const SparseFactors& sparse) {
    const std::size_t n = sparse.tokens();
    const double kept =
        parallel_sum(n, 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i) out[0] += static_cast<double>(sparse.kept[i]);
        })[0];
    std::string sentence = fmt::format(
        "{} splats a token keep {:.2f} % of the mass: a row is off by {:.2g} at most (L1)",
        sparse.p.cols(), 100.0 * kept / static_cast<double>(std::max<std::size_t>(n, 1)),
        static_cast<double>(sparse.largest_bound()));
    if (sparse.estimated)
        sentence += fmt::format(
            ", estimated; chosen through cells, which find {:.1f} % of the mass of the best 4",
            100.0 * sparse.recall);
    if (!sparse.note.empty()) sentence += "; " + sparse.note;
    return sentence;
}

}  // namespace hsa
