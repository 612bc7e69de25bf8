#include "engine/compute/cuda/download_buffers.h"

#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/device_memory.h"

#include <algorithm>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 22U;
constexpr std::size_t kNumbers = kBufferBytes / sizeof(float);

// Numbers [begin, end) of a matrix as if its rows lay one after the other.
void take_out(const float* from, std::size_t begin, std::size_t end, MatrixView<float> to) {
    while (begin < end) {
        const std::size_t row = begin / to.cols;
        const std::size_t first = begin % to.cols;
        const std::size_t count = std::min(to.cols - first, end - begin);
        std::copy_n(from, count, to.row(row).data() + first);
        from += count;
        begin += count;
    }
}

}  // namespace

DownloadBuffers::~DownloadBuffers() {
    for (float* buffer : buffer_)
        if (buffer != nullptr) (void)cuda::release_host(buffer);
    for (void* event : {marked_, arrived_[0], arrived_[1]})
        if (event != nullptr) (void)cuda::close_event(event);
}

void DownloadBuffers::open() {
    if (buffer_[1] != nullptr) return;
    for (void** event : {&marked_, &arrived_[0], &arrived_[1]})
        if (*event == nullptr) check_cuda(cuda::open_event(event), "an event was made");
    for (float*& buffer : buffer_) {
        if (buffer != nullptr) continue;
        void* made = nullptr;
        check_cuda(cuda::allocate_host(&made, kBufferBytes), "memory of the host was asked for");
        buffer = static_cast<float*>(made);
    }
}

void DownloadBuffers::mark() {
    open();
    check_cuda(cuda::record(marked_, nullptr), "an event was recorded");
}

void DownloadBuffers::read(const float* from, MatrixView<float> to, void* stream) {
    if (to.empty()) return;
    check_cuda(cuda::wait_on_card(stream, marked_), "results were waited for");
    const std::size_t numbers = to.rows * to.cols;
    std::size_t taken = 0;
    for (std::size_t turn = 0; taken < numbers; ++turn) {
        const std::size_t begin = turn * kNumbers;
        if (begin < numbers) {
            const std::size_t count = std::min(kNumbers, numbers - begin);
            check_cuda(cuda::copy_from_aside(buffer_[turn % 2], from + begin, count * sizeof(float),
                                             stream),
                       "results were read from the card");
            check_cuda(cuda::record(arrived_[turn % 2], stream), "an event was recorded");
        }
        if (turn == 0) continue;
        const std::size_t end = std::min(numbers, taken + kNumbers);
        check_cuda(cuda::wait_on_host(arrived_[(turn - 1) % 2]), "results were waited for");
        take_out(buffer_[(turn - 1) % 2], taken, end, to);
        taken = end;
    }
}

}  // namespace hsa
