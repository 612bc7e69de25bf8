#include "bench/bench/workload.h"

#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <memory>

namespace hsa_bench {

using hsa::Matrix;
using hsa::Random;

hsa::SplatRegistry workload_splats(hsa::CovarianceKind kind, std::size_t k) {
    hsa::SplatRegistry registry;
    registry.hierarchy.levels = {{"Token", 1.0}};
    registry.dimension = kDimension;
    registry.background_log_weight = -7.0;
    for (std::size_t s = 0; s < k; ++s) {
        Random random({1, s});
        hsa::Splat splat;
        splat.kind = kind;
        for (std::size_t a = 0; a < kDimension; ++a) {
            splat.centre.push_back(static_cast<float>(0.7 * random.normal()));
            const auto spread = static_cast<float>(random.uniform());
            splat.variance.push_back(kind == hsa::CovarianceKind::spherical ? 0.5F
                                                                            : 0.4F + 0.2F * spread);
        }
        splat.shape = hsa::from_variances(splat.variance, kind).shape;
        splat.beta = 4.0F / static_cast<float>(kDimension);
        registry.add(splat);
    }
    return registry;
}

Workload make_workload(std::size_t n, hsa::CovarianceKind kind, std::size_t k) {
    Workload made;
    made.registry = workload_splats(kind, k);
    auto rows = std::make_shared<Matrix<float>>(n, kDimension);
    made.values = Matrix<float>(n, kValues);
    hsa::parallel_blocks(n, hsa::kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            Random random({2, i});
            const auto centre = made.registry.gaussians.centre.row(random.below(k));
            for (std::size_t a = 0; a < kDimension; ++a)
                (*rows)(i, a) = centre[a] + static_cast<float>(0.7 * random.normal());
            for (float& value : made.values.row(i))
                value = static_cast<float>(random.uniform() - 0.5);
        }
    });
    made.coordinates.base = rows;
    made.coordinates.levels = {rows};
    return made;
}

}  // namespace hsa_bench
