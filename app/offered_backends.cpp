#include "app/offered_backends.h"

#include "app/embedded.h"
#include "engine/compute/opengl/opengl_backend.h"

#if defined(SPLATSCOPE_CUDA)
#include "engine/compute/cuda/cuda_backend.h"
#endif

#include <string>
#include <string_view>

namespace splatscope {

std::vector<hsa::BackendEntry> offered_backends() {
    std::vector<hsa::BackendEntry> offered;
#if defined(SPLATSCOPE_CUDA)
    offered.push_back(hsa::cuda_entry());
#endif
    offered.push_back(hsa::opengl_entry([](std::string_view name) {
        return std::string(embedded_text("shaders/compute/" + std::string(name)));
    }));
    return offered;
}

}  // namespace splatscope
