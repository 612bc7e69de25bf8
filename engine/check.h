#pragma once

#include "engine/engine.h"
#include "engine/recover/report.h"

namespace hsa {

// What a request asked for, as detectors read it; the cycle's own settings for adaptation.
[[nodiscard]] CheckSettings check_settings(const Request& request, std::int32_t cycle);

// Everything that is wrong with a snapshot and what it was asked for.
[[nodiscard]] HealthReport check_health(const Snapshot& snapshot, const Request& request,
                                        Backend& backend, const Work& work);

}  // namespace hsa
