#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace hsa_bench {

// Medians of several runs, in seconds. The works take turns, so that a machine that others use too
// slows all of them alike; the first round warms up and is not counted unless `cold`.
[[nodiscard]] std::vector<double> medians(std::size_t rounds,
                                          const std::vector<std::function<void()>>& works,
                                          bool cold = false);

// Seconds of a run repeated until `least` seconds are over, the best of `rounds`.
[[nodiscard]] double best_seconds(std::size_t rounds, double least,
                                  const std::function<void()>& work);

}  // namespace hsa_bench
