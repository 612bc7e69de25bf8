#include "engine/core/hash_stream.h"

#include <xxhash.h>

#include <new>

namespace hsa {

struct HashStream::State {
    XXH64_state_t* xxh = XXH64_createState();
};

HashStream::HashStream() : state_(std::make_unique<State>()) {
    if (state_->xxh == nullptr) throw std::bad_alloc();
    (void)XXH64_reset(state_->xxh, 0);
}
HashStream::~HashStream() { (void)XXH64_freeState(state_->xxh); }

void HashStream::add(std::string_view piece) {
    (void)XXH64_update(state_->xxh, piece.data(), piece.size());
}

std::uint64_t HashStream::value() const { return XXH64_digest(state_->xxh); }

}  // namespace hsa
