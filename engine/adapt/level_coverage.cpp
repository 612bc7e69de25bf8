#include "engine/adapt/level_coverage.h"

#include "engine/adapt/coverage.h"
#include "engine/adapt/cycle_context.h"
#include "engine/adapt/gradient.h"
#include "engine/core/exponential.h"

#include <utility>

namespace hsa {
namespace {

constexpr std::uint64_t kSteps = 10;
constexpr std::size_t kStepRows = 256;

}  // namespace

Matrix<float> coverage_logits(Backend& backend, const LevelSplats& splats, double temperature,
                              MatrixView<const float> x) {
    const auto bound = bind(backend, splats, temperature);
    Matrix<float> logits(x.rows, splats.size());
    backend.log_kernel(*bound, x, logits.view());
    const auto total = static_cast<float>(log_sum_exp(splats.log_weight));
    for (std::size_t i = 0; i < logits.rows(); ++i)
        for (std::size_t s = 0; s < logits.cols(); ++s)
            logits(i, s) += splats.log_weight[s] - total;
    return logits;
}

LevelCoverage::LevelCoverage(Backend& backend, const AdaptInput& input, const RowSets& rows,
                             std::size_t level, std::int32_t cycle)
    : backend_(backend),
      input_(input),
      seed_(adapt_seed(input)),
      cycle_(cycle),
      free_(rows.free),
      x_(input.coordinates.levels[level]->view()) {
    tokens_ = pool_rows(rows, x_.rows, seed_, cycle);
    halves_ = halve(tokens_.size(), seed_, cycle, level);
    pool_ = gather_rows(x_, tokens_);
    probe_ = gather_rows(x_, rows.probe);
    scale_ = step_scale(pool_.view());
}

double LevelCoverage::probe_loss(const LevelSplats& splats) const {
    return -mean(log_coverage(backend_, splats, input_.temperature, probe_.view()));
}

std::vector<double> LevelCoverage::pool_coverage(const LevelSplats& splats) const {
    return log_coverage(backend_, splats, input_.temperature, pool_.view());
}

std::vector<float> LevelCoverage::pool_kernel(const Splat& splat) const {
    const auto bound =
        bind(backend_, level_splats(std::span<const Splat>(&splat, 1)), input_.temperature);
    Matrix<float> kernel(pool_.rows(), 1);
    backend_.log_kernel(*bound, pool_.view(), kernel.view());
    return {kernel.data(), kernel.data() + kernel.size()};
}

Matrix<float> LevelCoverage::responsibilities(const LevelSplats& splats) const {
    Matrix<float> r = coverage_logits(backend_, splats, input_.temperature, pool_.view());
    for (std::size_t i = 0; i < r.rows(); ++i) softmax(r.row(i));
    return r;
}

std::vector<double> LevelCoverage::usage(const LevelSplats& splats) const {
    const Matrix<float> r = responsibilities(splats);
    std::vector<double> usage(splats.size(), 0.0);
    for (std::size_t i = 0; i < r.rows(); ++i)
        for (std::size_t s = 0; s < usage.size(); ++s)
            usage[s] += static_cast<double>(r(i, s)) / static_cast<double>(r.rows());
    return usage;
}

LevelSplats LevelCoverage::step(LevelSplats splats, double rate,
                                std::map<SplatId, AdamMoments>& moments) const {
    const KernelSums kernel(splats.size(), splats.centre.cols(), splats.spherical());
    for (std::uint64_t step = 0; step < kSteps; ++step) {
        const std::vector<std::uint32_t> rows =
            stratified(free_, kStepRows, seed_, cycle_, Purpose::adjust, step);
        const Matrix<float> x = gather_rows(x_, rows);
        Matrix<float> g = coverage_logits(backend_, splats, input_.temperature, x.view());
        const float each = -1.0F / static_cast<float>(rows.size());
        for (std::size_t i = 0; i < g.rows(); ++i) {
            softmax(g.row(i));
            for (float& value : g.row(i)) value *= each;
        }
        std::vector<double> sums(kernel.width(), 0.0);
        kernel.add(g.view(), x.view(), sums);
        LevelGradient gradient;
        gradient.log_weight.assign(splats.size(), 0.0);
        kernel.to_parameters(sums, columns_of(splats, input_.temperature), gradient);
        gradient.log_precision =
            Matrix<double>(gradient.log_precision.rows(), gradient.log_precision.cols());
        adam_step(gradient, rate, scale_, moments, splats);
    }
    return splats;
}

}  // namespace hsa
