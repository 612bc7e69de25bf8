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

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& task) {
    oneapi::tbb::parallel_for(std::size_t{0}, count, task);
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

std::vector<double> parallel_sum(
    std::size_t rows, std::size_t width,
    const std::function<void(std::size_t begin, std::size_t end, std::span<double> out)>& partial) {
    std::vector<double> total(width, 0.0);
    const std::size_t chunks = (rows + kChunkRows - 1) / kChunkRows;
    if (chunks == 0) return total;
    std::vector<double> partials(chunks * width, 0.0);
    parallel_blocks(rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        partial(begin, end, std::span(partials).subspan(begin / kChunkRows * width, width));
    });
    for (std::size_t step = 1; step < chunks; step *= 2) {
        for (std::size_t left = 0; left + step < chunks; left += 2 * step) {
            double* into = partials.data() + left * width;
            const double* from = partials.data() + (left + step) * width;
            for (std::size_t c = 0; c < width; ++c) into[c] += from[c];
        }
    }
    std::copy_n(partials.begin(), width, total.begin());
    return total;
}

}  // namespace hsa
