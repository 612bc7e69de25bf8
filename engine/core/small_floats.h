#pragma once

#include <bit>
#include <cstdint>

namespace hsa {

// IEEE 754 half precision as float32, exactly.
[[nodiscard]] inline float from_half(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16U;
    const std::uint32_t exponent = (bits >> 10U) & 0x1FU;
    const std::uint32_t fraction = bits & 0x3FFU;
    if (exponent == 0) {  // zero or below the smallest normal number: fraction * 2^-24
        const float value = static_cast<float>(fraction) * 5.9604644775390625e-8F;
        return sign != 0 ? -value : value;
    }
    const std::uint32_t wide = exponent == 0x1FU ? 0xFFU : exponent + 112U;
    return std::bit_cast<float>(sign | wide << 23U | fraction << 13U);
}

// The upper half of a float32.
[[nodiscard]] inline float from_bfloat16(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16U);
}

}  // namespace hsa
