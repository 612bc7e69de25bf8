#pragma once

namespace hsa_bench {

// Damage that is found, named and repaired: for each what was found, the events of its repair, and
// the row-KL after 20 cycles beside that of the same splats undamaged.
void recover_table();

}  // namespace hsa_bench
