#include "engine/fit/row_entropy.h"

#include "engine/attention/near_set.h"
#include "engine/core/error.h"
#include "engine/core/matrix.h"

#include <cmath>
#include <cstdint>
#include <vector>

namespace hsa {

double mean_row_entropy(const Target& target) {
    if (target.size() == 0) fail("There are no tokens whose rows could have an entropy.");
    const std::vector<std::uint32_t> rows = sampled_rows(target.size());
    Matrix<float> t(rows.size(), target.size());
    target.rows(rows, t.view());
    double sum = 0.0;
    for (std::size_t e = 0; e < t.size(); ++e) {
        const auto value = static_cast<double>(t.data()[e]);
        if (value > 0.0) sum -= value * std::log(value);
    }
    return sum / static_cast<double>(rows.size());
}

double entropy_share(double row_entropy, std::size_t tokens) {
    return tokens > 1 ? row_entropy / std::log(static_cast<double>(tokens)) : 0.0;
}

bool is_diffuse(double row_entropy, std::size_t tokens) {
    constexpr double kShare = 0.95;
    return entropy_share(row_entropy, tokens) > kShare;
}

}  // namespace hsa
