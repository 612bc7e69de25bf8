#include "engine/io/run_payload.h"

#include "engine/core/error.h"
#include "engine/io/bytes.h"
#include "engine/io/run_adaptation.h"
#include "engine/io/run_registry.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace hsa {
namespace {

// Cycles stored whole beside the last one.
constexpr std::int32_t kWholeEvery = 32;

// What reading needs to know beside the bytes.
struct Reading {
    std::uint32_t version = kRunVersion;
    RecipeReader& recipes;

    // Up to version 2 levels kept place and name, so that nothing but the registry named them.
    [[nodiscard]] bool names_levels() const { return version > 2; }
    // Up to version 4 splats that were fitted to a head had no cycles.
    [[nodiscard]] bool has_heads() const { return version > 4; }
};

bool stored_whole(std::int32_t cycle, std::int32_t last) {
    return cycle % kWholeEvery == 0 || cycle == last;
}

// The kinds whose covariance is more than its variances; only they write more.
bool has_shape(CovarianceKind kind) {
    return kind == CovarianceKind::lowrank || kind == CovarianceKind::full;
}

void put_splat(ByteWriter& out, const Splat& splat) {
    out.put(splat.id);
    out.put(splat.level);
    out.put(splat.parent);
    out.put(static_cast<std::uint8_t>(splat.kind));
    out.put_list(splat.centre);
    out.put_list(splat.variance);
    if (has_shape(splat.kind)) out.put_list(splat.shape);
    out.put(splat.log_amplitude);
    out.put(splat.beta);
    out.put(splat.age);
    out.put(splat.usage.count);
    out.put_all(std::span<const float>(splat.usage.values));
    out.put_truth(splat.query.has_value());
    if (!splat.query) return;
    out.put(static_cast<std::uint8_t>(splat.query->kind));
    out.put_list(splat.query->centre);
    out.put_list(splat.query->variance);
    out.put_list(splat.query->shape);
}

Splat get_splat(ByteReader& in, const Reading& reading) {
    Splat splat;
    splat.id = in.get<SplatId>();
    splat.level = in.get<std::uint16_t>();
    splat.parent = in.get<SplatId>();
    splat.kind = in.get_enum(CovarianceKind::full);
    splat.centre = in.get_list<float>();
    splat.variance = in.get_list<float>();
    if (has_shape(splat.kind)) splat.shape = in.get_list<float>();
    splat.log_amplitude = in.get<float>();
    splat.beta = in.get<float>();
    splat.age = in.get<std::int32_t>();
    splat.usage.count = in.get<std::uint8_t>();
    if (splat.usage.count > splat.usage.values.size()) in.damaged("a usage history is too long");
    for (float& value : splat.usage.values) value = in.get<float>();
    if (!reading.has_heads() || !in.get_truth()) return splat;
    QueryGaussian query;
    query.kind = in.get_enum(CovarianceKind::full);
    query.centre = in.get_list<float>();
    query.variance = in.get_list<float>();
    query.shape = in.get_list<float>();
    splat.query = std::move(query);
    return splat;
}

void put_hierarchy(ByteWriter& out, const Hierarchy& hierarchy) {
    out.put<std::uint64_t>(hierarchy.size());
    for (const Level& level : hierarchy.levels) {
        out.put_text(level.name);
        out.put(level.weight);
    }
}

Hierarchy get_hierarchy(ByteReader& in) {
    Hierarchy hierarchy;
    const std::size_t count = in.get_count(16);
    for (std::size_t i = 0; i < count; ++i) {
        Level level;
        level.name = in.get_text();
        level.weight = in.get<double>();
        hierarchy.levels.push_back(std::move(level));
    }
    return hierarchy;
}

void put_number(ByteWriter& out, const std::optional<double>& number) {
    out.put_truth(number.has_value());
    if (number) out.put(*number);
}

std::optional<double> get_number(ByteReader& in) {
    if (!in.get_truth()) return std::nullopt;
    return in.get<double>();
}

void put_head(ByteWriter& out, const std::optional<HeadScale>& head) {
    out.put_truth(head.has_value());
    if (!head) return;
    out.put(head->kappa);
    put_number(out, head->kappa_query);
    out.put_list(head->query_quadratic);
    put_number(out, head->offset);
}

std::optional<HeadScale> get_head_scale(ByteReader& in) {
    if (!in.get_truth()) return std::nullopt;
    HeadScale head;
    head.kappa = in.get<double>();
    head.kappa_query = get_number(in);
    head.query_quadratic = in.get_list<double>();
    head.offset = get_number(in);
    return head;
}

void put_delta(ByteWriter& out, const RegistryDelta& delta, RecipeWriter& recipes) {
    out.put_list(delta.removed);
    out.put<std::uint64_t>(delta.written.size());
    for (const Splat& splat : delta.written.unpack()) put_splat(out, splat);
    out.put_truth(delta.hierarchy.has_value());
    if (delta.hierarchy) put_hierarchy(out, *delta.hierarchy);
    put_number(out, delta.background_log_weight);
    out.put_truth(delta.next_id.has_value());
    if (delta.next_id) out.put(*delta.next_id);
    recipes.put(out, delta.coordinates);
    put_head(out, delta.head);
}

RegistryDelta get_delta(ByteReader& in, const Reading& reading) {
    RegistryDelta delta;
    delta.removed = in.get_list<SplatId>();
    const std::size_t count = in.get_count(60);
    std::vector<Splat> written;
    for (std::size_t i = 0; i < count; ++i) written.push_back(get_splat(in, reading));
    delta.written = PackedSplats(written);
    if (in.get_truth()) delta.hierarchy = get_hierarchy(in);
    delta.background_log_weight = get_number(in);
    if (in.get_truth()) delta.next_id = in.get<SplatId>();
    if (reading.names_levels()) delta.coordinates = reading.recipes.get(in);
    if (reading.has_heads()) delta.head = get_head_scale(in);
    return delta;
}

void put_event(ByteWriter& out, const Event& event, RecipeWriter& recipes) {
    out.put(event.cycle);
    out.put(event.level);
    out.put_text(event.level_name);
    out.put(static_cast<std::uint8_t>(event.kind));
    out.put(static_cast<std::uint8_t>(event.by));
    out.put_list(event.before);
    out.put_list(event.after);
    out.put<std::uint64_t>(event.decided_by.size());
    for (const Reason& reason : event.decided_by) {
        out.put_text(reason.name);
        out.put(reason.value);
        out.put(reason.threshold);
    }
    out.put(event.d);
    out.put(event.se);
    out.put(event.objective_before);
    out.put(event.objective_after);
    out.put_truth(event.accepted);
    out.put_list(event.tokens);
    out.put_text(event.text);
    put_delta(out, event.delta, recipes);
}

Event get_event(ByteReader& in, const Reading& reading) {
    Event event;
    event.cycle = in.get<std::int32_t>();
    event.level = in.get<std::uint16_t>();
    if (reading.names_levels()) event.level_name = in.get_text();
    event.kind = in.get_enum(kLastEventKind);
    event.by = in.get_enum(Actor::repair);
    event.before = in.get_list<SplatId>();
    event.after = in.get_list<SplatId>();
    const std::size_t reasons = in.get_count(24);
    for (std::size_t i = 0; i < reasons; ++i) {
        Reason reason;
        reason.name = in.get_text();
        reason.value = in.get<double>();
        reason.threshold = in.get<double>();
        event.decided_by.push_back(std::move(reason));
    }
    event.d = in.get<double>();
    event.se = in.get<double>();
    event.objective_before = in.get<double>();
    event.objective_after = in.get<double>();
    event.accepted = in.get_truth();
    event.tokens = in.get_list<std::uint32_t>();
    event.text = in.get_text();
    event.delta = get_delta(in, reading);
    return event;
}

void put_measures(ByteWriter& out, const CycleMeasures& measures) {
    out.put<std::uint64_t>(measures.level_names.size());
    for (const std::string& name : measures.level_names) out.put_text(name);
    out.put_list(std::vector<std::uint64_t>(measures.splats.begin(), measures.splats.end()));
    out.put_list(measures.usage);
    out.put_list(measures.level_row_kl);
    for (const double value :
         {measures.row_kl, measures.objective, measures.entropy, measures.information,
          measures.gain_adjust, measures.gain_structure}) {
        out.put(value);
    }
    put_schedule(out, measures);
}

CycleMeasures get_measures(ByteReader& in, const Reading& reading) {
    CycleMeasures measures;
    const std::size_t names = reading.names_levels() ? in.get_count(8) : 0;
    for (std::size_t l = 0; l < names; ++l) measures.level_names.push_back(in.get_text());
    const auto splats = in.get_list<std::uint64_t>();
    measures.splats.assign(splats.begin(), splats.end());
    measures.usage = in.get_list<double>();
    measures.level_row_kl = in.get_list<double>();
    for (double* value : {&measures.row_kl, &measures.objective, &measures.entropy,
                          &measures.information, &measures.gain_adjust, &measures.gain_structure}) {
        *value = in.get<double>();
    }
    if (reading.version >= 3) get_schedule(in, measures);
    return measures;
}

void put_state(ByteWriter& out, const AdaptState& state, RecipeWriter& recipes) {
    put_registry(out, *state.registry, recipes);
    out.put<std::uint64_t>(state.moments.size());
    for (const auto& entry : state.moments) {
        out.put(entry.first);
        out.put_list(entry.second.first);
        out.put_list(entry.second.second);
        out.put(entry.second.steps);
    }
    out.put_list(state.learning_rate);
    out.put_list(state.best_kl);
    out.put_list(
        std::vector<std::uint64_t>(state.starting_splats.begin(), state.starting_splats.end()));
    out.put<std::uint64_t>(state.cooldowns.size());
    for (const auto& entry : state.cooldowns) {
        out.put(static_cast<std::uint8_t>(entry.first.first));
        out.put_list(entry.first.second);
        out.put(entry.second.until);
        out.put(entry.second.rest);
    }
    out.put(state.cycle);
    put_adaptation(out, state);
    put_paths(out, state);
    put_held_parents(out, state);
}

bool fits_moments(const SplatRegistry& registry, SplatId id, std::size_t count) {
    const std::size_t d = registry.dimension;
    if (registry.form == Form::token)  // centre [d], precision [1 or d], ln w
        return count == d + 2 || count == 2 * d + 1;
    return count == (id == kNoSplat ? kHeadParameters : head_parameters(d));
}

AdaptState get_state(ByteReader& in, const Reading& reading) {
    AdaptState state;
    state.registry = get_registry(in, reading.recipes);
    const std::size_t moments = in.get_count(24);
    for (std::size_t i = 0; i < moments; ++i) {
        const auto id = in.get<SplatId>();
        AdamMoments value;
        value.first = in.get_list<float>();
        value.second = in.get_list<float>();
        value.steps = in.get<std::int32_t>();
        const bool fitted = state.registry->form != Form::token;
        if (!state.registry->find(id) && !(fitted && id == kNoSplat))
            in.damaged("moments of a splat that is not there");
        if (value.first.size() != value.second.size()) in.damaged("moments of uneven length");
        if (!value.first.empty() && !fits_moments(*state.registry, id, value.first.size()))
            in.damaged("moments of a wrong length");
        state.moments.insert_or_assign(id, std::move(value));
    }
    state.learning_rate = in.get_list<double>();
    state.best_kl = in.get_list<double>();
    const auto starting = in.get_list<std::uint64_t>();
    state.starting_splats.assign(starting.begin(), starting.end());
    const std::size_t levels = state.registry->hierarchy.size();
    if ((!state.starting_splats.empty() && state.starting_splats.size() != levels) ||
        (!state.learning_rate.empty() && state.learning_rate.size() != levels) ||
        (!state.best_kl.empty() && state.best_kl.size() != levels)) {
        in.damaged("numbers of levels that are not there");
    }
    const std::size_t cooldowns = in.get_count(17);
    for (std::size_t i = 0; i < cooldowns; ++i) {
        const EventKind kind = in.get_enum(kLastEventKind);
        std::vector<SplatId> ids = in.get_list<SplatId>();
        Cooldown value;
        value.until = in.get<std::int32_t>();
        value.rest = in.get<std::int32_t>();
        state.cooldowns.insert_or_assign(ProposalKey(kind, std::move(ids)), value);
    }
    state.cycle = in.get<std::int32_t>();
    // Earlier programs tried structure in every cycle.
    if (reading.version >= 3) get_adaptation(in, state);
    else state.structure_at = state.cycle;
    if (reading.version >= 4) get_paths(in, state);
    if (reading.version >= 6) get_held_parents(in, state);
    return state;
}

void put_cycle(ByteWriter& out, const Cycle& cycle, const AdaptState* state,
               RecipeWriter& recipes) {
    out.put(cycle.number);
    out.put(cycle.registry_hash);
    out.put<std::uint64_t>(cycle.events.size());
    for (const Event& event : cycle.events) put_event(out, event, recipes);
    put_measures(out, cycle.measures);
    out.put_truth(state != nullptr);
    if (state != nullptr) put_state(out, *state, recipes);
}

// All but the number of cycles, which follows.
RunHead get_head(ByteReader& in) {
    RunHead head;
    head.source = in.get_text();
    head.dataset_hash = in.get<std::uint64_t>();
    const std::size_t settings = in.get_count(8);
    for (std::size_t i = 0; i < settings; ++i) head.settings.push_back(in.get_text());
    const std::size_t edits = in.get_count(12);
    for (std::size_t i = 0; i < edits; ++i) {
        const auto cycle = in.get<std::int32_t>();
        head.edits.emplace_back(cycle, in.get_text());
    }
    return head;
}

std::shared_ptr<Cycle> get_cycle(ByteReader& in, const Reading& reading) {
    auto cycle = std::make_shared<Cycle>();
    cycle->number = in.get<std::int32_t>();
    cycle->registry_hash = in.get<std::uint64_t>();
    const std::size_t events = in.get_count(100);
    for (std::size_t i = 0; i < events; ++i) cycle->events.push_back(get_event(in, reading));
    cycle->measures = get_measures(in, reading);
    if (in.get_truth()) cycle->state = std::make_shared<const AdaptState>(get_state(in, reading));
    return cycle;
}

}  // namespace

std::string encode_run(const RunFile& run) {
    const std::int32_t last = run.history.last();
    if (last < 0) fail("there is no history to save yet; wait for the first cycle");
    if (!run.last.registry || run.last.cycle != last) {
        fault("the state of cycle {} was given for the last cycle {}", run.last.cycle, last);
    }
    ByteWriter out;
    out.put_text(run.source);
    out.put(run.dataset_hash);
    out.put<std::uint64_t>(run.settings.size());
    for (const std::string& line : run.settings) out.put_text(line);
    out.put<std::uint64_t>(run.edits.size());
    for (const auto& edit : run.edits) {
        out.put(edit.first);
        out.put_text(edit.second);
    }
    RecipeWriter recipes;
    out.put<std::uint64_t>(run.history.cycles.size());
    for (const auto& cycle : run.history.cycles) {
        const AdaptState* state = nullptr;
        if (cycle->number == last) state = &run.last;
        else if (stored_whole(cycle->number, last)) state = cycle->state.get();
        put_cycle(out, *cycle, state, recipes);
    }
    return out.take();
}

RunFile decode_run(const std::string& path, std::string_view payload, std::uint32_t version) {
    ByteReader in(path, "history", payload);
    RunHead head = get_head(in);
    RunFile run;
    run.source = std::move(head.source);
    run.dataset_hash = head.dataset_hash;
    run.settings = std::move(head.settings);
    run.edits = std::move(head.edits);
    RecipeReader recipes;
    const Reading reading{version, recipes};
    std::vector<std::shared_ptr<Cycle>> cycles;
    const std::size_t count = in.get_count(50);
    for (std::size_t i = 0; i < count; ++i) cycles.push_back(get_cycle(in, reading));
    in.expect_end();
    check_replay(path, version, cycles);
    run.history.cycles.assign(cycles.begin(), cycles.end());
    run.last = *run.history.cycles.back()->state;
    return run;
}

RunHead decode_run_head(const std::string& path, std::string_view payload) {
    ByteReader in(path, "history", payload);
    RunHead head = get_head(in);
    const auto cycles = in.get<std::uint64_t>();
    if (cycles == 0 ||
        cycles > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max()))
        in.damaged("a number of cycles that cannot be");
    head.last_cycle = static_cast<std::int32_t>(cycles - 1);
    return head;
}

}  // namespace hsa
