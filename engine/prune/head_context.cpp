#include "engine/prune/head_context.h"

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/target_rows.h"
#include "engine/attention/row_kl.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/fit/drawn_rows.h"

namespace hsa {
namespace {

void check_splats(const SplatRegistry& registry) {
    if (registry.hierarchy.size() != 1)
        fail(
            "Cycles of a head work on one level of splats, and these have {}: fit splats with "
            "splats.init distil.",
            registry.hierarchy.size());
    const auto check = [](const GaussianColumns& side) {
        for (const CovarianceKind kind : side.kind)
            if (kind != CovarianceKind::spherical && kind != CovarianceKind::diagonal)
                fail(
                    "Cycles of a head work on spherical and diagonal splats, and one is {}: fit "
                    "splats with splats.init distil.",
                    name_of(kind));
    };
    check(registry.gaussians);
    if (registry.query_gaussians) check(*registry.query_gaussians);
}

Head head_of(const AdaptInput& input, const SplatRegistry& registry) {
    check_splats(registry);
    if (!input.target)
        fail(
            "Cycles of a head hold its splats against its target, and target.source is none: set "
            "target.source scores.");
    if (input.temperature != 1.0)
        fail("Splats are fitted to a head at attention.temperature 1, not {}: set it to 1.",
             input.temperature);
    MatrixView<const float> values;
    if (input.dataset.head) values = input.dataset.head->values.view();
    NearOptions near = input.near;
    near.causal = input.causal;  // what a row sees is what was fitted
    return with_near({input.coordinates, *input.target, values}, near);
}

}  // namespace

HeadContext::HeadContext(Backend& used, const AdaptInput& read, const SplatRegistry& registry,
                         std::int32_t number, const Work& tied)
    : backend(used),
      input(read),
      work(tied),
      seed(adapt_seed(read)),
      cycle(number),
      head(head_of(read, registry)),
      rows(fit_rows(head.tokens(), true, read.seed)),
      probe(exact_rows(head, rows.stop)),
      lambda(level_lambdas(read.settings, registry.hierarchy).front() *
             TargetRows(*read.target, rows.stop, tied, &used).reference()) {}

std::vector<double> HeadContext::rows_kl(const SplatRegistry& registry,
                                         const ExactRows& exact) const {
    const DrawnRows drawn = drawn_rows(backend, registry, head, exact, false, work);
    std::vector<double> kl(exact.rows.size(), 0.0);
    parallel_for(kl.size(),
                 [&](std::size_t i) { kl[i] = row_kl(exact.target.row(i), drawn.a.row(i)); });
    return kl;
}

double HeadContext::probe_kl(const SplatRegistry& registry) const {
    return mean(rows_kl(registry, probe));
}

}  // namespace hsa
