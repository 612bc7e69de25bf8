#include "engine/check.h"

#include "engine/core/free_memory.h"
#include "engine/stages.h"

namespace hsa {

CheckSettings check_settings(const Request& request, std::int32_t cycle) {
    const CycleSettings of_cycle = settings_at(request, cycle);
    CheckSettings settings;
    settings.adapt = of_cycle.adapt;
    settings.attention = request.attention;
    settings.attention.temperature = of_cycle.temperature;
    settings.attention.causal = of_cycle.causal;
    settings.mask = request.mask;
    settings.compute = request.compute;
    settings.machine_bytes = machine_memory();
    return settings;
}

HealthReport check_health(const Snapshot& snapshot, const Request& request, Backend& backend,
                          const Work& work) {
    return check_snapshot(snapshot, check_settings(request, snapshot.cycle), backend, work);
}

}  // namespace hsa
