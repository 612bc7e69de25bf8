#pragma once

#include "engine/compute/backend.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

// The card that a test program is about: a backend of its own, failing where `before_operation`
// throws, its blocks of at most so many bytes (0: as usual).
[[nodiscard]] std::unique_ptr<hsa::Backend> make_tested(std::function<void()> before_operation = {},
                                                        std::uint64_t most_bytes = 0);
[[nodiscard]] std::string tested_name();
