#include "bench/bench/timing.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace hsa_bench {
namespace {

double seconds_of(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::vector<double> medians(std::size_t rounds, const std::vector<std::function<void()>>& works,
                            bool cold) {
    std::vector<std::vector<double>> times(works.size());
    for (std::size_t round = 0; round < rounds + (cold ? 0 : 1); ++round)
        for (std::size_t w = 0; w < works.size(); ++w) {
            const double time = seconds_of(works[w]);
            if (cold || round > 0) times[w].push_back(time);
        }
    std::vector<double> middle;
    for (auto& some : times) {
        std::nth_element(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2),
                         some.end());
        middle.push_back(some[some.size() / 2]);
    }
    return middle;
}

double best_seconds(std::size_t rounds, double least, const std::function<void()>& work) {
    double best = std::numeric_limits<double>::infinity();
    for (std::size_t round = 0; round < rounds; ++round) {
        double total = 0.0;
        std::size_t count = 0;
        for (; count == 0 || total < least; ++count) total += seconds_of(work);
        best = std::min(best, total / static_cast<double>(count));
    }
    return best;
}

}  // namespace hsa_bench
