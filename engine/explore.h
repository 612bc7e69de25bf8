#pragma once

#include "engine/adapt/controller.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// Settings of adaptation as somebody may want to try them.
struct ParameterSet {
    std::string name;  // "lambda x 3"
    AdaptSettings settings;
    std::vector<std::string> lines;  // "set adapt.lambda 0.003"; none: as they are
};
// The present settings first, then one thing changed at a time: the other preset, adapt.lambda
// times 1/3 and 3, adapt.learning_rate times 1/2 and 2, every rate twice, and no structure at all.
[[nodiscard]] std::vector<ParameterSet> parameter_sets(const AdaptSettings& now);

// What a set came to, over its seeds.
struct SetResult {
    ParameterSet set;
    double row_kl = 0.0;   // mean over the rows W of every seed
    double splats = 0.0;   // mean over seeds
    double events = 0.0;   // accepted structural ones, mean
    double seconds = 0.0;  // a seed
    // Against the present settings: of row-KL, and of that plus what splats cost at the present
    // adapt.lambda; the standard error is that of both, over rows; the least gain over seeds.
    double row_kl_change = 0.0;
    double objective_change = 0.0;
    double error = 0.0;
    double worst_change = 0.0;  // of the objective, in the seed that says least for it

    [[nodiscard]] bool better() const;
};

// Standard errors by which a set must be better; there are seven to choose from.
inline constexpr double kExploreErrors = 2.5;

struct Exploration {
    std::size_t cycles = 0;
    std::vector<std::uint64_t> seeds;
    std::size_t rows = 0;             // W of every seed
    bool fit_rows = false;            // n < 64: they are the rows that were fitted
    std::vector<SetResult> results;   // of the sets in their order
    std::optional<std::size_t> best;  // of the results; none: stay
};

// Runs so many cycles of every set from this registry, each with the same seeds (two: that of
// `input` and another), and compares what they come to on rows that no decision saw. `input` has
// the present settings; nothing it refers to changes. Same arguments, same numbers but for the
// seconds. Throws Error without a target, Cancelled when stopped.
[[nodiscard]] Exploration explore(Backend& backend, const AdaptInput& input,
                                  const std::shared_ptr<const SplatRegistry>& registry,
                                  std::size_t cycles, const Work& work);

// "lambda x 3 is better by 0.012 +- 0.003 ..." or why nothing is.
[[nodiscard]] std::string exploration_sentence(const Exploration& found);
[[nodiscard]] nlohmann::json answer_exploration(const Exploration& found);

}  // namespace hsa
