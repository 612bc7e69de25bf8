#include "engine/explain/uniform.h"

namespace hsa {

std::vector<double> causal_uniform_from(std::span<const Range> rows, std::size_t n) {
    std::vector<double> uniform(n + 1, 0.0);
    double count = 0.0;
    for (const Range& range : rows)
        for (std::size_t i = range.begin; i < range.end; ++i) {
            uniform[i] = 1.0 / static_cast<double>(i + 1);
            count += 1.0;
        }
    for (std::size_t j = n; j-- > 0;) uniform[j] += uniform[j + 1];
    for (double& u : uniform) u /= count;
    uniform.resize(n);
    return uniform;
}

std::vector<double> causal_uniform_to(std::span<const Range> columns, std::size_t n) {
    std::vector<double> uniform(n, 0.0);
    double count = 0.0;
    for (const Range& range : columns)
        for (std::size_t j = range.begin; j < range.end; ++j) {
            uniform[j] = 1.0;
            count += 1.0;
        }
    double seen = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        seen += uniform[i];
        uniform[i] = seen / (count * static_cast<double>(i + 1));
    }
    return uniform;
}

}  // namespace hsa
