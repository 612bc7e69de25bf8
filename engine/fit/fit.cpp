#include "engine/fit/fit.h"

#include "engine/core/error.h"
#include "engine/fit/closed_form.h"
#include "engine/fit/drawn_rows.h"
#include "engine/fit/steps.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kPatience = 5;  // looks without a gain
constexpr std::size_t kWarmUp = 20;
// The closed form has far query centres and wide Gaussians: the same step moves more of P. Beside
// a near set it moves which tokens are in it.
constexpr double kSharedRate = 0.05;
constexpr double kCarefulRate = 0.02;

SplatRegistry start_of(Backend& backend, const Head& head, const ExactRows& exact,
                       const FitOptions& options, const Work& work) {
    if (options.form == Form::shared)
        return shared_start(backend, head, exact, options.start, work);
    if (options.form == Form::paired) return closed_form(backend, head, exact, options.start, work);
    fail("A fit was asked for in the form token; it fits the forms shared and paired.");
}

// Makes the masses of a start absolute, on the rows that it was made with.
void add_masses(Backend& backend, const Head& head, const ExactRows& exact, SplatRegistry& registry,
                const Work& work) {
    const NearOptions& near = head.near;
    if (registry.query_quadratic.empty())
        registry.kappa_query = registry.form == Form::shared ? 1.0 : 0.0;
    registry.offset = offset_on_rows(backend, registry, head, exact, work);
    registry.fitted_with =
        FittedWith{near.window, near.anchors, near.near, near.near_limit, 1.0, near.causal};
}

// Rises over the first steps, while Adam's moments are those of a few draws, then falls along half
// a cosine.
double rate_share(std::size_t step, std::size_t steps) {
    const double warm = std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(kWarmUp));
    const double done = static_cast<double>(step) / static_cast<double>(steps);
    return 0.5 * warm * (1.0 + std::cos(std::numbers::pi * done));
}

}  // namespace

Fit fit(Backend& backend, const Head& whole, const FitOptions& options, const Work& work) {
    if (whole.tokens() == 0) fail("There are no tokens to fit splats to.");
    const Head head = with_near(whole, options.near);
    const std::uint64_t seed = options.start.seed;
    const FitRows rows = fit_rows(head.tokens(), options.apart, seed);
    const ExactRows stop = exact_rows(head, rows_of_step(rows.stop, options.rows, seed, 0));
    const ExactRows first = exact_rows(head, rows_of_step(rows.free, options.rows, seed, 0));
    SplatRegistry registry = start_of(backend, with_near(whole, {}), first, options, work);
    if (head.near.any()) add_masses(backend, head, first, registry, work);

    const ExactRows report = exact_rows(head, rows.report);
    Fit best;
    best.registry = registry;
    best.report.start = measure_fit(backend, registry, head, report, work);
    best.report.on_drawn = rows.shared;
    const auto stop_loss = [&](const SplatRegistry& of) {
        return measure_fit(backend, of, head, stop, work).loss.total(options.output_weight);
    };
    double least = stop_loss(registry);
    best.report.stop_loss.push_back(least);
    const FitSteps steps(head);
    std::map<SplatId, AdamMoments> moments;
    const NearOptions& near = head.near;
    const bool pairs = near.window > 0 || near.near > 0 || near.anchors > 0;
    const bool careful = options.form == Form::paired || pairs;
    const double most = options.rate.value_or(careful ? kCarefulRate : kSharedRate);
    std::size_t looks_ago = 0;
    for (std::size_t step = 0; step < options.steps && looks_ago < kPatience; ++step) {
        work.check();
        const ExactRows drawn = exact_rows(head, rows_of_step(rows.free, options.rows, seed, step));
        const FitGradient gradient =
            fit_gradient(backend, registry, head, drawn, options.output_weight, work);
        const double done = static_cast<double>(step) / static_cast<double>(options.steps);
        const double rate = most * rate_share(step, options.steps);
        steps.step(gradient, rate, registry, moments);
        work.report("fitting", done);
        if ((step + 1) % kFitLook != 0 && step + 1 != options.steps) continue;
        const double loss = stop_loss(registry);
        best.report.stop_loss.push_back(loss);
        ++looks_ago;
        if (!(loss < least)) continue;
        least = loss;
        looks_ago = 0;
        best.registry = registry;
        best.report.steps = step + 1;
    }
    best.report.reached = measure_fit(backend, best.registry, head, report, work);
    return best;
}

}  // namespace hsa
