#include "engine/attention/strongest_blocks.h"

#include "engine/attention/cells.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

// 1 + 1/2 + ... + 1/m.
double harmonic(std::size_t m) {
    constexpr std::size_t kDirect = 32;
    constexpr double kEuler = 0.57721566490153286;
    if (m < kDirect) {
        double sum = 0.0;
        for (std::size_t i = m; i > 0; --i) sum += 1.0 / static_cast<double>(i);
        return sum;
    }
    const double inverse = 1.0 / static_cast<double>(m);
    const double square = inverse * inverse;
    return std::log(static_cast<double>(m)) + kEuler +
           inverse * (0.5 - inverse / 12.0 * (1.0 - square / 10.0));
}

// True when a block lies as far off the diagonal as is asked for.
bool is_apart(const Block& block, std::size_t apart) {
    if (apart == 0) return true;
    const std::size_t begin = std::max(block.rows.begin, block.columns.begin);
    const std::size_t end = std::min(block.rows.end, block.columns.end);
    const std::size_t side = std::max(block.rows.size(), block.columns.size());
    return begin >= end && begin - end >= (apart - 1) * side;
}

struct Candidate {
    std::size_t row = 0, column = 0;  // of the grid
    double strength = 0.0;
};

bool touches(const Candidate& a, const Candidate& b) {
    const auto near = [](std::size_t x, std::size_t y) {
        return std::max(x, y) - std::min(x, y) <= 1;
    };
    return near(a.row, b.row) && near(a.column, b.column);
}

// The block's mean without the rounding of a picture.
double exact_mean(const Factors& factors, const TileSums& sums, const Block& block,
                  const PicturePart& part) {
    const CellParts parts = block_parts(factors, sums, block);
    if (part.whole()) return parts.value;
    double sum = 0.0;
    for (const Part& one : parts.parts) {
        const bool named = part.splats.empty() ? one.level == part.level
                                               : std::find(part.splats.begin(), part.splats.end(),
                                                           one.splat) != part.splats.end();
        if (named) sum += one.value;
    }
    return sum;
}

}  // namespace

double uniform_causal_mean(const Range& rows, const Range& columns) {
    // Rows c <= i < d see i + 1 - c of the columns c .. d, later rows all of them.
    double sum = 0.0;
    const std::size_t some = std::max(rows.begin, columns.begin);
    const std::size_t all = std::max(some, std::min(rows.end, columns.end));
    if (all > some)
        sum += static_cast<double>(all - some) -
               static_cast<double>(columns.begin) * (harmonic(all) - harmonic(some));
    const std::size_t late = std::max(rows.begin, columns.end);
    if (rows.end > late)
        sum += static_cast<double>(columns.size()) * (harmonic(rows.end) - harmonic(late));
    return sum / (static_cast<double>(rows.size()) * static_cast<double>(columns.size()));
}

StrongestBlocks strongest_blocks(const Factors& factors, const TileSums& sums,
                                 const StrongestWanted& wanted, const Work& work) {
    PictureRequest request{wanted.rows,    wanted.columns, kStrongestGrid,
                           kStrongestGrid, wanted.part,    Statistic::mean};
    request.height = std::min(request.height, wanted.rows.size());
    request.width = std::min(request.width, wanted.columns.size());
    const Picture grid = attention_picture(factors, sums, request, AttentionSettings{}, work);
    const auto block_of = [&grid](std::size_t r, std::size_t c) {
        return Block{{grid.row_edges[r], grid.row_edges[r + 1]},
                     {grid.column_edges[c], grid.column_edges[c + 1]}};
    };
    const auto tokens = static_cast<double>(factors.tokens());
    double all = 0.0, rows = 0.0;
    for (std::size_t r = 0; r < grid.row_profile.size(); ++r) {
        const auto size = static_cast<double>(grid.row_edges[r + 1] - grid.row_edges[r]);
        all += size * grid.row_profile[r];
        rows += size;
    }
    all /= std::max(rows, 1.0);
    const auto strength = [&](std::size_t r, std::size_t c) {
        const auto mean = static_cast<double>(grid.mean(r, c));
        if (wanted.by == StrengthBy::lift)
            return mean * all / (grid.row_profile[r] * grid.column_profile[c]);
        if (wanted.by == StrengthBy::uniform && factors.causal) {
            const Block block = block_of(r, c);
            return mean / uniform_causal_mean(block.rows, block.columns);
        }
        return mean * tokens;
    };
    std::vector<Candidate> candidates;
    for (std::size_t r = 0; r < grid.mean.rows(); ++r)
        for (std::size_t c = 0; c < grid.mean.cols(); ++c) {
            if (block_of(r, c).rows.empty() || block_of(r, c).columns.empty() ||
                !is_apart(block_of(r, c), wanted.apart))
                continue;
            const double value = strength(r, c);
            if (std::isfinite(value) && value > 0.0) candidates.push_back({r, c, value});
        }
    std::stable_sort(
        candidates.begin(), candidates.end(),
        [](const Candidate& a, const Candidate& b) { return a.strength > b.strength; });

    StrongestBlocks found;
    found.wanted = wanted;
    found.mark = grid.mark;
    std::vector<Candidate> taken;
    for (const Candidate& candidate : candidates) {
        if (taken.size() == wanted.most) break;
        if (std::any_of(taken.begin(), taken.end(),
                        [&](const Candidate& other) { return touches(candidate, other); }))
            continue;
        taken.push_back(candidate);
        const Block block = block_of(candidate.row, candidate.column);
        found.blocks.push_back(
            {block, exact_mean(factors, sums, block, wanted.part), candidate.strength});
    }
    return found;
}

}  // namespace hsa
