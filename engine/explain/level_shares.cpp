#include "engine/explain/level_shares.h"

#include <algorithm>
#include <cmath>

namespace hsa {

LevelShares::LevelShares(const Factors& factors, const SplatRegistry& registry, std::uint16_t level)
    : from_keys_(registry.form == Form::token) {
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (factors.level[c] == level) columns_.push_back(c);
    weight_.assign(columns_.size(), 1.0);
    if (!from_keys_ || columns_.empty()) return;
    for (std::size_t t = 0; t < columns_.size(); ++t)
        weight_[t] =
            static_cast<double>(registry.log_amplitude[registry.row(factors.ids[columns_[t]])]) +
            2.0 * factors.log_mass[columns_[t]];
    const double most = *std::max_element(weight_.begin(), weight_.end());
    for (double& w : weight_) w = std::exp(w - most);
}

bool LevelShares::read(std::span<const float> k, std::span<const float> p,
                       std::span<double> out) const {
    const std::span<const float> row = from_keys_ ? k : p;
    double all = 0.0;
    for (std::size_t t = 0; t < columns_.size(); ++t) {
        out[t] = weight_[t] * static_cast<double>(row[columns_[t]]);
        all += out[t];
    }
    if (!(all > 0.0)) {
        std::fill(out.begin(), out.end(), 0.0);
        return false;
    }
    for (double& share : out) share /= all;
    return true;
}

}  // namespace hsa
