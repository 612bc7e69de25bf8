#pragma once

#include "engine/adapt/adjust.h"
#include "engine/adapt/propose.h"
#include "engine/adapt/trial.h"
#include "engine/model/dataset.h"
#include "engine/model/event.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace hsa {

// Up to `count` different words of these tokens, quoted: "\"oil\", \"pump\"".
[[nodiscard]] std::string words_of(const Dataset& dataset, std::span<const std::uint32_t> tokens,
                                   std::size_t count = 4);

// One sentence for a proposal that was tried: what was done or left, its numbers, its words.
[[nodiscard]] std::string trial_sentence(const Dataset& dataset, const std::string& level,
                                         const Event& event, const TrialOutcome& outcome,
                                         CovarianceKind kind, const char* measure);
[[nodiscard]] std::string adjust_sentence(const std::string& level, const AdjustedLevel& adjusted);
[[nodiscard]] std::string bookkeeping_sentence(const std::string& level,
                                               std::optional<double> offset);

}  // namespace hsa
