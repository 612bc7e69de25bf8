#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/core_choice.h"
#include "engine/engine.h"
#include "engine/fit/distil.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace hsa {

// One head as opening it shows it at cycle 0.
struct FittedHead {
    std::size_t index = 0;  // layer by layer
    HeadIndex at;
    std::shared_ptr<const Dataset> dataset;  // its `head` is this one
    std::shared_ptr<const Coordinates> coordinates;
    std::shared_ptr<const Target> target;
    Distilled distilled;
    std::shared_ptr<const Factors> factors;
    bool as_target = false;  // nothing but splats, as they were fitted: a core may help
};

// Fits splats to every head of the data with the settings of the request, in the form asked for or,
// where none is, in the one of shared and paired that is nearer on rows that neither fit draws, and
// forms the factors: bit for bit what a request for the head alone in that form shows.
// `take` is called once a head, in any order, on any thread and by several at once; nothing of a
// head is kept after it. Throws Error where there is no head, for splats of a file or of a warm-up,
// and what fitting one throws, naming it.
void fit_every_head(Backend& backend, const Request& request,
                    const std::shared_ptr<const Dataset>& dataset,
                    const std::function<void(const FittedHead&)>& take, const Work& work);

// The same for one head, an index below head_count().
[[nodiscard]] FittedHead fit_head(Backend& backend, const Request& request,
                                  const std::shared_ptr<const Dataset>& dataset, std::size_t index,
                                  const Work& work);

// The factors of splats that were fitted to one head, asked by another (or by other states of the
// same one), with the exact pairs that the request wants.
[[nodiscard]] Factors head_factors(Backend& backend, const Request& request,
                                   const SplatRegistry& registry,
                                   const std::shared_ptr<const Dataset>& dataset, const Work& work);

// O = A V of a fitted head, through a signed core where that helps: values [n, v].
[[nodiscard]] Outputs outputs_of(const FittedHead& head, MatrixView<const float> values,
                                 std::uint64_t seed, const Work& work);

// {"layer", "head", "form", "splats", "steps", "row_kl", "row_kl_start", "output_error" (null
// without values), "top8", "rows", "unseen", "row_entropy", "pairs"}: a head's line.
[[nodiscard]] nlohmann::json fitted_head_json(const FittedHead& head);

}  // namespace hsa
