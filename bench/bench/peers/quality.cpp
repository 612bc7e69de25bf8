#include "bench/bench/peers/quality.h"

#include "engine/attention/divergence.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>

namespace hsa_bench {

using hsa::Matrix;

Quality quality_of(const hsa::ExactRows& exact, const Matrix<float>& a, const Matrix<float>& values,
                   std::size_t grouped) {
    Quality quality;
    for (std::size_t i = 0; i < a.rows(); ++i)
        quality.kl += hsa::divergence(exact.target.row(i), a.row(i)) /
                      static_cast<double>(exact.target.rows());
    Matrix<float> out(a.rows(), values.cols());
    hsa::multiply(a.view(), values.view(), out.view());
    const auto error = [&](std::size_t begin, std::size_t end) {
        double missed = 0.0;
        double all = 0.0;
        for (std::size_t i = 0; i < out.rows(); ++i)
            for (std::size_t c = begin; c < end; ++c) {
                const auto wanted = static_cast<double>(exact.outputs(i, c));
                missed += std::pow(wanted - static_cast<double>(out(i, c)), 2);
                all += wanted * wanted;
            }
        return std::sqrt(missed / all);
    };
    quality.output = error(0, grouped);
    quality.noise = error(grouped, values.cols());
    return quality;
}

Quality best_of(const Quality& x, const Quality& y) {
    return {std::min(x.kl, y.kl), std::min(x.output, y.output), std::min(x.noise, y.noise)};
}

}  // namespace hsa_bench
