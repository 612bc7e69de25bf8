#include "engine/compute/cuda/cuda_backend.h"
#include "tests/card/card.h"
#include "tests/reference/cases.h"

#include <utility>

std::unique_ptr<hsa::Backend> make_tested(std::function<void()> before_operation,
                                          std::uint64_t most_bytes) {
    return hsa::make_cuda_backend({std::move(before_operation), most_bytes});
}

std::string tested_name() { return "cuda"; }

namespace reference {

// The cases that ask for it are what a check at its start would be, and it is made for each.
std::unique_ptr<hsa::Backend> tested() {
    hsa::CudaOptions options;
    options.checked = false;
    return hsa::make_cuda_backend(options);
}

}  // namespace reference
