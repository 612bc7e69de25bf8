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

void FitSteps::step(const FitGradient& gradient, double rate, SplatRegistry& registry) {
    const std::size_t k = registry.size();
    const std::size_t side = 2 * registry.dimension;
    const std::size_t own = 2 * side + 2;  // both sides, beta, ln w
    AdamSteps steps(moments_, k * own + 4);
    for (std::size_t s = 0; s < k; ++s) {
        step_gaussian(gradient.key, s, rate, key_scale_, s * own, steps, registry.gaussians);
        if (registry.query_gaussians)
            step_gaussian(gradient.query, s, rate, query_scale_, s * own + side, steps,
                          *registry.query_gaussians);
        registry.beta[s] *=
            static_cast<float>(std::exp(-rate * steps(s * own + 2 * side, gradient.log_beta[s])));
        registry.log_amplitude[s] =
            static_cast<float>(static_cast<double>(registry.log_amplitude[s]) -
                               rate * steps(s * own + 2 * side + 1, gradient.log_weight[s]));
    }
    if (registry.background_log_weight)
        *registry.background_log_weight -= rate * steps(k * own, gradient.log_weight[k]);
    if (registry.form == Form::shared) registry.kappa -= rate * steps(k * own + 1, gradient.kappa);
    if (!registry.offset) return;
    *registry.offset -= rate * steps(k * own + 2, gradient.offset);
    // A step moves ln M by about the rate, as that of the offset does.
    double square = 0.0;
    for (const double rms : query_scale_.rms) square += rms * rms;
    const double step =
        rate * steps(k * own + 3, gradient.kappa_query) / std::max(1.0, 0.5 * square);
    for (double& quadratic : registry.query_quadratic) quadratic -= step;
    if (registry.kappa_query) *registry.kappa_query -= step;
}

}  // namespace hsa
