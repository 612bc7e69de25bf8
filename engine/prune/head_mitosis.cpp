#include "engine/prune/head_mitosis.h"

#include "engine/adapt/mitosis.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/prune/head_alone.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>;

// A splat's kernel on one side.
struct Kernel {
    std::span<const float> centre;
    std::vector<double> deviation;  // [d]
};

Kernel kernel_of(std::span<const float> centre, std::span<const float> variance, double beta) {
    Kernel kernel{centre, {}};
    for (const float v : variance)
        kernel.deviation.push_back(std::sqrt(static_cast<double>(v) / beta));
    return kernel;
}

Kernel query_kernel(const Splat& splat) {
    const auto beta = static_cast<double>(splat.beta);
    return splat.query ? kernel_of(splat.query->centre, splat.query->variance, beta)
                       : kernel_of(splat.centre, splat.variance, beta);
}

// sum_j K_js (T / A - 1)_ij (k_j - centre) of some rows: [rows, d].
std::vector<double> unexplained_keys(const HeadContext& context, const HeadPool& pool,
                                     std::span<const std::size_t> places, const Kernel& key,
                                     std::size_t column) {
    const Matrix<float>& x = rows_of_side(context.head.coordinates, 0, Side::key);
    const std::size_t rows = places.size();
    const std::size_t d = x.cols();
    return parallel_sum(
        x.rows(), rows * d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            const std::size_t width = end - begin;
            const Matrix<float> ratio = pool.missing_ratio(context, places, begin, end);
            Matrix<float> keys(width, d);
            for (std::size_t j = 0; j < width; ++j)
                for (std::size_t a = 0; a < d; ++a)
                    keys(j, a) =
                        pool.level.keys.k(begin + j, column) * (x(begin + j, a) - key.centre[a]);
            Matrix<float> product(rows, d);
            multiply(ratio.view(), std::as_const(keys).view(), product.view());
            for (std::size_t e = 0; e < product.size(); ++e)
                out[e] += static_cast<double>(product.data()[e]);
        });
}

// A whitened direction in the splat's coordinates, of unit length.
std::vector<double> in_coordinates(Eigen::VectorXd u, const Kernel& kernel) {
    for (Eigen::Index a = 0; a < u.size(); ++a)
        u(a) *= kernel.deviation[static_cast<std::size_t>(a)];
    u.normalize();
    return {u.data(), u.data() + u.size()};
}

// One splat in two along its directions; ln w of each is the whole's less ln 2.
std::vector<Splat> halves_of(const Splat& splat, const SplitDirections& directions) {
    std::vector<Splat> children = halves(splat, directions.key);
    if (!splat.query) return children;
    Splat query = splat;
    query.kind = splat.query->kind;
    query.centre = splat.query->centre;
    query.variance = splat.query->variance;
    query.shape = splat.query->shape;
    const std::vector<Splat> sides = halves(query, directions.query);
    for (std::size_t c = 0; c < children.size(); ++c)
        children[c].query =
            QueryGaussian{sides[c].kind, sides[c].centre, sides[c].variance, sides[c].shape};
    return children;
}

}  // namespace

SplitDirections split_directions(const HeadContext& context, const HeadPool& pool,
                                 const SplatRegistry& registry, std::size_t column) {
    const Splat splat = registry.splat(registry.row(pool.level.splats.id[column]));
    const Kernel key = kernel_of(splat.centre, splat.variance, static_cast<double>(splat.beta));
    const Kernel query = query_kernel(splat);
    const std::vector<std::size_t> places = strongest_places(pool.level, column);
    const std::vector<double> keys = unexplained_keys(context, pool, places, key, column);
    const Matrix<float>& queries = queries_of(context.head);
    const std::size_t d = key.deviation.size();
    const auto size = static_cast<Eigen::Index>(d);
    Square residual = Square::Zero(size, size);
    for (std::size_t r = 0; r < places.size(); ++r) {
        const auto weight = static_cast<double>(pool.level.queries.weight(places[r], column));
        const std::span<const float> x = queries.row(pool.exact.rows[places[r]]);
        for (std::size_t a = 0; a < d; ++a) {
            const double of_query =
                weight * (static_cast<double>(x[a]) - static_cast<double>(query.centre[a])) /
                query.deviation[a];
            for (std::size_t b = 0; b < d; ++b)
                residual(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)) +=
                    of_query * keys[r * d + b] / key.deviation[b];
        }
    }
    if (!residual.allFinite()) return {};
    Eigen::VectorXd of_query;
    Eigen::VectorXd of_key;
    if (splat.query) {
        const Eigen::JacobiSVD<Square> svd(residual, Eigen::ComputeThinU | Eigen::ComputeThinV);
        if (!(svd.singularValues()(0) > 0.0)) return {};
        of_query = svd.matrixU().col(0);
        of_key = svd.matrixV().col(0);
    } else {
        residual = 0.5 * (residual + residual.transpose()).eval();
        const Eigen::SelfAdjointEigenSolver<Square> solver(residual);
        if (!(solver.eigenvalues()(size - 1) > 0.0)) return {};
        of_query = of_key = solver.eigenvectors().col(size - 1);
    }
    // Both sides turn together: a sign that does not depend on the decomposition.
    Eigen::Index largest = 0;
    of_key.cwiseAbs().maxCoeff(&largest);
    if (of_key(largest) < 0.0) {
        of_key = -of_key;
        of_query = -of_query;
    }
    return {in_coordinates(of_query, query), in_coordinates(of_key, key)};
}

std::vector<Splat> halves_of_head(const HeadContext& context, const HeadPool& pool,
                                  const SplatRegistry& registry, SplatId id,
                                  const SplitDirections& directions) {
    std::vector<Splat> children = halves_of(registry.splat(registry.row(id)), directions);
    const auto shift = static_cast<float>(
        weight_shift(context, pool, registry, std::span<const SplatId>(&id, 1), children));
    for (Splat& half : children) half.log_amplitude += shift;
    return children;
}

std::optional<Proposal> propose_head_mitosis(const HeadContext& context, const HeadPool& pool,
                                             const Eligibility& eligible) {
    const LevelPool& level = pool.level;
    const std::size_t worst = worst_splat(level, eligible, context.lambda);
    if (worst == level.splats.size()) return std::nullopt;
    const SplatId id = level.splats.id[worst];
    const SplatRegistry& registry = eligible.registry;
    Proposal proposal;
    proposal.kind = EventKind::mitosis;
    proposal.before = {id};
    proposal.after = halves_of(registry.splat(registry.row(id)),
                               split_directions(context, pool, registry, worst));
    const auto shift =
        static_cast<float>(weight_shift(context, pool, registry, proposal.before, proposal.after));
    for (Splat& half : proposal.after) half.log_amplitude += shift;
    proposal.reasons = {{"error_share", eligible.signals.error_share(id, level.error_share[worst]),
                         context.lambda}};
    proposal.pull = pull_of(level, std::array{worst});
    proposal.key = proposal_key(proposal.kind, proposal.before);
    return proposal;
}

}  // namespace hsa
