#include "engine/warm_up.h"

#include "engine/adapt/controller.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/signals.h"
#include "engine/core/error.h"
#include "engine/core/random.h"
#include "engine/embed/coordinates.h"
#include "engine/io/file.h"
#include "engine/load.h"

#include <fmt/core.h>

#include <algorithm>

namespace hsa {
namespace {

enum Purpose : std::uint64_t { warm_up_purpose = 31 };
constexpr std::int32_t kStartingAge = 3;  // rulings.md "Starting splats have age 3"

void check_columns(const std::string& path, const Dataset& data, const Dataset& open) {
    const std::size_t here = data.embeddings.rows.cols;
    const std::size_t there = open.embeddings.rows.cols;
    if (here != there)
        fail(
            "{}: its rows have {} numbers and those of {} {}: splats are warmed up on vectors of "
            "the same model. splats.warm_up without files uses none.",
            path, here, open.source, there);
}

Coordinates coordinates_for(const Dataset& data, const Coordinates& open, const Work& work) {
    Coordinates own = open.recipe ? apply_coordinates(data, open.recipe, work)
                                  : raw_coordinates(data, open.levels.size());
    own.masked = data.masked;
    return own;
}

std::shared_ptr<const Target> target_for(const Dataset& data, const Coordinates& coordinates,
                                         const CycleSettings& settings) {
    TargetSettings target = settings.target;
    if (target.source == TargetSource::file) target.source = TargetSource::scores;
    return make_target(data, coordinates, target, settings.causal);
}

}  // namespace

WarmUp warm_up_of(const Request& request, Form form) {
    if (form != Form::token)
        fail(
            "splats.warm_up adapts splats, and those of the form {} are fitted: set attention.form "
            "token, or use no warm-up (splats.warm_up without files).",
            name_of(form));
    WarmUp warm_up;
    warm_up.files = request.init.warm_up;
    for (const std::string& file : warm_up.files) warm_up.stamps.push_back(stamp_of(file));
    warm_up.cycles = request.init.warm_up_cycles;
    warm_up.embed = request.embed;
    warm_up.settings = request.first_settings;
    warm_up.seed = request.splats.seed;
    return warm_up;
}

std::shared_ptr<const SplatRegistry> warmed_up(Backend& backend, const Dataset& dataset,
                                               const Coordinates& coordinates,
                                               const std::shared_ptr<const SplatRegistry>& first,
                                               const WarmUp& warm_up,
                                               const SampleReader& read_sample, const Work& work) {
    if (dataset.embedding_id.starts_with("cooccurrence"))
        fail(
            "{} has vectors of its own words' co-occurrence, which mean nothing in other data: "
            "splats are warmed up on vectors that one model made. Open such vectors, or use no "
            "warm-up (splats.warm_up without files).",
            dataset.source);
    const Work quiet{work.stop, {}};
    const CycleSettings& settings = warm_up.settings;
    const std::uint64_t seed = settings.adapt.seed.value_or(warm_up.seed);
    std::shared_ptr<const SplatRegistry> registry = first;
    AdaptState before;
    for (std::size_t f = 0; f < warm_up.files.size(); ++f) {
        const auto tell = [&](std::size_t cycle) {
            const std::size_t all = warm_up.files.size() * warm_up.cycles;
            work.report("warming up on " + warm_up.files[f],
                        static_cast<double>(f * warm_up.cycles + cycle) /
                            static_cast<double>(std::max<std::size_t>(all, 1)));
        };
        tell(0);
        const auto data = load_vectors(warm_up.files[f], warm_up.embed, read_sample);
        check_columns(warm_up.files[f], *data, dataset);
        const Coordinates own = coordinates_for(*data, coordinates, quiet);
        const AdaptInput input{*data,
                               own,
                               target_for(*data, own, settings),
                               settings.adapt,
                               random_bits({seed, warm_up_purpose, f}),
                               settings.temperature,
                               settings.causal};
        AdaptState state = begin_adaptation(backend, input, registry, quiet).state;
        if (f > 0) {
            // What it remembers of the texts before.
            state.seen = before.seen;
            state.thresholds = before.thresholds;
            state.signals = std::move(before.signals);
            state.paths = std::move(before.paths);
        }
        for (std::size_t c = 0; c < warm_up.cycles; ++c) {
            tell(c);
            state = adapt_cycle(backend, input, state, quiet).state;
        }
        end_of_text(state);
        registry = state.registry;
        before = std::move(state);
    }
    auto warmed = std::make_shared<SplatRegistry>(*registry);
    warmed->age.assign(warmed->size(), kStartingAge);
    warmed->usage_history.assign(warmed->size(), {});
    if (before.seen.temperature == 1.0) warmed->covered = before.seen.levels;
    if (warmed->made_here) (void)solve_level_offsets(backend, coordinates, *warmed, quiet);
    return warmed;
}

std::string warm_up_sentence(const WarmUp& warm_up, const SplatRegistry& registry) {
    const std::size_t files = warm_up.files.size();
    return fmt::format("warmed up on {} file{}, {} cycle{} each: {} splats", files,
                       files == 1 ? "" : "s", warm_up.cycles, warm_up.cycles == 1 ? "" : "s",
                       registry.size());
}

}  // namespace hsa
