#include "engine/model/event.h"

#include "engine/core/error.h"

#include <array>
#include <cstring>
#include <string_view>

namespace hsa {
namespace {

constexpr std::array<const char*, 17> kKinds = {
    "mitosis", "birth",  "death", "merge", "adjust", "repair",    "level",   "initialise", "open",
    "add",     "remove", "split", "join",  "move",   "calibrate", "setting", "reparent"};

bool same_floats(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

bool same_query(const std::optional<QueryGaussian>& a, const std::optional<QueryGaussian>& b) {
    if (!a || !b) return a.has_value() == b.has_value();
    return a->kind == b->kind && same_floats(a->centre, b->centre) &&
           same_floats(a->variance, b->variance) && same_floats(a->shape, b->shape);
}

// Bit for bit, so that a NaN that was repaired counts as changed and an untouched one does not.
bool same_splat(const Splat& a, const Splat& b) {
    const std::array<float, 2> x = {a.log_amplitude, a.beta};
    const std::array<float, 2> y = {b.log_amplitude, b.beta};
    return a.level == b.level && a.parent == b.parent && a.kind == b.kind && a.age == b.age &&
           same_floats(a.centre, b.centre) && same_floats(a.variance, b.variance) &&
           same_floats(a.shape, b.shape) && same_floats(x, y) &&
           same_floats(a.usage.recent(), b.usage.recent()) && same_query(a.query, b.query);
}

}  // namespace

bool RegistryDelta::empty() const {
    return removed.empty() && written.empty() && !hierarchy && !coordinates &&
           !background_log_weight && !next_id && !head;
}

HeadScale head_scale(const SplatRegistry& registry) {
    return {registry.kappa, registry.kappa_query, registry.query_quadratic, registry.offset};
}

const char* name_of(EventKind kind) { return kKinds.at(static_cast<std::size_t>(kind)); }

const char* name_of(Actor actor) {
    switch (actor) {
        case Actor::controller: return "controller";
        case Actor::user: return "user";
        case Actor::repair: return "repair";
    }
    return "";
}

EventKind event_kind(std::string_view name) {
    std::string known;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (name == kKinds[i]) return static_cast<EventKind>(i);
        known += (known.empty() ? "" : ", ") + std::string(kKinds[i]);
    }
    fail("'{}' is no kind of event: expected one of {}.", name, known);
}

bool is_structural(EventKind kind) {
    return kind == EventKind::mitosis || kind == EventKind::birth || kind == EventKind::death ||
           kind == EventKind::merge;
}

RegistryDelta difference(const SplatRegistry& before, const SplatRegistry& after) {
    RegistryDelta delta;
    std::vector<Splat> written;
    for (const SplatId id : before.id)
        if (!after.find(id)) delta.removed.push_back(id);
    for (std::size_t row = 0; row < after.size(); ++row) {
        const std::optional<std::size_t> old = before.find(after.id[row]);
        Splat now = after.splat(row);
        if (!old || !same_splat(before.splat(*old), now)) written.push_back(std::move(now));
    }
    delta.written = PackedSplats(written);
    if (!(before.hierarchy == after.hierarchy)) delta.hierarchy = after.hierarchy;
    if (before.coordinates != after.coordinates && after.coordinates &&
        !(before.coordinates && *before.coordinates == *after.coordinates))
        delta.coordinates = after.coordinates;
    if (before.background_log_weight != after.background_log_weight)
        delta.background_log_weight = after.background_log_weight;
    if (before.next_id != after.next_id) delta.next_id = after.next_id;
    if (!(head_scale(before) == head_scale(after))) delta.head = head_scale(after);
    return delta;
}

void apply(const RegistryDelta& delta, SplatRegistry& registry) {
    const std::vector<Splat> written = delta.written.unpack();
    if (delta.hierarchy) registry.hierarchy = *delta.hierarchy;
    if (delta.coordinates) registry.coordinates = delta.coordinates;
    for (const Splat& splat : written) {
        if (registry.find(splat.id)) {
            registry.assign(splat);
            continue;
        }
        if (splat.id < registry.next_id)
            fail("A change writes splat {}, which was removed before: the history is not whole.",
                 splat.id);
        registry.next_id = splat.id;
        registry.add(splat);
    }
    for (const SplatId id : delta.removed) registry.drop(id);
    // drop() orphans children; their rows, as written, name the parent they have afterwards.
    for (const Splat& splat : written)
        if (registry.find(splat.id)) registry.assign(splat);
    if (delta.background_log_weight) registry.background_log_weight = delta.background_log_weight;
    if (delta.next_id) registry.next_id = *delta.next_id;
    if (!delta.head) return;
    registry.kappa = delta.head->kappa;
    registry.kappa_query = delta.head->kappa_query;
    registry.query_quadratic = delta.head->query_quadratic;
    registry.offset = delta.head->offset;
}

}  // namespace hsa
