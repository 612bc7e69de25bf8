#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace hsa {

// Memory of matrices. Blocks of several megabytes are asked for in huge pages: touching a new page
// of 4 KiB costs as much as filling it thirty times over, and the factors of a long text have 10^5
// of them. resize() leaves trivial elements unwritten, so that the threads which fill them also
// touch them first.
template <class T>
struct LargeAllocator {
    using value_type = T;
    using is_always_equal = std::true_type;

    LargeAllocator() = default;
    template <class U>
    LargeAllocator(const LargeAllocator<U>&) {}

    [[nodiscard]] T* allocate(std::size_t count) {
        if (count > std::numeric_limits<std::size_t>::max() / sizeof(T) - kHugePage)
            throw std::bad_array_new_length();
        const std::size_t bytes = count * sizeof(T);
        const std::size_t align = bytes >= kLarge ? kHugePage : kLine;
        const std::size_t whole = (bytes + align - 1) / align * align;
        void* block = std::aligned_alloc(align, whole);
        if (!block) throw std::bad_alloc();
        if (bytes >= kLarge) (void)madvise(block, whole, MADV_HUGEPAGE);  // a wish; may be refused
        return static_cast<T*>(block);
    }
    void deallocate(T* block, std::size_t) { std::free(block); }

    template <class U, class... Args>
    void construct(U* place, Args&&... args) {
        if constexpr (sizeof...(Args) == 0 && std::is_trivially_default_constructible_v<U>)
            ::new (static_cast<void*>(place)) U;
        else std::construct_at(place, std::forward<Args>(args)...);
    }

    bool operator==(const LargeAllocator&) const { return true; }

  private:
    static constexpr std::size_t kLine = 64;
    static constexpr std::size_t kHugePage = std::size_t{1} << 21U;
    static constexpr std::size_t kLarge = 2 * kHugePage;
};

}  // namespace hsa
