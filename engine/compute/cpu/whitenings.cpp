#include "engine/compute/cpu/whitenings.h"

#include "engine/core/hash.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hsa {
namespace {

bool costly(CovarianceKind kind) {
    return kind == CovarianceKind::lowrank || kind == CovarianceKind::full;
}

std::uint64_t hash_of(const CovarianceView& covariance) {
    const std::uint64_t variance =
        hash_values(covariance.variance, static_cast<std::uint64_t>(covariance.kind));
    return hash_values(covariance.shape, variance);
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

std::size_t bytes_of(const Whitening& whitening) {
    return sizeof(double) * (whitening.rate().size() + whitening.axes().size() +
                             whitening.shrink().size() + whitening.root().size());
}

}  // namespace

std::vector<std::shared_ptr<const Whitening>> Whitenings::of(const SplatColumns& splats) {
    const std::size_t k = splats.centre.rows;
    std::vector<std::shared_ptr<const Whitening>> found(k);
    std::vector<std::uint64_t> hashes(k, 0);
    std::vector<std::size_t> missing;
    for (std::size_t s = 0; s < k; ++s) {
        const CovarianceView covariance = splats.covariance(s);
        if (!costly(covariance.kind)) {
            found[s] = std::make_shared<const Whitening>(covariance);
            continue;
        }
        hashes[s] = hash_of(covariance);
        const std::lock_guard lock(mutex_);
        found[s] = find(hashes[s], covariance);
        if (!found[s]) missing.push_back(s);
    }
    parallel_for(missing.size(), [&](std::size_t m) {
        found[missing[m]] = std::make_shared<const Whitening>(splats.covariance(missing[m]));
    });
    const std::lock_guard lock(mutex_);
    for (const std::size_t s : missing) keep(hashes[s], splats.covariance(s), found[s]);
    return found;
}

std::size_t Whitenings::made() const {
    const std::lock_guard lock(mutex_);
    return made_;
}

std::size_t Whitenings::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::shared_ptr<const Whitening> Whitenings::find(std::uint64_t hash,
                                                  const CovarianceView& covariance) {
    const auto place = places_.find(hash);
    if (place == places_.end()) return nullptr;
    const Kept& kept = *place->second;
    if (kept.kind != covariance.kind || !same_bits(kept.variance, covariance.variance) ||
        !same_bits(kept.shape, covariance.shape))
        return nullptr;
    order_.splice(order_.begin(), order_, place->second);
    return kept.whitening;
}

void Whitenings::keep(std::uint64_t hash, const CovarianceView& covariance,
                      std::shared_ptr<const Whitening> whitening) {
    ++made_;
    if (const auto place = places_.find(hash); place != places_.end()) {
        bytes_ -= place->second->bytes;
        order_.erase(place->second);
        places_.erase(place);
    }
    Kept kept{hash,
              covariance.kind,
              {covariance.variance.begin(), covariance.variance.end()},
              {covariance.shape.begin(), covariance.shape.end()},
              std::move(whitening),
              0};
    kept.bytes = bytes_of(*kept.whitening) + std::as_bytes(std::span(kept.variance)).size() +
                 std::as_bytes(std::span(kept.shape)).size();
    bytes_ += kept.bytes;
    order_.push_front(std::move(kept));
    places_.emplace(hash, order_.begin());
    while (bytes_ > most_bytes_ && !order_.empty()) {
        bytes_ -= order_.back().bytes;
        places_.erase(order_.back().hash);
        order_.pop_back();
    }
}

}  // namespace hsa
