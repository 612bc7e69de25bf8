#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

inline std::string_view bytes_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// A parser may refuse its input, with a sentence; anything else it throws is a fault.
template <class Action>
void allow_errors(Action&& action) {
    try {
        action();
    } catch (const hsa::Error& error) {
        if (error.kind() == hsa::ErrorKind::fault || *error.what() == '\0') {
            std::fprintf(stderr, "not an error of the input: %s\n", error.what());
            std::abort();
        }
    }
}

// What must hold for every input that is accepted.
inline void require(bool holds, const char* law) {
    if (holds) return;
    std::fprintf(stderr, "broken law: %s\n", law);
    std::abort();
}

}  // namespace fuzz

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer looks for this name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
