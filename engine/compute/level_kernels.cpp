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
