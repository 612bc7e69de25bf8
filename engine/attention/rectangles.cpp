#include "engine/attention/rectangles.h"

#include "engine/compute/backend.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hsa {
namespace {

std::vector<RowRange> ranges_of(const PixelRows& rows) {
    const std::vector<std::size_t>& edges = *rows.edges;
    std::vector<RowRange> ranges;
    for (std::size_t pixel = 0; pixel + 1 < edges.size(); ++pixel) {
        const Range tokens{std::max(edges[pixel], rows.within.begin),
                           std::min(edges[pixel + 1], rows.within.end)};
        RowRange range;
        range.count =
            static_cast<std::uint32_t>(std::max<std::size_t>(edges[pixel + 1] - edges[pixel], 1));
        if (!tokens.empty()) {
            range.begin = static_cast<std::uint32_t>(tokens.begin);
            range.end = static_cast<std::uint32_t>(tokens.end);
        }
        ranges.push_back(range);
    }
    return ranges;
}

RangesOfRows kept(const std::shared_ptr<const void>& owner, const PixelRows& rows,
                  std::span<const RowRange> ranges) {
    return {{owner, std::as_const(*rows.factor).values().view(), rows.prefix->view(), kTileTokens},
            ranges};
}

}  // namespace

bool rectangles_on_card(Backend* backend, const std::shared_ptr<const void>& owner,
                        const PixelRows& down, const PixelRows& across,
                        const std::vector<std::size_t>& columns, MatrixView<float> out,
                        const Work& work) {
    if (backend == nullptr || owner == nullptr || down.factor->packed() || across.factor->packed())
        return false;
    const std::vector<RowRange> rows = ranges_of(down);
    const std::vector<RowRange> keys = ranges_of(across);
    const std::vector<std::uint32_t> chosen(columns.begin(), columns.end());
    return backend->rectangle_means(kept(owner, down, rows), kept(owner, across, keys), chosen, out,
                                    work);
}

}  // namespace hsa
