#pragma once

#include "engine/adapt/initialise.h"
#include "engine/attention/factors.h"
#include "engine/core/parallel.h"
#include "tests/unit/engine/embed/embed_test.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace initialise_test {

inline std::unique_ptr<hsa::Backend> cpu() {
    std::vector<std::string> notes;
    return hsa::make_backend("cpu", notes);
}

// Data, coordinates and the splats made of them.
struct Made {
    hsa::Dataset dataset;
    hsa::Hierarchy hierarchy;
    hsa::Coordinates coordinates;
    hsa::SplatRegistry registry;
    hsa::Calibration calibration;
};

inline Made make(hsa::Dataset dataset, const hsa::InitSettings& init = {},
                 const hsa::SplatSettings& settings = {}, std::size_t levels = 4) {
    Made made;
    made.dataset = std::move(dataset);
    made.hierarchy = hsa::make_hierarchy(levels, made.dataset.size());
    made.coordinates = hsa::estimate_coordinates(made.dataset, made.hierarchy, {}, hsa::Work{});
    hsa::Start start = hsa::initialise(*cpu(), made.dataset, made.coordinates, made.hierarchy, init,
                                       settings, hsa::Work{});
    made.registry = std::move(start.registry);
    made.calibration = start.calibration;
    return made;
}

inline Made voyage(std::uint64_t seed = 1) {
    hsa::SplatSettings settings;
    settings.seed = seed;
    return make(embed_test::embedded(embed_test::sample("voyage.txt")), {}, settings);
}

inline hsa::Factors factors_of(const Made& made) {
    return hsa::compute_factors(*cpu(), made.registry, made.coordinates, {}, hsa::Work{});
}

// mean_i P(s|i): [columns of the factors].
inline std::vector<double> usage_of(const hsa::Factors& factors) {
    std::vector<double> usage(factors.columns(), 0.0);
    for (std::size_t i = 0; i < factors.tokens(); ++i)
        for (std::size_t s = 0; s < usage.size(); ++s)
            usage[s] +=
                static_cast<double>(factors.p(i, s)) / static_cast<double>(factors.tokens());
    return usage;
}

}  // namespace initialise_test
