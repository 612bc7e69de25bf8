#include "engine/embed/windows.h"

#include <algorithm>

namespace hsa {

TokenWindows cut_windows(std::span<const std::uint32_t> ids, const WindowOptions& options) {
    const std::size_t n = ids.size();
    const std::size_t most = options.window - 2;
    const std::size_t stride = std::min(options.stride, most);
    const bool overlap = stride < most;
    TokenWindows windows;
    windows.begin.push_back(0);
    windows.taken.resize(n);
    std::vector<std::size_t> margin(n,
                                    0);  // of the row that is taken: 1 + tokens to the nearer end
    for (std::size_t start = 0;; start += stride) {
        const std::size_t end = std::min(start + most, n);
        const std::size_t first = overlap && end - start < most && n > most ? n - most : start;
        windows.text.push_back(first);
        windows.ids.push_back(options.first);
        for (std::size_t t = first; t < end; ++t) {
            const std::size_t here = 1 + std::min(t - first, end - 1 - t);
            if (here > margin[t]) {
                margin[t] = here;
                windows.taken[t] = static_cast<std::uint32_t>(windows.ids.size());
            }
            windows.ids.push_back(ids[t]);
        }
        windows.ids.push_back(options.last);
        windows.begin.push_back(windows.ids.size());
        if (end == n) break;
    }
    return windows;
}

}  // namespace hsa
