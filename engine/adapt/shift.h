#pragma once

#include "engine/adapt/controller.h"
#include "engine/model/adapt_state.h"

#include <optional>
#include <span>
#include <vector>

namespace hsa {

// Are these the data that the splats were adapted to? Log-coverage (coverage.h) of the same splats
// on the data before and on those of now is compared by a two-sample z. Splats move from cycle to
// cycle, so what is compared is always measured with the same ones; changes too small to be a
// shift are summed, so that many of them are one.

inline constexpr std::size_t kShiftRows = 2048;     // tokens looked at, spread evenly
inline constexpr std::size_t kShiftStretches = 32;  // whose means give the standard error
inline constexpr double kLargestShift = 1e6;        // of |z|, where the errors vanish

// At most kShiftRows tokens, spread evenly over those that are not masked, rising.
[[nodiscard]] std::vector<std::uint32_t> spread_tokens(const Coordinates& coordinates);

// Log-coverage by each level: [levels]. Neighbours in a text are alike, so the error is that of the
// mean of 32 stretches. Empty below 64 visible tokens, for splats fitted to queries and keys, or
// where a number is not finite.
[[nodiscard]] std::vector<Covered> covered_by(Backend& backend, const Coordinates& coordinates,
                                              const SplatRegistry& registry, double temperature,
                                              const Work& work);

// z of the level where |z| is largest; none where one of both is not known.
[[nodiscard]] std::optional<double> shift_of(const SeenData& seen, std::span<const Covered> now);

// What a next cycle compares with: `now` is of `registry`.
[[nodiscard]] SeenData seen_by(std::vector<Covered> now, const SplatRegistry& registry,
                               double temperature);

// Whether `seen` speaks of this registry, read at this temperature.
[[nodiscard]] bool speaks_of(const SeenData& seen, const SplatRegistry& registry,
                             double temperature);

// Measures the data of now under the registry as it ends, into `state.seen`; what has drifted since
// the last shift stays.
void remember_data(Backend& backend, const AdaptInput& input, const SplatRegistry& registry,
                   AdaptState& state, const Work& work);

// Adds data that were no shift to what has drifted since the last one.
void add_drift(std::span<const Covered> now, SeenData& seen);

}  // namespace hsa
