#pragma once

namespace hsa_bench {

// What schedule, shift and adaptive thresholds do beside the controller as it is.
void steer_table();

}  // namespace hsa_bench
