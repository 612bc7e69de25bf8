#pragma once

#include "engine/core/range.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hsa {

// A rectangle of the attention map: rows attend to columns.
struct Block {
    Range rows;
    Range columns;
    bool operator==(const Block&) const = default;
};

// What the user picked. Sorted and without overlaps; several kinds at once mean their union.
struct Selection {
    std::vector<Range> tokens;
    std::vector<SplatId> splats;
    std::optional<Block> block;
    std::optional<std::size_t> event;  // index into the history's events at the time cursor

    [[nodiscard]] bool empty() const {
        return tokens.empty() && splats.empty() && !block && !event;
    }
    bool operator==(const Selection&) const = default;
};

// Adds, removes, merges: the ranges stay sorted, disjoint and not empty.
[[nodiscard]] std::vector<Range> with_range(const std::vector<Range>& ranges, Range added);
[[nodiscard]] std::vector<Range> without_range(const std::vector<Range>& ranges, Range removed);
[[nodiscard]] bool covers(const std::vector<Range>& ranges, std::size_t index);
[[nodiscard]] std::size_t total_size(const std::vector<Range>& ranges);

}  // namespace hsa
