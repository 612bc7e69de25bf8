#include "engine/adapt/density.h"

#include "engine/adapt/coverage.h"
#include "engine/adapt/faults.h"
#include "engine/adapt/shift.h"
#include "engine/core/gather.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kLeastNeighbours = 8;
constexpr std::size_t kMostNeighbours = 64;
constexpr std::size_t kBlock = 64;  // rows whose distances are taken at once

std::size_t region_size(std::size_t rows, std::size_t splats) {
    return std::min(rows, std::clamp(rows / (2 * (splats + 1)), kLeastNeighbours, kMostNeighbours));
}

// |x_i - x_j|^2 less |x_i|^2: the order is that of the distances.
void order_of_distances(std::span<const float> products, std::span<const float> squares,
                        std::span<float> order) {
    for (std::size_t j = 0; j < order.size(); ++j) order[j] = squares[j] - 2.0F * products[j];
}

std::vector<float> squares_of(const Matrix<float>& x) {
    std::vector<float> squares(x.rows());
    for (std::size_t i = 0; i < squares.size(); ++i)
        squares[i] = std::inner_product(x.row(i).begin(), x.row(i).end(), x.row(i).begin(), 0.0F);
    return squares;
}

Matrix<float> chosen(MatrixView<const float> x, std::span<const std::size_t> among) {
    return gather_rows(x, std::vector<std::uint32_t>(among.begin(), among.end()));
}

// The places of the nearest rows; of two as near the one before comes first.
void nearest(std::span<const float> order, std::size_t count, std::vector<std::size_t>& places) {
    places.resize(order.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    const auto nearer = [&](std::size_t a, std::size_t b) {
        return order[a] != order[b] ? order[a] < order[b] : a < b;
    };
    std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count),
                      places.end(), nearer);
    places.resize(count);
}

}  // namespace

std::vector<std::size_t> region_of(MatrixView<const float> x, std::size_t row,
                                   std::span<const std::size_t> among, std::size_t splats) {
    std::vector<float> order(among.size(), 0.0F);
    for (std::size_t j = 0; j < among.size(); ++j)
        for (std::size_t a = 0; a < x.cols; ++a) {
            const float delta = x(among[j], a) - x(row, a);
            order[j] += delta * delta;
        }
    std::vector<std::size_t> region;
    nearest(order, region_size(among.size(), splats), region);
    for (std::size_t& place : region) place = among[place];
    return region;
}

std::vector<double> region_lacks(MatrixView<const float> x, std::span<const double> covered,
                                 std::span<const std::size_t> among, std::size_t splats) {
    const std::size_t m = among.size();
    std::vector<double> lacks(m, 0.0);
    if (m == 0) return lacks;
    const Matrix<float> own = chosen(x, among);
    const std::vector<float> squares = squares_of(own);
    std::vector<double> short_of(m);
    for (std::size_t j = 0; j < m; ++j) short_of[j] = covered[among[j]];
    const double middle = median_of(short_of, 0.0);
    for (double& value : short_of) value = std::max(0.0, middle - value);
    const std::size_t count = region_size(m, splats);
    const double share = static_cast<double>(count) / static_cast<double>(m);
    parallel_blocks(m, kBlock, [&](std::size_t begin, std::size_t end) {
        Matrix<float> products(end - begin, m);
        multiply_transposed(own.view().block(begin, end), own.view(), products.view());
        std::vector<float> order(m);
        std::vector<std::size_t> region;
        std::vector<double> short_here(count);
        for (std::size_t i = begin; i < end; ++i) {
            order_of_distances(products.row(i - begin), squares, order);
            nearest(order, count, region);
            for (std::size_t r = 0; r < count; ++r) short_here[r] = short_of[region[r]];
            lacks[i] = share * median_of(short_here, 0.0);
        }
    });
    return lacks;
}

double largest_lack(Backend& backend, const Coordinates& coordinates, const SplatRegistry& registry,
                    double temperature, const Work& work) {
    const std::vector<std::uint32_t> tokens = spread_tokens(coordinates);
    std::vector<std::size_t> all(tokens.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    double largest = 0.0;
    for (std::size_t l = 0; l < registry.hierarchy.size(); ++l) {
        work.check();
        const Matrix<float> x = gather_rows(coordinates.levels[l]->view(), tokens);
        const LevelSplats splats = level_splats(registry, l);
        const std::vector<double> lacks = region_lacks(
            x.view(), log_coverage(backend, splats, temperature, x.view()), all, splats.size());
        for (const double lack : lacks) largest = std::max(largest, lack);
    }
    return largest;
}

}  // namespace hsa
