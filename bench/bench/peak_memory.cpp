#include "bench/bench/peak_memory.h"

#include "engine/core/free_memory.h"

#include <fstream>
#include <string>

namespace hsa_bench {
namespace {

// A line "NAME: number kB" of the process's own status.
std::size_t status(const std::string& name) {
    std::ifstream in("/proc/self/status");
    std::string word;
    while (in >> word)
        if (word == name + ":") {
            std::size_t kilobytes = 0;
            in >> kilobytes;
            return kilobytes * 1024;
        }
    return 0;
}

}  // namespace

PeakMemory::PeakMemory() {
    hsa::return_free_memory();
    std::ofstream("/proc/self/clear_refs") << "5";  // the peak becomes what is held now
    before_ = status("VmRSS");
}

std::size_t PeakMemory::bytes() const {
    const std::size_t peak = status("VmHWM");
    return peak > before_ ? peak - before_ : 0;
}

}  // namespace hsa_bench
