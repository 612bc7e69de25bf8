#include "tests/cuda/on_cpu/cuda_runtime.h"

#include <ucontext.h>

#include <algorithm>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace cuda_on_cpu {

Index thread_index;
Index block_index;
dim3 block_size;
dim3 grid_size;
int fail_with = 0;
int devices = 1;
int idle_device = -1;
int fail_after = 0;
std::size_t card_bytes = std::size_t{1} << 32U;
std::size_t bytes_of_others = 0;
int driver_version = 12060;
int runtime_version = 12040;

namespace {

constexpr std::size_t kStack = 128 << 10;
constexpr unsigned kWarp = 32;

enum class State { ready, at_block, at_warp, done };

// A stack is entered once, through its context; from then on by jumps, which ask nothing of the
// system. A fibre that has returned from the kernel waits in its body for the next block.
struct Fibre {
    ucontext_t context{};
    std::jmp_buf here{};
    bool entered = false;
    Index index;
    State state = State::ready;
    float given = 0.0F;
};

thread_local int device_in_use = 0;

// The block that runs.
struct Block {
    std::vector<Fibre> fibres;
    std::jmp_buf scheduler{};
    std::size_t running = 0;
    const std::function<void()>* kernel = nullptr;
};
Block* block = nullptr;

// Stacks are kept from launch to launch, as they are: clearing them would be most of the work.
char* stack_of(std::size_t fibre) {
    static std::vector<std::unique_ptr<char[]>> stacks;
    while (stacks.size() <= fibre) stacks.emplace_back(new char[kStack]);
    return stacks[fibre].get();
}

[[noreturn]] void end(const char* why) {
    std::fprintf(stderr, "a CUDA kernel does what is undefined: %s (block %u %u %u)\n", why,
                 block_index.x, block_index.y, block_index.z);
    std::abort();
}

[[gnu::noinline]] void wait(State state) {
    Fibre& own = block->fibres[block->running];
    own.state = state;
    if (_setjmp(own.here) == 0) _longjmp(block->scheduler, 1);
}

void fibre_body() {
    while (true) {
        (*block->kernel)();
        wait(State::done);
    }
}

[[gnu::noinline]] void prepare(Fibre& fibre, char* stack) {
    getcontext(&fibre.context);
    fibre.context.uc_stack.ss_sp = stack;
    fibre.context.uc_stack.ss_size = kStack;
    fibre.context.uc_link = nullptr;
    makecontext(&fibre.context, fibre_body, 0);
}

// Not inlined: what setjmp returns to twice has no variables of its own.
[[gnu::noinline]] void go_on(Fibre& fibre) {
    if (_setjmp(block->scheduler) != 0) return;
    if (fibre.entered) _longjmp(fibre.here, 1);
    fibre.entered = true;
    setcontext(&fibre.context);
}

// Lets fibres [first, last) go on where all that are not done wait for the same thing.
bool release(std::size_t first, std::size_t last, State waited) {
    std::size_t waiting = 0;
    for (std::size_t f = first; f < last; ++f) {
        const State state = block->fibres[f].state;
        if (state != waited && state != State::done) return false;
        waiting += state == waited ? 1 : 0;
    }
    // Lanes that are gone give nothing to a shuffle, and a barrier is for all.
    if (waiting > 0 && waiting < last - first)
        end(waited == State::at_warp ? "a shuffle without some lanes of its warp"
                                     : "a barrier after some threads have returned");
    for (std::size_t f = first; f < last; ++f)
        if (block->fibres[f].state == waited) block->fibres[f].state = State::ready;
    return waiting > 0;
}

void run_block() {
    const std::size_t count = block->fibres.size();
    while (true) {
        bool went = false;
        std::size_t done = 0;
        for (std::size_t f = 0; f < count; ++f) {
            Fibre& fibre = block->fibres[f];
            if (fibre.state == State::ready) {
                block->running = f;
                thread_index = fibre.index;
                go_on(fibre);
                went = true;
            }
            done += fibre.state == State::done ? 1 : 0;
        }
        if (done == count) return;
        for (std::size_t first = 0; first < count; first += kWarp)
            went = release(first, first + kWarp < count ? first + kWarp : count, State::at_warp) ||
                   went;
        went = release(0, count, State::at_block) || went;
        if (!went) end("threads wait for different things");
    }
}

}  // namespace

void use_device(int device) { device_in_use = device; }

void run(dim3 grid, dim3 size, const std::function<void()>& kernel) {
    constexpr unsigned kMostGroups = 65535;  // a side but the first
    if (device_in_use == idle_device) return;
    // Two cards are two threads, and there is one of everything here.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    if (grid.y > kMostGroups || grid.z > kMostGroups) end("a grid that is too large");
    Block made;
    made.kernel = &kernel;
    made.fibres = std::vector<Fibre>(std::size_t{size.x} * size.y * size.z);
    block = &made;
    block_size = size;
    grid_size = grid;
    for (std::size_t f = 0; f < made.fibres.size(); ++f) {
        Fibre& fibre = made.fibres[f];
        fibre.index = {static_cast<unsigned>(f % size.x),
                       static_cast<unsigned>(f / size.x % size.y),
                       static_cast<unsigned>(f / size.x / size.y)};
        prepare(fibre, stack_of(f));
    }
    for (block_index.z = 0; block_index.z < grid.z; ++block_index.z)
        for (block_index.y = 0; block_index.y < grid.y; ++block_index.y)
            for (block_index.x = 0; block_index.x < grid.x; ++block_index.x) {
                for (Fibre& fibre : made.fibres) fibre.state = State::ready;
                run_block();
            }
    block = nullptr;
}

void block_barrier() { wait(State::at_block); }

float exchange(float value, unsigned mask) {
    const std::size_t own = block->running;
    block->fibres[own].given = value;
    wait(State::at_warp);
    const float taken = block->fibres[own ^ mask].given;
    // Nobody gives the next number before all have taken this one.
    wait(State::at_warp);
    return taken;
}

unsigned ballot(bool yes) {
    const std::size_t own = block->running;
    block->fibres[own].given = yes ? 1.0F : 0.0F;
    wait(State::at_warp);
    unsigned bits = 0;
    const std::size_t first = own / kWarp * kWarp;
    for (std::size_t lane = 0; lane < kWarp; ++lane)
        if (block->fibres[first + lane].given != 0.0F) bits |= 1U << lane;
    wait(State::at_warp);
    return bits;
}

}  // namespace cuda_on_cpu

namespace {

// What was allocated, so that a copy beyond the end of it is seen.
std::map<std::uintptr_t, std::size_t>& blocks() {
    static std::map<std::uintptr_t, std::size_t> all;
    return all;
}
std::mutex& guard_of_blocks() {
    static std::mutex guard;
    return guard;
}

void expect_inside(const void* memory, std::size_t bytes) {
    const std::lock_guard lock(guard_of_blocks());
    const auto at = reinterpret_cast<std::uintptr_t>(memory);
    auto found = blocks().upper_bound(at);
    if (found != blocks().begin() && at + bytes <= (--found)->first + found->second) return;
    std::fprintf(stderr, "a copy of %zu bytes leaves the card's memory\n", bytes);
    std::abort();
}

std::size_t held = 0;
std::size_t most = 0;

cudaError_t called() {
    if (cuda_on_cpu::fail_with == 0 || cuda_on_cpu::fail_after-- > 0) return cudaSuccess;
    cuda_on_cpu::fail_after = 0;
    return std::exchange(cuda_on_cpu::fail_with, 0);
}

}  // namespace

std::size_t cuda_on_cpu::bytes_held() { return held; }

std::size_t cuda_on_cpu::most_held() { return std::exchange(most, held); }

const char* cudaGetErrorString(cudaError_t error) {
    switch (error) {
        case cudaErrorMemoryAllocation: return "out of memory";
        case cudaErrorInsufficientDriver:
            return "CUDA driver version is insufficient for CUDA runtime version";
        case cudaErrorNoDevice: return "no CUDA-capable device is detected";
        case cudaErrorLaunchFailure: return "unspecified launch failure";
        default: return "an error that the test asked for";
    }
}

cudaError_t cudaGetLastError() { return called(); }

cudaError_t cudaDriverGetVersion(int* version) {
    *version = cuda_on_cpu::driver_version;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int* version) {
    *version = cuda_on_cpu::runtime_version;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int* count) {
    *count = cuda_on_cpu::devices;
    return called();
}

cudaError_t cudaSetDevice(int device) {
    cuda_on_cpu::use_device(device);
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
    std::strcpy(properties->name, "the CPU as a card");
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(std::size_t* unused, std::size_t* all) {
    const std::lock_guard lock(guard_of_blocks());
    const std::size_t taken = held + cuda_on_cpu::bytes_of_others;
    *all = cuda_on_cpu::card_bytes;
    *unused = taken < *all ? *all - taken : 0;
    return cudaSuccess;
}

cudaError_t cudaMalloc(void** made, std::size_t bytes) {
    if (const cudaError_t error = called()) return error;
    const std::lock_guard lock(guard_of_blocks());
    if (held + cuda_on_cpu::bytes_of_others + bytes > cuda_on_cpu::card_bytes)
        return cudaErrorMemoryAllocation;
    held += bytes;
    most = std::max(most, held);
    *made = std::malloc(bytes);
    // What a card has in fresh memory is nobody's zero.
    std::memset(*made, 0xff, bytes);
    blocks()[reinterpret_cast<std::uintptr_t>(*made)] = bytes;
    return cudaSuccess;
}

cudaError_t cudaFree(void* memory) {
    const std::lock_guard lock(guard_of_blocks());
    const auto block = blocks().find(reinterpret_cast<std::uintptr_t>(memory));
    if (block == blocks().end()) {
        std::fprintf(stderr, "memory is given back that the card never gave\n");
        std::abort();
    }
    held -= block->second;
    blocks().erase(block);
    std::free(memory);
    return cudaSuccess;
}

cudaError_t cudaMemcpy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
    return cudaMemcpy2D(to, bytes, from, bytes, bytes, 1, kind);
}

cudaError_t cudaMemcpy2D(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                         std::size_t bytes, std::size_t rows, cudaMemcpyKind kind) {
    if (const cudaError_t error = called()) return error;
    if (rows == 0 || bytes == 0) return cudaSuccess;
    const bool down = kind == cudaMemcpyHostToDevice;
    expect_inside(down ? to : from, (rows - 1) * (down ? to_pitch : from_pitch) + bytes);
    for (std::size_t r = 0; r < rows; ++r)
        std::memcpy(static_cast<char*>(to) + r * to_pitch,
                    static_cast<const char*>(from) + r * from_pitch, bytes);
    return cudaSuccess;
}

struct CudaStreamOnCpu {
    std::deque<std::function<void()>> waiting;  // copies to the host
    std::size_t begun = 0;
    std::size_t arrived = 0;

    void run_until(std::size_t count) {
        for (; arrived < count; ++arrived) {
            waiting.front()();
            waiting.pop_front();
        }
    }
};

struct CudaEventOnCpu {
    CudaStreamOnCpu* stream = nullptr;
    std::size_t begun = 0;  // copies before it there
};

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* made, unsigned) {
    *made = new CudaStreamOnCpu;
    return called();
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    stream->run_until(stream->begun);
    return called();
}

cudaError_t cudaMallocHost(void** made, std::size_t bytes) {
    if (const cudaError_t error = called()) return error;
    *made = std::malloc(bytes);
    std::memset(*made, 0xff, bytes);
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void* memory) {
    std::free(memory);
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* made, unsigned) {
    *made = new CudaEventOnCpu;
    return called();
}

cudaError_t cudaEventDestroy(cudaEvent_t event) {
    delete event;
    return cudaSuccess;
}

// Kernels have ended when they were begun: an event of theirs has come.
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    event->stream = stream;
    event->begun = stream != nullptr ? stream->begun : 0;
    return called();
}

cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) { return called(); }

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    if (event->stream != nullptr) event->stream->run_until(event->begun);
    return called();
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream) {
    if (const cudaError_t error = called()) return error;
    expect_inside(from, bytes);
    stream->waiting.push_back([=] { std::memcpy(to, from, bytes); });
    ++stream->begun;
    return cudaSuccess;
}

cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from,
                              std::size_t from_pitch, std::size_t bytes, std::size_t rows,
                              cudaMemcpyKind kind, cudaStream_t) {
    return cudaMemcpy2D(to, to_pitch, from, from_pitch, bytes, rows, kind);
}
