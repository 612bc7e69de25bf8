#include "bench/bench/peers/cells.h"

#include "engine/attention/kmeans.h"

#include <numeric>
#include <utility>

namespace hsa_bench {

using hsa::Matrix;

Cells cells_of(const Matrix<float>& x, std::size_t k, std::uint64_t seed) {
    std::vector<std::uint32_t> all(x.rows());
    std::iota(all.begin(), all.end(), 0U);
    const std::vector<float> weight(x.rows(), 1.0F);
    hsa::Places places = hsa::weighted_kmeans(x, weight, all, k, seed, {});
    Matrix<double> sum(places.count, x.cols());
    std::vector<double> members(places.count, 0.0);
    for (std::size_t i = 0; i < x.rows(); ++i) {
        members[places.label[i]] += 1.0;
        for (std::size_t a = 0; a < x.cols(); ++a)
            sum(places.label[i], a) += static_cast<double>(x(i, a));
    }
    Cells cells{std::move(places.label), Matrix<float>(places.count, x.cols())};
    for (std::size_t c = 0; c < members.size(); ++c)
        for (std::size_t a = 0; a < x.cols(); ++a)
            cells.mean(c, a) = static_cast<float>(sum(c, a) / members[c]);
    return cells;
}

}  // namespace hsa_bench
