#pragma once

#include "engine/model/packed_splats.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

enum class EventKind : std::uint8_t {
    mitosis,
    birth,
    death,
    merge,
    adjust,
    repair,
    level,  // the controller's; a level that came, went or was renamed
    initialise,
    open,
    add,
    remove,
    split,
    join,
    move,
    calibrate,
    setting,
    reparent,  // by hand
};
inline constexpr EventKind kLastEventKind = EventKind::reparent;
enum class Actor : std::uint8_t { controller, user, repair };

// A number that decided, beside the threshold it was held against.
struct Reason {
    std::string name;
    double value = 0.0;
    double threshold = 0.0;
    bool operator==(const Reason&) const = default;
};

// The numbers that all splats of a head have in common.
struct HeadScale {
    double kappa = 1.0;
    std::optional<double> kappa_query;
    std::vector<double> query_quadratic;
    std::optional<double> offset;
    bool operator==(const HeadScale&) const = default;
};
[[nodiscard]] HeadScale head_scale(const SplatRegistry& registry);

// What one cycle or edit wrote into the registry, as raw values: replay applies it and is bit-exact
// anywhere (rulings.md "Adaptation"). Removed first, then written rows (new or changed), then the
// rest where present.
struct RegistryDelta {
    std::vector<SplatId> removed;
    PackedSplats written;
    std::optional<Hierarchy> hierarchy;
    std::shared_ptr<const CoordinateRecipe>
        coordinates;  // where the levels' own changed; else null
    std::optional<double> background_log_weight;
    std::optional<SplatId> next_id;
    std::optional<HeadScale> head;

    [[nodiscard]] bool empty() const;
};

// One adaptation event or refused trial (commands.md "Events").
struct Event {
    std::int32_t cycle = 0;
    std::uint16_t level = 0;
    std::string level_name;  // at that time: levels come, go and change their names
    EventKind kind = EventKind::adjust;
    Actor by = Actor::controller;
    std::vector<SplatId> before;
    std::vector<SplatId> after;
    std::vector<Reason> decided_by;
    double d = 0.0;                 // weighted mean change of row-KL in the trial, nats
    double se = 0.0;                // its standard error
    double objective_before = 0.0;  // of the level; of the registry where levels come or go
    double objective_after = 0.0;
    bool accepted = true;
    std::vector<std::uint32_t> tokens;  // the tokens it is about, strongest first
    std::string text;                   // one sentence
    RegistryDelta delta;                // empty for a refused trial
};

[[nodiscard]] const char* name_of(EventKind kind);
[[nodiscard]] const char* name_of(Actor actor);
// The kind of that name; throws Error listing the kinds.
[[nodiscard]] EventKind event_kind(std::string_view name);
// True for mitosis, birth, death, merge.
[[nodiscard]] bool is_structural(EventKind kind);

// The delta that turns `before` into `after`.
[[nodiscard]] RegistryDelta difference(const SplatRegistry& before, const SplatRegistry& after);
void apply(const RegistryDelta& delta, SplatRegistry& registry);

}  // namespace hsa
