#include "engine/attention/finish.h"

#include "engine/core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace hsa {
namespace {

// Largest exponent whose exponential is finite in double precision.
constexpr double kMostExponent = 700.0;
constexpr std::size_t kRowsAtOnce = 16;

void divide_by_sum(std::span<float> row) {
    double sum = 0.0;
    for (const float value : row) sum += static_cast<double>(value);
    if (sum > 0.0)
        for (float& value : row) value = static_cast<float>(static_cast<double>(value) / sum);
}

}  // namespace

bool has_row_steps(const AttentionSettings& settings) {
    return settings.normalise == Normalise::softmax_linear ||
           (settings.normalise == Normalise::softmax && settings.tau != 1.0) ||
           settings.top_k > 0 || settings.threshold > 0.0;
}

std::string row_steps_text(const AttentionSettings& settings) {
    std::string text;
    if (settings.normalise == Normalise::softmax_linear) text = "softmax-linear";
    else if (settings.normalise == Normalise::softmax && settings.tau != 1.0)
        text = fmt::format("softmax({})", settings.tau);
    const char* join = text.empty() ? "" : ", ";
    if (settings.top_k > 0) text += fmt::format("{}top {}", join, settings.top_k);
    else if (settings.threshold > 0.0)
        text += fmt::format("{}threshold {}", join, settings.threshold);
    return text;
}

void finish_row(std::span<float> row, double log_normaliser, const AttentionSettings& settings,
                const RowReach& reach) {
    if (settings.normalise == Normalise::softmax) soften(row, settings.tau);
    else if (settings.normalise == Normalise::softmax_linear)
        soften_linear(row, log_normaliser, reach);
    keep_strongest(row, settings.top_k, settings.threshold);
}

void soften(std::span<float> row, double tau) {
    if (row.empty() || tau == 1.0) return;
    const float most = *std::max_element(row.begin(), row.end());
    if (!(most > 0.0F)) return;
    const double log_most = std::log(static_cast<double>(most));
    for (float& value : row)
        if (value > 0.0F)
            value = static_cast<float>(
                std::exp((std::log(static_cast<double>(value)) - log_most) / tau));
    divide_by_sum(row);
}

void soften_linear(std::span<float> row, double log_normaliser, const RowReach& reach) {
    if (row.empty()) return;
    const auto most = static_cast<double>(*std::max_element(row.begin(), row.end()));
    if (!(most > 0.0)) return;
    const double z = std::exp(std::min(log_normaliser, kMostExponent));
    for (float& value : row)
        value = static_cast<float>(std::exp(z * (static_cast<double>(value) - most)));
    if (reach.seen < row.size()) std::ranges::fill(row.subspan(reach.seen), 0.0F);
    for (const std::uint32_t column : reach.masked) row[column] = 0.0F;
    divide_by_sum(row);
}

void keep_strongest(std::span<float> row, std::size_t top_k, double threshold) {
    if (row.empty()) return;
    if (top_k > 0) {
        if (top_k < row.size()) {
            std::vector<std::size_t> order(row.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top_k),
                             order.end(), [&](std::size_t a, std::size_t b) {
                                 return row[a] != row[b] ? row[a] > row[b] : a < b;
                             });
            for (std::size_t r = top_k; r < order.size(); ++r) row[order[r]] = 0.0F;
        }
    } else if (threshold > 0.0) {
        const auto most = std::max_element(row.begin(), row.end());
        for (auto value = row.begin(); value != row.end(); ++value)
            if (static_cast<double>(*value) < threshold && value != most) *value = 0.0F;
    } else {
        return;
    }
    divide_by_sum(row);
}

std::optional<double> finished_mean(const Factors& factors, const Block& block,
                                    const AttentionSettings& settings, const Work& work) {
    if (block.rows.empty() || block.columns.empty() || block.rows.end > factors.tokens() ||
        block.columns.end > factors.tokens())
        fault("a mean over rows {}:{} and columns {}:{} of {} tokens", block.rows.begin,
              block.rows.end, block.columns.begin, block.columns.end, factors.tokens());
    const std::size_t count = block.rows.size();
    if (!has_row_steps(settings) || count > kFinishedRowsUpTo) return std::nullopt;
    double sum = 0.0;
    Matrix<float> rows(std::min(kRowsAtOnce, count), factors.tokens());
    for (std::size_t first = 0; first < count; first += kRowsAtOnce) {
        work.check();
        std::vector<std::uint32_t> tokens(std::min(kRowsAtOnce, count - first));
        std::iota(tokens.begin(), tokens.end(),
                  static_cast<std::uint32_t>(block.rows.begin + first));
        attention_rows(factors, tokens, settings, rows.view().block(0, tokens.size()));
        for (std::size_t r = 0; r < tokens.size(); ++r)
            for (std::size_t j = block.columns.begin; j < block.columns.end; ++j)
                sum += static_cast<double>(rows(r, j));
    }
    return sum / static_cast<double>(count) / static_cast<double>(block.columns.size());
}

}  // namespace hsa
