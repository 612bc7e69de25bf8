#include "engine/explain/level_effect.h"

#include "engine/attention/cells.h"
#include "engine/attention/row_kl.h"
#include "engine/core/stratified.h"
#include "engine/explain/sampled_rows.h"

#include <algorithm>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kRows = 256;
constexpr double kNothingLeft = 1e-6;  // of a row without a level

double gate_of(const Factors& factors, std::size_t token, std::size_t level) {
    const FactorRow p = factors.p.row(token);
    double gate = 0.0;
    for (std::size_t c = 0; c < factors.columns(); ++c)
        if (factors.level[c] == level) gate += static_cast<double>(p[c]);
    return gate;
}

}  // namespace

LevelEffects level_effects(const Factors& factors, const Target& target, std::size_t levels,
                           const Work& work) {
    const std::size_t n = factors.tokens();
    const std::vector<std::uint32_t> rows = stratified_rows(n, kRows);
    LevelEffects effects;
    effects.exact = rows.size() == n;
    effects.without.assign(levels, 0.0);
    by_stretch(rows, [&](std::size_t, std::span<const std::uint32_t> some) {
        work.check();
        Matrix<float> wanted(some.size(), n);
        Matrix<float> whole(some.size(), n);
        Matrix<float> part(some.size(), n);
        target.rows(some, wanted.view());
        attention_rows(factors, some, {}, whole.view());
        std::vector<bool> has_target(some.size());
        for (std::size_t r = 0; r < some.size(); ++r) {
            const std::span<const float> row = wanted.row(r);
            has_target[r] = std::any_of(row.begin(), row.end(), [](float t) { return t > 0.0F; });
            if (!has_target[r]) continue;
            ++effects.rows;
            effects.row_kl += row_kl(row, whole.row(r));
        }
        for (std::size_t l = 0; l < levels; ++l) {
            if (!effects.without[l]) continue;
            level_attention_rows(factors, static_cast<std::uint16_t>(l), 0.0, some, part.view());
            for (std::size_t r = 0; r < some.size(); ++r) {
                if (!has_target[r]) continue;
                const double gate = gate_of(factors, some[r], l);
                if (1.0 - gate < kNothingLeft) {
                    effects.without[l].reset();
                    break;
                }
                const std::span<float> others = part.row(r);
                for (std::size_t j = 0; j < n; ++j)
                    others[j] = static_cast<float>(
                        std::max(0.0, static_cast<double>(whole(r, j)) -
                                          gate * static_cast<double>(others[j])) /
                        (1.0 - gate));
                *effects.without[l] += row_kl(wanted.row(r), others);
            }
        }
    });
    const auto count = static_cast<double>(std::max<std::size_t>(effects.rows, 1));
    effects.row_kl /= count;
    for (std::optional<double>& each : effects.without)
        if (each) *each /= count;
    return effects;
}

}  // namespace hsa
