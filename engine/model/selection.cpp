#include "engine/model/selection.h"

#include <algorithm>

namespace hsa {

std::vector<Range> with_range(const std::vector<Range>& ranges, Range added) {
    std::vector<Range> merged;
    if (added.empty()) return ranges;
    bool placed = false;
    for (const Range& range : ranges) {
        if (range.end < added.begin) {
            merged.push_back(range);
        } else if (range.begin > added.end) {
            if (!placed) merged.push_back(added);
            placed = true;
            merged.push_back(range);
        } else {
            added.begin = std::min(added.begin, range.begin);
            added.end = std::max(added.end, range.end);
        }
    }
    if (!placed) merged.push_back(added);
    return merged;
}

std::vector<Range> without_range(const std::vector<Range>& ranges, Range removed) {
    std::vector<Range> left;
    for (const Range& range : ranges) {
        const Range before{range.begin, std::min(range.end, removed.begin)};
        const Range after{std::max(range.begin, removed.end), range.end};
        if (removed.empty() || removed.end <= range.begin || removed.begin >= range.end) {
            left.push_back(range);
            continue;
        }
        if (!before.empty()) left.push_back(before);
        if (!after.empty()) left.push_back(after);
    }
    return left;
}

bool covers(const std::vector<Range>& ranges, std::size_t index) {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), index,
                         [](std::size_t value, const Range& range) { return value < range.begin; });
    return after != ranges.begin() && std::prev(after)->contains(index);
}

std::size_t total_size(const std::vector<Range>& ranges) {
    std::size_t total = 0;
    for (const Range& range : ranges) total += range.size();
    return total;
}

}  // namespace hsa
