#include "engine/compute/level_kernels.h"

#include <algorithm>

namespace hsa {

LevelKernel bind_level(Backend& backend, const SplatRegistry& registry, std::size_t level,
                       double temperature) {
    LevelKernel kernel;
    kernel.level = level;
    kernel.rows = registry.rows_of_level(level);
    GaussianColumns side;
    std::vector<float> beta;
    for (const std::size_t row : kernel.rows) {
        const CovarianceView covariance = registry.gaussians.covariance(row);
        side.append(registry.gaussians.centre.row(row), covariance.kind, covariance.variance,
                    covariance.shape);
        beta.push_back(registry.beta[row]);
    }
    SplatColumns columns;
    columns.centre = side.centre.view();
    columns.kind = side.kind;
    columns.variance = side.variance.view();
    columns.shape = side.shape;
    columns.beta = beta;
    columns.temperature = temperature;
    kernel.bound = backend.bind(columns);
    return kernel;
}

std::vector<LevelKernel> bind_levels(Backend& backend, const SplatRegistry& registry,
                                     double temperature) {
    std::vector<LevelKernel> levels;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l)
        levels.push_back(bind_level(backend, registry, l, temperature));
    return levels;
}

void log_kernel_of_range(Backend& backend, std::span<const LevelKernel> levels,
                         const Coordinates& coordinates, std::size_t begin, std::size_t end,
                         MatrixView<float> out) {
    for (const LevelKernel& level : levels) {
        const std::size_t width = level.rows.size();
        if (width == 0) continue;
        const auto x = coordinates.levels[level.level]->view().block(begin, end);
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
    const Matrix<float>& block = *coordinates.levels[kernel.level];
    Matrix<float> some(tokens.size(), block.cols());
    for (std::size_t r = 0; r < tokens.size(); ++r)
        std::copy_n(block.row(tokens[r]).begin(), block.cols(), some.row(r).begin());
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
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        work.check();
        const LevelKernel kernel = bind_level(backend, registry, l, temperature);
        const Matrix<float> ell = log_kernel_of_tokens(backend, kernel, coordinates, tokens);
        const std::vector<double> mass =
            backend.log_mass(*kernel.bound, coordinates.levels[l]->view(), {}, work);
        for (std::size_t s = 0; s < kernel.rows.size(); ++s) {
            joint.log_mass[kernel.rows[s]] = mass[s];
            for (std::size_t r = 0; r < tokens.size(); ++r)
                joint.log_kernel(r, kernel.rows[s]) = ell(r, s);
        }
    }
    return joint;
}

}  // namespace hsa
