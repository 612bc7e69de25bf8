#include "engine/fit/distil.h"

#include "engine/core/error.h"
#include "engine/fit/row_entropy.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace hsa {
namespace {

constexpr double kWanted = 0.1;  // row-KL
constexpr std::size_t kFewest = 16;
constexpr std::size_t kMost = 256;
constexpr std::int32_t kSettledAge = 3;  // rulings.md "Starting splats have age 3"

// The row-KL on the rows that the fit stopped by: none of those it reports on.
double stop_kl(Backend& backend, const Head& head, const FitOptions& options,
               const SplatRegistry& registry, const Work& work) {
    const FitRows rows = fit_rows(head.tokens(), options.apart, options.start.seed);
    const Head whole = options.near.any() ? with_near(head, options.near) : head;
    return measure_fit(backend, registry, whole, exact_rows(head, rows.stop), work).loss.kl;
}

}  // namespace

std::size_t splats_for_entropy(double row_entropy, bool near) {
    const double log_splats = near ? (0.88 - 0.45 * row_entropy - std::log(kWanted)) / 0.72
                                   : (3.45 - 0.90 * row_entropy - std::log(kWanted)) / 0.78;
    return static_cast<std::size_t>(std::max(1.0, std::ceil(std::exp(std::min(log_splats, 20.0)))));
}

Distilled distil(Backend& backend, const Dataset& dataset, const Coordinates& coordinates,
                 const Target& target, Form form, const InitSettings& init,
                 const SplatSettings& settings, const NearOptions& near, const Work& work) {
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
    options.start.kind = settings.kernel.value_or(CovarianceKind::diagonal);
    options.start.background = settings.background;
    options.start.seed = settings.seed;
    options.near = near;
    if (init.method == InitMethod::kmeans) options.steps = 0;
    MatrixView<const float> values;
    if (dataset.head) values = dataset.head->values.view();
    const Head head{coordinates, target, values};
    Distilled distilled;
    if (head.tokens() > 0) distilled.row_entropy = mean_row_entropy(target);
    distilled.chosen_here = init.counts.empty();
    const bool pairs = near.window > 0 || near.near > 0 || near.anchors > 0;
    const std::size_t most = std::min(kMost, std::max<std::size_t>(head.tokens() / 2, 1));
    options.start.splats =
        distilled.chosen_here
            ? std::min(most,
                       std::max(kFewest, 2 * splats_for_entropy(distilled.row_entropy, pairs)))
            : init.counts.front();
    const auto fit_once = [&] {
        distilled.fit = fit(backend, head, options, work);
        distilled.stop_kl = stop_kl(backend, head, options, distilled.fit.registry, work);
    };
    fit_once();
    while (distilled.chosen_here && options.start.splats < most && distilled.stop_kl > kWanted) {
        options.start.splats = std::min(most, 2 * options.start.splats);
        fit_once();
    }
    SplatRegistry& registry = distilled.fit.registry;
    registry.age.assign(registry.size(), kSettledAge);
    return distilled;
}

std::string fit_sentence(const Distilled& distilled) {
    const Fit& fit = distilled.fit;
    const FitReport& report = fit.report;
    std::string text =
        fmt::format("{} splats of the form {}, fitted in {} steps: row-KL {:.3g} (before {:.3g})",
                    fit.registry.size(), name_of(fit.registry.form), report.steps,
                    report.reached.loss.kl, report.start.loss.kl);
    if (report.reached.loss.output > 0.0)
        text += fmt::format(", output error {:.3g}", report.reached.output_error());
    text += fmt::format(", on {} rows {}", report.reached.rows,
                        report.on_drawn ? "that the fit used too" : "that the fit never saw");
    text += fmt::format("; row entropy {:.3g} nats", distilled.row_entropy);
    return text;
}

}  // namespace hsa
