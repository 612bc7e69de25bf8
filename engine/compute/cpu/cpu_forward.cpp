#include "engine/compute/cpu/cpu_forward.h"

#include "engine/compute/cpu/cpu_tile.h"
#include "engine/compute/cpu/forward_lanes.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kSplatsAtOnce = 32;   // whose log kernels stay in the nearest cache
constexpr std::size_t kColumnsAtOnce = 64;  // splats whose means do, beside the weights of a tile

// Sums of values larger than kLargeValue could leave the range of float32: those are formed of
// smaller ones.
constexpr float kLargeValue = 1e34F;
constexpr float kSmaller = 0x1p-12F;

float largest(MatrixView<const float> values) {
    std::vector<float> most((values.rows + kChunkRows - 1) / kChunkRows, 0.0F);
    parallel_blocks(values.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        float own = 0.0F;
        for (std::size_t i = begin; i < end; ++i)
            for (const float v : values.row(i)) own = std::max(own, std::abs(v));
        most[begin / kChunkRows] = own;
    });
    return most.empty() ? 0.0F : *std::max_element(most.begin(), most.end());
}

// The sums of one chunk of keys.
class ChunkSums {
  public:
    ChunkSums(const CpuSplats& bound, std::size_t columns, float scale)
        : bound_(bound),
          scale_(scale),
          columns_(columns),
          tile_(bound),
          ell_(kSplatsAtOnce + kGroupSplats, kKernelTile),
          total_(bound.splats(), padded_columns(columns)) {
        if (scale != 1.0F || total_.cols() != columns)
            values_ = Matrix<float>(kKernelTile, total_.cols());
    }

    // Adds a tile; add: log weights of its rows, or null.
    void add(MatrixView<const float> x, const float* add, MatrixView<const float> values,
             LogSums& mass) {
        tile_.turn(bound_, x);
        if (!values_.empty()) {  // with columns filled up, or smaller
            for (std::size_t j = 0; j < x.rows; ++j)
                for (std::size_t c = 0; c < columns_; ++c) values_(j, c) = values(j, c) * scale_;
            values = values_.view().block(0, x.rows);
        }
        const std::vector<SplatGroup>& groups = bound_.groups();
        for (std::size_t g = 0; g < groups.size();) {
            const std::size_t first = groups[g].first;
            std::size_t end = g;
            std::size_t count = 0;
            for (; end < groups.size() && count + groups[end].count <= kSplatsAtOnce; ++end)
                count += groups[end].count;
            tile_.compute(bound_, std::span(groups).subspan(g, end - g), x, ell_.data());
            g = end;
            const std::span<float> most = std::span(mass.most).subspan(first, count);
            const std::array<float, kSplatsAtOnce> before = copied(most);
            raise_column_most(ell_.data(), x.rows, add, most);
            for (std::size_t s = 0; s < count; ++s)
                if (most[s] > before[s] && mass.sum[first + s] > 0.0)
                    lower(first + s, std::exp(before[s] - most[s]), mass);
            exponentials_of_columns(ell_.data(), most, x.rows, &mass.sum[first]);
            add_products(ell_.data(), kKernelTile, 1, values,
                         total_.view().block(first, first + count));
        }
    }

    void write(KeySums& sums) const {
        const double back = 1.0 / static_cast<double>(scale_);
        for (std::size_t s = 0; s < total_.rows(); ++s)
            widen(std::as_const(total_).row(s).first(columns_), back, sums.values.row(s).data());
    }

  private:
    static std::array<float, kSplatsAtOnce> copied(std::span<const float> most) {
        std::array<float, kSplatsAtOnce> copy{};
        std::copy(most.begin(), most.end(), copy.begin());
        return copy;
    }

    // What was summed up becomes relative to a larger ell.
    void lower(std::size_t splat, float factor, LogSums& mass) {
        constexpr std::size_t kWidth = 16;  // of which padded columns are whole pieces
        mass.sum[splat] *= static_cast<double>(factor);
        float* sums = total_.row(splat).data();
        for (std::size_t c = 0; c < total_.cols(); c += kWidth)
            for (std::size_t e = c; e < c + kWidth; ++e) sums[e] *= factor;
    }

    const CpuSplats& bound_;
    float scale_;
    std::size_t columns_;
    CpuTile tile_;
    Matrix<float> ell_;
    Matrix<float> values_;
    Matrix<float> total_;  // [k, padded v] relative to the largest ell so far
};

}  // namespace

KeySums cpu_key_sums(const CpuSplats& bound, MatrixView<const float> x,
                     std::span<const float> log_row_weight, MatrixView<const float> values,
                     const Work& work) {
    const float scale = largest(values) > kLargeValue ? kSmaller : 1.0F;
    return sum_over_keys(
        x.rows, bound.splats(), values.cols,
        [&](std::size_t first, std::size_t last, std::span<KeySums> out) {
            parallel_blocks(last - first, kChunkRows, [&](std::size_t begin, std::size_t end) {
                work.check();
                KeySums& sums = out[begin / kChunkRows];
                std::fill(sums.mass.most.begin(), sums.mass.most.end(),
                          -std::numeric_limits<float>::infinity());
                std::fill(sums.mass.sum.begin(), sums.mass.sum.end(), 0.0);
                ChunkSums chunk(bound, values.cols, scale);
                for (std::size_t t = first + begin; t < first + end; t += kKernelTile) {
                    const std::size_t stop = std::min(first + end, t + kKernelTile);
                    chunk.add(x.block(t, stop),
                              log_row_weight.empty() ? nullptr : &log_row_weight[t],
                              values.block(t, stop), sums.mass);
                }
                chunk.write(sums);
            });
        });
}

namespace {

// The columns of all parts in one piece.
struct Joined {
    std::vector<float> shift;  // [c]
    Matrix<float> means;       // [c, padded v], times scale
    float scale = 1.0F;

    explicit Joined(std::span<const QueryColumns> parts, std::size_t columns) {
        for (const QueryColumns& part : parts) {
            shift.insert(shift.end(), part.shift.begin(), part.shift.end());
            if (largest(part.means) > kLargeValue) scale = kSmaller;
        }
        means = Matrix<float>(shift.size(), padded_columns(columns));
        std::size_t row = 0;
        for (const QueryColumns& part : parts)
            for (std::size_t s = 0; s < part.means.rows; ++s, ++row)
                for (std::size_t c = 0; c < columns; ++c) means(row, c) = part.means(s, c) * scale;
    }
};

// Outputs of one tile after the other.
class RowOutputs {
  public:
    RowOutputs(std::span<const QueryColumns> parts, const Joined& joined)
        : parts_(parts),
          joined_(joined),
          ell_(Matrix<float>::unwritten(joined.shift.size() + kGroupSplats, kKernelTile)),
          most_(kKernelTile),
          sum_(kKernelTile),
          sums_(kKernelTile, joined.means.cols()) {
        for (const QueryColumns& part : parts)
            tiles_.push_back(part.splats ? std::make_unique<CpuTile>(bound(part)) : nullptr);
    }

    void write(std::size_t begin, std::size_t end, MatrixView<float> out,
               std::vector<std::uint32_t>& far) {
        fill(begin, end);
        std::fill(sum_.begin(), sum_.end(), 0.0);
        std::fill_n(sums_.data(), sums_.size(), 0.0F);
        const auto sums = sums_.view().block(0, end - begin);
        const std::span<const float> shift = joined_.shift;
        for (std::size_t s = 0; s < shift.size(); s += kColumnsAtOnce) {
            const std::size_t last = std::min(shift.size(), s + kColumnsAtOnce);
            float* ell = ell_.row(s).data();
            exponentials_of_rows(ell, shift.subspan(s, last - s), most_.data(), end - begin,
                                 sum_.data());
            add_products(ell, 1, kKernelTile, joined_.means.view().block(s, last), sums);
        }
        for (std::size_t i = begin; i < end; ++i) {
            if (!(most_[i - begin] >= kFarLogit)) far.push_back(static_cast<std::uint32_t>(i));
            const auto share =
                static_cast<float>(1.0 / (sum_[i - begin] * static_cast<double>(joined_.scale)));
            for (std::size_t c = 0; c < out.cols; ++c) out(i, c) = sums_(i - begin, c) * share;
        }
    }

  private:
    static const CpuSplats& bound(const QueryColumns& part) {
        return dynamic_cast<const CpuSplats&>(*part.splats);
    }

    // The log kernels of a tile and the largest logit of every token.
    void fill(std::size_t begin, std::size_t end) {
        std::fill(most_.begin(), most_.end(), -std::numeric_limits<float>::infinity());
        std::size_t row = 0;
        for (std::size_t p = 0; p < parts_.size(); ++p) {
            const QueryColumns& part = parts_[p];
            if (!part.splats) {
                std::fill(ell_.row(row).begin(), ell_.row(row).end(), 0.0F);
                raise_most(ell_.row(row).data(), part.shift, end - begin, most_.data());
                ++row;
                continue;
            }
            const auto x = part.x.block(begin, end);
            tiles_[p]->turn(bound(part), x);
            float* ell = ell_.row(row).data();
            tiles_[p]->compute(bound(part), bound(part).groups(), x, ell);
            raise_most(ell, part.shift, x.rows, most_.data());
            row += part.shift.size();
        }
    }

    std::span<const QueryColumns> parts_;
    const Joined& joined_;
    std::vector<std::unique_ptr<CpuTile>> tiles_;
    Matrix<float> ell_;        // [c, tile]
    std::vector<float> most_;  // [tile]
    std::vector<double> sum_;  // [tile]
    Matrix<float> sums_;       // [tile, padded v]
};

}  // namespace

std::vector<std::uint32_t> cpu_outputs(std::span<const QueryColumns> parts, MatrixView<float> out,
                                       const Work& work) {
    const Joined joined(parts, out.cols);
    std::vector<std::vector<std::uint32_t>> far((out.rows + kChunkRows - 1) / kChunkRows);
    parallel_blocks(out.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        RowOutputs rows(parts, joined);
        for (std::size_t t = begin; t < end; t += kKernelTile)
            rows.write(t, std::min(end, t + kKernelTile), out, far[begin / kChunkRows]);
    });
    std::vector<std::uint32_t> all;
    for (const auto& some : far) all.insert(all.end(), some.begin(), some.end());
    return all;
}

}  // namespace hsa
