#include "engine/adapt/mitosis.h"

#include "engine/adapt/moments.h"
#include "engine/adapt/past.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr double kOffset = 0.7;
constexpr std::size_t kDirectionRows = 128;

}  // namespace

std::vector<std::size_t> strongest_places(const LevelPool& level, std::size_t column) {
    std::vector<std::size_t> places(level.queries.p.rows());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
        return level.queries.p(a, column) > level.queries.p(b, column);
    });
    places.resize(std::min(places.size(), kDirectionRows));
    return places;
}

std::vector<double> residual_direction(const CycleContext& context, const Pool& pool,
                                       const LevelPool& level, std::size_t column) {
    const std::size_t d = level.splats.centre.cols();
    const std::vector<std::size_t> places = strongest_places(level, column);
    const std::size_t rows = places.size();
    std::vector<std::uint32_t> tokens(rows);
    for (std::size_t r = 0; r < rows; ++r) tokens[r] = pool.rows[places[r]];
    const Matrix<float> x_rows = context.coordinates(level.splats.level, tokens);
    const MatrixView<const float> x = context.columns.x[level.splats.level];
    Matrix<float> ratio = pool_attention(level, places);
    const std::vector<std::size_t> seen = context.seen(tokens);
    std::vector<double> deviation(d);
    for (std::size_t a = 0; a < d; ++a)
        deviation[a] =
            std::sqrt(static_cast<double>(level.splats.variance(column, a)) *
                      context.input.temperature / static_cast<double>(level.splats.beta[column]));
    // (R - 1) diag(K) X_k with X_k relative to the centre: [rows, d].
    const std::vector<double> right = parallel_sum(
        x.rows, rows * d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            const std::size_t width = end - begin;
            for (std::size_t r = 0; r < rows; ++r) {
                const float* t = pool.target.row(places[r]).data() + begin;
                float* a = ratio.row(r).data() + begin;
                for (std::size_t j = 0; j < width; ++j) a[j] = t[j] / std::max(a[j], 1e-30F) - 1.0F;
            }
            hide_future(seen, begin, {ratio.data() + begin, rows, width, ratio.cols()});
            Matrix<float> keys(width, d);
            for (std::size_t j = 0; j < width; ++j) {
                const float k = level.keys.k(begin + j, column);
                for (std::size_t a = 0; a < d; ++a)
                    keys(j, a) = k * (x(begin + j, a) - level.splats.centre(column, a));
            }
            Matrix<float> product(rows, d);
            multiply({ratio.data() + begin, rows, width, ratio.cols()}, keys.view(),
                     product.view());
            for (std::size_t e = 0; e < product.size(); ++e)
                out[e] += static_cast<double>(product.data()[e]);
        });
    using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>;
    const auto size = static_cast<Eigen::Index>(d);
    Square residual = Square::Zero(size, size);
    for (std::size_t r = 0; r < rows; ++r) {
        const auto weight = static_cast<double>(level.queries.weights()(places[r], column));
        for (std::size_t a = 0; a < d; ++a) {
            const double query = weight *
                                 (static_cast<double>(x_rows(r, a)) -
                                  static_cast<double>(level.splats.centre(column, a))) /
                                 deviation[a];
            for (std::size_t b = 0; b < d; ++b)
                residual(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)) +=
                    query * right[r * d + b] / deviation[b];
        }
    }
    residual = 0.5 * (residual + residual.transpose()).eval();
    if (!residual.allFinite()) return {};
    const Eigen::SelfAdjointEigenSolver<Square> solver(residual);
    if (solver.eigenvalues()(size - 1) <= 0.0) return {};
    Eigen::VectorXd u = solver.eigenvectors().col(size - 1);
    for (std::size_t a = 0; a < d; ++a) u(static_cast<Eigen::Index>(a)) *= deviation[a];
    Eigen::Index largest = 0;
    u.cwiseAbs().maxCoeff(&largest);
    if (u(largest) < 0.0) u = -u;
    u.normalize();
    return {u.data(), u.data() + size};
}

std::vector<Splat> halves(const Splat& splat, std::span<const double> direction) {
    const auto [one, other] = split(kernel_gaussian(splat), kOffset, direction);
    std::vector<Splat> children(2, splat);
    restrict_to_kind(one, children[0]);
    restrict_to_kind(other, children[1]);
    for (Splat& child : children) {
        child.log_amplitude = splat.log_amplitude - std::log(2.0F);
        child.age = 0;
        child.usage = UsageHistory{};
    }
    return children;
}

std::size_t worst_splat(const LevelPool& level, const Eligibility& eligible, double lambda) {
    const std::size_t k = level.splats.size();
    std::size_t worst = k;
    double most = 0.0;
    for (std::size_t s = 0; s < k; ++s) {
        const SplatId id = level.splats.id[s];
        const double error = eligible.signals.error_share(id, level.error_share[s]);
        if (error <= lambda || !eligible.old_enough(id, kAgeToSplit)) continue;
        if (eligible.resting(proposal_key(EventKind::mitosis, {id}))) continue;
        if (worst < k && error <= most) continue;
        worst = s;
        most = error;
    }
    return worst;
}

std::optional<Proposal> propose_mitosis(const CycleContext& context, const Pool& pool,
                                        const LevelPool& level, const Eligibility& eligible) {
    const double lambda = context.lambda[level.splats.level];
    const std::size_t worst = worst_splat(level, eligible, lambda);
    if (worst == level.splats.size()) return std::nullopt;
    Proposal proposal;
    proposal.kind = EventKind::mitosis;
    proposal.level = level.splats.level;
    proposal.before = {level.splats.id[worst]};
    proposal.after = halves(eligible.registry.splat(eligible.registry.row(level.splats.id[worst])),
                            residual_direction(context, pool, level, worst));
    proposal.reasons = {
        {"error_share",
         eligible.signals.error_share(level.splats.id[worst], level.error_share[worst]), lambda}};
    proposal.pull = pull_of(level, std::array{worst});
    proposal.key = proposal_key(proposal.kind, proposal.before);
    return proposal;
}

}  // namespace hsa
