// What exact pairs beside the splats bring on peaked and positional heads.
#include "bench/bench/cases.h"
#include "bench/bench/table.h"
#include "engine/attention/factors.h"
#include "engine/attention/near_factors.h"
#include "engine/compute/backend.h"
#include "engine/core/random.h"
#include "engine/fit/fit.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;
using hsa::Random;

constexpr std::size_t kTokens = 512;
constexpr std::size_t kContent = 32;  // dimensions
constexpr std::size_t kClusters = 24;
constexpr std::size_t kWaves = 16;  // of the position, two dimensions each
constexpr std::size_t kSplats = 64;
constexpr hsa::NearOptions kNear{6, 4, 16, 4, false};
constexpr std::uint64_t kHeads = 4;  // that every line is the mean of
constexpr double kNoFarPart = -1e6;  // an offset that leaves nothing of it

struct PeakedHead {
    hsa::Coordinates coordinates;
    std::shared_ptr<const hsa::Target> target;
    Matrix<float> values;

    [[nodiscard]] hsa::Head view() const { return {coordinates, *target, values.view()}; }
};

enum class Kind : std::uint8_t { content, positional, mixed };

const char* name_of(Kind kind) {
    if (kind == Kind::content) return "content";
    return kind == Kind::positional ? "positional" : "mixed";
}

std::vector<double> normals(std::initializer_list<std::uint64_t> counters, std::size_t count) {
    Random random(counters);
    std::vector<double> values(count);
    for (double& value : values) value = random.normal();
    return values;
}

// Queries and keys around shared directions, each side with a mean of its own: a match is worth
// sharpness x sqrt(d) nats. Positional: a sixth of that, and waves of the position that fall out of
// step after some tokens make the token before the strongest, by 6 nats x sharpness. Mixed: a third
// and 4 nats, the waves' lengths from 3 tokens to 600: a row attends to its matches among some tens
// of tokens around it.
PeakedHead peaked_head(double sharpness, Kind kind, std::uint64_t seed) {
    const bool positional = kind != Kind::content;
    const bool mixed = kind == Kind::mixed;
    const std::size_t d = kContent + (positional ? 2 * kWaves : 0);
    const double share = kind == Kind::content ? 1.0 : mixed ? 1.0 / 3.0 : 1.0 / 6.0;
    const double scale =
        std::sqrt(sharpness * share) / std::pow(static_cast<double>(kContent), 0.25);
    const double wave = std::sqrt(sharpness * (mixed ? 4.0 : 6.0) / static_cast<double>(kWaves));
    const std::vector<double> of_queries = normals({seed, 1, 0}, kContent);
    const std::vector<double> of_keys = normals({seed, 1, 1}, kContent);
    const std::vector<double> turns = normals({seed, 5}, kWaves);  // radians a token
    Matrix<float> queries(kTokens, d);
    Matrix<float> keys(kTokens, d);
    PeakedHead head;
    head.values = Matrix<float>(kTokens, 8);
    for (std::size_t i = 0; i < kTokens; ++i) {
        Random random{seed, 2, i};
        const std::vector<double> wanted = normals({seed, 3, random.below(kClusters)}, kContent);
        const std::uint64_t own_cluster = random.below(kClusters);
        const std::vector<double> own = normals({seed, 3, own_cluster}, kContent);
        for (std::size_t a = 0; a < kContent; ++a) {
            queries(i, a) = static_cast<float>(
                scale * (wanted[a] + 0.4 * random.normal() + 0.5 * of_queries[a]));
            keys(i, a) =
                static_cast<float>(scale * (own[a] + 0.4 * random.normal() + 0.5 * of_keys[a]));
        }
        for (std::size_t w = 0; positional && w < kWaves; ++w) {
            const double turn =
                mixed ? 2.0 * std::pow(0.5, 0.5 * static_cast<double>(w)) : 0.5 * turns[w];
            const double at = turn * static_cast<double>(i);
            keys(i, kContent + 2 * w) = static_cast<float>(wave * std::cos(at));
            keys(i, kContent + 2 * w + 1) = static_cast<float>(wave * std::sin(at));
            queries(i, kContent + 2 * w) = static_cast<float>(wave * std::cos(at - turn));
            queries(i, kContent + 2 * w + 1) = static_cast<float>(wave * std::sin(at - turn));
        }
        const std::vector<double> group = normals({seed, 4, own_cluster}, head.values.cols());
        for (std::size_t c = 0; c < head.values.cols(); ++c)
            head.values(i, c) = static_cast<float>(group[c] + random.normal());
    }
    head.coordinates.base = std::make_shared<const Matrix<float>>(keys);
    head.coordinates.levels = {head.coordinates.base};
    head.coordinates.queries = std::make_shared<const Matrix<float>>(queries);
    head.target = std::make_shared<const hsa::Target>(std::move(queries), std::move(keys), 1.0);
    return head;
}

// Means over heads.
struct Mean {
    double kl = 0.0;
    double output = 0.0;
    double overlap = 0.0;

    void add(const hsa::FitMeasures& measures) {
        kl += measures.loss.kl / static_cast<double>(kHeads);
        output += measures.output_error() / static_cast<double>(kHeads);
        overlap += measures.top_overlap / static_cast<double>(kHeads);
    }
};

// Far alone, near alone, both without and with a fit to what the near set leaves.
struct Reached {
    Mean far;
    Mean near;
    Mean calibrated;
    Mean fitted;
    double pairs = 0.0;  // share of all, beside the fitted splats
};

Reached reach(hsa::Backend& backend, Kind kind, double sharpness, hsa::Form form) {
    Reached reached;
    for (std::uint64_t seed = 1; seed <= kHeads; ++seed) {
        const PeakedHead made = peaked_head(sharpness, kind, seed);
        const hsa::Head head = made.view();
        const hsa::Head joined = hsa::with_near(head, kNear);
        hsa::FitOptions options;
        options.form = form;
        options.start.splats = kSplats;
        const hsa::FitRows rows = hsa::fit_rows(head.tokens(), true, options.start.seed);
        const hsa::ExactRows exact = hsa::exact_rows(head, rows.report);
        const auto near_of = [&](const hsa::SplatRegistry& registry) {
            return hsa::near_factors(
                registry, head.coordinates, head.target,
                hsa::compute_factors(backend, registry, head.coordinates, {}, {}), kNear, {});
        };
        const hsa::Fit plain = hsa::fit(backend, head, options, {});
        reached.far.add(plain.report.reached);
        hsa::SplatRegistry registry = plain.registry;
        registry.offset = near_of(registry).near->offset;
        reached.calibrated.add(hsa::measure_fit(backend, registry, joined, exact, {}));
        registry.offset = kNoFarPart;
        reached.near.add(hsa::measure_fit(backend, registry, joined, exact, {}));
        options.near = kNear;
        const hsa::Fit fitted = hsa::fit(backend, head, options, {});
        reached.fitted.add(fitted.report.reached);
        reached.pairs += static_cast<double>(near_of(fitted.registry).near->set.pairs()) /
                         static_cast<double>(kHeads * kTokens * kTokens);
    }
    return reached;
}

struct Worst {
    double overlap = 1.0;
    double output = 0.0;
    double pairs = 0.0;
};

Worst table_of(hsa::Backend& backend, Kind kind, hsa::Form form) {
    Table table({fmt::format("{}, {}", name_of(kind), hsa::name_of(form)), "exact pairs", "A", "KL",
                 "output error", "top-8 overlap"});
    Worst worst;
    for (const double sharpness : {1.0, 2.0, 3.0, 4.0}) {
        const Reached reached = reach(backend, kind, sharpness, form);
        const auto line = [&](const std::string& first, const std::string& pairs, const char* what,
                              const std::string& kl, const Mean& mean) {
            table.row({first, pairs, what, kl, fmt::format("{:.3f}", mean.output),
                       fmt::format("{:.3f}", mean.overlap)});
        };
        const auto number = [](double value) { return fmt::format("{:.3f}", value); };
        line(fmt::format("sharpness {:.0f}", sharpness),
             fmt::format("{:.1f} %", 100.0 * reached.pairs), "far", number(reached.far.kl),
             reached.far);
        line("", "", "near", "-", reached.near);  // infinite
        line("", "", "near + far, calibrated", number(reached.calibrated.kl), reached.calibrated);
        line("", "", "near + far, fitted", number(reached.fitted.kl), reached.fitted);
        worst.overlap = std::min(worst.overlap, reached.fitted.overlap);
        worst.output = std::max(worst.output, reached.fitted.output);
        worst.pairs = std::max(worst.pairs, reached.pairs);
    }
    table.print();
    return worst;
}

}  // namespace

void near_case() {
    std::vector<std::string> notes;
    const auto backend = hsa::make_backend("cpu", notes);
    fmt::print(
        "n = {}, k = {}; window {}, {} anchors, up to {} tokens of each of a row's {} best "
        "splats.\n"
        "Means over {} heads, on rows that no fit has seen.\n\n",
        kTokens, kSplats, kNear.window, kNear.anchors, kNear.near_limit, kNear.near, kHeads);
    std::string reached;
    for (const Kind kind : {Kind::content, Kind::positional, Kind::mixed})
        for (const hsa::Form form : {hsa::Form::shared, hsa::Form::paired}) {
            const Worst worst = table_of(*backend, kind, form);
            reached += fmt::format(
                "{}, {}: overlap {:.3f}, output error {:.3f} with {:.1f} % exact pairs\n",
                name_of(kind), hsa::name_of(form), worst.overlap, worst.output,
                100.0 * worst.pairs);
        }
    fmt::print("Fitted, the worst of each (to reach with 10 %: 0.85, 0.15)\n{}\n", reached);
}

}  // namespace hsa_bench
