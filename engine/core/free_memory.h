#pragma once

#include <malloc.h>
#include <unistd.h>

#include <cstddef>

namespace hsa {

// Gives free memory back to the system. Long work frees large blocks between small ones that stay,
// and the allocator keeps what lies between them: 1,000 cycles held ten times what they used.
inline void return_free_memory() {
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

// Bytes of memory that the machine has; 2 GiB where it does not say.
[[nodiscard]] inline std::size_t machine_memory() {
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long size = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || size <= 0) return std::size_t{2} << 30U;
    return static_cast<std::size_t>(pages) * static_cast<std::size_t>(size);
}

}  // namespace hsa
