#pragma once

#include "engine/core/matrix.h"
#include "engine/model/adapt_state.h"

#include <cmath>
#include <cstddef>
#include <vector>

namespace hsa {

// What one Adam step is measured in: rms of each coordinate [d]; a step of a centre is lr x rms, of
// ln precision and ln w it is lr (adaptation.md 1).
struct StepScale {
    std::vector<double> rms;
};
[[nodiscard]] StepScale step_scale(MatrixView<const float> x);

// One step of Adam: the bias-corrected, unit-sized step of each parameter; updates its moments.
class AdamSteps {
  public:
    // Counts the step. New moments are zero.
    AdamSteps(AdamMoments& moments, std::size_t parameters) : moments_(moments) {
        moments_.first.resize(parameters, 0.0F);
        moments_.second.resize(parameters, 0.0F);
        ++moments_.steps;
        first_left_ = 1.0 - std::pow(kFirst, moments_.steps);
        second_left_ = 1.0 - std::pow(kSecond, moments_.steps);
    }
    // What to take from the parameter, in units of the learning rate.
    double operator()(std::size_t parameter, double gradient) {
        const double first =
            kFirst * static_cast<double>(moments_.first[parameter]) + (1.0 - kFirst) * gradient;
        const double second = kSecond * static_cast<double>(moments_.second[parameter]) +
                              (1.0 - kSecond) * gradient * gradient;
        moments_.first[parameter] = static_cast<float>(first);
        moments_.second[parameter] = static_cast<float>(second);
        return first / first_left_ / (std::sqrt(second / second_left_) + kTiny);
    }

  private:
    static constexpr double kFirst = 0.9;
    static constexpr double kSecond = 0.99;
    static constexpr double kTiny = 1e-12;

    AdamMoments& moments_;
    double first_left_;
    double second_left_;
};

}  // namespace hsa
