#include "bench/bench/peers/linear_attention.h"

#include "bench/bench/peers/features.h"
#include "engine/core/gather.h"

#include <cmath>
#include <utility>

namespace hsa_bench {
namespace {

// ln(elu(x) + 1).
float log_feature(double x) { return static_cast<float>(x > 0.0 ? std::log1p(x) : x); }

}  // namespace

hsa::Matrix<float> linear_attention_rows(const hsa::Head& head, std::span<const std::uint32_t> rows,
                                         double scale) {
    const hsa::Matrix<float>& keys = *head.coordinates.base;
    hsa::Matrix<float> log_phi = hsa::gather_rows(queries_of(head).view(), rows);
    for (std::size_t e = 0; e < log_phi.size(); ++e)
        log_phi.data()[e] = log_feature(scale * static_cast<double>(log_phi.data()[e]));
    hsa::Matrix<float> log_psi(keys.cols(), keys.rows());
    for (std::size_t j = 0; j < keys.rows(); ++j)
        for (std::size_t a = 0; a < keys.cols(); ++a)
            log_psi(a, j) = log_feature(scale * static_cast<double>(keys(j, a)));
    return rows_of_features(std::move(log_phi), std::move(log_psi));
}

}  // namespace hsa_bench
