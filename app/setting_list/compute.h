#pragma once

#include "app/setting_list/setting_limits.h"

namespace splatscope {

// What computes, and how exactly.
template <class S, class Visitor>
void visit_compute(S& session, Visitor& visitor) {
    visitor(
        "compute.backend", session.desk.backend, Limits{},
        "what computes: cuda, opengl, cpu, or auto, the first of these that can be had; chosen "
        "again, a card that failed is tried again. Belongs to the machine: no session holds it");
    visitor("compute.precision", session.document.compute.precision, Limits{},
            "single; double: kernels and exponentials in float64, a few times slower");
    visitor("compute.storage", session.document.compute.storage, Limits{},
            "of P and K: float32, float16, or 8bit logarithms; the row error is measured");
    visitor("compute.memory", session.document.compute.memory, Limits{0, 65536},
            "GiB that remembered results and blocks may take; 0 = half of the machine's");
    visitor(
        "compute.time_limit", session.document.compute.time_limit, Limits{0, 1e6},
        "seconds that a picture of the map or explain.pairs may take: what is not computed by then "
        "is marked; 0 = as long as it takes");
}

}  // namespace splatscope
