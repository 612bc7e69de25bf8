#include "engine/compute/cuda/cuda_card.h"

#include "engine/compute/cuda/calls.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

namespace hsa {
namespace {

// Where there is no card to compute on.
std::string what_to_do(const cuda::Device& device) {
    const auto version = [](int number) {
        return fmt::format("{}.{}", number / 1000, number % 1000 / 10);
    };
    if (device.driver == 0)
        return fmt::format(
            "There is no driver; this program needs one for CUDA {}, or an OpenGL or CPU backend.",
            version(device.runtime));
    if (device.driver < device.runtime)
        return fmt::format(
            "The driver offers CUDA {} and this program needs {}: install a newer driver, or let "
            "OpenGL or the CPU compute.",
            version(device.driver), version(device.runtime));
    return fmt::format(
        "The driver is there (CUDA {}): is a card built in, and shown to this program "
        "(CUDA_VISIBLE_DEVICES)?",
        version(device.driver));
}

void check(cuda::Problem problem, const char* what) {
    if (problem != nullptr) fail("CUDA says '{}' while {}", problem, what);
}

class SplatMemory : public OnCard {
  public:
    explicit SplatMemory(const CardForms& forms) {
        centre.write(std::span<const float>(forms.centre));
        rate.write(std::span<const float>(forms.rate));
        form.write(std::span<const double>(forms.form));
        half.write(std::span<const double>(forms.half));
        place.write(forms.place.data(), forms.place.size() * sizeof(forms.place[0]));
    }
    DeviceMemory centre;
    DeviceMemory rate;
    DeviceMemory form;
    DeviceMemory half;
    DeviceMemory place;
};

void send_rows(MatrixView<const float> from, DeviceMemory& to) {
    to.reserve(from.rows * from.cols * sizeof(float));
    if (from.rows == 0 || from.cols == 0) return;
    check(cuda::copy_rows_to(to.as<void>(), from.row(0).data(), from.cols * sizeof(float),
                             from.stride * sizeof(float), from.rows),
          "rows were sent to the card");
}

template <class Number>
void receive_rows(const DeviceMemory& from, MatrixView<Number> to) {
    if (to.rows == 0 || to.cols == 0) return;
    check(cuda::copy_rows_from(to.row(0).data(), from.as<void>(), to.cols * sizeof(Number),
                               to.stride * sizeof(Number), to.rows),
          "results were read from the card");
}

}  // namespace

DeviceMemory::~DeviceMemory() {
    if (memory_ != nullptr) (void)cuda::release(memory_);
}

void DeviceMemory::reserve(std::size_t bytes) {
    if (bytes <= bytes_) return;
    if (memory_ != nullptr) (void)cuda::release(std::exchange(memory_, nullptr));
    bytes_ = 0;
    bool full = false;
    const cuda::Problem problem = cuda::allocate(&memory_, bytes, &full);
    if (full) {
        cuda::Room room;
        (void)cuda::room(room);
        constexpr double kMega = 1e6;
        throw CardFull(fmt::format(
            "CUDA says '{}': {:.1f} MB were asked for where {:.1f} of {:.1f} MB are free", problem,
            static_cast<double>(bytes) / kMega, static_cast<double>(room.free_bytes) / kMega,
            static_cast<double>(room.bytes) / kMega));
    }
    check(problem, "memory was asked for");
    bytes_ = bytes;
}

void DeviceMemory::write(const void* from, std::size_t bytes) {
    reserve(bytes);
    if (bytes > 0) check(cuda::copy_to(memory_, from, bytes), "numbers were sent to the card");
}

CudaCard::CudaCard(const CudaOptions& options) {
    cuda::Device device;
    if (const cuda::Problem problem = cuda::describe(device))
        fail("CUDA cannot compute here: {}. {}", problem, what_to_do(device));
    device_ = device.name;
    if (options.most_bytes > 0) block_bytes_ = options.most_bytes;
}

CardMemory CudaCard::memory() const {
    cuda::Room room;
    if (cuda::room(room) != nullptr) return {};
    CardMemory now{room.bytes, room.free_bytes};
    for (const DeviceMemory* block : blocks_of(*this)) now.free += block->bytes();
    return now;
}

void CudaCard::drop_blocks() {
    for (DeviceMemory* block : blocks_of(*this)) *block = DeviceMemory();
}

std::unique_ptr<OnCard> CudaCard::send(const CardForms& forms) {
    return std::make_unique<SplatMemory>(forms);
}

void CudaCard::log_kernel(const CardForms& forms, const OnCard& splats, MatrixView<const float> x,
                          std::size_t stride, std::size_t first, std::span<const float> shift) {
    const auto& own = dynamic_cast<const SplatMemory&>(splats);
    send_rows(x, x_);
    ell_.reserve(x.rows * stride * sizeof(float));
    shift_.write(shift);
    const cuda::KernelPlace place{ell_.as<float>(), stride, first,
                                  shift.empty() ? nullptr : shift_.as<float>()};
    check(forms.mixed
              ? cuda::log_kernel_mixed(x_.as<float>(), x.rows, forms.dimension,
                                       own.centre.as<float>(), own.form.as<double>(),
                                       own.place.as<std::uint32_t>(), own.half.as<double>(),
                                       forms.splats, place)
              : cuda::log_kernel(x_.as<float>(), x.rows, forms.dimension, own.centre.as<float>(),
                                 own.rate.as<float>(), forms.splats, place),
          "log kernels were computed");
}

void CudaCard::fill_kernel(std::size_t rows, std::size_t stride, std::size_t first, float logit) {
    ell_.reserve(rows * stride * sizeof(float));
    check(cuda::fill_kernel(rows, logit, {ell_.as<float>(), stride, first, nullptr}),
          "log kernels were computed");
}

void CudaCard::exponentials(std::size_t rows, std::size_t k, std::span<const float> log_row_weight,
                            std::size_t tile, bool as_shares, MatrixView<float> most,
                            MatrixView<double> sums) {
    const std::size_t tiles = (rows + tile - 1) / tile;
    weight_.write(log_row_weight);
    most_.reserve(tiles * k * sizeof(float));
    sums_.reserve(tiles * k * sizeof(double));
    check(cuda::exponentials(ell_.as<float>(), rows, k,
                             log_row_weight.empty() ? nullptr : weight_.as<float>(), tile,
                             as_shares, most_.as<float>(), sums_.as<double>()),
          "exponentials were computed");
    receive_rows(most_, most);
    receive_rows(sums_, sums);
}

std::vector<std::uint32_t> CudaCard::softmax(std::size_t rows, std::size_t columns) {
    far_.reserve(rows * sizeof(std::uint32_t));
    check(cuda::softmax(ell_.as<float>(), rows, columns, kFarLogit, far_.as<std::uint32_t>()),
          "shares were computed");
    std::vector<std::uint32_t> flags(rows);
    check(cuda::copy_from(flags.data(), far_.as<void>(), rows * sizeof(std::uint32_t)),
          "results were read from the card");
    return indices_of(flags);
}

void CudaCard::multiply(std::size_t rows, std::size_t k, MatrixView<const float> b,
                        MatrixView<float> out) {
    send_rows(b, right_);
    result_.reserve(rows * b.cols * sizeof(float));
    check(
        cuda::multiply(ell_.as<float>(), rows, k, right_.as<float>(), b.cols, result_.as<float>()),
        "outputs were computed");
    receive_rows(result_, out);
}

void CudaCard::multiply_chunks(std::size_t rows, std::size_t k, MatrixView<const float> b,
                               MatrixView<float> out) {
    const std::size_t chunks = (rows + kChunkRows - 1) / kChunkRows;
    send_rows(b, right_);
    result_.reserve(chunks * k * b.cols * sizeof(float));
    check(cuda::multiply_chunks(ell_.as<float>(), k, rows, right_.as<float>(), b.cols, kChunkRows,
                                result_.as<float>()),
          "sums of values were computed");
    receive_rows(result_, out);
}

void CudaCard::read_kernel(std::size_t rows, std::size_t k, MatrixView<float> out) {
    if (out.rows != rows || out.cols != k)
        fault("{} x {} log kernels into {} x {}", rows, k, out.rows, out.cols);
    receive_rows(ell_, out);
}

}  // namespace hsa
