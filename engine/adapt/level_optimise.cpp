#include "engine/adapt/level_optimise.h"

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/draft.h"
#include "engine/adapt/level_attention.h"
#include "engine/adapt/level_edits.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/target_rows.h"
#include "engine/attention/columns.h"
#include "engine/attention/factors.h"
#include "engine/attention/row_kl.h"
#include "engine/core/error.h"
#include "engine/model/level_coordinates.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr double kNearNeighbours = 2.0;

// Mean change of the rows and its standard error.
struct Moved {
    double d = 0.0;
    double se = 0.0;
};
Moved moved(const std::vector<double>& before, const std::vector<double>& after) {
    const auto count = static_cast<double>(before.size());
    Moved change;
    for (std::size_t r = 0; r < before.size(); ++r) change.d += (after[r] - before[r]) / count;
    double square = 0.0;
    for (std::size_t r = 0; r < before.size(); ++r)
        square += std::pow(after[r] - before[r] - change.d, 2);
    if (count > 1.0) change.se = std::sqrt(square / (count - 1.0) / count);
    return change;
}

// A change that was tried: what it leads to, and whether it may stay.
struct Trial {
    CycleResult result;
    std::vector<double> kl;
    Moved change;
    double price = 0.0;
    bool supported = false;
};

class Optimiser {
  public:
    Optimiser(Backend& backend, const AdaptInput& input, const AdaptState& state, const Edit& edit,
              const Work& work)
        : backend_(backend),
          input_(input),
          kept_(edit.kept),
          work_(work),
          coordinates_(std::make_shared<const Coordinates>(input.coordinates)),
          rows_(row_sets(input.coordinates.size(), input.settings.probe_rows, adapt_seed(input))
                    .probe) {
        now_.state = state;
        const FactorOptions all{input.temperature, 0, {}, input.causal, input.storage};
        kl_ = rows_kl(compute_factors(backend, *state.registry, input.coordinates, all, work),
                      *input.target, rows_, work);
        reference_ = TargetRows(*input.target, rows_, work, &backend).reference();
    }

    CycleResult run(std::size_t least, std::size_t most) {
        std::string refused;
        for (std::size_t round = 0; round < 2 * kMostLevels; ++round) {
            const std::size_t levels = registry().hierarchy.size();
            std::optional<Trial> best;
            if (levels > std::max<std::size_t>(least, 1)) best = best_removal();
            if (best && !best->supported) refused = sentence_of(*best);
            if (!(best && best->supported) && levels < std::min(most, kMostLevels)) {
                best = addition();
                if (!best->supported) refused += sentence_of(*best);
            }
            if (!best || !best->supported) break;
            take(*std::move(best));
            refused.clear();
        }
        if (events_.empty()) say_nothing(refused);
        now_.events = std::move(events_);
        return std::move(now_);
    }

  private:
    [[nodiscard]] const SplatRegistry& registry() const { return *now_.state.registry; }

    Trial attempt(const Edit& edit, bool shrinks) {
        const AdaptInput input{input_.dataset,  *coordinates_, input_.target,
                               input_.settings, input_.seed,   input_.temperature,
                               input_.causal,   input_.near,   input_.storage};
        Trial trial;
        trial.result = apply_level_edit(backend_, input, now_.state, edit, work_);
        trial.kl = rows_kl(*trial.result.factors, *input_.target, rows_, work_);
        trial.change = moved(kl_, trial.kl);
        const Event& event = trial.result.events.front();
        const auto splats = static_cast<double>(shrinks ? event.before.size() : event.after.size());
        const double lambda = at_level(input_.settings, event.level_name).lambda;
        const double worth = lambda * reference_ * splats;
        const double share = kLevelShare * mean(kl_);
        trial.price = shrinks ? std::min(worth, share) : std::max(worth, share);
        trial.supported = shrinks ? trial.change.d + 2.0 * trial.change.se < trial.price
                                  : trial.change.d + trial.change.se < -trial.price;
        return trial;
    }

    // Of the levels that may go, the one without which the rows are told best.
    std::optional<Trial> best_removal() {
        std::optional<Trial> best;
        for (std::size_t l = 0; l < registry().hierarchy.size(); ++l) {
            if (registry().hierarchy.share(l) >= 1.0) continue;  // all the weight is there
            const std::string& name = registry().hierarchy.levels[l].name;
            if (std::find(kept_.begin(), kept_.end(), name) != kept_.end()) continue;
            Edit edit;
            edit.kind = Edit::Kind::remove_level;
            edit.level = name;
            Trial trial = attempt(edit, true);
            const bool better =
                !best || (trial.supported && !best->supported) ||
                (trial.supported == best->supported && trial.change.d < best->change.d);
            if (better) best = std::move(trial);
        }
        return best;
    }

    Trial addition() {
        const Hierarchy& hierarchy = registry().hierarchy;
        const std::size_t index = widest_gap(registry());
        Edit edit;
        edit.kind = Edit::Kind::add_level;
        edit.level = free_level_name(hierarchy);
        edit.other = hierarchy.levels[index - 1].name;
        edit.values = {1.0, 0.0};
        return attempt(edit, false);
    }

    static std::string sentence_of(const Trial& trial) {
        const Event& event = trial.result.events.front();
        const bool shrinks = !event.before.empty();
        return fmt::format(
            " {} {} changes the row-KL of the trial rows by {:+.3g} (se {:.2g}), {} "
            "{:+.3g}.",
            shrinks ? "Without" : "With a level beside",
            shrinks ? event.level_name : "its neighbours", trial.change.d, trial.change.se,
            shrinks ? "at most" : "at least", shrinks ? trial.price : -trial.price);
    }

    void take(Trial trial) {
        Event& event = trial.result.events.front();
        event.d = trial.change.d;
        event.se = trial.change.se;
        event.decided_by.insert(event.decided_by.begin(),
                                {"row-KL of the trial rows, change", trial.change.d,
                                 event.before.empty() ? -trial.price : trial.price});
        event.text += sentence_of(trial);
        const std::vector<std::shared_ptr<const Coordinates>> known = {coordinates_};
        coordinates_ = std::make_shared<const Coordinates>(
            coordinates_for(known, *trial.result.state.registry, work_));
        std::move(trial.result.events.begin(), trial.result.events.end(),
                  std::back_inserter(events_));
        kl_ = std::move(trial.kl);
        now_ = std::move(trial.result);
    }

    // The registry as it is, and an event that says why.
    void say_nothing(const std::string& refused) {
        Draft draft(now_.state, now_.state.cycle);
        Event event;
        event.cycle = now_.state.cycle;
        event.kind = EventKind::level;
        event.by = Actor::user;
        event.accepted = false;
        event.text = "No change of the levels is supported." + refused;
        draft.events.push_back(std::move(event));
        Ending ending;
        ending.count_cycle = false;
        ending.keep_level_shares = false;
        now_ = finish_draft(backend_, input_, std::move(draft), ending, work_);
        events_ = now_.events;
    }

    Backend& backend_;
    const AdaptInput& input_;
    std::vector<std::string> kept_;
    const Work& work_;
    std::shared_ptr<const Coordinates> coordinates_;
    std::vector<std::uint32_t> rows_;
    CycleResult now_;
    std::vector<double> kl_;  // of the rows, as it is
    double reference_ = 0.0;  // KL(T | uniform)
    std::vector<Event> events_;
};

}  // namespace

double levels_by_length(std::size_t tokens) {
    const double folds = std::log(static_cast<double>(tokens) / kLevelLength);
    return std::max(1.0, 1.0 + folds / std::log(kLevelFactor));
}

std::size_t widest_gap(const SplatRegistry& registry) {
    const std::size_t levels = registry.hierarchy.size();
    std::size_t best = levels;
    double widest = kNearNeighbours;
    for (std::size_t l = 1; l < levels; ++l) {
        const double ratio = static_cast<double>(registry.count(l - 1)) /
                             static_cast<double>(std::max<std::size_t>(registry.count(l), 1));
        if (std::max(ratio, 1.0 / ratio) <= widest) continue;
        widest = std::max(ratio, 1.0 / ratio);
        best = l;
    }
    return best;
}

std::string free_level_name(const Hierarchy& hierarchy) {
    std::size_t number = hierarchy.size() + 1;
    while (hierarchy.index_of(fmt::format("Level {}", number))) ++number;
    return fmt::format("Level {}", number);
}

CycleResult optimise_levels(Backend& backend, const AdaptInput& input, const AdaptState& state,
                            const Edit& edit, const Work& work) {
    if (!state.registry) fault("an edit without a registry");
    require_form_token(*state.registry, "Changing levels");
    if (!input.target)
        fail(
            "Levels are optimised against a target, and target.source is none: set target.source "
            "scores.");
    const bool counted = edit.values.size() == 2 && edit.values[0] >= 1.0 &&
                         edit.values[1] >= edit.values[0] &&
                         edit.values[1] <= static_cast<double>(kMostLevels);
    if (!counted)
        fail("The least and the most levels must be numbers from 1 to {}, the least first.",
             kMostLevels);
    return Optimiser(backend, input, state, edit, work)
        .run(static_cast<std::size_t>(edit.values[0]), static_cast<std::size_t>(edit.values[1]));
}

}  // namespace hsa
