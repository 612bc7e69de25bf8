#include "engine/model/trigger.h"

#include <algorithm>
#include <string_view>

namespace hsa {
namespace {

bool has_reason(const Event& event, std::string_view name) {
    return std::any_of(event.decided_by.begin(), event.decided_by.end(),
                       [&](const Reason& reason) { return reason.name == name; });
}

const char* signal_of(const Event& event) {
    switch (event.kind) {
        case EventKind::death: return "low usage";
        case EventKind::merge: return "overlap";
        case EventKind::mitosis: return "error share";
        default: return has_reason(event, "log_coverage") ? "empty region" : "residual";
    }
}

}  // namespace

std::string trigger_of(const Event& event) {
    if (event.by == Actor::user) return "by hand";
    if (event.by == Actor::repair || event.kind == EventKind::repair) return "repair";
    if (event.kind == EventKind::initialise || event.kind == EventKind::open) return "start";
    if (!is_structural(event.kind)) return "scheduled";
    std::string signal = signal_of(event);
    if (has_reason(event, "shift")) return "shift: " + signal;
    if (has_reason(event, "dense_region")) return "dense region: " + signal;
    if (has_reason(event, "cycles_waited")) return "scheduled: " + signal;
    return signal;
}

}  // namespace hsa
