#pragma once

#include "app/views/view.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace splatscope {

// What a distribution is of: splats (rows of the registry) or tokens.
enum class Counted : std::uint8_t { splats, tokens };

// Which of them are selected, or lit by what is: [k] or [n] of 0 and 1.
[[nodiscard]] std::vector<std::uint8_t> lit_things(const ViewContext& context, Counted counted,
                                                   std::size_t count);

// The line that selects them; `how` is "add ", "remove " or nothing.
[[nodiscard]] std::string selecting_line(const ViewContext& context, Counted counted,
                                         const std::string& how, std::vector<std::size_t> things);

}  // namespace splatscope
