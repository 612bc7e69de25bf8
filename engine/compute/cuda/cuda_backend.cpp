#include "engine/compute/cuda/cuda_backend.h"

#include "engine/compute/card/card_backend.h"
#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/cuda_card.h"
#include "engine/compute/sharded_backend.h"
#include "engine/core/error.h"

#include <memory>
#include <utility>
#include <vector>

namespace hsa {

std::unique_ptr<Backend> make_cuda_backend(const CudaOptions& options) {
    int count = 0;
    if (const cuda::Problem problem = cuda::count_devices(count))
        fail("CUDA cannot compute here: {}.", problem);
    std::vector<std::unique_ptr<Backend>> cards;
    for (int index = 0; index < count; ++index)
        cards.push_back(make_card_backend(std::make_unique<CudaCard>(options, index),
                                          options.before_operation));
    return cards.size() == 1 ? std::move(cards.front()) : make_sharded_backend(std::move(cards));
}

BackendEntry cuda_entry() {
    return {"cuda", [](bool) { return make_cuda_backend({}); }};
}

}  // namespace hsa
