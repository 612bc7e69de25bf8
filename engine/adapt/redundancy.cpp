#include "engine/adapt/redundancy.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <cmath>

namespace hsa {
namespace {

void check_columns(const Factors& factors, std::size_t s, std::size_t t) {
    if (s >= factors.columns() || t >= factors.columns())
        fault("columns {} and {} of {} factors", s, t, factors.columns());
}

}  // namespace

double redundancy(const Factors& factors, std::size_t s, std::size_t t) {
    check_columns(factors, s, t);
    // K(.|s) is phi_s divided by its sum: the cosine does not see the factor.
    const std::vector<double> sum = parallel_sum(
        factors.tokens(), 3, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i) {
                const auto a = static_cast<double>(factors.k(i, s));
                const auto b = static_cast<double>(factors.k(i, t));
                out[0] += a * b;
                out[1] += a * a;
                out[2] += b * b;
            }
        });
    if (sum[1] <= 0.0 || sum[2] <= 0.0) return 0.0;
    return sum[0] * sum[0] / (sum[1] * sum[2]);
}

double overlap(const Factors& factors, std::size_t s, std::size_t t) {
    check_columns(factors, s, t);
    return parallel_sum(factors.tokens(), 1,
                        [&](std::size_t begin, std::size_t end, std::span<double> out) {
                            for (std::size_t i = begin; i < end; ++i)
                                out[0] += std::sqrt(static_cast<double>(factors.k(i, s)) *
                                                    static_cast<double>(factors.k(i, t)));
                        })[0];
}

}  // namespace hsa
