#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/fit/loss.h"
#include "engine/fit/start.h"

#include <optional>
#include <vector>

namespace hsa {

struct FitOptions {
    Form form = Form::shared;  // or paired
    StartOptions start;        // splats, kind, background, seed
    std::size_t steps = 100;
    std::size_t rows = 64;       // drawn a step
    std::optional<double> rate;  // of the largest steps, early on; default: .05; .02 paired or near
    double output_weight = 1.0;  // of |T V - A V|^2 / |T V|^2 beside the KL
    NearOptions near;            // what A keeps exactly, the splats fitted to what that leaves
    bool apart = true;           // keeps rows to stop by and to report on that are never drawn
};

struct FitReport {
    FitMeasures start;      // on the rows of `report`
    FitMeasures reached;    // on the same rows
    std::size_t steps = 0;  // of the registry that was kept
    bool on_drawn = false;  // the rows were drawn too: n < 64, or not `apart`
    // total() of the stop rows before the first step and after every kFitLook.
    std::vector<double> stop_loss;
};

struct Fit {
    SplatRegistry registry;
    FitReport report;
};

// Steps between two looks at the rows to stop by.
inline constexpr std::size_t kFitLook = 10;

// Fits splats to a head: the start of its form (k-means on the keys for shared, the closed form for
// paired), then Adam on freshly drawn exact rows, T never formed (maths.md 3). Keeps what was best
// on the stop rows and ends when five looks brought nothing. With a near set the start's offset is
// solved for and fitted with the rest, so is kappa_query (query_quadratic in paired); the set
// follows the splats at every step, and reports are of near and far together. Same seed, same bits,
// whatever the number of threads. Throws Error for the form token, other than spherical or diagonal
// splats, and a head without tokens.
[[nodiscard]] Fit fit(Backend& backend, const Head& head, const FitOptions& options,
                      const Work& work);

}  // namespace hsa
