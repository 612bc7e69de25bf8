#include "engine/recover/report.h"

#include "engine/core/json_number.h"
#include "engine/core/stratified.h"
#include "engine/explain/answer_parts.h"
#include "engine/recover/detect.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

namespace hsa {
namespace {

using nlohmann::json;

void add(Findings from, HealthReport& report) {
    std::move(from.findings.begin(), from.findings.end(), std::back_inserter(report.findings));
    std::move(from.checks.begin(), from.checks.end(), std::back_inserter(report.checks));
}

// P of tokens spread evenly; none where numbers of it are missing.
Answers answers_of(const Factors& factors, const SplatRegistry& registry) {
    constexpr std::size_t kRows = 1024;
    const std::size_t k = registry.size();
    const std::vector<std::uint32_t> rows = stratified_rows(factors.tokens(), kRows);
    Answers answers;
    answers.p = Matrix<float>(rows.size(), k);
    answers.background.assign(rows.size(), 0.0F);
    if (factors.columns() < k) return {};
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (std::size_t s = 0; s < k; ++s) answers.p(r, s) = factors.p(rows[r], s);
        if (factors.has_background()) answers.background[r] = factors.p(rows[r], k);
    }
    return answers;
}

json finding_json(const Finding& finding) {
    json numbers = json::array();
    for (const Reason& reason : finding.numbers)
        numbers.push_back({{"name", reason.name},
                           {"value", json_number(reason.value)},
                           {"threshold", json_number(reason.threshold)}});
    const auto or_null = [](const std::string& text) { return text.empty() ? json() : json(text); };
    return {{"kind", name_of(finding.kind)},         {"severity", name_of(finding.severity)},
            {"level", or_null(finding.place.level)}, {"splats", finding.place.splats},
            {"tokens", finding.place.tokens},        {"stage", or_null(finding.place.stage)},
            {"numbers", std::move(numbers)},         {"text", finding.text},
            {"helps", or_null(finding.command)}};
}

}  // namespace

std::size_t HealthReport::count(Severity severity) const {
    return static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(),
                      [&](const Finding& finding) { return finding.severity == severity; }));
}

HealthReport check_snapshot(const Snapshot& snapshot, const CheckSettings& settings,
                            Backend& backend, const Work& work) {
    HealthReport report;
    if (!snapshot.registry || !snapshot.coordinates) return report;
    const SplatRegistry& registry = *snapshot.registry;
    const Coordinates& coordinates = *snapshot.coordinates;
    Proportions found = proportions(coordinates, registry);
    find_loud(
        registry,
        [&] { return snapshot.factors ? answers_of(*snapshot.factors, registry) : Answers{}; },
        found);
    std::optional<FactorHealth> health;
    if (snapshot.factors && snapshot.factors_exact) health = factor_health(*snapshot.factors);
    add(find_numbers(registry, found, health ? &*health : nullptr, settings.compute.storage),
        report);
    add(find_empty_levels(registry), report);
    std::optional<ParentOverlap> overlap;
    if (registry.form == Form::token && registry.hierarchy.size() > 1 &&
        empty_levels(registry).empty() && unsound_splats(registry).empty())
        overlap = parent_overlap(backend, coordinates, registry, work);
    add(find_orphans(registry, overlap ? &*overlap : nullptr), report);
    add(find_configuration(registry, found, settings, coordinates.size(),
                           coordinates.masked.size()),
        report);
    if (snapshot.measures) {
        add(find_collapse(registry, *snapshot.measures), report);
        add(find_bottleneck(registry, *snapshot.measures), report);
    }
    if (snapshot.history) {
        if (snapshot.measures)
            add(find_stagnation(*snapshot.history, snapshot.cycle, *snapshot.measures), report);
        add(find_gradients(*snapshot.history, snapshot.cycle), report);
    }
    MemoryNeed need;
    need.tokens = coordinates.size();
    need.splats = registry.size();
    need.dimension = coordinates.dimension();
    need.blocks = std::set(coordinates.levels.begin(), coordinates.levels.end()).size();
    need.probe_rows = settings.adapt.probe_rows;
    need.storage = settings.compute.storage;
    need.causal = snapshot.causal;
    add(find_memory(need, settings), report);
    report.complete = snapshot.complete && snapshot.measures && health;
    std::stable_sort(report.findings.begin(), report.findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity > b.severity; });
    return report;
}

json findings_json(const HealthReport& report) {
    json list = json::array();
    for (const Finding& finding : report.findings) list.push_back(finding_json(finding));
    return list;
}

json checks_json(const HealthReport& report) {
    json list = json::array();
    for (const Check& check : report.checks)
        list.push_back({{"kind", name_of(check.kind)},
                        {"name", check.name},
                        {"value", json_number(check.value)},
                        {check.at_least ? "least" : "most", json_number(check.limit)}});
    return list;
}

json answer_check(const HealthReport& report) {
    json answer = result_json("recover.check", Mark::exact);
    answer["complete"] = report.complete;
    for (const Severity severity : {Severity::fault, Severity::warning, Severity::info})
        answer[name_of(severity) + std::string("s")] = report.count(severity);
    answer["findings"] = findings_json(report);
    answer["checks"] = checks_json(report);
    return answer;
}

}  // namespace hsa
