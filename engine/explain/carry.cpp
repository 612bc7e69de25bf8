#include "engine/explain/carry.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr std::ptrdiff_t kNeighbours = 3;    // on either side
constexpr std::ptrdiff_t kCandidates = 32;   // places of a word that are compared, about its own
constexpr std::size_t kChecked = 1U << 16U;  // tokens between looks at whether to stop

}  // namespace

Carry::Carry(const Dataset& from, const Dataset& to, const Work& work) : from_(from), to_(to) {
    const std::size_t least = std::min(from.size(), to.size());
    const auto look = [&](std::size_t i) {
        if (i % kChecked == 0) work.check();
    };
    while (same_before_ < least && from.token_text(same_before_) == to.token_text(same_before_))
        look(same_before_++);
    while (same_after_ < least - same_before_ && from.token_text(from.size() - 1 - same_after_) ==
                                                     to.token_text(to.size() - 1 - same_after_))
        look(same_after_++);
    for (std::size_t j = same_before_; j < to.size() - same_after_; ++j) {
        look(j);
        places_[to.token_text(j)].push_back(static_cast<std::uint32_t>(j));
    }
}

bool Carry::agree(std::size_t a, std::size_t b, std::ptrdiff_t by) const {
    const std::ptrdiff_t i = static_cast<std::ptrdiff_t>(a) + by;
    const std::ptrdiff_t j = static_cast<std::ptrdiff_t>(b) + by;
    if (i < 0 || j < 0) return false;
    const auto from = static_cast<std::size_t>(i);
    const auto to = static_cast<std::size_t>(j);
    return from < from_.size() && to < to_.size() && from_.token_text(from) == to_.token_text(to);
}

std::optional<std::size_t> Carry::of(std::size_t token) const {
    if (token >= from_.size()) return std::nullopt;
    if (token < same_before_) return token;
    if (token >= from_.size() - same_after_) return token + to_.size() - from_.size();
    const auto found = places_.find(from_.token_text(token));
    if (found == places_.end()) return std::nullopt;
    const std::vector<std::uint32_t>& places = found->second;
    // About where it would be if what changed had been stretched evenly.
    const std::size_t before = from_.size() - same_before_ - same_after_;
    const std::size_t after = to_.size() - same_before_ - same_after_;
    const double share = static_cast<double>(token - same_before_) / static_cast<double>(before);
    const double near = static_cast<double>(same_before_) + share * static_cast<double>(after);
    const auto middle =
        std::lower_bound(places.begin(), places.end(), near,
                         [](std::uint32_t place, double at) { return place < at; }) -
        places.begin();
    const auto count = static_cast<std::ptrdiff_t>(places.size());
    std::optional<std::size_t> best;
    int best_agreeing = -1;
    double best_distance = 0.0;
    for (std::ptrdiff_t p = std::max<std::ptrdiff_t>(0, middle - kCandidates);
         p < std::min(count, middle + kCandidates); ++p) {
        const std::size_t place = places[static_cast<std::size_t>(p)];
        int agreeing = 0;
        for (std::ptrdiff_t by = 1; by <= kNeighbours; ++by)
            agreeing += (agree(token, place, by) ? 1 : 0) + (agree(token, place, -by) ? 1 : 0);
        const double distance = std::abs(static_cast<double>(place) - near);
        if (agreeing < best_agreeing || (agreeing == best_agreeing && distance >= best_distance))
            continue;
        best = place;
        best_agreeing = agreeing;
        best_distance = distance;
    }
    return best;
}

// From the first of its tokens that is left to the last.
std::optional<Range> Carry::span_of(Range range) const {
    std::optional<Range> span;
    for (std::size_t i = range.begin; i < std::min(range.end, from_.size()); ++i) {
        const std::optional<std::size_t> place = of(i);
        if (!place) continue;
        if (!span) span = Range{*place, *place + 1};
        span->begin = std::min(span->begin, *place);
        span->end = std::max(span->end, *place + 1);
    }
    return span;
}

Selection Carry::of(const Selection& selection) const {
    Selection carried = selection;
    std::vector<std::size_t> tokens;
    for (const Range& range : selection.tokens)
        for (std::size_t i = range.begin; i < std::min(range.end, from_.size()); ++i)
            if (const std::optional<std::size_t> place = of(i)) tokens.push_back(*place);
    std::sort(tokens.begin(), tokens.end());
    carried.tokens.clear();
    for (const std::size_t token : tokens) {
        if (!carried.tokens.empty() && carried.tokens.back().end >= token)
            carried.tokens.back().end = std::max(carried.tokens.back().end, token + 1);
        else carried.tokens.push_back({token, token + 1});
    }
    if (!selection.block) return carried;
    const std::optional<Range> rows = span_of(selection.block->rows);
    const std::optional<Range> columns = span_of(selection.block->columns);
    carried.block.reset();
    if (rows && columns) carried.block = Block{*rows, *columns};
    return carried;
}

}  // namespace hsa
