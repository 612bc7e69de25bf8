#include "bench/bench/exact_attention.h"

#include "engine/compute/backend.h"
#include "engine/compute/cpu/forward_lanes.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::kKernelTile;
using hsa::Matrix;
using hsa::MatrixView;

constexpr std::size_t kKeysAtOnce = 64;

// A tile of queries; a lane is a query, as a lane is a token for splats.
class Tile {
  public:
    Tile(MatrixView<const float> q, std::size_t columns)
        : turned_(q.cols, kKernelTile, 0.0F),
          scores_(kKeysAtOnce, kKernelTile),
          sums_(kKernelTile, columns, 0.0F) {
        for (std::size_t i = 0; i < q.rows; ++i)
            for (std::size_t a = 0; a < q.cols; ++a) turned_(a, i) = q(i, a);
        most_.fill(-std::numeric_limits<float>::infinity());
    }

    void add(MatrixView<const float> k, MatrixView<const float> v) {
        std::fill_n(scores_.data(), k.rows * kKernelTile, 0.0F);
        hsa::add_products(k.data, k.stride, 1, std::as_const(turned_).view(),
                          scores_.view().block(0, k.rows));
        const std::array<float, kKernelTile> before = most_;
        const std::span<const float> none = std::span(zeros_).first(k.rows);
        hsa::raise_most(scores_.data(), none, kKernelTile, most_.data());
        if (before != most_) lower(before);
        hsa::exponentials_of_rows(scores_.data(), none, most_.data(), kKernelTile, total_.data());
        hsa::add_products(scores_.data(), 1, kKernelTile, v, sums_.view());
    }

    void write(MatrixView<float> out) const {
        for (std::size_t i = 0; i < out.rows; ++i) {
            const auto share = static_cast<float>(1.0 / total_[i]);
            for (std::size_t c = 0; c < out.cols; ++c) out(i, c) = sums_(i, c) * share;
        }
    }

  private:
    // What was summed up becomes relative to larger scores.
    void lower(const std::array<float, kKernelTile>& before) {
        for (std::size_t i = 0; i < kKernelTile; ++i) {
            if (before[i] == most_[i]) continue;
            const float factor = std::exp(before[i] - most_[i]);
            total_[i] *= static_cast<double>(factor);
            for (float& sum : sums_.row(i)) sum *= factor;
        }
    }

    Matrix<float> turned_;  // [d, tile]
    Matrix<float> scores_;  // [keys, tile]
    Matrix<float> sums_;    // [tile, v]
    std::array<float, kKeysAtOnce> zeros_{};
    std::array<float, kKernelTile> most_{};
    std::array<double, kKernelTile> total_{};
};

}  // namespace

Matrix<float> exact_attention(MatrixView<const float> q, MatrixView<const float> k,
                              MatrixView<const float> v) {
    if (q.cols != k.cols || k.rows != v.rows || hsa::padded_columns(v.cols) != v.cols)
        hsa::fault("exact attention of {} x {} queries, {} x {} keys and {} x {} values", q.rows,
                   q.cols, k.rows, k.cols, v.rows, v.cols);
    Matrix<float> out = Matrix<float>::unwritten(q.rows, v.cols);
    hsa::parallel_blocks(q.rows, kKernelTile, [&](std::size_t begin, std::size_t end) {
        Tile tile(q.block(begin, end), v.cols);
        for (std::size_t j = 0; j < k.rows; j += kKeysAtOnce) {
            const std::size_t last = std::min(k.rows, j + kKeysAtOnce);
            tile.add(k.block(j, last), v.block(j, last));
        }
        tile.write(out.view().block(begin, end));
    });
    return out;
}

}  // namespace hsa_bench
