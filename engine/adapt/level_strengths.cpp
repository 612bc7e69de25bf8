#include "engine/adapt/level_strengths.h"

#include "engine/adapt/level_attention.h"
#include "engine/adapt/paths.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr double kMostScale = 2.0;  // of a variance, a cycle

// Mean and variance per axis of some weights over tokens, at one level's coordinates.
struct Moments {
    std::vector<double> mean, variance;  // [d]
};

// Of the weights w [m, k], a column each, which need not sum to 1; nothing where they are all 0.
std::vector<std::optional<Moments>> moments_of(MatrixView<const float> x,
                                               const Matrix<float>& weights) {
    const std::size_t k = weights.cols();
    const std::size_t d = x.cols;
    const std::size_t width = 1 + 2 * d;
    const std::vector<double> sums = parallel_sum(
        x.rows, k * width, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t s = 0; s < k; ++s) {
                    const auto w = static_cast<double>(weights(j, s));
                    if (!(w > 0.0)) continue;
                    double* const own = out.data() + s * width;
                    own[0] += w;
                    for (std::size_t a = 0; a < d; ++a) {
                        const auto value = static_cast<double>(x(j, a));
                        own[1 + a] += w * value;
                        own[1 + d + a] += w * value * value;
                    }
                }
        });
    std::vector<std::optional<Moments>> moments(k);
    for (std::size_t s = 0; s < k; ++s) {
        const double* const own = sums.data() + s * width;
        if (!(own[0] > 0.0)) continue;
        Moments made{std::vector<double>(d), std::vector<double>(d)};
        for (std::size_t a = 0; a < d; ++a) {
            made.mean[a] = own[1 + a] / own[0];
            made.variance[a] =
                std::max(own[1 + d + a] / own[0] - made.mean[a] * made.mean[a], 1e-12);
        }
        moments[s] = std::move(made);
    }
    return moments;
}

// One splat moved by the share `by` so that its tokens come to have the moments wanted.
void move_towards(const Moments& own, const Moments& wanted, double by, LevelSplats& splats,
                  std::size_t s) {
    const std::span<float> centre = splats.centre.row(s);
    for (std::size_t a = 0; a < centre.size(); ++a)
        centre[a] += static_cast<float>(by * (wanted.mean[a] - own.mean[a]));
    const CovarianceKind kind = splats.kind[s];
    if (kind != CovarianceKind::spherical && kind != CovarianceKind::diagonal) return;
    std::vector<double> factor(centre.size());
    for (std::size_t a = 0; a < factor.size(); ++a)
        factor[a] = by * std::log(wanted.variance[a] / own.variance[a]);
    if (kind == CovarianceKind::spherical) {
        const double all = mean(factor);
        std::fill(factor.begin(), factor.end(), all);
    }
    const double most = std::log(kMostScale);
    for (std::size_t a = 0; a < factor.size(); ++a)
        splats.variance(s, a) *= static_cast<float>(std::exp(std::clamp(factor[a], -most, most)));
}

// The levels of a draft with what their splats hold of the columns' tokens.
class Levels {
  public:
    Levels(const CycleContext& context, Draft& draft) : context_(context), draft_(draft) {}

    void draw_to_children(std::size_t parent_level, double by, double& probe) {
        const Level children = read(parent_level - 1);
        const Level parents = read(parent_level);
        // What children hold, by their mass, under each parent's name.
        Matrix<float> merged(children.keys.k.rows(), parents.splats.size());
        double most = -1e300;
        std::vector<double> mass(children.splats.size());
        for (std::size_t c = 0; c < mass.size(); ++c) {
            mass[c] =
                static_cast<double>(children.splats.log_weight[c]) + children.keys.log_mass[c];
            most = std::max(most, mass[c]);
        }
        std::vector<std::size_t> parent(children.splats.size());
        std::vector<float> weight(parent.size());
        for (std::size_t c = 0; c < parent.size(); ++c) {
            parent[c] = place_of(parents.splats, parent_of(children.splats.id[c]));
            weight[c] = static_cast<float>(held(children.splats.id[c]) * std::exp(mass[c] - most));
        }
        parallel_blocks(merged.rows(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t c = 0; c < parent.size(); ++c)
                    if (parent[c] < parents.splats.size())
                        merged(j, parent[c]) += weight[c] * children.keys.k(j, c);
        });
        const MatrixView<const float> x = context_.columns.x[parent_level];
        const auto own = moments_of(x, parents.keys.k);
        const auto wanted = moments_of(x, merged);
        std::vector<double> share(parents.splats.size(), by);
        commit(parent_level, parents.splats, own, wanted, share,
               fmt::format("{} of the way to the merge of their children", by),
               {"from_children", by, 0.0}, probe);
    }

    void draw_to_parents(std::size_t child_level, double worth, double& probe) {
        const Level children = read(child_level);
        const Level parents = read(child_level + 1);
        const MatrixView<const float> x = context_.columns.x[child_level];
        const auto own = moments_of(x, children.keys.k);
        const auto of_parents = moments_of(x, parents.keys.k);
        std::vector<std::optional<Moments>> wanted(children.splats.size());
        std::vector<double> share(children.splats.size(), 0.0);
        double all = 0.0;
        std::vector<double> mass(share.size());
        for (std::size_t c = 0; c < mass.size(); ++c) {
            mass[c] = std::exp(static_cast<double>(children.splats.log_weight[c]) +
                               children.keys.log_mass[c]);
            all += mass[c];
        }
        for (std::size_t c = 0; c < share.size(); ++c) {
            const std::size_t t = place_of(parents.splats, parent_of(children.splats.id[c]));
            if (t >= of_parents.size() || !(all > 0.0)) continue;
            wanted[c] = of_parents[t];
            const double tokens = static_cast<double>(context_.columns.tokens) * mass[c] / all;
            const double prior = worth * held(children.splats.id[c]);
            share[c] = prior / (prior + tokens);
        }
        commit(child_level, children.splats, own, wanted, share,
               fmt::format("towards their parents, a prior worth {} tokens", worth),
               {"from_parent", worth, 0.0}, probe);
    }

  private:
    struct Level {
        LevelSplats splats;
        LevelKeys keys;
    };

    Level read(std::size_t level) {
        Level made{level_splats(draft_.registry, level), {}};
        const auto bound = bind(context_.backend, made.splats, context_.input.temperature);
        made.keys = level_keys(context_.backend, *bound, context_.columns.x[level],
                               context_.columns.log_weight);
        return made;
    }
    [[nodiscard]] SplatId parent_of(SplatId id) const {
        return draft_.registry.parent[draft_.registry.row(id)];
    }
    [[nodiscard]] double held(SplatId child) const {
        return held_share(draft_.state.paths, child, parent_of(child));
    }
    // The splats' number where there is none.
    static std::size_t place_of(const LevelSplats& splats, SplatId id) {
        return static_cast<std::size_t>(std::find(splats.id.begin(), splats.id.end(), id) -
                                        splats.id.begin());
    }

    void commit(std::size_t level, LevelSplats splats,
                const std::vector<std::optional<Moments>>& own,
                const std::vector<std::optional<Moments>>& wanted, std::span<const double> share,
                const std::string& how, Reason reason, double& probe) {
        Event event;
        event.cycle = draft_.cycle;
        event.level = static_cast<std::uint16_t>(level);
        event.kind = EventKind::level;
        double farthest = 0.0;
        for (std::size_t s = 0; s < splats.size(); ++s) {
            if (!own[s] || !wanted[s] || !(share[s] > 0.0)) continue;
            double squares = 0.0;
            for (std::size_t a = 0; a < own[s]->mean.size(); ++a) {
                const double step = share[s] * (wanted[s]->mean[a] - own[s]->mean[a]);
                squares += step * step;
            }
            farthest = std::max(farthest, std::sqrt(squares));
            move_towards(*own[s], *wanted[s], share[s], splats, s);
            event.after.push_back(splats.id[s]);
        }
        if (event.after.empty()) return;
        event.before = event.after;
        write_level(draft_, splats);
        const double price = context_.lambda[level] * static_cast<double>(splats.size());
        event.objective_before = probe + price;
        probe = context_.probe_kl(splats);
        event.objective_after = probe + price;
        event.d = event.objective_after - event.objective_before;
        event.decided_by = {std::move(reason), {"farthest_step", farthest, 0.0}};
        event.text = fmt::format("Splats of {} were drawn {}: {} moved, the farthest by {:.3g}.",
                                 draft_.registry.hierarchy.levels[level].name, how,
                                 event.after.size(), farthest);
        draft_.events.push_back(std::move(event));
        if (std::find(draft_.settled_levels.begin(), draft_.settled_levels.end(), level) ==
            draft_.settled_levels.end())
            draft_.settled_levels.push_back(level);
    }

    const CycleContext& context_;
    Draft& draft_;
};

}  // namespace

void apply_level_strengths(const CycleContext& context, const LevelStrengths& strengths,
                           Draft& draft, std::vector<double>& probe) {
    const std::size_t levels = draft.registry.hierarchy.size();
    Levels all(context, draft);
    if (strengths.from_children > 0.0)
        for (std::size_t l = 1; l < levels; ++l) {
            context.work.check();
            all.draw_to_children(l, strengths.from_children, probe[l]);
        }
    if (strengths.from_parent > 0.0)
        for (std::size_t l = levels; l-- > 1;) {
            context.work.check();
            all.draw_to_parents(l - 1, strengths.from_parent, probe[l - 1]);
        }
}

}  // namespace hsa
