#include "engine/fit/steps.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr double kWorstRatio = 100.0;
constexpr double kLeastVariance = 1e-20;
constexpr double kMostVariance = 1e20;

// Takes the parameters of one side of one splat.
void step_gaussian(const KernelSlopes& slopes, std::size_t s, double rate, const StepScale& scale,
                   std::size_t first, AdamSteps& steps, GaussianColumns& gaussians) {
    const std::size_t d = gaussians.centre.cols();
    const std::size_t axes = slopes.log_precision.cols();
    double average = 0.0;
    double widening = 0.0;
    for (std::size_t a = 0; a < d; ++a) {
        float& centre = gaussians.centre(s, a);
        centre = static_cast<float>(static_cast<double>(centre) -
                                    rate * scale.rms[a] * steps(first + a, slopes.centre(s, a)));
        // A lower precision is a larger variance.
        if (a < axes) widening = std::exp(rate * steps(first + d + a, slopes.log_precision(s, a)));
        const double variance = std::clamp(static_cast<double>(gaussians.variance(s, a)) * widening,
                                           kLeastVariance, kMostVariance);
        gaussians.variance(s, a) = static_cast<float>(variance);
        average += variance / static_cast<double>(d);
    }
    for (float& variance : gaussians.variance.row(s))
        variance = static_cast<float>(std::clamp(static_cast<double>(variance),
                                                 average / kWorstRatio, average * kWorstRatio));
}

}  // namespace

FitSteps::FitSteps(const Head& head)
    : key_scale_(step_scale(head.coordinates.base->view())),
      query_scale_(step_scale(queries_of(head).view())) {}

void FitSteps::step_splat(std::size_t row, const FitGradient& gradient, double rate,
                          SplatRegistry& registry, AdamMoments& moments) const {
    const std::size_t side = 2 * registry.dimension;
    AdamSteps steps(moments, head_parameters(registry.dimension));
    step_gaussian(gradient.key, row, rate, key_scale_, 0, steps, registry.gaussians);
    if (registry.query_gaussians)
        step_gaussian(gradient.query, row, rate, query_scale_, side, steps,
                      *registry.query_gaussians);
    registry.beta[row] *=
        static_cast<float>(std::exp(-rate * steps(2 * side, gradient.log_beta[row])));
    registry.log_amplitude[row] =
        static_cast<float>(static_cast<double>(registry.log_amplitude[row]) -
                           rate * steps(2 * side + 1, gradient.log_weight[row]));
}

void FitSteps::step(const FitGradient& gradient, double rate, SplatRegistry& registry,
                    std::map<SplatId, AdamMoments>& moments) const {
    const std::size_t k = registry.size();
    for (std::size_t s = 0; s < k; ++s)
        step_splat(s, gradient, rate, registry, moments[registry.id[s]]);
    AdamSteps steps(moments[kNoSplat], kHeadParameters);
    if (registry.background_log_weight)
        *registry.background_log_weight -= rate * steps(0, gradient.log_weight[k]);
    if (registry.form == Form::shared) registry.kappa -= rate * steps(1, gradient.kappa);
    if (!registry.offset) return;
    *registry.offset -= rate * steps(2, gradient.offset);
    // A step moves ln M by about the rate, as that of the offset does.
    double square = 0.0;
    for (const double rms : query_scale_.rms) square += rms * rms;
    const double step = rate * steps(3, gradient.kappa_query) / std::max(1.0, 0.5 * square);
    for (double& quadratic : registry.query_quadratic) quadratic -= step;
    if (registry.kappa_query) *registry.kappa_query -= step;
}

void FitSteps::step_only(std::span<const SplatId> splats, const FitGradient& gradient, double rate,
                         SplatRegistry& registry, std::map<SplatId, AdamMoments>& moments) const {
    for (const SplatId id : splats)
        step_splat(registry.row(id), gradient, rate, registry, moments[id]);
}

double FitSteps::norm(const FitGradient& gradient) const {
    double square = 0.0;
    const auto add = [&](const KernelSlopes& slopes, const StepScale& scale) {
        for (std::size_t s = 0; s < slopes.centre.rows(); ++s) {
            for (std::size_t a = 0; a < slopes.centre.cols(); ++a)
                square += std::pow(slopes.centre(s, a) * scale.rms[a], 2);
            for (const double slope : slopes.log_precision.row(s)) square += slope * slope;
        }
    };
    add(gradient.key, key_scale_);
    add(gradient.query, query_scale_);
    for (const double slope : gradient.log_weight) square += slope * slope;
    for (const double slope : gradient.log_beta) square += slope * slope;
    for (const double slope : {gradient.kappa, gradient.kappa_query, gradient.offset})
        square += slope * slope;
    return std::sqrt(square);
}

}  // namespace hsa
