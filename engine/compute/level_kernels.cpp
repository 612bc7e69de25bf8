#include "engine/compute/level_kernels.h"

#include "engine/core/gather.h"
#include "engine/core/parallel.h"

#include <algorithm>

namespace hsa {

SplatColumns splat_columns(const GaussianColumns& gaussians, std::span<const float> beta,
                           double temperature) {
    SplatColumns columns;
    columns.centre = gaussians.centre.view();
    columns.kind = gaussians.kind;
    columns.variance = gaussians.variance.view();
    columns.shape = gaussians.shape;
    columns.beta = beta;
    columns.temperature = temperature;
    return columns;
}

bool has_two_sides(const SplatRegistry& registry) { return registry.form != Form::token; }

const GaussianColumns& gaussians_of(const SplatRegistry& registry, Side side) {
    return side == Side::query && registry.query_gaussians ? *registry.query_gaussians
                                                           : registry.gaussians;
}

const Matrix<float>& rows_of_side(const Coordinates& coordinates, std::size_t level, Side side) {
    return side == Side::query && coordinates.queries ? *coordinates.queries
                                                      : *coordinates.levels[level];
}

std::vector<float> log_key_factors(const SplatRegistry& registry, const Coordinates& coordinates) {
    constexpr double kMost = 1e30;
    const bool norms = has_two_sides(registry) && registry.kappa != 0.0;
    if (!norms && coordinates.masked.empty()) return {};
    std::vector<float> factors(coordinates.size(), 0.0F);
    parallel_blocks(
        norms ? factors.size() : 0, kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t j = begin; j < end; ++j) {
                double square = 0.0;
                for (const float value : coordinates.base->row(j))
                    square += static_cast<double>(value) * static_cast<double>(value);
                factors[j] =
                    static_cast<float>(std::clamp(0.5 * registry.kappa * square, -kMost, kMost));
            }
        });
    for (const std::uint32_t token : coordinates.masked) factors[token] = kMaskedKey;
    return factors;
}

LevelKernel bind_level(Backend& backend, const SplatRegistry& registry, std::size_t level,
                       double temperature, Side side) {
    LevelKernel kernel;
    kernel.level = level;
    kernel.side = side;
    kernel.rows = registry.rows_of_level(level);
    const GaussianColumns& all = gaussians_of(registry, side);
    GaussianColumns own;
    std::vector<float> beta;
    for (const std::size_t row : kernel.rows) {
        const CovarianceView covariance = all.covariance(row);
        own.append(all.centre.row(row), covariance.kind, covariance.variance, covariance.shape);
        beta.push_back(registry.beta[row]);
    }
    kernel.bound = backend.bind(splat_columns(own, beta, temperature));
    return kernel;
}

std::vector<LevelKernel> bind_levels(Backend& backend, const SplatRegistry& registry,
                                     double temperature, Side side) {
    std::vector<LevelKernel> levels;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        levels.push_back(bind_level(backend, registry, l, temperature, side));
    return levels;
}

void log_kernel_of_range(Backend& backend, std::span<const LevelKernel> levels,
                         const Coordinates& coordinates, std::size_t begin, std::size_t end,
                         MatrixView<float> out) {
    for (const LevelKernel& level : levels) {
        const std::size_t width = level.rows.size();
        if (width == 0) continue;
        const auto x = rows_of_side(coordinates, level.level, level.side).view().block(begin, end);
        const std::size_t first = level.rows.front();
        if (level.rows.back() - first + 1 == width) {  // side by side: written in place
            backend.log_kernel(*level.bound, x, {out.data + first, out.rows, width, out.stride});
            continue;
        }
        Matrix<float> ell(end - begin, width);
        backend.log_kernel(*level.bound, x, ell.view());
        for (std::size_t i = 0; i < ell.rows(); ++i)
            for (std::size_t s = 0; s < width; ++s) out(i, level.rows[s]) = ell(i, s);
    }
}

Matrix<float> log_kernel_of_tokens(Backend& backend, const LevelKernel& kernel,
                                   const Coordinates& coordinates,
                                   std::span<const std::uint32_t> tokens) {
    const Matrix<float> some =
        gather_rows(rows_of_side(coordinates, kernel.level, kernel.side).view(), tokens);
    Matrix<float> ell(tokens.size(), kernel.rows.size());
    backend.log_kernel(*kernel.bound, some.view(), ell.view());
    return ell;
}

JointKernel joint_kernel(Backend& backend, const SplatRegistry& registry,
                         const Coordinates& coordinates, std::span<const std::uint32_t> tokens,
                         double temperature, const Work& work) {
    JointKernel joint;
    joint.log_kernel = Matrix<float>(tokens.size(), registry.size());
    joint.log_mass.resize(registry.size());
    const std::vector<float> factors = log_key_factors(registry, coordinates);
    const std::size_t levels = registry.hierarchy.size();
    for (std::size_t l = 0; l < levels; ++l) {
        work.check();
        work.report("summing kernels", static_cast<double>(l) / static_cast<double>(levels));
        const LevelKernel kernel = bind_level(backend, registry, l, temperature);
        const Matrix<float> ell = log_kernel_of_tokens(backend, kernel, coordinates, tokens);
        const std::vector<double> mass =
            backend.log_mass(*kernel.bound, coordinates.levels[l]->view(), factors, work);
        for (std::size_t s = 0; s < kernel.rows.size(); ++s) {
            joint.log_mass[kernel.rows[s]] = mass[s];
            for (std::size_t r = 0; r < tokens.size(); ++r)
                joint.log_kernel(r, kernel.rows[s]) = ell(r, s);
        }
    }
    return joint;
}

}  // namespace hsa
