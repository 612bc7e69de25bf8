#include "engine/fit/distil.h"

#include "engine/core/error.h"

#include <fmt/core.h>

namespace hsa {
namespace {

constexpr std::size_t kSplats = 64;
constexpr std::int32_t kSettledAge = 3;  // rulings.md "Starting splats have age 3"

}  // namespace

Fit distil(Backend& backend, const Dataset& dataset, const Coordinates& coordinates,
           const Target& target, Form form, const InitSettings& init, const SplatSettings& settings,
           const NearOptions& near, const Work& work) {
    if (init.method == InitMethod::pca || init.method == InitMethod::random)
        fail(
            "Splats of the form {} are fitted to the target: splats.init takes distil (or kmeans, "
            "its start alone) for them, or set attention.form token.",
            name_of(form));
    if (init.counts.size() > 1)
        fail(
            "splats.init: {} levels were asked for; splats of the form {} have one level, so one "
            "count.",
            init.counts.size(), name_of(form));
    FitOptions options;
    options.form = form;
    options.start.splats = init.counts.empty() ? kSplats : init.counts.front();
    options.start.kind = settings.kernel.value_or(CovarianceKind::diagonal);
    options.start.background = settings.background;
    options.start.seed = settings.seed;
    options.near = near;
    if (init.method == InitMethod::kmeans) options.steps = 0;
    MatrixView<const float> values;
    if (dataset.head) values = dataset.head->values.view();
    Fit made = fit(backend, {coordinates, target, values}, options, work);
    made.registry.age.assign(made.registry.size(), kSettledAge);
    return made;
}

std::string fit_sentence(const Fit& fit) {
    const FitReport& report = fit.report;
    std::string text =
        fmt::format("{} splats of the form {}, fitted in {} steps: row-KL {:.3g} (before {:.3g})",
                    fit.registry.size(), name_of(fit.registry.form), report.steps,
                    report.reached.loss.kl, report.start.loss.kl);
    if (report.reached.loss.output > 0.0)
        text += fmt::format(", output error {:.3g}", report.reached.output_error());
    text += fmt::format(", on {} rows {}", report.reached.rows,
                        report.on_drawn ? "that the fit used too" : "that the fit never saw");
    return text;
}

}  // namespace hsa
