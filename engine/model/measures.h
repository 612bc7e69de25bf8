#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// Numbers of one level; row_kl and objective are those of the level's own attention A_l
// (rulings.md), absent when there is no target.
struct LevelMeasures {
    std::string name;
    std::size_t splats = 0;
    double usage = 0.0;
    double information = 0.0;
    double weight = 0.0;
    std::optional<double> row_kl;
    std::optional<double> objective;
};

// Numbers of one registry on one dataset, in nats where they are entropies (maths.md 4).
struct Measures {
    std::size_t tokens = 0;
    std::size_t dimension = 0;
    std::size_t splats = 0;           // the background is not counted
    std::vector<double> usage;        // [k] u_s = mean_i P(s|i)
    std::vector<double> information;  // [k] MI_s >= 0
    double background_usage = 0.0;
    bool has_background = false;
    std::optional<double>
        exact_usage;                 // mean share of the near set's exact pairs, where there is one
    double information_total = 0.0;  // I(token; splat)
    double entropy_mean = 0.0;       // mean entropy of P(.|i)
    double row_entropy_mean = 0.0;   // mean entropy of rows of A, on the rows W
    std::vector<LevelMeasures> levels;
    std::optional<double> row_kl;        // of the joint A on the rows W
    std::optional<double> objective;     // W_l-weighted sum of the levels' objectives
    std::optional<double> reference_kl;  // KL(T | uniform) on the rows W
    std::size_t report_rows = 0;         // of W that have keys; 0 = not measured on rows
    bool measured_on_fit_rows = false;   // n < 64: W, V and the pool are all rows
    std::size_t dead = 0;                // splats with usage below 5 % of their level's mean
};

// How the usage calibration of the first splats ended (defaults.md 8): the best of its rounds.
struct Calibration {
    static constexpr double kClose = 0.05;  // what it stops at

    int rounds = 0;
    double largest_deviation = 0.0;  // of u_s / q_s from 1
    double background_share = 0.0;   // mean P of the background, 0 without one

    [[nodiscard]] bool met() const { return largest_deviation < kClose; }
};

}  // namespace hsa
