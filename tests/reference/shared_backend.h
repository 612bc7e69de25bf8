#pragma once

#include "tests/reference/plain_backend.h"

#include <memory>
#include <utility>

namespace reference {

// Another backend's operations, so that many tests use one that is long in the making.
class SharedBackend : public PlainBackend {
  public:
    using PlainBackend::PlainBackend;
    [[nodiscard]] bool has(hsa::RowPass pass) const override { return inner_->has(pass); }

  private:
    void do_tile_exponentials(const hsa::BoundSplats& splats, hsa::MatrixView<const float> x,
                              std::span<const float> log_row_weight, hsa::MatrixView<float> out,
                              hsa::MatrixView<float> most, hsa::MatrixView<double> sums) override {
        inner_->tile_exponentials(splats, x, log_row_weight, out, most, sums);
    }
    std::vector<double> do_log_mass(const hsa::BoundSplats& splats, hsa::MatrixView<const float> x,
                                    std::span<const float> log_row_weight,
                                    const hsa::Work& work) override {
        return inner_->log_mass(splats, x, log_row_weight, work);
    }
    hsa::KeySums do_key_sums(const hsa::BoundSplats& splats, hsa::MatrixView<const float> x,
                             std::span<const float> log_row_weight,
                             hsa::MatrixView<const float> values, const hsa::Work& work) override {
        return inner_->key_sums(splats, x, log_row_weight, values, work);
    }
    std::vector<std::uint32_t> do_outputs(std::span<const hsa::QueryColumns> parts,
                                          hsa::MatrixView<float> out,
                                          const hsa::Work& work) override {
        return inner_->outputs(parts, out, work);
    }

    void do_best_splats(std::span<const hsa::ScoredColumns> parts, std::span<const float> shift,
                        const hsa::BestColumns& out, const hsa::Work& work) override {
        inner_->best_splats(parts, shift, out, work);
    }
    void do_cells(hsa::MatrixView<const float> p, hsa::MatrixView<const float> k,
                  hsa::MatrixView<float> out, const hsa::Work& work) override {
        inner_->cells(p, k, out, work);
    }
    bool do_rectangle_means(const hsa::RangesOfRows& p, const hsa::RangesOfRows& k,
                            std::span<const std::uint32_t> chosen, hsa::MatrixView<float> out,
                            const hsa::Work& work) override {
        return inner_->rectangle_means(p, k, chosen, out, work);
    }
    bool do_compare_rows(const hsa::ComparedRows& rows, const hsa::RowComparison& out,
                         const hsa::Work& work) override {
        return inner_->compare_rows(rows, out, work);
    }
    bool do_moments(hsa::MatrixView<const float> weight, hsa::MatrixView<const float> beside,
                    hsa::MatrixView<double> out, const hsa::Work& work) override {
        return inner_->moments(weight, beside, out, work);
    }
    bool do_past_outputs(const hsa::PastRows& rows, hsa::MatrixView<float> out,
                         const hsa::Work& work) override {
        return inner_->past_outputs(rows, out, work);
    }
    bool do_score_totals(const hsa::ScoredRows& rows, std::span<double> out,
                         const hsa::Work& work) override {
        return inner_->score_totals(rows, out, work);
    }
    bool do_slopes(const hsa::SlopeRows& rows, const hsa::SlopeSums& out,
                   const hsa::Work& work) override {
        return inner_->slopes(rows, out, work);
    }
};

}  // namespace reference
