#include "engine/attention/adam_steps.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <span>

namespace hsa {

StepScale step_scale(MatrixView<const float> x) {
    StepScale scale;
    const std::vector<double> sum = parallel_sum(
        x.rows, 2 * x.cols, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t a = 0; a < x.cols; ++a) {
                    const auto value = static_cast<double>(x(i, a));
                    out[a] += value;
                    out[x.cols + a] += value * value;
                }
        });
    const auto n = static_cast<double>(std::max<std::size_t>(x.rows, 1));
    for (std::size_t a = 0; a < x.cols; ++a) {
        const double centre = sum[a] / n;
        scale.rms.push_back(std::sqrt(std::max(0.0, sum[x.cols + a] / n - centre * centre)));
    }
    return scale;
}

}  // namespace hsa
