#pragma once

#include "engine/core/work.h"

#include <string>
#include <string_view>
#include <utility>

namespace hsa {

// For something that is a part of a step, from `begin` to `end` of it: it stops with the step, and
// whatever it tells is told as that.
[[nodiscard]] inline Work part_of(const Work& work, std::string step, double begin, double end) {
    Work inside{work.stop, {}, work.until};
    if (work.on_progress)
        inside.on_progress = [tell = work.on_progress, step = std::move(step), begin, end](
                                 std::string_view, double fraction) {
            tell(step, begin + fraction * (end - begin));
        };
    return inside;
}

}  // namespace hsa
