// What the card does with whole rows of factors.
#include "engine/compute/cuda/cuda_card.h"
#include "engine/compute/cuda/row_calls.h"
#include "engine/core/parallel.h"

#include <memory>
#include <utility>
#include <vector>

namespace hsa {
namespace {

std::vector<std::uint32_t> numbers_of(std::span<const std::size_t> seen) {
    return {seen.begin(), seen.end()};
}

}  // namespace

std::unique_ptr<OnCard> CudaCard::send_sums(MatrixView<const double> before) {
    use();
    auto made = std::make_unique<RowMemory>();
    const std::size_t bytes = before.cols * sizeof(double);
    made->rows.reserve(before.rows * bytes);
    if (!before.empty())
        check_cuda(cuda::copy_rows_aside(made->rows.as<void>(), before.data, bytes,
                                         before.stride * sizeof(double), before.rows, copies_),
                   "sums were sent to the card");
    return made;
}

std::unique_ptr<OnCard> CudaCard::range_means(const OnCard& rows, const OnCard& before,
                                              std::size_t columns, std::size_t tile,
                                              std::span<const RowRange> ranges,
                                              std::span<const std::uint32_t> chosen) {
    use();
    static_assert(sizeof(RowRange) == 3 * sizeof(std::uint32_t));
    auto made = std::make_unique<RowMemory>();
    made->rows.reserve(ranges.size() * chosen.size() * sizeof(float));
    shift_.write(ranges.data(), ranges.size_bytes());
    chosen_.write(chosen);
    const cuda::RangesOf of{rows_of(rows), memory_of(before).as<double>(), columns, tile};
    check_cuda(
        cuda::range_means(of, shift_.as<std::uint32_t>(), ranges.size(),
                          chosen_.as<std::uint32_t>(), chosen.size(), made->rows.as<float>()),
        "means of rows were formed");
    return made;
}

void CudaCard::moments(const OnCard& weight, const OnCard& beside, std::size_t rows, bool goes_on,
                       MatrixView<double> out) {
    use();
    moments_.reserve(out.rows * out.cols * sizeof(double));
    check_cuda(cuda::term_sums({rows_of(weight), out.rows, out.rows, 1},
                               {rows_of(beside), out.cols, out.cols, 1}, rows, kChunkRows, goes_on,
                               moments_.as<double>()),
               "moments were summed up");
    receive_rows(moments_, out);
}

void CudaCard::kernel_to_keys(std::size_t rows, std::span<const float> log_mass) {
    use();
    shift_.write(log_mass);
    check_cuda(cuda::kernel_to_keys(ell_.as<float>(), rows, log_mass.size(), shift_.as<float>()),
               "keys were formed");
}

void CudaCard::compare(const CardComparison& of) {
    use();
    const float* keys = of.keys != nullptr ? rows_of(*of.keys) : ell_.as<float>();
    const std::size_t blocks = cuda::ratio_blocks(of.columns);
    shift_.write(of.background);
    const std::vector<std::uint32_t> seen = numbers_of(of.seen);
    chosen_.write(std::span<const std::uint32_t>(seen));
    ratio_.reserve(of.rows * of.columns * sizeof(float));
    sums_.reserve(of.rows * blocks * sizeof(float));
    cuda::RatioOf ratio{rows_of(*of.weight), keys, rows_of(*of.target)};
    ratio.background = of.background.empty() ? nullptr : shift_.as<float>();
    ratio.seen = of.seen.empty() ? nullptr : chosen_.as<std::uint32_t>();
    ratio.rows = of.rows;
    ratio.splats = of.splats;
    ratio.columns = of.columns;
    ratio.times_log = of.times_log;
    check_cuda(cuda::ratios(ratio, ratio_.as<float>(), sums_.as<float>()),
               "rows were held against a target");
    Matrix<float> parts(of.rows, blocks);
    receive_rows(sums_, parts.view());
    for (std::size_t i = 0; i < of.rows; ++i)
        for (const float part : parts.row(i)) of.divergence[i] += static_cast<double>(part);
    if (!of.product.empty()) {
        products_.reserve(of.rows * of.splats * sizeof(double));
        check_cuda(cuda::term_sums({ratio_.as<float>(), of.rows, 1, of.columns},
                                   {keys, of.splats, of.splats, 1}, of.columns, kChunkRows,
                                   of.goes_on, products_.as<double>()),
                   "ratios were summed up");
        receive_rows(products_, of.product);
    }
    if (of.share == nullptr) return;
    slopes_.reserve(of.columns * of.splats * sizeof(float));
    check_cuda(cuda::key_slopes(ratio_.as<float>(), of.rows, of.columns, rows_of(*of.share),
                                of.splats, ratio.seen, keys, slopes_.as<float>()),
               "slopes were formed");
    moments_.reserve(of.splats * of.besides * sizeof(double));
    check_cuda(cuda::term_sums({slopes_.as<float>(), of.splats, of.splats, 1},
                               {rows_of(*of.beside), of.besides, of.besides, 1}, of.columns,
                               kChunkRows, of.goes_on, moments_.as<double>()),
               "slopes were summed up");
    receive_rows(moments_, of.moments);
}

}  // namespace hsa
