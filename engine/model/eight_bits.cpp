#include "engine/model/eight_bits.h"

#include "engine/core/error.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr double kSteps = 255.0;

std::size_t group_of(std::size_t level, std::size_t column, std::size_t width, bool by_column) {
    return by_column ? level * width + column : level;
}

}  // namespace

EightBits to_eight_bits(MatrixView<const float> values, std::span<const std::uint16_t> level,
                        std::size_t levels, bool by_column) {
    const std::size_t groups = by_column ? levels * values.cols : levels;
    EightBits bits;
    bits.low.assign(groups, std::numeric_limits<float>::max());
    bits.high.assign(groups, std::numeric_limits<float>::lowest());
    for (std::size_t r = 0; r < values.rows; ++r)
        for (std::size_t c = 0; c < values.cols; ++c) {
            const std::size_t g = group_of(level[r], c, values.cols, by_column);
            bits.low[g] = std::min(bits.low[g], values(r, c));
            bits.high[g] = std::max(bits.high[g], values(r, c));
        }
    for (std::size_t g = 0; g < groups; ++g)
        if (bits.low[g] > bits.high[g]) bits.low[g] = bits.high[g] = 0.0F;  // a level without rows
    bits.codes.reserve(values.rows * values.cols);
    for (std::size_t r = 0; r < values.rows; ++r)
        for (std::size_t c = 0; c < values.cols; ++c) {
            const std::size_t g = group_of(level[r], c, values.cols, by_column);
            const auto low = static_cast<double>(bits.low[g]);
            const double range = static_cast<double>(bits.high[g]) - low;
            const double share =
                range > 0.0 ? (static_cast<double>(values(r, c)) - low) / range : 0.0;
            bits.codes.push_back(static_cast<std::uint8_t>(std::lround(kSteps * share)));
        }
    return bits;
}

Matrix<float> from_eight_bits(const EightBits& bits, std::size_t width,
                              std::span<const std::uint16_t> level, std::size_t levels,
                              bool by_column) {
    const std::size_t groups = by_column ? levels * width : levels;
    if (bits.codes.size() != level.size() * width || bits.low.size() != groups ||
        bits.high.size() != groups)
        fault("{} codes of 8 bits in {} groups for {} x {} numbers", bits.codes.size(),
              bits.low.size(), level.size(), width);
    Matrix<float> values(level.size(), width);
    for (std::size_t r = 0; r < values.rows(); ++r)
        for (std::size_t c = 0; c < width; ++c) {
            const std::size_t g = group_of(level[r], c, width, by_column);
            const auto low = static_cast<double>(bits.low[g]);
            const double range = static_cast<double>(bits.high[g]) - low;
            values(r, c) = static_cast<float>(low + range * bits.codes[r * width + c] / kSteps);
        }
    return values;
}

GaussianBits to_eight_bits(const GaussianColumns& gaussians, std::span<const std::uint16_t> level,
                           std::size_t levels) {
    Matrix<float> log_variance = gaussians.variance;
    for (std::size_t e = 0; e < log_variance.size(); ++e)
        log_variance.data()[e] = std::log(log_variance.data()[e]);
    return {to_eight_bits(gaussians.centre.view(), level, levels, true),
            to_eight_bits(std::as_const(log_variance).view(), level, levels, false)};
}

void take_eight_bits(const GaussianBits& bits, std::span<const std::uint16_t> level,
                     std::size_t levels, GaussianColumns& gaussians) {
    const std::size_t d = gaussians.centre.cols();
    gaussians.centre = from_eight_bits(bits.centre, d, level, levels, true);
    Matrix<float> variance = from_eight_bits(bits.log_variance, d, level, levels, false);
    for (std::size_t e = 0; e < variance.size(); ++e)
        variance.data()[e] = std::exp(variance.data()[e]);
    // Off-diagonal numbers of a full covariance belong to the diagonal that they were made with.
    for (std::size_t row = 0; row < gaussians.kind.size(); ++row)
        if (gaussians.kind[row] == CovarianceKind::full)
            std::copy_n(gaussians.variance.row(row).begin(), d, variance.row(row).begin());
    gaussians.variance = std::move(variance);
}

SplatRegistry in_eight_bits(SplatRegistry registry) {
    const std::size_t levels = registry.hierarchy.size();
    const auto pack = [&](GaussianColumns& gaussians) {
        take_eight_bits(to_eight_bits(gaussians, registry.level, levels), registry.level, levels,
                        gaussians);
    };
    pack(registry.gaussians);
    if (registry.query_gaussians) pack(*registry.query_gaussians);
    return registry;
}

}  // namespace hsa
