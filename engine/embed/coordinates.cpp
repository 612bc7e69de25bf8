#include "engine/embed/coordinates.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/core/work_part.h"
#include "engine/model/level_coordinates.h"
#include "engine/model/smoothing.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kMostDimensions = 64;
constexpr double kLeastVariance = 1e-10;  // of the first axis'

std::vector<float> token_weights(const Dataset& dataset, double a) {
    const std::vector<double> share = type_share(dataset);
    std::vector<float> weights(share.size(), 1.0F);
    const bool words = dataset.types.size() == share.size() && !dataset.type_names.empty();
    if (a > 0.0 && words)
        for (std::size_t i = 0; i < share.size(); ++i)
            weights[i] = static_cast<float>(a / (a + share[i]));
    return weights;
}

void check_finite(const Dataset& dataset, const Work& work) {
    const MatrixView<const float> x = dataset.embeddings.rows;
    for (std::size_t i = 0; i < x.rows; ++i) {
        if (i % kChunkRows == 0) work.check();
        for (std::size_t a = 0; a < x.cols; ++a)
            if (!std::isfinite(x(i, a)))
                fail("{}: row {}, column {} is {}: every number must be finite.", dataset.source, i,
                     a, x(i, a));
    }
}

// Weighted covariance in float32 products of one chunk, float64 over chunks: [D, D].
Eigen::MatrixXd covariance(MatrixView<const float> x, std::span<const float> weight,
                           std::span<const double> mean, const Work& work) {
    const std::size_t d = x.cols;
    double total = 0.0;
    for (const float w : weight) total += static_cast<double>(w);
    const std::vector<double> sums =
        parallel_sum(x.rows, d * d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            work.check();
            Matrix<float> centred(end - begin, d);
            for (std::size_t i = begin; i < end; ++i) {
                const float root = std::sqrt(weight[i]);
                for (std::size_t a = 0; a < d; ++a)
                    centred(i - begin, a) =
                        root * static_cast<float>(static_cast<double>(x(i, a)) - mean[a]);
            }
            Matrix<float> part(d, d);
            transposed_multiply(centred.view(), centred.view(), part.view());
            for (std::size_t e = 0; e < d * d; ++e) out[e] += static_cast<double>(part.data()[e]);
        });
    Eigen::MatrixXd c = Eigen::Map<const Eigen::MatrixXd>(sums.data(), static_cast<Eigen::Index>(d),
                                                          static_cast<Eigen::Index>(d)) /
                        total;
    return 0.5 * (c + c.transpose());
}

// The leading principal axes as rows, largest entry positive; at least one even where nothing
// varies.
Matrix<double> principal_axes(const Eigen::MatrixXd& c) {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(c);
    const Eigen::Index d = c.rows();
    const double first = solver.eigenvalues()(d - 1);
    std::size_t rank = 1;
    while (rank < std::min(kMostDimensions, static_cast<std::size_t>(d)) &&
           solver.eigenvalues()(d - 1 - static_cast<Eigen::Index>(rank)) > kLeastVariance * first)
        ++rank;
    Matrix<double> axes(rank, static_cast<std::size_t>(d));
    for (std::size_t r = 0; r < rank; ++r) {
        Eigen::VectorXd axis = solver.eigenvectors().col(d - 1 - static_cast<Eigen::Index>(r));
        Eigen::Index top = 0;
        axis.cwiseAbs().maxCoeff(&top);
        if (axis(top) < 0.0) axis = -axis;
        for (std::size_t a = 0; a < axes.cols(); ++a)
            axes(r, a) = axis(static_cast<Eigen::Index>(a));
    }
    return axes;
}

// Y0 before its last scale: projected, unit norm where asked, the position appended: [n, d'].
Matrix<float> project(MatrixView<const float> x, const CoordinateRecipe& recipe, const Work& work) {
    const std::size_t rank = recipe.axes.rows();
    const std::size_t d = x.cols;
    Matrix<float> axes(rank, d);
    for (std::size_t r = 0; r < rank; ++r)
        for (std::size_t a = 0; a < d; ++a) axes(r, a) = static_cast<float>(recipe.axes(r, a));
    Matrix<float> y(x.rows, recipe.dimension());
    parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        Matrix<float> centred(end - begin, d);
        for (std::size_t i = begin; i < end; ++i)
            for (std::size_t a = 0; a < d; ++a)
                centred(i - begin, a) =
                    static_cast<float>(static_cast<double>(x(i, a)) - recipe.mean[a]);
        const MatrixView<float> out(y.row(begin).data(), end - begin, rank, y.cols());
        multiply_transposed(centred.view(), axes.view(), out);
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> row = y.row(i);
            double square = 0.0;
            for (std::size_t r = 0; r < rank; ++r)
                square += static_cast<double>(row[r]) * static_cast<double>(row[r]);
            const double inverse = recipe.unit_norm && square > 0.0 ? 1.0 / std::sqrt(square) : 1.0;
            for (std::size_t r = 0; r < rank; ++r)
                row[r] = static_cast<float>(static_cast<double>(row[r]) * inverse);
            if (recipe.position > 0.0)
                row[rank] = static_cast<float>(recipe.position * static_cast<double>(i) /
                                               static_cast<double>(x.rows));
        }
    });
    return y;
}

// Levels of equal recipe share one block: rows without an order have the same at every level.
void add_levels(Coordinates& coordinates, CoordinateRecipe& recipe, bool estimate,
                const Work& work) {
    for (std::size_t l = 0; l < recipe.levels.size(); ++l) {
        work.check();
        const auto levels = static_cast<double>(recipe.levels.size());
        const Work own = part_of(work, "smoothing", static_cast<double>(l) / levels,
                                 static_cast<double>(l + 1) / levels);
        std::size_t same = l;
        for (std::size_t other = 0; other < l; ++other) {
            const bool equal = estimate ? recipe.levels[other].h == recipe.levels[l].h
                                        : recipe.levels[other] == recipe.levels[l];
            if (equal) same = std::min(same, other);
        }
        if (same < l) {
            recipe.levels[l] = recipe.levels[same];
            coordinates.levels.push_back(coordinates.levels[same]);
            continue;
        }
        if (estimate) {
            LevelBlock made = estimate_level(*coordinates.base, coordinates.token_weight,
                                             recipe.levels[l].h, recipe.trailing, own);
            recipe.levels[l] = std::move(made.numbers);
            coordinates.levels.push_back(std::move(made.rows));
        } else {
            coordinates.levels.push_back(block_of_level(*coordinates.base, coordinates.token_weight,
                                                        recipe.trailing, recipe.levels[l], own));
        }
    }
}

std::vector<double> widths_for(const Dataset& dataset, std::size_t levels,
                               const CoordinateSettings& settings) {
    const bool off = settings.smoothing == Smoothing::off || !dataset.ordered;
    std::vector<double> widths =
        off ? std::vector<double>(levels, 0.0) : smoothing_widths(dataset.size(), levels);
    if (settings.smoothing == Smoothing::factor)
        for (double& h : widths) h *= settings.smoothing_factor;
    return widths;
}

}  // namespace

Coordinates estimate_coordinates(const Dataset& dataset, const Hierarchy& hierarchy,
                                 const CoordinateSettings& settings, const Work& work) {
    check_finite(dataset, work);
    const MatrixView<const float> x = dataset.embeddings.rows;
    auto recipe = std::make_shared<CoordinateRecipe>();
    recipe->embedding = dataset.embedding_id;
    recipe->input_dimension = x.cols;
    recipe->position = settings.position;
    recipe->trailing = settings.smoothing == Smoothing::trailing;
    const bool words = !dataset.type_names.empty() && dataset.ordered;
    recipe->token_weight_a = words ? 1e-3 : 0.0;

    Coordinates coordinates;
    coordinates.token_weight = token_weights(dataset, recipe->token_weight_a);
    work.report("coordinates", 0.0);
    recipe->mean = weighted_mean(x, coordinates.token_weight);
    recipe->axes = principal_axes(covariance(x, coordinates.token_weight, recipe->mean, work));
    work.report("coordinates", 0.5);
    auto base = std::make_shared<Matrix<float>>(project(x, *recipe, work));
    recipe->scale = unit_scale(base->view());
    scale_rows(*base, recipe->scale);
    coordinates.base = base;

    const std::vector<double> widths = widths_for(dataset, hierarchy.size(), settings);
    for (std::size_t l = 0; l < hierarchy.size(); ++l) {
        recipe->level_names.push_back(hierarchy.levels[l].name);
        LevelCoordinates level;
        level.h = widths[l];
        recipe->levels.push_back(std::move(level));
    }
    add_levels(coordinates, *recipe, true, work);
    coordinates.recipe = recipe;
    return coordinates;
}

Coordinates apply_coordinates(const Dataset& dataset,
                              std::shared_ptr<const CoordinateRecipe> recipe, const Work& work) {
    check_finite(dataset, work);
    const MatrixView<const float> x = dataset.embeddings.rows;
    if (x.cols != recipe->input_dimension)
        fail(
            "The splats were made for rows of {} numbers and {} has {}: open the data they were "
            "made for.",
            recipe->input_dimension, dataset.source, x.cols);
    Coordinates coordinates;
    coordinates.token_weight = token_weights(dataset, recipe->token_weight_a);
    auto base = std::make_shared<Matrix<float>>(project(x, *recipe, work));
    scale_rows(*base, recipe->scale);
    coordinates.base = base;
    CoordinateRecipe used = *recipe;
    add_levels(coordinates, used, false, work);
    coordinates.recipe = std::move(recipe);
    return coordinates;
}

Coordinates raw_coordinates(const Dataset& dataset, std::size_t levels) {
    check_finite(dataset, {});
    const MatrixView<const float> x = dataset.embeddings.rows;
    auto base = std::make_shared<Matrix<float>>(x.rows, x.cols);
    for (std::size_t i = 0; i < x.rows; ++i)
        std::copy(x.row(i).begin(), x.row(i).end(), base->row(i).begin());
    Coordinates coordinates;
    coordinates.base = base;
    coordinates.levels.assign(levels, coordinates.base);
    coordinates.token_weight.assign(x.rows, 1.0F);
    return coordinates;
}

}  // namespace hsa
