#include "engine/adapt/adjust.h"
#include "engine/recover/detect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

constexpr std::int32_t kStillFor = 20;   // cycles
constexpr double kStill = 2e-3;          // range of the objective over its size
constexpr double kLeastExplained = 0.1;  // of KL(T | uniform)

}  // namespace

Findings find_stagnation(const History& history, std::int32_t cycle, const Measures& measures) {
    Findings found;
    if (!measures.row_kl || !measures.reference_kl || !(*measures.reference_kl > 0.0)) return found;
    const double explained = 1.0 - *measures.row_kl / *measures.reference_kl;
    const std::int32_t last = std::min(cycle, history.last());
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (std::int32_t c = std::max(0, last - kStillFor); c <= last; ++c) {
        const double objective = history.cycles[static_cast<std::size_t>(c)]->measures.objective;
        low = std::min(low, objective);
        high = std::max(high, objective);
    }
    const bool long_enough = last >= kStillFor;
    const double change = long_enough && high > 0.0 ? (high - low) / high : 1.0;
    found.checks.push_back({FindingKind::stagnation, "share of the target explained", explained,
                            kLeastExplained, true});
    if (long_enough)
        found.checks.push_back({FindingKind::stagnation,
                                fmt::format("objective's change in {} cycles", kStillFor), change,
                                explained < kLeastExplained ? kStill : 0.0, true});
    if (long_enough && change < kStill && explained < kLeastExplained)
        found.findings.push_back(
            {FindingKind::stagnation,
             Severity::warning,
             {"", {}, {}, "adapt"},
             {{"explained", explained, kLeastExplained}, {"objective_change", change, kStill}},
             fmt::format("The objective moved by {:.2g} of itself in {} cycles, while attention "
                         "has {:.1f} % of what the target says.",
                         change, kStillFor, 100.0 * std::max(explained, 0.0)),
             "reset adapt.learning_rate"});
    return found;
}

Findings find_gradients(const History& history, std::int32_t cycle) {
    Findings found;
    const std::int32_t shown = std::min(cycle, history.last());
    if (shown < 0) return found;
    double least = std::numeric_limits<double>::infinity();
    double most = 0.0;
    for (const Event& event : history.cycles[static_cast<std::size_t>(shown)]->events) {
        if (event.kind != EventKind::adjust) continue;
        const auto reason = std::find_if(event.decided_by.begin(), event.decided_by.end(),
                                         [](const Reason& r) { return r.name == kGradientReason; });
        if (reason == event.decided_by.end()) continue;
        const double norm = reason->value;
        const std::string& name = event.level_name;
        if (std::isfinite(norm)) {
            least = std::min(least, norm);
            most = std::max(most, norm);
        } else {
            most = std::numeric_limits<double>::infinity();
        }
        const bool vanished = norm < kLeastGradient;
        if (std::isfinite(norm) && norm <= kMostGradient && !vanished) continue;
        found.findings.push_back(
            {FindingKind::gradients,
             vanished ? Severity::warning : Severity::fault,
             {name, {}, {}, "adapt"},
             {{kGradientReason, norm, vanished ? kLeastGradient : kMostGradient}},
             !std::isfinite(norm)
                 ? fmt::format("The gradient of {} was not finite: its steps were undone.", name)
             : vanished
                 ? fmt::format("The gradient of {} was {:.1e}: adjust moves nothing.", name, norm)
                 : fmt::format("The gradient of {} was {:.1e}: steps follow noise.", name, norm),
             vanished ? "recover.repair widths" : "recover.repair"});
    }
    if (std::isinf(least) && most == 0.0) return found;  // no steps in this cycle
    found.checks.push_back({FindingKind::gradients, "largest, nats a step", most, kMostGradient});
    found.checks.push_back({FindingKind::gradients, "least, nats a step",
                            std::isinf(least) ? 0.0 : least, kLeastGradient, true});
    return found;
}

}  // namespace hsa
