#pragma once

#include <cstdint>

namespace hsa {

// What a number or picture claims to be; shown beside it everywhere.
enum class Mark : std::uint8_t { exact, bound, approximate };

[[nodiscard]] constexpr const char* name_of(Mark mark) {
    switch (mark) {
        case Mark::exact: return "exact";
        case Mark::bound: return "bound";
        case Mark::approximate: return "approximate";
    }
    return "";
}

}  // namespace hsa
