#include "engine/stage_cache.h"

#include "engine/compute/cpu/double_backend.h"

namespace hsa {

StageCache::StageCache() : impl_(std::make_unique<Impl>()) {}
StageCache::~StageCache() = default;

Backend& StageCache::Impl::backend_for(const ComputeSettings& compute, Backend& single) {
    if (compute.precision == Precision::single) return single;
    if (!twofold) twofold = make_double_backend();
    return *twofold;
}

}  // namespace hsa
