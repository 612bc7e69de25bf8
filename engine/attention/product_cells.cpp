#include "engine/attention/product_cells.h"

#include "engine/attention/near_set.h"
#include "engine/compute/formulas.h"
#include "engine/compute/level_kernels.h"
#include "engine/compute/selection_lanes.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr std::size_t kTile = 128;  // tokens whose totals are held
// Between the totals of two tokens, so that they are no power of two apart.
constexpr std::size_t kGap = 64;
constexpr std::size_t kCellRows = 2048;  // that centres are found on
constexpr std::size_t kRounds = 8;
constexpr std::size_t kScaleRows = 256;  // that the range of the tables is found on
constexpr double kWithinRange = 0.98;    // of these the last splat that is scored ...
constexpr double kLastTotal = 200.0;     // ... has this total, or less
constexpr float kLargestTotal = 255.0F;  // as much or more
constexpr float kFar = 1e30F;

enum Purpose : std::uint64_t { cell_rows = 1, first_centres = 2, scale_rows = 3 };

std::size_t filled_up(std::size_t count, std::size_t to) { return (count + to - 1) / to * to; }

}  // namespace

// Cells of some tokens: of token i in group g code[g * stride + i].
struct ProductCells::Codes {
    std::size_t axes;
    std::size_t groups;
    std::size_t stride;
    std::vector<float> turned;        // [groups * kCellAxes, stride]
    std::vector<std::uint32_t> code;  // [groups, stride]

    Codes(std::size_t axis_count, std::size_t group_count, std::size_t tokens)
        : axes(axis_count),
          groups(group_count),
          stride(filled_up(tokens, kRowFloats)),
          turned(groups * kCellAxes * stride, 0.0F),
          code(groups * stride) {}

    void put(std::size_t place, const float* x) {
        for (std::size_t a = 0, slot = 0; a < axes; a += groups, ++slot) {
            const std::size_t count = std::min(groups, axes - a);
            float* to = turned.data() + slot * stride + place;
            for (std::size_t g = 0; g < count; ++g) to[g * kCellAxes * stride] = x[a + g];
        }
    }

    // Of one group, for the first tokens.
    void find(const Cells& cells, std::size_t group, std::size_t tokens) {
        nearest_codes(turned.data() + group * kCellAxes * stride, stride,
                      cells.centre.data() + group * kCellCodes * kCellAxes,
                      cells.half_square.data() + group * kCellCodes, tokens,
                      code.data() + group * stride);
    }
};

// What one thread works on.
struct ProductCells::Tile {
    std::vector<Codes> codes;                        // one for each of cells_ ...
    std::vector<std::vector<std::uint32_t>> offset;  // ... and [kTile, groups] in a slice
    std::vector<std::uint8_t> totals;                // [kTile, places and a gap]
    std::vector<std::uint8_t> bounds;                // [kTile]
    std::vector<std::uint32_t> near;                 // places that are scored ...
    std::vector<float> ell;                          // ... their log kernels ...
    std::vector<float> score;                        // ... and ell + shift
    SelectionScratch scratch;
    std::vector<std::uint32_t> best;
    std::vector<std::pair<std::uint32_t, float>> order;
    std::vector<float> x;  // a token's row, filled up with zeros

    Tile(const ProductCells& cells, std::size_t wanted)
        : codes(cells.cells_.size(), Codes(cells.axes_, cells.groups_, kTile)),
          offset(codes.size(), std::vector<std::uint32_t>(kTile * cells.groups_)),
          totals(kTile * (cells.row_.size() + kGap)),
          bounds(kTile),
          near(cells.row_.size() + kScoreWord),
          ell(near.size()),
          score(near.size()),
          scratch(near.size()),
          best(wanted),
          order(wanted),
          x(cells.stride_, 0.0F) {}
};

bool ProductCells::serve(const SplatRegistry& registry, Side side, std::span<const double> shift) {
    const GaussianColumns& gaussians = gaussians_of(registry, side);
    for (std::size_t s = 0; s < registry.size(); ++s)
        if (shift[s] > kNothing && gaussians.kind[s] != CovarianceKind::spherical &&
            gaussians.kind[s] != CovarianceKind::diagonal)
            return false;
    return registry.dimension > 0;
}

ProductCells::ProductCells(const SplatRegistry& registry, const Coordinates& coordinates, Side side,
                           std::span<const double> shift, std::size_t scored, double temperature,
                           const Work& work)
    : axes_(registry.dimension),
      groups_((axes_ + kCellAxes - 1) / kCellAxes),
      scored_(scored),
      stride_(filled_up(axes_, kRowFloats)) {
    place_splats(registry, coordinates, side, shift);
    take_gaussians(gaussians_of(registry, side), registry.beta, temperature);
    for (Cells& cells : cells_) {
        work.check();
        find_cells(cells);
    }
    std::vector<std::vector<float>> parts;
    for (const LevelTables& level : levels_) parts.push_back(parts_of(level));
    write_tables(parts);
}

void ProductCells::place_splats(const SplatRegistry& registry, const Coordinates& coordinates,
                                Side side, std::span<const double> shift) {
    const double greatest = *std::max_element(shift.begin(), shift.end());
    std::size_t last = 0;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        LevelTables level;
        level.first = row_.size();
        for (const std::size_t s : registry.rows_of_level(l)) {
            if (!(shift[s] > kNothing)) continue;
            rising_ = rising_ && last <= s;
            last = s;
            row_.push_back(static_cast<std::uint32_t>(s));
            shift_.push_back(static_cast<float>(shift[s] - greatest));
        }
        if (row_.size() == level.first) continue;
        row_.resize(filled_up(row_.size(), kCellSlice), kNoSplat);
        shift_.resize(row_.size(), 0.0F);
        level.slices = (row_.size() - level.first) / kCellSlice;
        const Matrix<float>* rows = &rows_of_side(coordinates, l, side);
        if (cells_.empty() || cells_.back().rows != rows) cells_.push_back({rows, {}, {}, {}});
        level.cells = cells_.size() - 1;
        levels_.push_back(std::move(level));
    }
}

void ProductCells::take_gaussians(const GaussianColumns& gaussians, std::span<const float> beta,
                                  double temperature) {
    centre_ = Matrix<float>(row_.size(), stride_);
    rate_ = Matrix<float>(row_.size(), stride_);
    scale_.assign(row_.size(), 0.0F);
    for (std::size_t p = 0; p < row_.size(); ++p) {
        const std::size_t s = row_[p];
        if (s == kNoSplat) continue;
        spherical_ = spherical_ && gaussians.kind[s] == CovarianceKind::spherical;
        const double half = 0.5 * static_cast<double>(beta[s]) / temperature;
        std::copy_n(gaussians.centre.row(s).begin(), axes_, centre_.row(p).begin());
        for (std::size_t a = 0; a < axes_; ++a)
            rate_(p, a) =
                static_cast<float>(std::sqrt(half / static_cast<double>(gaussians.variance(s, a))));
        scale_[p] = static_cast<float>(half / static_cast<double>(gaussians.variance(s, 0)));
    }
}

// Lloyd's rounds in each group by itself, from centres that are rows. A cell without rows stays.
void ProductCells::find_cells(Cells& cells) const {
    const std::vector<std::uint32_t> tokens =
        sampled_rows(cells.rows->rows(), kCellRows, cell_rows);
    constexpr std::size_t kNumbers = kCellCodes * kCellAxes;
    cells.centre.assign(groups_ * kNumbers, 0.0F);
    cells.half_square.assign(groups_ * kCellCodes, 0.0F);
    cells.spread.assign(groups_ * kNumbers, 0.0F);
    Codes codes(axes_, groups_, tokens.size());
    for (std::size_t r = 0; r < tokens.size(); ++r) codes.put(r, cells.rows->row(tokens[r]).data());
    parallel_for(groups_, [&](std::size_t g) {
        const float* x = codes.turned.data() + g * kCellAxes * codes.stride;
        const std::uint32_t* code = codes.code.data() + g * codes.stride;
        float* centre = cells.centre.data() + g * kNumbers;
        for (std::size_t c = 0; c < kCellCodes && !tokens.empty(); ++c) {
            const std::size_t row = Random{first_centres, g, c}.below(tokens.size());
            for (std::size_t a = 0; a < kCellAxes; ++a)
                centre[c * kCellAxes + a] = x[a * codes.stride + row];
        }
        for (std::size_t round = 0; round <= kRounds; ++round) {
            for (std::size_t c = 0; c < kCellCodes; ++c) {
                const float* at = centre + c * kCellAxes;
                cells.half_square[g * kCellCodes + c] =
                    0.5F * std::inner_product(at, at + kCellAxes, at, 0.0F);
            }
            codes.find(cells, g, tokens.size());
            std::array<double, kNumbers> sum{};
            std::array<double, kNumbers> square{};
            std::array<double, kCellCodes> members{};
            for (std::size_t r = 0; r < tokens.size(); ++r) {
                members[code[r]] += 1.0;
                for (std::size_t a = 0; a < kCellAxes; ++a) {
                    const std::size_t e = code[r] * kCellAxes + a;
                    const auto step = static_cast<double>(x[a * codes.stride + r]) -
                                      static_cast<double>(centre[e]);
                    sum[e] += step;
                    square[e] += step * step;
                }
            }
            for (std::size_t e = 0; e < kNumbers; ++e) {
                const double count = members[e / kCellAxes];
                if (count == 0.0) continue;
                if (round == kRounds)
                    cells.spread[g * kNumbers + e] = static_cast<float>(square[e] / count);
                else centre[e] += static_cast<float>(sum[e] / count);
            }
        }
    });
}

// The mean of -ell in every cell of every group: [groups, codes, places of the level].
std::vector<float> ProductCells::parts_of(const LevelTables& level) const {
    const Cells& cells = cells_[level.cells];
    const std::size_t width = level.slices * kCellSlice;
    std::vector<float> parts(groups_ * kCellCodes * width, kFar);
    parallel_for(groups_ * kCellCodes, [&](std::size_t cell) {
        const float* centre = cells.centre.data() + cell * kCellAxes;
        const float* spread = cells.spread.data() + cell * kCellAxes;
        for (std::size_t s = 0; s < width; ++s) {
            const std::size_t p = level.first + s;
            if (row_[p] == kNoSplat) continue;
            float part = 0.0F;
            for (std::size_t a = cell / kCellCodes, slot = 0; a < axes_; a += groups_, ++slot) {
                const float step = centre[slot] - centre_(p, a);
                part += rate_(p, a) * rate_(p, a) * (step * step + spread[slot]);
            }
            parts[cell * width + s] = std::min(part, kFar);
        }
    });
    return parts;
}

std::vector<std::vector<float>> ProductCells::least_parts(
    const std::vector<std::vector<float>>& parts) const {
    std::vector<std::vector<float>> least(cells_.size(),
                                          std::vector<float>(groups_ * kCellCodes, kFar));
    for (std::size_t l = 0; l < levels_.size(); ++l) {
        const std::size_t width = levels_[l].slices * kCellSlice;
        for (std::size_t cell = 0; cell < groups_ * kCellCodes; ++cell) {
            float& own = least[levels_[l].cells][cell];
            const auto first = parts[l].begin() + static_cast<std::ptrdiff_t>(cell * width);
            own =
                std::min(own, *std::min_element(first, first + static_cast<std::ptrdiff_t>(width)));
        }
    }
    if (cells_.size() == 1) return least;
    // A token's cells differ from level to level, and what is left out must not.
    for (std::vector<float>& own : least)
        for (std::size_t g = 0; g < groups_; ++g) {
            const auto first = own.begin() + static_cast<std::ptrdiff_t>(g * kCellCodes);
            const auto last = first + static_cast<std::ptrdiff_t>(kCellCodes);
            std::fill(first, last, *std::min_element(first, last));
        }
    return least;
}

// Brings the totals of the last splats that tokens need scored near the end of their range.
double ProductCells::scale_for(const std::vector<std::vector<float>>& parts,
                               const std::vector<std::vector<float>>& least,
                               const std::vector<float>& base) const {
    const std::vector<std::uint32_t> tokens =
        sampled_rows(cells_.front().rows->rows(), kScaleRows, scale_rows);
    std::vector<Codes> codes;
    for (const Cells& cells : cells_) {
        codes.emplace_back(axes_, groups_, tokens.size());
        for (std::size_t r = 0; r < tokens.size(); ++r)
            codes.back().put(r, cells.rows->row(tokens[r]).data());
        for (std::size_t g = 0; g < groups_; ++g) codes.back().find(cells, g, tokens.size());
    }
    std::vector<double> last(tokens.size());
    parallel_for(tokens.size(), [&](std::size_t r) {
        std::vector<float> totals = base;
        for (std::size_t l = 0; l < levels_.size(); ++l) {
            const LevelTables& level = levels_[l];
            const std::size_t width = level.slices * kCellSlice;
            for (std::size_t g = 0; g < groups_; ++g) {
                const std::size_t cell =
                    g * kCellCodes + codes[level.cells].code[g * codes[level.cells].stride + r];
                const float* part = parts[l].data() + cell * width;
                for (std::size_t s = 0; s < width; ++s)
                    totals[level.first + s] += part[s] - least[level.cells][cell];
            }
        }
        const auto at = totals.begin() + static_cast<std::ptrdiff_t>(scored_ - 1);
        std::nth_element(totals.begin(), at, totals.end());
        last[r] = static_cast<double>(*at);
    });
    if (last.empty()) return 1.0;
    const auto at = last.begin() + static_cast<std::ptrdiff_t>(
                                       kWithinRange * static_cast<double>(last.size() - 1));
    std::nth_element(last.begin(), at, last.end());
    return *at > 0.0 ? kLastTotal / *at : 1.0;
}

void ProductCells::write_tables(const std::vector<std::vector<float>>& parts) {
    const std::vector<std::vector<float>> least = least_parts(parts);
    std::vector<float> base(row_.size(), kFar);
    float least_base = kFar;
    for (const LevelTables& level : levels_)
        for (std::size_t p = level.first; p < level.first + level.slices * kCellSlice; ++p) {
            if (row_[p] == kNoSplat) continue;
            base[p] = -shift_[p];
            for (std::size_t g = 0; g < groups_ && cells_.size() > 1; ++g)
                base[p] += least[level.cells][g * kCellCodes];
            least_base = std::min(least_base, base[p]);
        }
    for (float& b : base) b -= least_base;
    const auto scale = static_cast<float>(scale_for(parts, least, base));
    const auto rounded = [scale](float value) {
        return static_cast<std::uint8_t>(std::lround(std::min(value * scale, kLargestTotal)));
    };
    base_.resize(base.size());
    std::transform(base.begin(), base.end(), base_.begin(), rounded);
    for (std::size_t l = 0; l < levels_.size(); ++l) {
        LevelTables& level = levels_[l];
        const std::size_t width = level.slices * kCellSlice;
        const std::size_t cells = groups_ * kCellCodes;
        level.table.resize(cells * width);
        parallel_for(cells, [&](std::size_t cell) {
            for (std::size_t s = 0; s < width; ++s)
                level.table[(s / kCellSlice * cells + cell) * kCellSlice + s % kCellSlice] =
                    rounded(parts[l][cell * width + s] - least[level.cells][cell]);
        });
    }
}

// Whether there were enough splats within the tables' range.
bool ProductCells::select_one(Tile& tile, std::size_t token, std::size_t place,
                              std::span<std::uint32_t> splat, std::span<float> log_kernel) const {
    const std::size_t wanted = splat.size();
    const std::span<const std::uint8_t> totals(tile.totals.data() + place * (row_.size() + kGap),
                                               row_.size());
    const std::size_t count =
        places_below(totals, tile.bounds[place], tile.scratch, tile.near.data());
    if (count < wanted) return false;
    const CellKernels kernels{centre_.data(), spherical_ ? nullptr : rate_.data(),
                              scale_.data(),  shift_.data(),
                              stride_,        kLeastLogKernel};
    std::size_t done = 0;
    for (const LevelTables& level : levels_) {
        const std::size_t first = done;
        const std::size_t end = level.first + level.slices * kCellSlice;
        done = end == row_.size() ? count : first;
        while (done < count && tile.near[done] < end) ++done;
        const float* x = cells_[level.cells].rows->row(token).data();
        if (stride_ != axes_) {
            std::copy_n(x, axes_, tile.x.begin());
            x = tile.x.data();
        }
        score_some(kernels, x, std::span(tile.near).subspan(first, done - first),
                   tile.ell.data() + first, tile.score.data() + first);
    }
    std::fill_n(tile.score.begin() + static_cast<std::ptrdiff_t>(count), kScoreWord,
                -std::numeric_limits<float>::infinity());
    largest_scores(std::span(tile.score).first(count), tile.scratch, tile.best);
    for (std::size_t b = 0; b < wanted; ++b) {
        splat[b] = row_[tile.near[tile.best[b]]];
        log_kernel[b] = tile.ell[tile.best[b]];
    }
    if (rising_) return true;
    for (std::size_t b = 0; b < wanted; ++b) tile.order[b] = {splat[b], log_kernel[b]};
    std::sort(tile.order.begin(), tile.order.end());
    for (std::size_t b = 0; b < wanted; ++b) std::tie(splat[b], log_kernel[b]) = tile.order[b];
    return true;
}

std::vector<std::uint32_t> ProductCells::select(std::size_t begin, std::size_t end,
                                                MatrixView<std::uint32_t> splat,
                                                MatrixView<float> log_kernel) const {
    std::vector<std::vector<std::uint32_t>> missed((end - begin + kChunkRows - 1) / kChunkRows);
    parallel_blocks(end - begin, kChunkRows, [&](std::size_t from, std::size_t to) {
        Tile tile(*this, splat.cols);
        for (std::size_t first = from; first < to; first += kTile) {
            const std::size_t count = std::min(kTile, to - first);
            for (std::size_t c = 0; c < cells_.size(); ++c) {
                Codes& codes = tile.codes[c];
                for (std::size_t i = 0; i < count; ++i)
                    codes.put(i, cells_[c].rows->row(begin + first + i).data());
                std::vector<std::uint32_t>& offset = tile.offset[c];
                for (std::size_t g = 0; g < groups_; ++g) {
                    codes.find(cells_[c], g, count);
                    const std::uint32_t* code = codes.code.data() + g * codes.stride;
                    for (std::size_t i = 0; i < count; ++i)
                        offset[i * groups_ + g] =
                            static_cast<std::uint32_t>((g * kCellCodes + code[i]) * kCellSlice);
                }
            }
            for (const LevelTables& level : levels_)
                add_cell_parts(
                    {level.table.data(), base_.data() + level.first, level.slices, groups_},
                    tile.offset[level.cells].data(), count, tile.totals.data() + level.first,
                    row_.size() + kGap);
            least_bounds({tile.totals.data(), count, row_.size(), row_.size() + kGap}, scored_,
                         tile.bounds);
            for (std::size_t i = 0; i < count; ++i)
                if (!select_one(tile, begin + first + i, i, splat.row(first + i),
                                log_kernel.row(first + i)))
                    missed[from / kChunkRows].push_back(
                        static_cast<std::uint32_t>(begin + first + i));
        }
    });
    std::vector<std::uint32_t> all;
    for (const auto& some : missed) all.insert(all.end(), some.begin(), some.end());
    return all;
}

}  // namespace hsa
