#include "engine/explore.h"

#include "engine/adapt/cycle_context.h"
#include "engine/adapt/level_settings.h"
#include "engine/adapt/quotas.h"
#include "engine/attention/columns.h"
#include "engine/attention/row_kl.h"
#include "engine/core/error.h"
#include "engine/core/json_number.h"
#include "engine/core/random.h"
#include "engine/explain/answer_parts.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace hsa {
namespace {

enum Purpose : std::uint64_t { explore_purpose = 41 };

// One run of one set with one seed.
struct Tried {
    std::vector<double> row_kl;  // of the rows W, in their order
    double price = 0.0;          // of its splats, at the present adapt.lambda
    std::size_t splats = 0;
    std::size_t events = 0;
    double seconds = 0.0;
};

std::string setting_line(const char* name, double value) {
    return fmt::format("set adapt.{} {:.6g}", name, value);
}

// What the splats of every level cost: level share x adapt.lambda of the level x KL(T | uniform).
double price_of(const AdaptInput& input, const SplatRegistry& registry, double reference) {
    const std::vector<double> lambda = level_lambdas(input.settings, registry.hierarchy);
    double price = 0.0;
    for (std::size_t l = 0; l < lambda.size(); ++l)
        price += registry.hierarchy.share(l) * lambda[l] * reference *
                 static_cast<double>(registry.count(l));
    return price;
}

Tried try_set(Backend& backend, const AdaptInput& present, const AdaptSettings& settings,
              std::uint64_t seed, const std::shared_ptr<const SplatRegistry>& registry,
              std::size_t cycles, const Work& work, const std::function<void()>& cycle_done) {
    AdaptInput input = present;
    input.settings = settings;
    input.settings.seed = seed;
    input.seed = seed;
    const auto begin = std::chrono::steady_clock::now();
    CycleResult result = begin_adaptation(backend, input, registry, work);
    Tried tried;
    for (std::size_t c = 0; c < cycles; ++c) {
        result = adapt_cycle(backend, input, result.state, work);
        tried.events += static_cast<std::size_t>(std::count_if(
            result.events.begin(), result.events.end(),
            [](const Event& event) { return event.accepted && is_structural(event.kind); }));
        cycle_done();
    }
    tried.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const RowSets rows = row_sets(input.coordinates.size(), settings.probe_rows, seed);
    tried.row_kl = rows_kl(*result.factors, *input.target, rows.report, work);
    tried.splats = result.state.registry->size();
    tried.price =
        price_of(present, *result.state.registry, result.whole->reference_kl.value_or(0.0));
    return tried;
}

// The set's runs against those of the present settings, row by row of the same seeds.
SetResult compare(ParameterSet set, const std::vector<Tried>& tried,
                  const std::vector<Tried>& present) {
    SetResult result;
    result.set = std::move(set);
    const auto seeds = static_cast<double>(tried.size());
    double count = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    double price = 0.0;
    result.worst_change = -std::numeric_limits<double>::infinity();
    for (std::size_t s = 0; s < tried.size(); ++s) {
        double own = 0.0;
        for (std::size_t r = 0; r < tried[s].row_kl.size(); ++r) {
            const double change = tried[s].row_kl[r] - present[s].row_kl[r];
            result.row_kl += tried[s].row_kl[r];
            own += change;
            squares += change * change;
        }
        const auto rows = static_cast<double>(tried[s].row_kl.size());
        const double dearer = tried[s].price - present[s].price;
        result.worst_change = std::max(result.worst_change, own / rows + dearer);
        sum += own;
        count += rows;
        price += dearer / seeds;
        result.splats += static_cast<double>(tried[s].splats) / seeds;
        result.events += static_cast<double>(tried[s].events) / seeds;
        result.seconds += tried[s].seconds / seeds;
    }
    result.row_kl /= count;
    result.row_kl_change = sum / count;
    result.objective_change = result.row_kl_change + price;
    if (count > 1.0)
        result.error =
            std::sqrt(std::max(0.0, squares / count - result.row_kl_change * result.row_kl_change) /
                      (count - 1.0));
    return result;
}

}  // namespace

std::vector<ParameterSet> parameter_sets(const AdaptSettings& now) {
    std::vector<ParameterSet> sets = {{"as they are", now, {}}};
    const auto add = [&](std::string name, const auto& change, std::vector<std::string> lines) {
        ParameterSet set{std::move(name), now, std::move(lines)};
        change(set.settings);
        sets.push_back(std::move(set));
    };
    const bool fast = now.preset == Preset::fast;
    add(fast ? "preset story" : "preset fast",
        [&](AdaptSettings& s) { s.preset = fast ? Preset::story : Preset::fast; },
        {fast ? "set adapt.preset story" : "set adapt.preset fast"});
    for (const auto& [name, times] : {std::pair{"lambda / 3", 1.0 / 3.0}, {"lambda x 3", 3.0}}) {
        const double value = std::min(1.0, now.lambda * times);
        add(name, [&](AdaptSettings& s) { s.lambda = value; }, {setting_line("lambda", value)});
    }
    for (const auto& [name, times] :
         {std::pair{"learning rate / 2", 0.5}, {"learning rate x 2", 2.0}}) {
        const double value = std::min(1.0, now.learning_rate * times);
        add(name, [&](AdaptSettings& s) { s.learning_rate = value; },
            {setting_line("learning_rate", value)});
    }
    const Rates rates = rates_of(now);
    const auto rates_times = [&](std::string name, int times) {
        const auto most = [](int value, int limit) { return std::min(value, limit); };
        const Rates other{most(times * rates.death, 64), most(times * rates.merge, 64),
                          most(times * rates.mitosis, 64), most(times * rates.birth, 64),
                          most(times * rates.accepted, 256)};
        add(std::move(name),
            [&](AdaptSettings& s) {
                s.rate_death = other.death;
                s.rate_merge = other.merge;
                s.rate_mitosis = other.mitosis;
                s.rate_birth = other.birth;
                s.max_events = other.accepted;
            },
            {fmt::format("set adapt.rate.death {}", other.death),
             fmt::format("set adapt.rate.merge {}", other.merge),
             fmt::format("set adapt.rate.mitosis {}", other.mitosis),
             fmt::format("set adapt.rate.birth {}", other.birth),
             fmt::format("set adapt.max_events {}", other.accepted)});
    };
    rates_times("every rate x 2", 2);
    rates_times("no structure", 0);
    return sets;
}

bool SetResult::better() const {
    return objective_change + kExploreErrors * error < 0.0 && worst_change < 0.0;
}

Exploration explore(Backend& backend, const AdaptInput& input,
                    const std::shared_ptr<const SplatRegistry>& registry, std::size_t cycles,
                    const Work& work) {
    if (!input.target)
        fail(
            "Sets of parameters are compared by their distance from the target, and there is none: "
            "set target.source scores.");
    require_form_token(*registry, "Adaptation");
    Exploration found;
    found.cycles = cycles;
    const std::uint64_t first = adapt_seed(input);
    constexpr std::uint64_t kSeedLimit = 1'000'000;
    found.seeds = {first, random_bits({first, explore_purpose}) % kSeedLimit};
    const RowSets rows = row_sets(input.coordinates.size(), input.settings.probe_rows, first);
    found.rows = rows.report.size();
    found.fit_rows = rows.shared;
    std::vector<ParameterSet> sets = parameter_sets(input.settings);
    const Work quiet{work.stop, {}};
    const double all =
        static_cast<double>(std::max<std::size_t>(cycles, 1) * sets.size() * found.seeds.size());
    double done = 0.0;
    std::vector<Tried> present;
    for (ParameterSet& set : sets) {
        std::vector<Tried> tried;
        for (const std::uint64_t seed : found.seeds) {
            work.report("trying " + set.name, done / all);
            tried.push_back(try_set(backend, input, set.settings, seed, registry, cycles, quiet,
                                    [&] { work.report("trying " + set.name, ++done / all); }));
        }
        if (present.empty()) present = tried;
        found.results.push_back(compare(std::move(set), tried, present));
    }
    for (std::size_t r = 1; r < found.results.size(); ++r) {
        const SetResult& result = found.results[r];
        if (!result.better()) continue;
        if (!found.best || result.objective_change < found.results[*found.best].objective_change)
            found.best = r;
    }
    return found;
}

std::string exploration_sentence(const Exploration& found) {
    const std::string on =
        fmt::format("after {} cycle{} on {} rows of {} seeds", found.cycles,
                    found.cycles == 1 ? "" : "s", found.rows, found.seeds.size());
    if (!found.best) {
        const auto nearest = std::min_element(
            found.results.begin() + 1, found.results.end(),
            [](const auto& a, const auto& b) { return a.objective_change < b.objective_change; });
        return fmt::format(
            "No set is better than the present one {}: the nearest, {}, changes the objective by "
            "{:+.3g} +- {:.2g}.",
            on, nearest->set.name, nearest->objective_change, nearest->error);
    }
    const SetResult& best = found.results[*found.best];
    return fmt::format(
        "{} is better than the present settings {}: the objective changes by {:+.3g} +- {:.2g}, "
        "row-KL by {:+.3g} to {:.4g}, with {:.1f} splats against {:.1f}.",
        best.set.name, on, best.objective_change, best.error, best.row_kl_change, best.row_kl,
        best.splats, found.results.front().splats);
}

nlohmann::json answer_exploration(const Exploration& found) {
    nlohmann::json answer = result_json("adapt.explore", Mark::approximate);
    answer["cycles"] = found.cycles;
    answer["seeds"] = found.seeds;
    answer["rows"] = found.rows;
    answer["measured_on_fit_rows"] = found.fit_rows;
    answer["errors_wanted"] = kExploreErrors;
    answer["sets"] = nlohmann::json::array();
    for (const SetResult& result : found.results)
        answer["sets"].push_back({{"name", result.set.name},
                                  {"commands", result.set.lines},
                                  {"row_kl", json_number(result.row_kl)},
                                  {"splats", json_number(result.splats)},
                                  {"events", json_number(result.events)},
                                  {"seconds", json_number(result.seconds)},
                                  {"row_kl_change", json_number(result.row_kl_change)},
                                  {"objective_change", json_number(result.objective_change)},
                                  {"standard_error", json_number(result.error)},
                                  {"worst_seed_change", json_number(result.worst_change)},
                                  {"better", result.better()}});
    answer["recommended"] = nullptr;
    if (found.best) {
        const ParameterSet& best = found.results[*found.best].set;
        answer["recommended"] = {{"name", best.name}, {"commands", best.lines}};
    }
    answer["text"] = exploration_sentence(found);
    return answer;
}

}  // namespace hsa
