#include "engine/compute/cuda/cuda_backend.h"

#include "engine/compute/card/card_backend.h"
#include "engine/compute/cuda/cuda_card.h"

#include <memory>

namespace hsa {

std::unique_ptr<Backend> make_cuda_backend(const CudaOptions& options) {
    return make_card_backend(std::make_unique<CudaCard>(options), options.before_operation);
}

BackendEntry cuda_entry() {
    return {"cuda", [](bool) { return make_cuda_backend({}); }};
}

}  // namespace hsa
