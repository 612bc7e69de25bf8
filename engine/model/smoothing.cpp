#include "engine/model/smoothing.h"

#include "engine/core/parallel.h"
#include "engine/core/parts_done.h"

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>

namespace hsa {
namespace {

constexpr std::size_t kBlockRows = 4096;
constexpr double kWidestDirect = 24.0;
constexpr double kCut = 4.0;  // of h
// Columns whose sums are formed together; each column's terms are added in the order of the rows.
constexpr std::size_t kColumns = 8;
using Columns = Eigen::Array<double, static_cast<int>(kColumns), 1>;

Eigen::Map<const Columns> columns_at(const double* first) {
    return Eigen::Map<const Columns>(first);
}

// Rows of a block with its halo, zero where no token is: numerator columns, then the denominator,
// then zeros up to a multiple of kColumns.
struct Padded {
    std::vector<double> values;
    std::size_t width = 0;
    [[nodiscard]] double* row(std::size_t r) { return values.data() + r * width; }
};

Padded load(const Matrix<float>& y, std::span<const float> weight, std::ptrdiff_t first,
            std::size_t rows) {
    Padded padded;
    padded.width = (y.cols() / kColumns + 1) * kColumns;
    padded.values.assign(rows * padded.width, 0.0);
    for (std::size_t r = 0; r < rows; ++r) {
        const std::ptrdiff_t at = first + static_cast<std::ptrdiff_t>(r);
        if (at < 0 || at >= static_cast<std::ptrdiff_t>(y.rows())) continue;
        const auto i = static_cast<std::size_t>(at);
        const auto w = static_cast<double>(weight[i]);
        double* row = padded.row(r);
        for (std::size_t a = 0; a < y.cols(); ++a) row[a] = w * static_cast<double>(y(i, a));
        row[y.cols()] = w;
    }
    return padded;
}

void store(const double* sums, std::span<float> out) {
    const double denominator = sums[out.size()];
    for (std::size_t a = 0; a < out.size(); ++a) out[a] = static_cast<float>(sums[a] / denominator);
}

void direct_block(const Matrix<float>& y, std::span<const float> weight, double h, bool trailing,
                  std::size_t begin, std::size_t end, Matrix<float>& out) {
    const auto radius = static_cast<std::size_t>(std::floor(kCut * h));
    const std::size_t ahead = trailing ? 0 : radius;
    std::vector<double> taps;
    for (std::size_t t = 0; t <= radius + ahead; ++t) {
        const double away = static_cast<double>(t) - static_cast<double>(radius);
        taps.push_back(std::exp(-0.5 * (away * away) / (h * h)));
    }
    Padded padded =
        load(y, weight, static_cast<std::ptrdiff_t>(begin) - static_cast<std::ptrdiff_t>(radius),
             end - begin + radius + ahead);
    std::vector<double> sums(padded.width);
    for (std::size_t i = begin; i < end; ++i) {
        for (std::size_t a = 0; a < padded.width; a += kColumns) {
            Columns some = Columns::Zero();
            const double* row = padded.row(i - begin) + a;
            for (const double tap : taps) {
                some += tap * columns_at(row);
                row += padded.width;
            }
            Eigen::Map<Columns>(sums.data() + a) = some;
        }
        store(sums.data(), out.row(i));
    }
}

std::size_t odd_width(double h) {
    const double wanted = std::sqrt(4.0 * h * h + 1.0);
    return 2 * static_cast<std::size_t>(std::lround((wanted - 1.0) / 2.0)) + 1;
}

// One pass of a box of odd width over all rows whose window lies inside: rows shrink by width - 1.
Padded box(Padded& from, std::size_t width) {
    const std::size_t rows = from.values.size() / from.width;
    Padded to;
    to.width = from.width;
    const std::size_t left = rows - (width - 1);
    to.values.assign(left * to.width, 0.0);
    for (std::size_t a = 0; a < from.width; a += kColumns) {
        Columns sum = Columns::Zero();
        for (std::size_t r = 0; r < rows; ++r) {
            sum += columns_at(from.row(r) + a);
            if (r + 1 < width) continue;
            Eigen::Map<Columns>(to.row(r + 1 - width) + a) = sum;
            sum -= columns_at(from.row(r + 1 - width) + a);
        }
    }
    return to;
}

void box_block(const Matrix<float>& y, std::span<const float> weight, double h, bool trailing,
               std::size_t begin, std::size_t end, Matrix<float>& out) {
    const std::size_t width = odd_width(h);
    const std::size_t halo = 3 * (width - 1) / 2;
    // Trailing: the same kernel moved back until its last tap is the token itself.
    const std::ptrdiff_t shift = trailing ? static_cast<std::ptrdiff_t>(halo) : 0;
    Padded padded = load(
        y, weight, static_cast<std::ptrdiff_t>(begin) - static_cast<std::ptrdiff_t>(halo) - shift,
        end - begin + 2 * halo);
    for (int pass = 0; pass < 3; ++pass) padded = box(padded, width);
    for (std::size_t i = begin; i < end; ++i) store(padded.row(i - begin), out.row(i));
}

double between(double from, double to, double t) { return from + t * (to - from); }

}  // namespace

std::vector<double> smoothing_widths(std::size_t tokens, std::size_t levels) {
    const auto n = static_cast<double>(tokens);
    const std::array<double, 4> four = {0.0, std::clamp(n / 150.0, 2.0, 16.0),
                                        std::clamp(n / 50.0, 6.0, 64.0),
                                        std::clamp(n / 25.0, 12.0, 256.0)};
    std::vector<double> widths(levels, 0.0);
    for (std::size_t l = 1; l < levels; ++l) {
        const double place = 3.0 * static_cast<double>(l) / static_cast<double>(levels - 1);
        const auto below = std::min<std::size_t>(static_cast<std::size_t>(place), 2);
        const double t = place - static_cast<double>(below);
        // In the log, but from the finest level, where h is 0, in proportion.
        if (t == 0.0 || t == 1.0) widths[l] = four[below + (t == 1.0 ? 1U : 0U)];
        else if (below == 0) widths[l] = between(0.0, four[1], t);
        else widths[l] = std::exp(between(std::log(four[below]), std::log(four[below + 1]), t));
    }
    return widths;
}

Matrix<float> smooth(const Matrix<float>& y, std::span<const float> weight, double h, bool trailing,
                     const Work& work) {
    Matrix<float> out(y.rows(), y.cols());
    work.check();
    PartsDone done(work, "smoothing", (y.rows() + kBlockRows - 1) / kBlockRows);
    parallel_blocks(y.rows(), kBlockRows, [&](std::size_t begin, std::size_t end) {
        if (h <= 0.0) {
            for (std::size_t i = begin; i < end; ++i)
                std::copy_n(y.row(i).begin(), y.cols(), out.row(i).begin());
        } else if (h <= kWidestDirect) {
            direct_block(y, weight, h, trailing, begin, end, out);
        } else {
            box_block(y, weight, h, trailing, begin, end, out);
        }
        done.add();
    });
    return out;
}

}  // namespace hsa
