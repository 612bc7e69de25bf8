#pragma once

#include "engine/model/coordinates.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <vector>

namespace hsa {

// ln w of every column of P and K: the registry's rows, -infinity where the level is muted or has
// no weight, then the background, if there is one. Throws Error when no splat can be heard.
[[nodiscard]] std::vector<double> column_log_weights(const SplatRegistry& registry,
                                                     const LevelMask& mask);

// Throws Error when the data have another dimension than the splats; a fault when the levels'
// coordinates do not fit the levels or each other, or the form paired has one side.
void check_shapes(const SplatRegistry& registry, const Coordinates& coordinates);

// Throws Error where `what` ("Causal attention") cannot take splats of another form than token.
void require_form_token(const SplatRegistry& registry, const char* what);

}  // namespace hsa
