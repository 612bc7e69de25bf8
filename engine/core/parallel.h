#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace hsa {

// Rows of one chunk of a sum over tokens: fixed, so that the same partial sums are formed whatever
// the number of threads, block sizes or memory budget (rulings.md "Sums").
inline constexpr std::size_t kChunkRows = 1024;

// Limits the worker threads of the process while it lives. 0 means one a core.
class ThreadLimit {
  public:
    explicit ThreadLimit(std::size_t threads);
    ~ThreadLimit();
    ThreadLimit(const ThreadLimit&) = delete;
    ThreadLimit& operator=(const ThreadLimit&) = delete;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// Calls task(0) .. task(count - 1), in any order and on any thread. The first exception thrown is
// rethrown here after the others have ended.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& task);

// Cuts [0, rows) into blocks of block_rows and calls task(begin, end) for each, as parallel_for.
void parallel_blocks(std::size_t rows, std::size_t block_rows,
                     const std::function<void(std::size_t begin, std::size_t end)>& task);

// Sums a vector of `width` numbers over [0, rows): partial(begin, end, out) adds the rows of one
// chunk of kChunkRows into `out` (zeroed, width long); the partials are added in a fixed binary
// tree, so the result has the same bits for any number of threads.
std::vector<double> parallel_sum(
    std::size_t rows, std::size_t width,
    const std::function<void(std::size_t begin, std::size_t end, std::span<double> out)>& partial);

}  // namespace hsa
