#pragma once

#include <set>
#include <string>
#include <string_view>

namespace splatscope {

// A font file with no more than what these letters need, joined and ligated forms too; the same
// letters give the same bytes. Empty where the build has no HarfBuzz, which does it, or where it
// cannot. `file`: as embedded.
[[nodiscard]] std::string font_subset(std::string_view file, const std::set<char32_t>& letters);

}  // namespace splatscope
