#include "engine/adapt/measures.h"

#include "engine/adapt/coverage.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/past.h"
#include "engine/adapt/rows.h"
#include "engine/adapt/target_rows.h"
#include "engine/attention/divergence.h"
#include "engine/attention/fit_rows.h"
#include "engine/attention/near_factors.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/parts_done.h"
#include "engine/core/products.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr double kDeadShare = 0.05;  // of the level's mean usage
constexpr std::size_t kPiece = 16 * kChunkRows;

// sum_i P and sum_i P ln P of every column; beside exact pairs P is that of the far part alone.
std::pair<std::vector<double>, std::vector<double>> column_sums(const Factors& factors,
                                                                const Work& work) {
    const std::size_t columns = factors.columns();
    PartsDone done(work, "measuring shares", (factors.tokens() + kChunkRows - 1) / kChunkRows);
    const std::vector<double> total = parallel_sum(
        factors.tokens(), 2 * columns,
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i) {
                const FactorRow row = factors.p.row(i);
                const double whole =
                    factors.near ? static_cast<double>(factors.near->far_scale[i]) : 1.0;
                for (std::size_t s = 0; s < columns; ++s) {
                    if (row[s] <= 0.0F) continue;
                    const double p = static_cast<double>(row[s]) / whole;
                    out[s] += p;
                    out[columns + s] += p * std::log(p);
                }
            }
            done.add();
        });
    const auto middle = total.begin() + static_cast<std::ptrdiff_t>(columns);
    return {{total.begin(), middle}, {middle, total.end()}};
}

void measure_splats(const Factors& factors, const SplatRegistry& registry, const Work& work,
                    Measures& measures) {
    const std::size_t k = registry.size();
    const auto n = static_cast<double>(std::max<std::size_t>(factors.tokens(), 1));
    const auto [sum, entropy] = column_sums(factors, work);
    std::vector<double> far;
    if (factors.near) {
        far = near_usage(factors);
        measures.exact_usage = far.back();
    }
    for (std::size_t s = 0; s < factors.columns(); ++s) {
        const double usage = sum[s] / n;
        // (1/n) sum P ln(P / u): at least 0 but for rounding.
        const double information =
            usage > 0.0 ? std::max(0.0, entropy[s] / n - usage * std::log(usage)) : 0.0;
        measures.entropy_mean -= entropy[s] / n;
        measures.information_total += information;
        if (s < k) {
            measures.usage.push_back(factors.near ? far[s] : usage);
            measures.information.push_back(information);
        } else {
            measures.background_usage = factors.near ? far[s] : usage;
        }
    }
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        LevelMeasures level;
        level.name = registry.hierarchy.levels[l].name;
        level.weight = registry.hierarchy.share(l);
        const std::vector<std::size_t> rows = registry.rows_of_level(l);
        level.splats = rows.size();
        for (const std::size_t row : rows) {
            level.usage += measures.usage[row];
            level.information += measures.information[row];
        }
        for (const std::size_t row : rows)
            if (measures.usage[row] * static_cast<double>(rows.size()) < kDeadShare * level.usage)
                ++measures.dead;
        measures.levels.push_back(level);
    }
}

// Rows of W (places, rising) that share one K.
struct ReportPart {
    Range rows;
    const FactorMatrix* k = nullptr;
};

// The rows W by level: the level's splats and the background's share of it, W_l times what the
// background has of the row, so that the levels' cells add up to A.
struct ReportRows {
    std::vector<std::vector<std::size_t>> columns;  // [levels] of the factors
    std::vector<Matrix<float>> weight;              // [levels] of [r, columns], of cells
    Matrix<double> mass;                            // [r, levels] sum of the same of P
    std::vector<std::size_t> seen;                  // [r] tokens, or empty: all (past.h)
    std::vector<ReportPart> parts;
};

ReportRows report_rows(const Factors& factors, const SplatRegistry& registry,
                       std::span<const std::uint32_t> rows) {
    const std::size_t levels = registry.hierarchy.size();
    ReportRows report;
    report.mass = Matrix<double>(rows.size(), levels);
    const FactorMatrix& weights = factors.row_weights();
    if (factors.causal)
        for (const std::uint32_t row : rows) report.seen.push_back(row + std::size_t{1});
    for (std::size_t l = 0; l < levels; ++l) {
        std::vector<std::size_t> columns = registry.rows_of_level(l);
        if (factors.has_background()) columns.push_back(factors.columns() - 1);
        Matrix<float> weight(rows.size(), columns.size());
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const double share =
                factors.ids[columns[c]] == kNoSplat ? registry.hierarchy.share(l) : 1.0;
            for (std::size_t r = 0; r < rows.size(); ++r) {
                weight(r, c) =
                    static_cast<float>(share * static_cast<double>(weights(rows[r], columns[c])));
                report.mass(r, l) += share * static_cast<double>(factors.p(rows[r], columns[c]));
            }
        }
        report.columns.push_back(std::move(columns));
        report.weight.push_back(std::move(weight));
    }
    for (const CausalSegment& segment : factors.segments()) {
        const auto place = [&](std::size_t row) {
            return static_cast<std::size_t>(std::lower_bound(rows.begin(), rows.end(), row) -
                                            rows.begin());
        };
        const Range own{place(segment.rows.begin), place(segment.rows.end)};
        if (!own.empty()) report.parts.push_back({own, &factors.keys_of(segment)});
    }
    return report;
}

// The level's part of A on some columns: out [r, columns].
void report_cells(const ReportRows& report, std::size_t level, Range columns,
                  MatrixView<float> out) {
    const std::vector<std::size_t>& splats = report.columns[level];
    for (const ReportPart& part : report.parts) {
        const std::size_t end = std::min(columns.end, part.k->rows());
        if (end <= columns.begin) continue;  // all in the future of these rows
        Matrix<float> keys(end - columns.begin, splats.size());
        for (std::size_t j = 0; j < keys.rows(); ++j)
            for (std::size_t c = 0; c < keys.cols(); ++c)
                keys(j, c) = (*part.k)(columns.begin + j, splats[c]);
        const MatrixView<float> own = out.block(part.rows.begin, part.rows.end);
        multiply_transposed(report.weight[level].view().block(part.rows.begin, part.rows.end),
                            keys.view(), {own.data, own.rows, keys.rows(), own.stride});
    }
    hide_future(report.seen, columns.begin, out);
}

// Cells of A where p K stood: rows of W on some columns.
void report_near(const Factors& factors, std::span<const std::uint32_t> rows, Range columns,
                 MatrixView<float> out) {
    if (!factors.near) return;
    const NearPairs& near = *factors.near;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const Range pairs = near.set.pairs_of(rows[r], columns);
        for (std::size_t e = pairs.begin; e < pairs.end; ++e) {
            float& cell = out.row(r)[near.set.columns[e] - columns.begin];
            cell = near.replaces ? near.exact[e] : cell + near.correction[e];
        }
    }
}

// W: for splats that were fitted to a head the rows that their fit kept apart.
struct ReportSet {
    std::vector<std::uint32_t> report;
    bool shared = false;
};
ReportSet report_set(Form form, std::size_t tokens, const MeasureOptions& options) {
    if (form == Form::token) {
        RowSets sets = row_sets(tokens, options.probe_rows, options.seed);
        return {std::move(sets.report), sets.shared};
    }
    FitRows sets = fit_rows(tokens, true, options.fit_seed);
    return {std::move(sets.report), sets.shared};
}

// KL(T | A) and KL(A | uniform) of the joint attention and KL(T | A_l) of every level, summed over
// W. A_l follows from the joint P: within a level only the background's share differs (rulings.md).
std::vector<double> report_sums(const Factors& factors, const SplatRegistry& registry,
                                std::span<const std::uint32_t> rows, const ReportRows& report,
                                const TargetRows* target, const Work& work) {
    const std::size_t levels = registry.hierarchy.size();
    const std::size_t row_count = rows.size();
    const std::size_t n = factors.tokens();
    const float each = 1.0F / static_cast<float>(n);
    std::vector<double> total(2 + levels, 0.0);
    Matrix<float> scratch;
    for (std::size_t first = 0; first < n; first += kPiece) {
        work.check();
        work.report("measuring", static_cast<double>(first) / static_cast<double>(n));
        const Range piece{first, std::min(n, first + kPiece)};
        const MatrixView<const float> t =
            target ? target->piece(piece, scratch) : MatrixView<const float>();
        const std::vector<double> sum = parallel_sum(
            piece.size(), total.size(),
            [&](std::size_t begin, std::size_t end, std::span<double> out) {
                const std::size_t width = end - begin;
                Matrix<float> joint(row_count, width);
                Matrix<float> own(row_count, width);
                for (std::size_t l = 0; l < levels; ++l) {
                    report_cells(report, l, {piece.begin + begin, piece.begin + end}, own.view());
                    for (std::size_t r = 0; r < row_count; ++r) {
                        const auto inverse = static_cast<float>(
                            report.mass(r, l) > 0.0 ? 1.0 / report.mass(r, l) : 0.0);
                        float* a = own.row(r).data();
                        float* sum_a = joint.row(r).data();
                        for (std::size_t j = 0; j < width; ++j) {
                            sum_a[j] += a[j];
                            a[j] *= inverse;
                        }
                        if (target && !(factors.near && levels == 1))
                            out[2 + l] += divergence(t.row(r).subspan(begin, width), own.row(r));
                    }
                }
                report_near(factors, rows, {piece.begin + begin, piece.begin + end}, joint.view());
                const std::vector<float> uniform(width, each);
                for (std::size_t r = 0; r < row_count; ++r) {
                    if (target) {
                        const double kl = divergence(t.row(r).subspan(begin, width), joint.row(r));
                        out[0] += kl;
                        // One level beside exact pairs: what is not exact is all its own.
                        if (factors.near && levels == 1) out[2] += kl;
                    }
                    out[1] += divergence(joint.row(r), uniform);
                }
            });
        for (std::size_t e = 0; e < total.size(); ++e) total[e] += sum[e];
    }
    return total;
}

double sum_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

void measure_report(const Factors& factors, const SplatRegistry& registry, Backend& backend,
                    const Coordinates& coordinates, const Target* target,
                    const MeasureOptions& options, const Work& work, Measures& measures) {
    const std::size_t n = factors.tokens();
    const ReportSet sets = report_set(registry.form, n, options);
    measures.measured_on_fit_rows = sets.shared;
    // Rows without any key are zero, as the target's, and say nothing.
    const std::size_t without = factors.causal ? rows_without_keys(factors.masked) : 0;
    measures.report_rows = static_cast<std::size_t>(std::count_if(
        sets.report.begin(), sets.report.end(), [&](std::uint32_t row) { return row >= without; }));
    const auto count = static_cast<double>(std::max<std::size_t>(1, measures.report_rows));
    std::optional<TargetRows> wanted;
    if (target) wanted.emplace(*target, sets.report, work, &backend);
    const ReportRows report = report_rows(factors, registry, sets.report);
    const std::vector<double> sums =
        report_sums(factors, registry, sets.report, report, wanted ? &*wanted : nullptr, work);
    measures.row_entropy_mean = std::log(static_cast<double>(n)) - sums[1] / count;
    if (!target) return;
    measures.row_kl = sums[0] / count;
    measures.reference_kl = wanted->reference();
    measures.objective = 0.0;
    for (std::size_t l = 0; l < measures.levels.size(); ++l) {
        LevelMeasures& level = measures.levels[l];
        level.row_kl = sums[2 + l] / count;
        // A level of weight 0 has no share in the joint P: its own attention is computed apart.
        if (!(level.weight > 0.0))
            level.row_kl =
                sum_of(full_row_divergence(backend, level_splats(registry, l), options.temperature,
                                           background_logit(registry, visible_count(coordinates)),
                                           coordinates.levels[l]->view(), *wanted, work)) /
                count;
        const double lambda = options.lambda_of(l) * *measures.reference_kl;
        level.objective = *level.row_kl + lambda * static_cast<double>(level.splats);
        *measures.objective += level.weight * *level.objective;
    }
}

}  // namespace

std::vector<double> usage_of(const Factors& factors) {
    std::vector<double> usage = column_sums(factors, {}).first;
    for (double& u : usage) u /= static_cast<double>(std::max<std::size_t>(factors.tokens(), 1));
    return usage;
}

Measures measure_shares(const Factors& factors, const SplatRegistry& registry, const Work& work) {
    if (factors.columns() != registry.size() + (registry.background_log_weight ? 1U : 0U))
        fault("factors of {} columns measured with a registry of {} splats", factors.columns(),
              registry.size());
    Measures measures;
    measures.tokens = factors.tokens();
    measures.dimension = registry.dimension;
    measures.splats = registry.size();
    measures.has_background = factors.has_background();
    measure_splats(factors, registry, work, measures);
    return measures;
}

Measures measure(const Factors& factors, const SplatRegistry& registry, Backend& backend,
                 const Coordinates& coordinates, const Target* target,
                 const MeasureOptions& options, const Work& work) {
    if (target && target->size() != factors.tokens())
        fail("The target has {} rows and the data {} tokens: they must be the same.",
             target->size(), factors.tokens());
    Measures measures = measure_shares(factors, registry, work);
    if (measures.tokens == 0) return measures;
    measure_report(factors, registry, backend, coordinates, target, options, work, measures);
    // Coverage is of Gaussians that every token lies under; a head has two sides.
    if (target || registry.form != Form::token) return measures;
    measures.objective = 0.0;
    const Coordinates visible = visible_coordinates(coordinates);
    for (std::size_t l = 0; l < measures.levels.size(); ++l) {
        LevelMeasures& level = measures.levels[l];
        level.objective = coverage_loss(backend, level_splats(registry, l), options.temperature,
                                        visible.levels[l]->view(), work) +
                          options.lambda_of(l) * static_cast<double>(level.splats);
        *measures.objective += level.weight * *level.objective;
    }
    return measures;
}

}  // namespace hsa
