#pragma once

#include "app/session.h"

#include <string>
#include <string_view>

namespace splatscope {

// An entry of a timeline as text, for session files and runs: "split 17", "merge 3 4", "add Token
// 10:20", "weight Phrase 0.3", "settings adapt.lambda 0.002 ...". read_entry(c, write_entry(e)) ==
// e.
[[nodiscard]] std::string write_entry(const hsa::HistoryEntry& entry);
// Throws Error (usage) for text that is no entry.
[[nodiscard]] hsa::HistoryEntry read_entry(std::int32_t cycle, std::string_view line);

// The settings of the cycles as "NAME VALUE" pairs, those that differ from a new Session's.
[[nodiscard]] std::vector<std::string> write_cycle_settings(const hsa::CycleSettings& settings);
[[nodiscard]] hsa::CycleSettings read_cycle_settings(const std::vector<std::string>& lines);

}  // namespace splatscope
