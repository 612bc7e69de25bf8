#include "engine/core/parallel.h"

#include <algorithm>

#ifdef HSA_PARALLEL_STD_THREAD
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#else
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#endif

namespace hsa {

#ifdef HSA_PARALLEL_STD_THREAD

struct ThreadLimit::Impl {};
ThreadLimit::ThreadLimit(std::size_t) {}
ThreadLimit::~ThreadLimit() = default;

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& task) {
    std::atomic<std::size_t> next{0};
    std::mutex guard;
    std::exception_ptr first;
    const auto run = [&] {
        for (std::size_t i = next++; i < count; i = next++) {
            try {
                task(i);
            } catch (...) {
                const std::lock_guard lock(guard);
                if (!first) first = std::current_exception();
            }
        }
    };
    const std::size_t extra = std::min<std::size_t>(count, 2);
    std::vector<std::thread> threads;
    for (std::size_t t = 1; t < extra; ++t) threads.emplace_back(run);
    run();
    for (std::thread& thread : threads) thread.join();
    if (first) std::rethrow_exception(first);
}

#else

struct ThreadLimit::Impl {
    explicit Impl(std::size_t threads)
        : control(oneapi::tbb::global_control::max_allowed_parallelism, threads) {}
    oneapi::tbb::global_control control;
};

ThreadLimit::ThreadLimit(std::size_t threads) {
    if (threads > 0) impl_ = std::make_unique<Impl>(threads);
}
ThreadLimit::~ThreadLimit() = default;

// A thread that waits here takes no task of an outer loop: it may hold a lock that such a task
// wants, and what an outer task holds in memory would pile up.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& task) {
    oneapi::tbb::this_task_arena::isolate(
        [&] { oneapi::tbb::parallel_for(std::size_t{0}, count, task); });
}

#endif

void parallel_blocks(std::size_t rows, std::size_t block_rows,
                     const std::function<void(std::size_t begin, std::size_t end)>& task) {
    const std::size_t blocks = (rows + block_rows - 1) / block_rows;
    parallel_for(blocks, [&](std::size_t block) {
        const std::size_t begin = block * block_rows;
        task(begin, std::min(rows, begin + block_rows));
    });
}

namespace {

// Chunks whose partials are held at once; a power of two, so that the tree over all chunks is the
// same as the tree over groups.
constexpr std::size_t kGroupChunks = 32;

void add_into(std::vector<double>& into, const double* from) {
    for (std::size_t c = 0; c < into.size(); ++c) into[c] += from[c];
}

}  // namespace

std::vector<double> parallel_sum(
    std::size_t rows, std::size_t width,
    const std::function<void(std::size_t begin, std::size_t end, std::span<double> out)>& partial) {
    const std::size_t chunks = (rows + kChunkRows - 1) / kChunkRows;
    std::vector<double> partials(std::min(chunks, kGroupChunks) * width);
    // Sums of 1, 2, 4 ... whole groups, as the digits of a binary counter: a fixed tree in little
    // memory.
    std::vector<std::vector<double>> digits;
    for (std::size_t first = 0; first < chunks; first += kGroupChunks) {
        const std::size_t count = std::min(kGroupChunks, chunks - first);
        std::fill(partials.begin(), partials.end(), 0.0);
        parallel_for(count, [&](std::size_t chunk) {
            const std::size_t begin = (first + chunk) * kChunkRows;
            partial(begin, std::min(rows, begin + kChunkRows),
                    std::span(partials).subspan(chunk * width, width));
        });
        for (std::size_t step = 1; step < count; step *= 2)
            for (std::size_t left = 0; left + step < count; left += 2 * step)
                for (std::size_t c = 0; c < width; ++c)
                    partials[left * width + c] += partials[(left + step) * width + c];
        std::vector<double> carry(partials.begin(),
                                  partials.begin() + static_cast<std::ptrdiff_t>(width));
        std::size_t digit = 0;
        for (; digit < digits.size() && !digits[digit].empty(); ++digit) {
            add_into(digits[digit], carry.data());
            carry = std::move(digits[digit]);
            digits[digit].clear();
        }
        if (digit == digits.size()) digits.emplace_back();
        digits[digit] = std::move(carry);
    }
    std::vector<double> total(width, 0.0);
    for (const std::vector<double>& digit : digits)
        if (!digit.empty()) add_into(total, digit.data());
    return total;
}

}  // namespace hsa
