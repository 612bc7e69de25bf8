#include "engine/explain/flow.h"

#include "engine/attention/cells.h"
#include "engine/core/parallel.h"
#include "engine/core/stratified.h"
#include "engine/explain/sampled_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <span>

namespace hsa {
namespace {

constexpr std::size_t kMostParts = 24;
constexpr std::size_t kStretches = 12;
constexpr std::size_t kMostRows = 2048;
constexpr std::size_t kFar = 128;

// Neighbouring rows whose labels share what stands before the first slash.
std::vector<FlowPart> label_runs(const Dataset& dataset) {
    std::vector<FlowPart> runs;
    if (dataset.labels.size() != dataset.size()) return runs;
    for (std::size_t i = 0; i < dataset.labels.size(); ++i) {
        const std::string& label = dataset.labels[i];
        const std::string start = label.substr(0, label.find('/'));
        if (runs.empty() || runs.back().title != start) runs.push_back({start, {i, i}});
        runs.back().tokens.end = i + 1;
        if (runs.size() > kMostParts) return {};
    }
    return runs;
}

// How a row's attention lies.
struct RowFlow {
    double entropy = 0.0;
    std::vector<double> mass;  // [bins]
    double earlier = 0.0, self = 0.0, later = 0.0;
};

RowFlow row_flow(std::span<const float> row, std::size_t token, std::size_t bins) {
    RowFlow flow;
    flow.mass.assign(bins, 0.0);
    for (std::size_t j = 0; j < row.size(); ++j) {
        const auto a = static_cast<double>(row[j]);
        if (a <= 0.0) continue;
        flow.entropy -= a * std::log(a);
        if (bins == 0) continue;
        flow.mass[distance_bin(j < token ? token - j : j - token)] += a;
        (j < token ? flow.earlier : j > token ? flow.later : flow.self) += a;
    }
    return flow;
}

// What uniform attention over the tokens that the row sees has in each bin.
std::vector<double> uniform_mass(const Factors& factors, std::size_t token, std::size_t bins) {
    const std::size_t seen = factors.causal ? token + 1 : factors.tokens();
    std::vector<double> mass(bins, 0.0);
    for (std::size_t j = 0; j < seen; ++j)
        mass[distance_bin(j < token ? token - j : j - token)] += 1.0;
    auto all = static_cast<double>(seen);
    for (const std::uint32_t j : factors.masked) {
        if (j >= seen) break;
        mass[distance_bin(j < token ? token - j : j - token)] -= 1.0;
        all -= 1.0;
    }
    for (double& m : mass) m = all > 0.0 ? m / all : 0.0;
    return mass;
}

std::vector<double> effective(const std::vector<RowFlow>& rows) {
    std::vector<double> values;
    values.reserve(rows.size());
    for (const RowFlow& row : rows) values.push_back(std::exp(row.entropy));
    return values;
}

// Means over rows; `uniform`: [rows] of [bins].
DistanceProfile profile_of(const std::vector<RowFlow>& rows,
                           const std::vector<std::vector<double>>& uniform, const Flow& flow) {
    DistanceProfile profile;
    const std::size_t bins = flow.bins.size();
    profile.share.assign(bins, 0.0);
    std::vector<double> even(bins, 0.0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        profile.earlier += rows[r].earlier;
        profile.self += rows[r].self;
        profile.later += rows[r].later;
        for (std::size_t b = 0; b < bins; ++b) {
            profile.share[b] += rows[r].mass[b];
            even[b] += uniform[r][b];
        }
    }
    const auto count = static_cast<double>(std::max<std::size_t>(rows.size(), 1));
    for (std::size_t b = 0; b < bins; ++b) {
        profile.ratio.push_back(even[b] > 0.0 ? profile.share[b] / even[b]
                                              : std::numeric_limits<double>::quiet_NaN());
        profile.share[b] /= count;
        if (flow.bins[b].first >= flow.far_from) profile.far += profile.share[b];
    }
    profile.earlier /= count;
    profile.self /= count;
    profile.later /= count;
    return profile;
}

using WriteRows = std::function<void(std::span<const std::uint32_t>, MatrixView<float>)>;

std::vector<RowFlow> flows_of(std::size_t n, std::size_t bins, std::span<const std::uint32_t> rows,
                              const WriteRows& write, const Work& work) {
    std::vector<RowFlow> flows(rows.size());
    by_stretch(rows, [&](std::size_t first, std::span<const std::uint32_t> some) {
        work.check();
        Matrix<float> a(some.size(), n);
        write(some, a.view());
        parallel_for(some.size(), [&](std::size_t r) {
            flows[first + r] = row_flow(std::as_const(a).row(r), some[r], bins);
        });
    });
    return flows;
}

void add_rows_flow(const Factors& factors, const Hierarchy& hierarchy, const Target* target,
                   bool ordered, const Work& work, Flow& flow) {
    const std::size_t n = factors.tokens();
    const std::size_t cells = std::max<std::size_t>(n * factors.columns(), 1);
    const std::size_t count =
        std::clamp<std::size_t>((std::size_t{1} << 31U) / cells, 16, kMostRows);
    const std::vector<std::uint32_t> rows = stratified_rows(n, count);
    flow.rows = rows.size();
    flow.rows_exact = rows.size() == n;
    if (ordered) flow.bins = distance_bins(n);
    const std::size_t bins = flow.bins.size();
    flow.far_from = std::bit_floor(std::max<std::size_t>(1, std::min(kFar, n / 4)));
    std::vector<std::vector<double>> uniform(rows.size());
    if (ordered)
        for (std::size_t r = 0; r < rows.size(); ++r)
            uniform[r] = uniform_mass(factors, rows[r], bins);
    for (const std::vector<double>& mass : uniform)
        for (std::size_t b = 0; b < mass.size(); ++b)
            if (flow.bins[b].first >= flow.far_from)
                flow.far_uniform += mass[b] / static_cast<double>(rows.size());

    const std::vector<RowFlow> all = flows_of(
        n, bins, rows,
        [&](std::span<const std::uint32_t> some, MatrixView<float> out) {
            attention_rows(factors, some, {}, out);
        },
        work);
    std::vector<double> entropies;
    entropies.reserve(all.size());
    for (const RowFlow& row : all) entropies.push_back(row.entropy);
    flow.entropy = spread_of(std::move(entropies));
    flow.effective = spread_of(effective(all));
    if (ordered) {
        flow.all = profile_of(all, uniform, flow);
        for (std::size_t level = 0; level < hierarchy.size(); ++level)
            flow.by_level.push_back(
                profile_of(flows_of(
                               n, bins, rows,
                               [&](std::span<const std::uint32_t> some, MatrixView<float> out) {
                                   level_attention_rows(factors, static_cast<std::uint16_t>(level),
                                                        hierarchy.share(level), some, out);
                               },
                               work),
                           uniform, flow));
    }
    if (target == nullptr || target->size() != n) return;
    const std::vector<RowFlow> wanted = flows_of(
        n, bins, rows,
        [&](std::span<const std::uint32_t> some, MatrixView<float> out) {
            target->rows(some, out);
        },
        work);
    flow.target_effective = spread_of(effective(wanted));
    if (ordered) flow.target = profile_of(wanted, uniform, flow);
}

// Share of all attention from level to level: a token leaves through a splat with P, arrives with
// K, and what it arrives at speaks through levels as its own P says.
void add_levels(const Factors& factors, const Hierarchy& hierarchy, Flow& flow) {
    for (const Level& level : hierarchy.levels) flow.levels.push_back(level.name);
    if (factors.has_background()) flow.levels.emplace_back("background");
    const std::size_t levels = flow.levels.size();
    const std::size_t columns = factors.columns();
    const auto level_of = [&](std::size_t c) {
        return std::min<std::size_t>(factors.level[c], levels - 1);
    };
    // Of each column its usage and what its keys speak through.
    const std::vector<double> sums =
        parallel_sum(factors.tokens(), columns * (levels + 1),
                     [&](std::size_t begin, std::size_t end, std::span<double> out) {
                         std::vector<double> through(levels);
                         for (std::size_t i = begin; i < end; ++i) {
                             const FactorRow p = factors.p.row(i);
                             const FactorRow k = factors.k.row(i);
                             std::fill(through.begin(), through.end(), 0.0);
                             for (std::size_t c = 0; c < columns; ++c)
                                 through[level_of(c)] += static_cast<double>(p[c]);
                             for (std::size_t c = 0; c < columns; ++c) {
                                 double* own = out.data() + c * (levels + 1);
                                 own[levels] += static_cast<double>(p[c]);
                                 for (std::size_t l = 0; l < levels; ++l)
                                     own[l] += static_cast<double>(k[c]) * through[l];
                             }
                         }
                     });
    flow.levels_between = Matrix<double>(levels, levels);
    for (std::size_t c = 0; c < columns; ++c) {
        const double* own = sums.data() + c * (levels + 1);
        const double usage = own[levels] / static_cast<double>(factors.tokens());
        for (std::size_t l = 0; l < levels; ++l)
            flow.levels_between(level_of(c), l) += usage * own[l];
    }
    flow.levels_mark = factors.causal || factors.near ? Mark::approximate : factors.mark;
}

}  // namespace

Spread spread_of(std::vector<double> values) {
    Spread spread;
    if (values.empty()) return spread;
    const auto count = static_cast<double>(values.size());
    spread.mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
        return values[static_cast<std::size_t>(std::lround(share * (count - 1.0)))];
    };
    spread.low = at(0.05);
    spread.median = at(0.5);
    spread.high = at(0.95);
    return spread;
}

std::vector<FlowPart> flow_parts(const Dataset& dataset, bool& by_sections) {
    const std::vector<Section>& sections = dataset.structure.sections;
    by_sections = false;
    if (sections.size() > 1 && sections.size() <= kMostParts) {
        std::vector<FlowPart> parts;
        for (const Section& section : sections)
            if (!section.tokens.empty()) parts.push_back({section.title, section.tokens});
        by_sections = true;
        return parts;
    }
    std::vector<FlowPart> runs = label_runs(dataset);
    if (runs.size() > 1) return runs;
    std::vector<FlowPart> parts;
    const std::size_t n = dataset.size();
    const std::size_t count = std::min(n, kStretches);
    for (std::size_t p = 0; p < count; ++p) {
        const Range tokens{p * n / count, (p + 1) * n / count};
        parts.push_back({fmt::format("{}:{}", tokens.begin, tokens.end), tokens});
    }
    return parts;
}

std::vector<DistanceBin> distance_bins(std::size_t n) {
    std::vector<DistanceBin> bins;
    if (n > 0) bins.push_back({0, 0});
    for (std::size_t first = 1; first < n; first *= 2)
        bins.push_back({first, std::min(2 * first - 1, n - 1)});
    return bins;
}

Flow attention_flow(const Dataset& dataset, const Factors& factors, const TileSums& sums,
                    const Hierarchy& hierarchy, const Target* target, const Work& work) {
    Flow flow;
    flow.parts = flow_parts(dataset, flow.by_sections);
    flow.mark = factors.mark;
    const std::size_t parts = flow.parts.size();
    flow.between = Matrix<double>(parts, parts);
    parallel_for(parts, [&](std::size_t r) {
        work.check();
        for (std::size_t c = 0; c < parts; ++c) {
            const Block block{flow.parts[r].tokens, flow.parts[c].tokens};
            flow.between(r, c) =
                block_parts(factors, sums, block).value * static_cast<double>(block.columns.size());
        }
    });
    add_levels(factors, hierarchy, flow);
    if (factors.tokens() == dataset.size())
        for (std::size_t l = 0; l < hierarchy.size(); ++l) {
            work.check();
            flow.agreement.push_back(structure_agreement(dataset, factors, l));
        }
    add_rows_flow(factors, hierarchy, target, dataset.ordered, work, flow);
    return flow;
}

}  // namespace hsa
