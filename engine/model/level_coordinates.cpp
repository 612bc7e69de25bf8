#include "engine/model/level_coordinates.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/model/smoothing.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

double scale_to_mean_square_one(double sum_of_squares, std::size_t count) {
    const double mean = sum_of_squares / static_cast<double>(std::max<std::size_t>(count, 1));
    return mean > 0.0 && std::isfinite(mean) ? 1.0 / std::sqrt(mean) : 1.0;
}

double sum_of_squares(MatrixView<const float> y) {
    return parallel_sum(y.rows, 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
        for (std::size_t i = begin; i < end; ++i)
            for (const float v : y.row(i))
                out[0] += static_cast<double>(v) * static_cast<double>(v);
    })[0];
}

// Mean and first scale of a level, found on its smoothed rows.
void find_mean_and_scale(const Matrix<float>& smoothed, std::span<const float> weight,
                         LevelCoordinates& level) {
    level.mean = weighted_mean(smoothed.view(), weight);
    const double squares = parallel_sum(
        smoothed.rows(), 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t a = 0; a < smoothed.cols(); ++a) {
                    const double v = static_cast<double>(smoothed(i, a)) - level.mean[a];
                    out[0] += v * v;
                }
        })[0];
    level.scale_before = scale_to_mean_square_one(squares, smoothed.size());
}

// Mean subtracted, first scale, soft norm.
void soften(const LevelCoordinates& level, Matrix<float>& y) {
    const std::size_t d = y.cols();
    parallel_blocks(y.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        std::vector<double> row(d);
        for (std::size_t i = begin; i < end; ++i) {
            double square = 0.0;
            for (std::size_t a = 0; a < d; ++a) {
                row[a] = (static_cast<double>(y(i, a)) - level.mean[a]) * level.scale_before;
                square += row[a] * row[a];
            }
            const double soft = 1.0 / (std::sqrt(square) + level.soft);
            for (std::size_t a = 0; a < d; ++a) y(i, a) = static_cast<float>(row[a] * soft);
        }
    });
}

}  // namespace

std::vector<double> weighted_mean(MatrixView<const float> x, std::span<const float> weight) {
    std::vector<double> sums = parallel_sum(
        x.rows, x.cols + 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i) {
                const auto w = static_cast<double>(weight[i]);
                for (std::size_t a = 0; a < x.cols; ++a) out[a] += w * static_cast<double>(x(i, a));
                out[x.cols] += w;
            }
        });
    const double total = sums.back();
    sums.pop_back();
    for (double& s : sums) s /= total;
    return sums;
}

double unit_scale(MatrixView<const float> y) {
    return scale_to_mean_square_one(sum_of_squares(y), y.rows * y.cols);
}

void scale_rows(Matrix<float>& y, double scale) {
    parallel_blocks(y.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
            for (float& v : y.row(i)) v = static_cast<float>(static_cast<double>(v) * scale);
    });
}

std::shared_ptr<const Matrix<float>> block_of_level(const Matrix<float>& base,
                                                    std::span<const float> weight, bool trailing,
                                                    const LevelCoordinates& numbers,
                                                    const Work& work) {
    auto block = std::make_shared<Matrix<float>>(smooth(base, weight, numbers.h, trailing, work));
    soften(numbers, *block);
    scale_rows(*block, numbers.scale_after);
    return block;
}

LevelBlock estimate_level(const Matrix<float>& base, std::span<const float> weight, double h,
                          bool trailing, const Work& work) {
    auto block = std::make_shared<Matrix<float>>(smooth(base, weight, h, trailing, work));
    LevelBlock made;
    made.numbers.h = h;
    find_mean_and_scale(*block, weight, made.numbers);
    work.check();
    soften(made.numbers, *block);
    work.check();
    made.numbers.scale_after = unit_scale(block->view());
    scale_rows(*block, made.numbers.scale_after);
    work.check();
    made.rows = std::move(block);
    return made;
}

bool fits_levels(const Coordinates& coordinates, const SplatRegistry& registry) {
    if (coordinates.levels.size() != registry.hierarchy.size()) return false;
    const CoordinateRecipe* mine = coordinates.recipe.get();
    const CoordinateRecipe* its = registry.coordinates.get();
    return mine == its || mine == nullptr || its == nullptr ||
           (mine->levels == its->levels && mine->level_names == its->level_names);
}

Coordinates coordinates_for(std::span<const std::shared_ptr<const Coordinates>> known,
                            const SplatRegistry& registry, const Work& work) {
    for (const auto& coordinates : known)
        if (fits_levels(*coordinates, registry)) return *coordinates;
    Coordinates made = *known.front();
    const std::size_t levels = registry.hierarchy.size();
    if (!made.recipe || !registry.coordinates) {  // the same rows at every level
        made.levels.assign(levels, made.base);
        return made;
    }
    made.recipe = registry.coordinates;
    if (made.recipe->levels.size() != levels)
        fail("The splats have {} levels and their coordinates {}: they must be the same.", levels,
             made.recipe->levels.size());
    made.levels.clear();
    for (const LevelCoordinates& wanted : made.recipe->levels) {
        std::shared_ptr<const Matrix<float>> block;
        for (const auto& coordinates : known)
            for (std::size_t l = 0; !block && l < coordinates->levels.size(); ++l)
                if (coordinates->recipe && coordinates->recipe->levels[l] == wanted)
                    block = coordinates->levels[l];
        for (std::size_t l = 0; !block && l < made.levels.size(); ++l)
            if (made.recipe->levels[l] == wanted) block = made.levels[l];
        if (!block)
            block =
                block_of_level(*made.base, made.token_weight, made.recipe->trailing, wanted, work);
        made.levels.push_back(std::move(block));
    }
    return made;
}

}  // namespace hsa
