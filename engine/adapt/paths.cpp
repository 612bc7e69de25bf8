#include "engine/adapt/paths.h"

#include "engine/adapt/faults.h"

#include <algorithm>
#include <utility>

namespace hsa {
namespace {

constexpr double kLeastShare = 1e-4;  // of a path that is kept

// What is remembered of one child over the parents of now: [parents], sums to 1; empty where
// nothing is left of it.
std::vector<double> remembered(const std::vector<PathShare>& path, const SplatRegistry& registry,
                               std::span<const std::size_t> parents) {
    std::vector<double> shares(parents.size(), 0.0);
    double sum = 0.0;
    for (const PathShare& one : path)
        for (std::size_t t = 0; t < parents.size(); ++t)
            if (registry.id[parents[t]] == one.parent) {
                shares[t] = static_cast<double>(one.share);
                sum += shares[t];
            }
    if (!(sum > 0.0)) return {};
    for (double& share : shares) share /= sum;
    return shares;
}

std::vector<PathShare> path_of(std::span<const double> shares, const SplatRegistry& registry,
                               std::span<const std::size_t> parents) {
    std::vector<PathShare> path;
    for (std::size_t t = 0; t < shares.size(); ++t)
        if (shares[t] >= kLeastShare)
            path.push_back({registry.id[parents[t]], static_cast<float>(shares[t])});
    std::stable_sort(path.begin(), path.end(),
                     [](const PathShare& a, const PathShare& b) { return a.share > b.share; });
    return path;
}

}  // namespace

void reinforce_paths(Backend& backend, const Coordinates& coordinates, double memory,
                     SplatRegistry& registry, Paths& paths, const Work& work) {
    Paths next;
    for (const LevelOverlap& level : level_overlaps(backend, coordinates, registry, work))
        for (std::size_t c = 0; c < level.children.size(); ++c) {
            const std::size_t row = level.children[c];
            const std::span<const double> now = level.share.row(c);
            std::vector<double> shares(now.begin(), now.end());
            const auto known = paths.find(registry.id[row]);
            if (known != paths.end()) {
                const std::vector<double> before =
                    remembered(known->second, registry, level.parents);
                for (std::size_t t = 0; t < before.size(); ++t)
                    shares[t] = memory * before[t] + (1.0 - memory) * shares[t];
            }
            const auto best = std::max_element(shares.begin(), shares.end());
            registry.parent[row] =
                registry.id[level.parents[static_cast<std::size_t>(best - shares.begin())]];
            next.insert_or_assign(registry.id[row], path_of(shares, registry, level.parents));
        }
    paths = std::move(next);
}

double held_share(const Paths& paths, SplatId child, SplatId parent) {
    const auto known = paths.find(child);
    if (known == paths.end()) return 1.0;
    for (const PathShare& one : known->second)
        if (one.parent == parent) return static_cast<double>(one.share);
    return 0.0;
}

}  // namespace hsa
