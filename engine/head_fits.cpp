#include "engine/head_fits.h"

#include "engine/attention/cells.h"
#include "engine/compute/cpu/double_backend.h"
#include "engine/core/error.h"
#include "engine/core/json_number.h"
#include "engine/core/parallel.h"
#include "engine/embed/head.h"
#include "engine/exact_pairs.h"
#include "engine/load.h"
#include "engine/mask.h"
#include "engine/model/heads.h"
#include "engine/stages.h"

#include <fmt/core.h>

#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hsa {
namespace {

void check_can_fit(const Request& request, const Dataset& dataset) {
    if (head_count(dataset) == 0)
        fail("{} holds no heads of a model: open a .npz with 'queries' and 'keys'.",
             dataset.source);
    if (request.attention.form == Form::token)
        fail(
            "attention.form token explores the vectors and has no splats of a head: set "
            "attention.form shared or paired.");
    if (head_count(dataset) > 1 && request.first_settings.target.source == TargetSource::file)
        fail(
            "target.source {}: one file is not the attention of {} heads: set target.source "
            "scores.",
            request.first_settings.target.path, head_count(dataset));
    if (request.init.method == InitMethod::file || !request.run.empty() ||
        !request.init.warm_up.empty())
        fail(
            "Every head gets splats of its own, fitted to it: leave those of a file, a run or a "
            "warm-up with splats.init distil.");
}

// Of the forms that are asked for the one whose fit is nearer on rows that neither was drawn from.
Distilled better_fit(Backend& backend, const Request& request, const FittedHead& head,
                     const NearOptions& near, const Work& work) {
    std::vector<Form> forms = {Form::shared, Form::paired};
    if (request.attention.form) forms = {*request.attention.form};
    std::optional<Distilled> best;
    for (const Form form : forms) {
        Distilled made = distil(backend, *head.dataset, *head.coordinates, *head.target, form,
                                request.init, request.splats, near, work);
        if (!best || made.stop_kl < best->stop_kl) best = std::move(made);
    }
    return std::move(*best);
}

// Where and against what a head is read, but for the splats.
FittedHead placed(const Request& request, std::shared_ptr<const Dataset> dataset) {
    FittedHead made;
    made.dataset = std::move(dataset);
    const CycleSettings& cycle = request.first_settings;
    made.coordinates = std::make_shared<const Coordinates>(head_coordinates(*made.dataset, 1));
    if (!request.attention.mask.empty() || !made.dataset->masked.empty())
        made.coordinates = with_mask(*made.coordinates, *made.dataset, request.attention.mask);
    made.target =
        find_target(*made.dataset, *made.coordinates, cycle.target, request.embed, cycle.causal);
    if (!made.target)
        fail("target.source none: splats are fitted to a target: set target.source scores.");
    return made;
}

ExactPairs pairs_of(const Request& request) {
    std::vector<std::string> notes;
    return exact_pairs_of(request.attention, Form::shared, nullptr, notes);
}

std::shared_ptr<const Factors> factors_of(Backend& backend, const Request& request,
                                          const FittedHead& head, const SplatRegistry& registry,
                                          const Work& work) {
    const CycleSettings& cycle = request.first_settings;
    ExactPairs exact = pairs_of(request);
    LookKey key;
    key.registry = std::make_shared<const SplatRegistry>(registry);
    key.coordinates = head.coordinates;
    key.temperature = cycle.temperature;
    key.splats_per_token = request.attention.splats_per_token;
    key.mask = request.mask;
    key.causal = cycle.causal;
    key.mode = request.attention.mode;
    key.storage = request.compute.storage;
    exact.near.causal = exact.near.any() && cycle.causal;
    key.exact = exact;
    if (exact.any()) key.target = head.target;
    return stage_attention(backend, key, nullptr, memory_budget(request.compute), work).factors;
}

// As evaluate() does for the head alone.
FittedHead fitted(Backend& backend, const Request& request,
                  const std::shared_ptr<const Dataset>& dataset, std::size_t index,
                  const Work& work) {
    const HeadIndex at = head_at(*dataset, index);
    FittedHead made = placed(request, head_data(dataset, at));
    made.index = index;
    made.at = at;
    const CycleSettings& cycle = request.first_settings;
    const ExactPairs exact = pairs_of(request);
    check_combination(request, exact);
    NearOptions near = exact.near;
    near.causal = cycle.causal;
    made.distilled = better_fit(backend, request, made, near, work);
    made.factors = factors_of(backend, request, made, made.distilled.fit.registry, work);
    made.as_target =
        !cycle.causal && !exact.any() && cycle.temperature == 1.0 && request.mask == LevelMask{};
    return made;
}

// What goes wrong with a head names it.
template <class Make>
FittedHead named(const Dataset& dataset, std::size_t index, const Make& make) {
    try {
        return make();
    } catch (const Error& error) {
        const HeadIndex at = head_at(dataset, index);
        throw Error(error.kind(),
                    fmt::format("Head {} of layer {}: {}", at.head, at.layer, error.what()));
    }
}

}  // namespace

FittedHead fit_head(Backend& single, const Request& request,
                    const std::shared_ptr<const Dataset>& dataset, std::size_t index,
                    const Work& work) {
    check_can_fit(request, *dataset);
    std::unique_ptr<Backend> twofold;
    if (request.compute.precision == Precision::twofold) twofold = make_double_backend();
    return named(*dataset, index, [&] {
        return fitted(twofold ? *twofold : single, request, dataset, index, work);
    });
}

void fit_every_head(Backend& backend, const Request& request,
                    const std::shared_ptr<const Dataset>& dataset,
                    const std::function<void(const FittedHead&)>& take, const Work& work) {
    check_can_fit(request, *dataset);
    const std::size_t heads = head_count(*dataset);
    const Work quiet{work.stop, {}};  // the steps of many fits at once say nothing
    std::mutex guard;
    std::size_t done = 0;
    for_layers(*dataset, [&](std::size_t begin, std::size_t end) {
        parallel_for(end - begin, [&](std::size_t h) {
            work.check();
            take(fit_head(backend, request, dataset, begin + h, quiet));
            const std::lock_guard lock(guard);
            work.report("fitting splats to the heads",
                        static_cast<double>(++done) / static_cast<double>(heads));
        });
    });
}

Factors head_factors(Backend& backend, const Request& request, const SplatRegistry& registry,
                     const std::shared_ptr<const Dataset>& dataset, const Work& work) {
    const FittedHead head = placed(request, dataset);
    return *factors_of(backend, request, head, registry, work);
}

Outputs outputs_of(const FittedHead& head, MatrixView<const float> values, std::uint64_t seed,
                   const Work& work) {
    if (head.as_target)
        return outputs_through_core(*head.factors, *head.target, values, seed, work);
    Outputs outputs;
    outputs.values = attend(*head.factors, values);
    return outputs;
}

nlohmann::json fitted_head_json(const FittedHead& head) {
    const Fit& fit = head.distilled.fit;
    const FitMeasures& reached = fit.report.reached;
    nlohmann::json line = {{"layer", head.at.layer},
                           {"head", head.at.head},
                           {"form", name_of(fit.registry.form)},
                           {"splats", fit.registry.size()},
                           {"steps", fit.report.steps},
                           {"row_kl", json_number(reached.loss.kl)},
                           {"row_kl_start", json_number(fit.report.start.loss.kl)},
                           {"output_error", nullptr},
                           {"top8", json_number(reached.top_overlap)},
                           {"rows", reached.rows},
                           {"unseen", !fit.report.on_drawn},
                           {"row_entropy", json_number(head.distilled.row_entropy)},
                           {"pairs", head.factors->near ? head.factors->near->set.pairs() : 0}};
    if (head.dataset->head->values.cols() > 0)
        line["output_error"] = json_number(reached.output_error());
    return line;
}

}  // namespace hsa
