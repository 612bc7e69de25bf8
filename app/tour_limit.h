#pragma once

namespace splatscope {

// Seconds of a tour: its path is made from the beginning, so that a late one is long in the making.
inline constexpr double kLongestTour = 1e4;

}  // namespace splatscope
