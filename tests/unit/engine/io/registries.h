#pragma once

#include "engine/model/splat_registry.h"

#include <cmath>
#include <limits>
#include <memory>

namespace io_test {

// A number with a long decimal, different for every index.
inline float awkward(std::size_t index) {
    return static_cast<float>(std::sin(1.0 + 1.7 * static_cast<double>(index))) * 0.3F;
}

inline hsa::Splat make_splat(std::size_t dimension, std::uint16_t level, hsa::SplatId parent,
                             std::size_t seed) {
    hsa::Splat splat;
    splat.level = level;
    splat.parent = parent;
    for (std::size_t i = 0; i < dimension; ++i) splat.centre.push_back(awkward(seed * 31 + i));
    splat.variance.assign(dimension, 0.01F + std::abs(awkward(seed)));
    if (seed % 2 == 1) {
        splat.kind = hsa::CovarianceKind::diagonal;
        for (std::size_t i = 0; i < dimension; ++i) {
            splat.variance[i] = 0.01F + std::abs(awkward(seed + i));
        }
    }
    splat.log_amplitude = awkward(seed + 5) * 4.0F;
    splat.beta = 0.1F + std::abs(awkward(seed + 7));
    splat.age = static_cast<std::int32_t>(seed);
    for (std::size_t i = 0; i < seed % 13; ++i) splat.usage.push(std::abs(awkward(seed + i)));
    return splat;
}

inline std::shared_ptr<const hsa::CoordinateRecipe> make_recipe(std::size_t input,
                                                                std::size_t dimension) {
    hsa::CoordinateRecipe recipe;
    recipe.embedding = "cooccurrence:0123456789abcdef";
    recipe.input_dimension = input;
    for (std::size_t i = 0; i < input; ++i)
        recipe.mean.push_back(1.0 / (3.0 + static_cast<double>(i)));
    recipe.axes = hsa::Matrix<double>(dimension, input);
    for (std::size_t i = 0; i < recipe.axes.size(); ++i) {
        recipe.axes.data()[i] = std::cos(static_cast<double>(i));
    }
    recipe.scale = 1.0 / 7.0;
    recipe.trailing = true;
    for (const char* name : {"Token", "Phrase"}) {
        recipe.level_names.emplace_back(name);
        hsa::LevelCoordinates level;
        level.h = static_cast<double>(recipe.levels.size()) * 2.5;
        level.mean.assign(dimension, 0.1);
        level.scale_before = 1.1;
        level.scale_after = 1.0 / 1.3;
        recipe.levels.push_back(level);
    }
    return std::make_shared<const hsa::CoordinateRecipe>(std::move(recipe));
}

// Two levels, five splats, ids with gaps, every optional key set that the form token knows.
inline hsa::SplatRegistry make_registry(std::size_t dimension = 3) {
    hsa::SplatRegistry registry;
    registry.dimension = dimension;
    registry.hierarchy.levels = {{"Token", 0.6}, {"Phrase", 1.0 / 3.0}};
    hsa::Splat parent = make_splat(dimension, 1, hsa::kNoSplat, 2);
    registry.next_id = 3;
    const hsa::SplatId top = registry.add(parent);
    (void)registry.add(make_splat(dimension, 0, top, 3));
    registry.next_id = 17;
    (void)registry.add(make_splat(dimension, 0, top, 4));
    (void)registry.add(make_splat(dimension, 0, hsa::kNoSplat, 5));
    (void)registry.add(make_splat(dimension, 1, hsa::kNoSplat, 12));
    registry.next_id = 40;
    registry.background_log_weight = -7.0 / 3.0;
    registry.kappa = 0.1;
    registry.fitted_with = hsa::FittedWith{4, 2, 3, 32, 0.7, true};
    return registry;
}

// As make_registry with splats of every kind: lowrank of two ranks, full, spherical, diagonal.
inline hsa::SplatRegistry make_shaped_registry(std::size_t dimension = 3) {
    hsa::SplatRegistry registry = make_registry(dimension);
    const auto shape = [&](std::size_t row, hsa::CovarianceKind kind, std::size_t count) {
        registry.gaussians.kind[row] = kind;
        for (std::size_t i = 0; i < count; ++i)
            registry.gaussians.shape[row].push_back(0.01F * awkward(row * 17 + i));
        for (float& v : registry.gaussians.variance.row(row)) v += 0.1F;
    };
    shape(0, hsa::CovarianceKind::lowrank, dimension);
    shape(2, hsa::CovarianceKind::full, dimension * (dimension - 1) / 2);
    shape(3, hsa::CovarianceKind::lowrank, 2 * dimension);
    return registry;
}

inline hsa::SplatRegistry make_paired_registry() {
    hsa::SplatRegistry registry = make_registry();
    registry.form = hsa::Form::paired;
    registry.query_gaussians = registry.gaussians;
    for (std::size_t i = 0; i < registry.query_gaussians->centre.size(); ++i) {
        registry.query_gaussians->centre.data()[i] += 1.0F;
    }
    registry.kappa_query = 1.0 / 9.0;
    registry.query_quadratic = {0.1, 1.0 / 3.0, 2.0};
    registry.offset = -0.3;
    return registry;
}

}  // namespace io_test
