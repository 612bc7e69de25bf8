#pragma once

#include "engine/adapt/controller.h"
#include "engine/compute/backend.h"
#include "engine/core/random.h"
#include "engine/model/dataset.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace adapt_test {

// Data with everything a cycle reads: coordinates are the rows themselves at every level, the
// target is softmax(x x^T).
struct Data {
    hsa::Dataset dataset;
    hsa::Coordinates coordinates;
    std::shared_ptr<const hsa::Target> target;
};

inline Data data_of(const hsa::Matrix<float>& x, std::size_t levels = 1, bool target = true) {
    Data data;
    data.dataset.embeddings = hsa::Embeddings::own(x);
    for (std::uint32_t i = 0; i < x.rows(); ++i) {
        data.dataset.types.push_back(i);
        data.dataset.labels.push_back(fmt::format("w{}", i));
    }
    data.coordinates.base = std::make_shared<const hsa::Matrix<float>>(x);
    data.coordinates.levels.assign(levels, data.coordinates.base);
    data.coordinates.token_weight.assign(x.rows(), 1.0F);
    if (target) data.target = std::make_shared<const hsa::Target>(x, 1.0);
    return data;
}

// Unit directions in `d` dimensions: each the best of 200 draws, so that none is near another.
inline std::vector<std::vector<double>> directions(std::size_t count, std::size_t d,
                                                   std::uint64_t seed) {
    hsa::Random random{seed, 100};
    std::vector<std::vector<double>> found;
    while (found.size() < count) {
        std::vector<double> best;
        double best_cosine = 2.0;
        for (int draw = 0; draw < 200; ++draw) {
            std::vector<double> direction(d);
            double square = 0.0;
            for (double& c : direction) {
                c = random.normal();
                square += c * c;
            }
            double nearest = -1.0;
            for (double& c : direction) c /= std::sqrt(square);
            for (const auto& other : found) {
                double cosine = 0.0;
                for (std::size_t c = 0; c < d; ++c) cosine += direction[c] * other[c];
                nearest = std::max(nearest, cosine);
            }
            if (nearest >= best_cosine) continue;
            best_cosine = nearest;
            best = std::move(direction);
        }
        found.push_back(std::move(best));
    }
    return found;
}

inline constexpr double kLength = 3.2;

// Which of `used` clusters each of n points belongs to: equally many of each in a shuffled order
// (in turn, every fourth row would see a part of them only).
inline std::vector<std::size_t> labels(std::size_t n, std::size_t used, std::uint64_t seed) {
    std::vector<std::size_t> label(n);
    hsa::Random random{seed, 201};
    for (std::size_t i = 0; i < n; ++i) {
        label[i] = i % used;
        std::swap(label[i], label[random.below(i + 1)]);
    }
    return label;
}

// n points around the first `used` directions, of the clusters that labels() says; all of length
// kLength.
inline hsa::Matrix<float> clusters(std::size_t n, const std::vector<std::vector<double>>& around,
                                   std::size_t used, std::uint64_t seed, double noise = 0.1) {
    const std::size_t d = around.front().size();
    const std::vector<std::size_t> label = labels(n, used, seed);
    hsa::Random random{seed, 200};
    hsa::Matrix<float> x(n, d);
    for (std::size_t i = 0; i < n; ++i) {
        std::vector<double> point = around[label[i]];
        double square = 0.0;
        for (double& c : point) {
            c += noise * random.normal();
            square += c * c;
        }
        for (std::size_t c = 0; c < d; ++c)
            x(i, c) = static_cast<float>(point[c] * kLength / std::sqrt(square));
    }
    return x;
}

inline hsa::Splat splat_at(const std::vector<double>& direction, double precision = 1.0,
                           std::uint16_t level = 0) {
    hsa::Splat splat;
    splat.level = level;
    for (const double c : direction) splat.centre.push_back(static_cast<float>(c * kLength));
    splat.variance.assign(direction.size(), static_cast<float>(1.0 / precision));
    splat.age = 3;
    return splat;
}

inline hsa::SplatRegistry registry_of(const std::vector<hsa::Splat>& splats,
                                      std::vector<hsa::Level> levels = {{"Token", 1.0}}) {
    hsa::SplatRegistry registry;
    registry.hierarchy.levels = std::move(levels);
    registry.dimension = splats.front().centre.size();
    registry.background_log_weight = -6.0;
    for (const hsa::Splat& splat : splats) registry.add(splat);
    return registry;
}

inline std::unique_ptr<hsa::Backend> cpu() {
    std::vector<std::string> notes;
    return hsa::make_backend("cpu", notes);
}

inline hsa::AdaptSettings fast() {
    hsa::AdaptSettings settings;
    settings.preset = hsa::Preset::fast;
    return settings;
}

// Only one kind of event is tried.
inline hsa::AdaptSettings only(hsa::EventKind kind) {
    hsa::AdaptSettings settings;
    settings.rate_death = kind == hsa::EventKind::death ? 3 : 0;
    settings.rate_merge = kind == hsa::EventKind::merge ? 3 : 0;
    settings.rate_mitosis = kind == hsa::EventKind::mitosis ? 3 : 0;
    settings.rate_birth = kind == hsa::EventKind::birth ? 3 : 0;
    return settings;
}

struct Lab {
    Data data;
    hsa::AdaptSettings settings;
    std::unique_ptr<hsa::Backend> backend = cpu();
    std::uint64_t seed = 1;

    [[nodiscard]] hsa::AdaptInput input() const {
        return {data.dataset, data.coordinates, data.target, settings, seed, 1.0};
    }
    [[nodiscard]] hsa::AdaptState begin(const hsa::SplatRegistry& registry) const {
        return hsa::begin_adaptation(*backend, input(),
                                     std::make_shared<const hsa::SplatRegistry>(registry), {})
            .state;
    }
    [[nodiscard]] hsa::CycleResult step(const hsa::AdaptState& state) const {
        return hsa::adapt_cycle(*backend, input(), state, {});
    }
};

inline std::size_t count_events(const std::vector<hsa::Event>& events, hsa::EventKind kind,
                                bool accepted) {
    std::size_t count = 0;
    for (const hsa::Event& event : events)
        if (event.kind == kind && event.accepted == accepted) ++count;
    return count;
}

}  // namespace adapt_test
