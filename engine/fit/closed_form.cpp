#include "engine/fit/closed_form.h"

#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/fit/loss.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr int kTilts = 2;
constexpr double kBandwidth = 1.6;
constexpr double kMostQuadratic = 1.5;
constexpr double kLeastQuadratic = 0.01;

// What a cell's keys, weighted by exp(centre . k), sum up to: sum_j exp(q . k_j) is about
// exp(log_mass + (q - centre) . mean + (q - centre)^T variance (q - centre) / 2).
struct Tilted {
    Matrix<double> centre;         // [k, d] qbar
    std::vector<double> log_mass;  // [k]
    Matrix<double> mean;           // [k, d]
    Matrix<double> variance;       // [k, d]
};

// The same as a + b . q + q^T variance q / 2.
struct Quadratic {
    std::vector<double> a;  // [k]
    Matrix<double> b;       // [k, d]
};

Quadratic quadratic_of(const Tilted& tilted) {
    const std::size_t d = tilted.mean.cols();
    Quadratic q{tilted.log_mass, Matrix<double>(tilted.mean.rows(), d)};
    for (std::size_t s = 0; s < q.a.size(); ++s)
        for (std::size_t x = 0; x < d; ++x) {
            const double centre = tilted.centre(s, x);
            const double variance = tilted.variance(s, x);
            q.b(s, x) = tilted.mean(s, x) - variance * centre;
            q.a[s] += centre * (0.5 * variance * centre - tilted.mean(s, x));
        }
    return q;
}

// Tilts the cells' keys by exp(centre . k). Keys are visited in their order: float64 sums of each
// cell do not depend on threads.
Tilted tilt(const Matrix<float>& keys, const KeyCells& cells, Matrix<double> centre) {
    const std::size_t k = cells.size();
    const std::size_t d = keys.cols();
    std::vector<std::vector<std::uint32_t>> members(k);
    for (std::size_t j = 0; j < keys.rows(); ++j)
        members[cells.label[j]].push_back(static_cast<std::uint32_t>(j));
    Tilted tilted{std::move(centre), std::vector<double>(k), Matrix<double>(k, d),
                  Matrix<double>(k, d)};
    parallel_for(k, [&](std::size_t s) {
        std::vector<double> weight;
        double most = -std::numeric_limits<double>::infinity();
        for (const std::uint32_t j : members[s]) {
            double score = 0.0;
            for (std::size_t a = 0; a < d; ++a)
                score += tilted.centre(s, a) * static_cast<double>(keys(j, a));
            weight.push_back(score);
            most = std::max(most, score);
        }
        double mass = 0.0;
        for (double& w : weight) mass += w = std::exp(w - most);
        tilted.log_mass[s] = most + std::log(mass);
        for (std::size_t m = 0; m < weight.size(); ++m)
            for (std::size_t a = 0; a < d; ++a)
                tilted.mean(s, a) += weight[m] / mass * static_cast<double>(keys(members[s][m], a));
        for (std::size_t m = 0; m < weight.size(); ++m)
            for (std::size_t a = 0; a < d; ++a) {
                const double delta =
                    static_cast<double>(keys(members[s][m], a)) - tilted.mean(s, a);
                tilted.variance(s, a) += weight[m] / mass * delta * delta;
            }
    });
    return tilted;
}

// qbar_s = sum_i P_is q_i / sum_i P_is over all queries; a cell that nobody chooses keeps its own.
Matrix<double> choosing_queries(const Matrix<float>& queries, const Tilted& tilted) {
    const Quadratic quadratic = quadratic_of(tilted);
    const std::size_t k = tilted.log_mass.size();
    const std::size_t d = queries.cols();
    const std::vector<double> sums = parallel_sum(
        queries.rows(), k * (1 + d),
        [&](std::size_t begin, std::size_t end, std::span<double> out) {
            std::vector<double> p(k);
            for (std::size_t i = begin; i < end; ++i) {
                const auto q = queries.row(i);
                double most = -std::numeric_limits<double>::infinity();
                for (std::size_t s = 0; s < k; ++s) {
                    p[s] = quadratic.a[s];
                    for (std::size_t a = 0; a < d; ++a) {
                        const auto x = static_cast<double>(q[a]);
                        p[s] += x * (quadratic.b(s, a) + 0.5 * x * tilted.variance(s, a));
                    }
                    most = std::max(most, p[s]);
                }
                double sum = 0.0;
                for (double& value : p) sum += value = std::exp(value - most);
                for (std::size_t s = 0; s < k; ++s) {
                    const double share = p[s] / sum;
                    out[s] += share;
                    for (std::size_t a = 0; a < d; ++a)
                        out[k + s * d + a] += share * static_cast<double>(q[a]);
                }
            }
        });
    constexpr double kNobody = 1e-9;
    Matrix<double> centre = tilted.centre;
    for (std::size_t s = 0; s < k; ++s)
        if (sums[s] > kNobody)
            for (std::size_t a = 0; a < d; ++a) centre(s, a) = sums[k + s * d + a] / sums[s];
    return centre;
}

// L0 = 1.5 max_s Sigma_s + 0.01 of each axis.
std::vector<double> common_quadratic(const Matrix<double>& variance) {
    std::vector<double> most(variance.cols(), 0.0);
    for (std::size_t s = 0; s < variance.rows(); ++s)
        for (std::size_t a = 0; a < most.size(); ++a) most[a] = std::max(most[a], variance(s, a));
    for (double& value : most) value = kMostQuadratic * value + kLeastQuadratic;
    return most;
}

std::vector<float> narrowed(const std::vector<double>& from) { return {from.begin(), from.end()}; }

}  // namespace

SplatRegistry closed_form(Backend& backend, const Head& head, const ExactRows& exact,
                          const StartOptions& options, const Work& work) {
    const KeyCells cells = key_cells(head, options, work);
    const Matrix<float>& keys = *cells.keys;
    const Matrix<float>& queries = queries_of(head);
    const std::size_t d = keys.cols();
    const std::size_t k = cells.size();
    Tilted tilted = tilt(keys, cells, Matrix<double>(k, d));
    for (int round = 0; round < kTilts; ++round) {
        work.check();
        tilted = tilt(keys, cells, choosing_queries(queries, tilted));
    }
    const Quadratic quadratic = quadratic_of(tilted);

    SplatRegistry first = empty_registry(head, Form::paired);
    first.query_quadratic = common_quadratic(tilted.variance);
    GaussianColumns asking;
    std::vector<double> level(k);  // a + b^T Pi^-1 b / 2, which is ln w + c
    for (std::size_t s = 0; s < k; ++s) {
        std::vector<double> centre(d);
        std::vector<double> variance(d);
        level[s] = quadratic.a[s];
        for (std::size_t a = 0; a < d; ++a) {
            variance[a] = 1.0 / (first.query_quadratic[a] - tilted.variance(s, a));
            centre[a] = quadratic.b(s, a) * variance[a];
            level[s] += 0.5 * quadratic.b(s, a) * centre[a];
        }
        asking.append(narrowed(centre), CovarianceKind::diagonal, narrowed(variance), {});
    }
    BestStart best;
    for (const double factor : {0.5, 1.0, 2.0, 4.0}) {
        const double beta = factor * kBandwidth / static_cast<double>(d);
        SplatRegistry registry = first;
        for (std::size_t s = 0; s < k; ++s) {
            Splat splat;
            splat.kind = CovarianceKind::diagonal;
            for (std::size_t a = 0; a < d; ++a) {
                const double variance = cells.variance[a] / beta;
                splat.variance.push_back(static_cast<float>(variance));
                splat.centre.push_back(
                    static_cast<float>(cells.mean(s, a) + variance * tilted.centre(s, a)));
            }
            registry.add(splat);
        }
        registry.query_gaussians = asking;
        const std::vector<double> mass =
            compute_factors_of_queries(backend, registry, head.coordinates, {}, {}, work).log_mass;
        for (std::size_t s = 0; s < k; ++s)
            registry.log_amplitude[s] = static_cast<float>(level[s] - mass[s]);
        if (options.background) add_background(backend, head, exact, registry, work);
        best.offer(backend, head, exact, std::move(registry), work);
    }
    return best.take();
}

}  // namespace hsa
