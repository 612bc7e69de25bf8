#pragma once

#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"
#include "engine/model/mark.h"
#include "engine/model/settings.h"

#include <cstdint>
#include <vector>

namespace hsa {

class Backend;

// Which splats a picture sums over, their parts of A as they are: all, those of one level, or those
// named (ids that the factors do not have add nothing).
inline constexpr std::uint16_t kAllLevels = 0xfffeU;
struct PicturePart {
    std::uint16_t level = kAllLevels;
    std::vector<SplatId> splats = {};  // empty: of the level

    [[nodiscard]] bool whole() const { return level == kAllLevels && splats.empty(); }
    bool operator==(const PicturePart&) const = default;
};
// What a pixel shows of its cells: their mean, or the largest.
enum class Statistic : std::uint8_t { mean, most };
// A view of the attention map: tokens [rows) x [columns) on height x width pixels.
struct PictureRequest {
    Range rows;
    Range columns;
    std::size_t height = 0;
    std::size_t width = 0;
    PicturePart part = {};
    Statistic statistic = Statistic::mean;
    bool operator==(const PictureRequest&) const = default;
};

// Mean attention of each pixel: [height, width]; never more pixels than tokens an axis. Pixel (r,
// c) is the mean over tokens [row_edges[r], row_edges[r+1]) x [column_edges[c], column_edges[c+1]).
// When a pixel covers at least 256 tokens its edges are multiples of 64 (rulings.md "What the map
// shows").
struct Picture {
    PictureRequest request;
    Matrix<float> mean;  // of Statistic::most the largest cell, or what no cell exceeds: `mark`
    std::vector<std::size_t> row_edges;
    std::vector<std::size_t> column_edges;
    // What a row (column) of pixels has of the shown columns (rows): the mean of its cells, of
    // Statistic::most the largest; pixels that were left out do not count.
    std::vector<double> row_profile, column_profile;
    Mark mark = Mark::exact;
    // Of pixels that were left out when the time of the work was over; theirs are NaN.
    std::size_t missing_rows = 0;
};

// One H x c x W product from tile sums and, inside a tile, the factors. The row steps of
// attention/finish.h are applied where rulings.md says they can be; else `mark` is approximate and
// the picture is of A before them. They finish whole rows, so a single level is shown before them.
// The largest cell of a pixel is exact for n <= 4,096 and for single cells; beyond, and of a single
// level, it is bounded: sum_s max_i p_is max_j k_js, marked bound. When Work::late() rows of pixels
// that are not begun yet are left out, all but the first. The product is computed by `backend`
// where there is one, else by the CPU.
[[nodiscard]] Picture attention_picture(const Factors& factors, const TileSums& sums,
                                        const PictureRequest& request,
                                        const AttentionSettings& settings, const Work& work,
                                        Backend* backend = nullptr);

// Makes both profiles of a picture from its pixels, each of its own size.
void add_profiles(Picture& picture);

// Marks pixel rows [begin, end) that the work's time did not reach, all NaN; the first row is
// always computed, so that there is something to see. True when they are left out.
bool leave_out(Picture& picture, std::size_t begin, std::size_t end, const Work& work);

}  // namespace hsa
