#include "bench/adapt/pruned_heads.h"

#include "bench/adapt/problem.h"
#include "engine/compute/backend.h"
#include "engine/core/error.h"
#include "engine/embed/find_model.h"
#include "engine/embed/head.h"
#include "engine/embed/model_text.h"
#include "engine/fit/distil.h"
#include "engine/fit/row_entropy.h"
#include "engine/io/file.h"
#include "engine/prune/head_cycle.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>

namespace hsa_bench {
namespace {

using namespace hsa;

constexpr std::size_t kWindow = 256;
constexpr std::size_t kEvery = 3;  // 24 heads of 72, from all layers
constexpr std::int32_t kMostCycles = 60;
constexpr std::int32_t kQuiet = 10;
constexpr std::size_t kSteps = 100;
constexpr std::size_t kStepsOfCycle = 10;
constexpr std::int32_t kStartAge = 3;

struct Pruned {
    std::size_t start = 0;
    std::size_t splats = 0;
    double before = 0.0;  // row-KL on the rows W that neither fit nor cycle draws
    double after = 0.0;
    double fresh = 0.0;   // of a fit at that many splats ...
    double longer = 0.0;  // ... and of one with as many steps as the cycles took
    std::int32_t cycles = 0;
    Form form = Form::shared;
};

Pruned prune(Backend& backend, const std::shared_ptr<const HeadRows>& rows) {
    Dataset data;
    data.head = rows;
    const Coordinates coordinates = head_coordinates(data, 1);
    const std::shared_ptr<const Target> target = make_target(data, coordinates, {});
    const Head head{coordinates, *target, rows->values.view()};
    FitOptions options;
    options.near = {4, 3, 12, 8, false};  // real-heads.md 3
    options.start.splats =
        std::max<std::size_t>(4, 2 * splats_for_entropy(mean_row_entropy(*target), true));
    options.steps = kSteps;
    const Head whole = with_near(head, options.near);
    const ExactRows stop = exact_rows(whole, fit_rows(head.tokens(), true, 1).stop);
    Pruned found;
    Fit best;
    double least = 0.0;
    for (const Form form : {Form::shared, Form::paired}) {
        options.form = form;
        Fit made = fit(backend, head, options, {});
        const double kl = measure_fit(backend, made.registry, whole, stop, {}).loss.kl;
        if (form != Form::shared && kl >= least) continue;
        least = kl;
        found.form = form;
        best = std::move(made);
    }
    found.start = best.registry.size();
    found.before = best.report.reached.loss.kl;
    best.registry.age.assign(best.registry.size(), kStartAge);
    AdaptInput input{data, coordinates, target, preset(Preset::story), 1, 1.0};
    input.near = options.near;
    CycleResult result = begin_adaptation(
        backend, input, std::make_shared<const SplatRegistry>(std::move(best.registry)), {});
    std::int32_t quiet = 0;
    while (found.cycles < kMostCycles && quiet < kQuiet) {
        result = adapt_head_cycle(backend, input, result.state, {});
        ++found.cycles;
        const bool structural =
            std::any_of(result.events.begin(), result.events.end(),
                        [](const Event& e) { return e.accepted && is_structural(e.kind); });
        quiet = structural ? 0 : quiet + 1;
    }
    found.splats = result.state.registry->size();
    found.after = result.measures.row_kl;
    options.form = found.form;
    options.start.splats = found.splats;
    found.fresh = fit(backend, head, options, {}).report.reached.loss.kl;
    options.steps = kSteps + kStepsOfCycle * static_cast<std::size_t>(found.cycles);
    found.longer = fit(backend, head, options, {}).report.reached.loss.kl;
    return found;
}

}  // namespace

void pruned_heads_table(const std::vector<std::string>& words) {
    fmt::print(
        "6. heads, story: from twice the rule, pruning ends no worse than a fresh fit at the same "
        "k on 8 of 10\n");
    if (words.size() != 2) fail("Usage: adapt heads MODEL TEXT: name a model and a text.");
    const auto model = read_text_model(need_model(words[0]), {});
    const auto text = std::make_shared<const std::string>(read_file(words[1]));
    const Dataset all = split_pieces(words[1], text, *model->tokenizer, {});
    std::vector<std::uint32_t> ids = all.piece_ids;
    if (ids.size() > kWindow - 2) ids.resize(kWindow - 2);
    const ModelStates states(model->transformer,
                             cut_windows(ids, {kWindow, kWindow, model->first, model->last}),
                             nullptr);
    const TransformerShape& shape = model->transformer->shape;
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    std::size_t measured = 0;
    std::size_t better = 0;
    std::size_t better_than_longer = 0;
    double ratio = 0.0;
    double ratio_of_longer = 0.0;
    for (std::size_t h = 0; h < shape.layers * shape.heads; h += kEvery) {
        const double from = seconds();
        const Pruned found = prune(*backend, states.head(h / shape.heads, h % shape.heads, {}));
        ++measured;
        better += found.after <= found.fresh ? 1 : 0;
        better_than_longer += found.after <= found.longer ? 1 : 0;
        ratio += std::log(found.after / found.fresh);
        ratio_of_longer += std::log(found.after / found.longer);
        fmt::print(
            "   head {}.{:<2} {}: k {:>3} -> {:>3} in {:>2} cycles, W {:.4f} -> {:.4f}; fresh at "
            "that "
            "k {:.4f}, with as many steps {:.4f}; {:.1f} s\n",
            h / shape.heads, h % shape.heads, name_of(found.form), found.start, found.splats,
            found.cycles, found.before, found.after, found.fresh, found.longer, seconds() - from);
    }
    const auto count = static_cast<double>(measured);
    fmt::print(
        "   no worse than a fresh fit of {} steps on {} of {} heads (W / fresh {:.3f}, mean of "
        "logarithms)  {}\n   than one with as many steps as the cycles took on {} (W / fresh "
        "{:.3f})\n",
        kSteps, better, measured, std::exp(ratio / count),
        10 * better >= 8 * measured ? "reached" : "MISSED", better_than_longer,
        std::exp(ratio_of_longer / count));
}

}  // namespace hsa_bench
