#include "tests/unit/engine/fit/heads.h"

#include "engine/core/random.h"

#include <cmath>

using hsa::Matrix;
using hsa::Random;

TestHead clustered_head(std::size_t n, std::size_t d, std::size_t clusters, double sharpness,
                        std::uint64_t seed) {
    const auto drawn = [&](std::uint64_t what, std::uint64_t which) {
        Random random{seed, what, which};
        std::vector<double> values(d);
        for (double& value : values) value = random.normal();
        return values;
    };
    const double scale = std::sqrt(sharpness) / std::pow(static_cast<double>(d), 0.25);
    const std::vector<double> of_queries = drawn(1, 0);
    const std::vector<double> of_keys = drawn(1, 1);
    Matrix<float> queries(n, d);
    Matrix<float> keys(n, d);
    TestHead head;
    head.values = Matrix<float>(n, 3);
    for (std::size_t i = 0; i < n; ++i) {
        Random random{seed, 2, i};
        const std::uint64_t asks = random.below(clusters);
        const std::uint64_t is = random.below(clusters);
        const std::vector<double> wanted = drawn(3, asks);
        const std::vector<double> own = drawn(3, is);
        for (std::size_t a = 0; a < d; ++a) {
            queries(i, a) = static_cast<float>(
                scale * (wanted[a] + 0.4 * random.normal() + 0.5 * of_queries[a]));
            keys(i, a) =
                static_cast<float>(scale * (own[a] + 0.4 * random.normal() + 0.5 * of_keys[a]));
        }
        head.values(i, 0) = static_cast<float>(is);
        head.values(i, 1) = static_cast<float>(random.normal());
        head.values(i, 2) = keys(i, 0);
    }
    head.coordinates.base = std::make_shared<const Matrix<float>>(keys);
    head.coordinates.levels = {head.coordinates.base};
    head.coordinates.queries = std::make_shared<const Matrix<float>>(queries);
    head.target = std::make_shared<const hsa::Target>(std::move(queries), std::move(keys), 1.0);
    return head;
}
