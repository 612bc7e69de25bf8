#include "engine/compute/cuda/cuda_card.h"

#include "engine/compute/cuda/calls.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

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

cuda::SplatForms forms_of(const CardForms& forms, const OnCard& splats) {
    const auto& own = dynamic_cast<const SplatMemory&>(splats);
    cuda::SplatForms made;
    made.centre = own.centre.as<float>();
    made.rate = forms.mixed ? nullptr : own.rate.as<float>();
    made.form = own.form.as<double>();
    made.places = own.place.as<std::uint32_t>();
    made.half = own.half.as<double>();
    made.splats = forms.splats;
    made.dimension = forms.dimension;
    return made;
}

void copy_rows(MatrixView<const float> from, DeviceMemory& to) {
    to.reserve(from.rows * from.cols * sizeof(float));
    if (from.rows == 0 || from.cols == 0) return;
    check_cuda(cuda::copy_rows_to(to.as<void>(), from.row(0).data(), from.cols * sizeof(float),
                                  from.stride * sizeof(float), from.rows),
               "rows were sent to the card");
}

}  // namespace

CudaCard::CudaCard(const CudaOptions& options, int index) : index_(index) {
    cuda::Device device;
    if (const cuda::Problem problem = cuda::describe(index, device))
        fail("CUDA cannot compute here: {}.", problem);
    check_cuda(cuda::open_stream(&copies_), "a stream was opened");
    device_ = device.name;
    if (options.most_bytes > 0) block_bytes_ = options.most_bytes;
}

CudaCard::~CudaCard() {
    (void)cuda::use(index_);  // what is given back below is this one's
    (void)cuda::close_stream(copies_);
}

// Which device a thread's calls are for is the thread's own affair, and any may call.
void CudaCard::use() const { check_cuda(cuda::use(index_), "the card was chosen"); }

CardMemory CudaCard::memory() const {
    cuda::Room room;
    if (cuda::use(index_) != nullptr || cuda::room(room) != nullptr) return {};
    CardMemory now{room.bytes, room.free_bytes};
    for (const DeviceMemory* block : blocks_of(*this)) now.free += block->bytes();
    return now;
}

void CudaCard::drop_blocks() {
    for (DeviceMemory* block : blocks_of(*this)) *block = DeviceMemory();
}

std::unique_ptr<OnCard> CudaCard::send(const CardForms& forms) {
    use();
    return std::make_unique<SplatMemory>(forms);
}

std::unique_ptr<OnCard> CudaCard::send_rows(MatrixView<const float> rows) {
    use();
    auto made = std::make_unique<RowMemory>();
    const std::size_t bytes = rows.cols * sizeof(float);
    made->rows.reserve(rows.rows * bytes);
    if (!rows.empty())
        check_cuda(cuda::copy_rows_aside(made->rows.as<void>(), rows.data, bytes,
                                         rows.stride * sizeof(float), rows.rows, copies_),
                   "rows were sent to the card");
    return made;
}

void CudaCard::log_kernel(const CardForms& forms, const OnCard& splats, const OnCard& x,
                          std::size_t rows, std::size_t stride, std::size_t first) {
    use();
    ell_.reserve(rows * stride * sizeof(float));
    check_cuda(cuda::log_kernel(rows_of(x), rows, forms_of(forms, splats), ell_.as<float>(), stride,
                                first),
               "log kernels were computed");
}

void CudaCard::exponentials(std::size_t rows, std::size_t k, std::span<const float> log_row_weight,
                            MatrixView<float> most, MatrixView<double> sums) {
    use();
    const std::size_t tiles = (rows + kKernelTile - 1) / kKernelTile;
    shift_.write(log_row_weight);
    most_.reserve(tiles * k * sizeof(float));
    sums_.reserve(tiles * k * sizeof(double));
    check_cuda(cuda::exponentials(ell_.as<float>(), rows, k,
                                  log_row_weight.empty() ? nullptr : shift_.as<float>(),
                                  kKernelTile, most_.as<float>(), sums_.as<double>()),
               "exponentials were computed");
    receive_rows(most_, most);
    receive_rows(sums_, sums);
}

void CudaCard::keep_kernel() {
    use();
    std::swap(ell_, kept_);
    downloads_.mark();
}

void CudaCard::read_kept(std::size_t rows, std::size_t k, MatrixView<float> out) {
    if (out.rows != rows || out.cols != k)
        fault("{} x {} log kernels into {} x {}", rows, k, out.rows, out.cols);
    use();
    downloads_.read(kept_.as<float>(), out, copies_);
}

void CudaCard::best(std::span<const float> shift, const BestColumns& out) {
    use();
    const std::size_t rows = out.column.rows;
    const std::size_t wanted = out.column.cols;
    const bool totals = !out.log_total.empty();
    shift_.write(shift);
    chosen_.reserve(rows * wanted * sizeof(std::uint32_t));
    result_.reserve(rows * wanted * sizeof(float));
    most_.reserve(totals ? rows * sizeof(float) : 0);
    sums_.reserve(totals ? rows * sizeof(float) : 0);
    cuda::BestOf best{chosen_.as<std::uint32_t>(), result_.as<float>(), nullptr, nullptr};
    if (totals) {
        best.most = most_.as<float>();
        best.sum = sums_.as<float>();
    }
    check_cuda(
        cuda::best_columns(ell_.as<float>(), rows, shift.size(), shift_.as<float>(), wanted, best),
        "splats were chosen");
    receive_rows(chosen_, out.column);
    receive_rows(result_, out.log_kernel);
    if (!totals) return;
    Matrix<float> logs(2, rows);
    receive_rows(most_, logs.view().block(0, 1));
    receive_rows(sums_, logs.view().block(1, 2));
    for (std::size_t i = 0; i < rows; ++i)
        out.log_total[i] =
            static_cast<double>(logs(0, i)) + std::log(static_cast<double>(logs(1, i)));
}

void CudaCard::key_means(const CardForms& forms, const OnCard& splats, const OnCard& x,
                         std::span<const float> log_row_weight, const OnCard& values,
                         std::size_t columns, std::size_t rows, std::size_t first,
                         std::size_t chunks) {
    use();
    const std::size_t k = forms.splats;
    shift_.write(log_row_weight);
    most_.reserve(chunks * k * sizeof(float));
    sums_.reserve(chunks * k * sizeof(float));
    result_.reserve(chunks * k * columns * sizeof(float));
    cuda::MeansOf of;
    of.add = log_row_weight.empty() ? nullptr : shift_.as<float>();
    of.chunk = kChunkRows;
    of.values = rows_of(values);
    of.columns = columns;
    of.most = most_.as<float>() + first * k;
    of.sum = sums_.as<float>() + first * k;
    of.mean = result_.as<float>() + first * k * columns;
    check_cuda(cuda::key_means(rows_of(x), rows, forms_of(forms, splats), of),
               "sums of values were computed");
}

void CudaCard::joined_means(std::size_t chunks, const CardMeans& out) {
    use();
    const std::size_t k = out.most.size();
    const std::size_t columns = out.means.cols;
    other_most_.reserve(k * sizeof(float));
    other_sums_.reserve(k * sizeof(double));
    joined_.reserve(k * columns * sizeof(float));
    check_cuda(cuda::join_means(most_.as<float>(), sums_.as<float>(), result_.as<float>(), chunks,
                                k, columns, other_most_.as<float>(), other_sums_.as<double>(),
                                joined_.as<float>()),
               "sums of values were joined");
    receive_rows(other_most_, MatrixView<float>(out.most.data(), 1, k));
    receive_rows(other_sums_, MatrixView<double>(out.sum.data(), 1, k));
    receive_rows(joined_, out.means);
}

std::vector<std::uint32_t> CudaCard::query_means(std::span<const CardQueries> parts,
                                                 MatrixView<const float> means,
                                                 MatrixView<float> out) {
    use();
    const std::size_t rows = out.rows;
    copy_rows(means, right_);
    for (DeviceMemory* memory : {&most_, &sums_, &other_most_, &other_sums_})
        memory->reserve(rows * sizeof(float));
    result_.reserve(rows * out.cols * sizeof(float));
    // What the parts before have left is read from one pair and written to the other.
    cuda::MeansOf of;
    of.columns = out.cols;
    of.most = most_.as<float>();
    of.sum = sums_.as<float>();
    of.mean = result_.as<float>();
    std::size_t first = 0;
    for (const CardQueries& part : parts) {
        if (part.shift.empty()) continue;
        shift_.write(part.shift);
        of.add = shift_.as<float>();
        of.chunk = part.shift.size();
        of.values = right_.as<float>() + first * out.cols;
        first += part.shift.size();
        cuda::SplatForms nowhere;  // no axis to be far along
        nowhere.splats = 1;
        nowhere.rate = nowhere.centre = shift_.as<float>();
        check_cuda(
            cuda::query_means(part.x ? rows_of(*part.x) : shift_.as<float>(), rows,
                              part.forms ? forms_of(*part.forms, *part.splats) : nowhere, of),
            "outputs were computed");
        const float* most = of.most;
        const float* sum = of.sum;
        const bool to_first = of.most != most_.as<float>();
        of.most = (to_first ? most_ : other_most_).as<float>();
        of.sum = (to_first ? sums_ : other_sums_).as<float>();
        of.most_before = most;
        of.sum_before = sum;
    }
    receive_rows(result_, out);
    std::vector<float> most(rows, -std::numeric_limits<float>::infinity());
    if (of.most_before != nullptr)
        check_cuda(cuda::copy_from(most.data(), of.most_before, rows * sizeof(float)),
                   "results were read from the card");
    std::vector<std::uint32_t> far;
    for (std::size_t i = 0; i < rows; ++i)
        if (!(most[i] >= kFarLogit)) far.push_back(static_cast<std::uint32_t>(i));
    return far;
}

void CudaCard::cells(const OnCard& p, const OnCard& k, std::size_t columns, MatrixView<float> out) {
    use();
    result_.reserve(out.rows * out.cols * sizeof(float));
    check_cuda(
        cuda::cells(rows_of(p), out.rows, rows_of(k), out.cols, columns, result_.as<float>()),
        "cells were computed");
    receive_rows(result_, out);
}

}  // namespace hsa
