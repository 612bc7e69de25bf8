#include "engine/core/random.h"

#include <cmath>
#include <numbers>

namespace hsa {
namespace {

constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
}

}  // namespace

std::uint64_t random_bits(std::initializer_list<std::uint64_t> counters) {
    std::uint64_t hash = kGolden;
    for (const std::uint64_t counter : counters)
        hash = mix(hash + mix(counter + kGolden) + kGolden);
    return hash;
}

Random::Random(std::initializer_list<std::uint64_t> counters) : state_(random_bits(counters)) {}

std::uint64_t Random::bits() {
    state_ += kGolden;
    return mix(state_);
}

double Random::uniform() { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }

double Random::normal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t Random::below(std::uint64_t count) {
    const std::uint64_t reject_below = (0 - count) % count;
    std::uint64_t draw = bits();
    while (draw < reject_below) draw = bits();
    return draw % count;
}

}  // namespace hsa
