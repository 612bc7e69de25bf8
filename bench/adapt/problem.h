#pragma once

#include "engine/adapt/controller.h"
#include "engine/core/matrix.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

namespace hsa_bench {

// Data, coordinates that are the data at every level, and the target softmax(scale x x^T).
struct Problem {
    hsa::Dataset dataset;
    hsa::Coordinates coordinates;
    std::shared_ptr<const hsa::Target> target;
};
[[nodiscard]] Problem problem_of(hsa::Matrix<float> x, double scale = 1.0);

// The start of adaptation.md "The generators": k-means, spherical, variances shrunk half way in the
// log, beta 8 / d.
[[nodiscard]] std::shared_ptr<const hsa::SplatRegistry> start(const Problem& problem, std::size_t k,
                                                              std::uint64_t seed);
[[nodiscard]] hsa::AdaptState begin(const Problem& problem, std::size_t k,
                                    const hsa::AdaptSettings& settings, std::uint64_t seed);

struct Run {
    std::vector<std::size_t> splats;                  // a cycle
    std::vector<double> row_kl;                       // W
    std::vector<std::size_t> events;                  // accepted structural ones
    std::vector<std::array<std::size_t, 4>> by_kind;  // the same: death, merge, mitosis, birth
    std::vector<double> shift;  // z of the data against those before (adapt/shift.h)
    double seconds = 0.0;
    hsa::AdaptState state;
};
// Cycles until there are that many or the seconds are over.
[[nodiscard]] Run adapt(const Problem& problem, hsa::AdaptState state, std::size_t cycles,
                        const hsa::AdaptSettings& settings, std::uint64_t seed,
                        double limit = std::numeric_limits<double>::infinity());

[[nodiscard]] hsa::AdaptSettings preset(hsa::Preset which);
// W of the same k from k-means, adjust only, for the same seconds.
[[nodiscard]] double control(const Problem& problem, std::size_t k, double limit,
                             std::uint64_t seed);

// Seconds of a clock that only goes forward.
[[nodiscard]] double seconds();

}  // namespace hsa_bench
