// What the card does with whole rows of factors.
#include "engine/compute/cuda/cuda_card.h"
#include "engine/compute/cuda/row_calls.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
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

void CudaCard::past(const CardPast& of) {
    use();
    static_assert(kPastRows % 64 == 0);  // tiles
    const std::size_t chunks = (of.rows + kPastRows - 1) / kPastRows;
    const std::size_t numbers = of.splats * of.columns;
    ratio_.reserve(chunks * numbers * sizeof(float));
    moments_.reserve(numbers * sizeof(double));
    const cuda::PastOf past{
        rows_of(*of.weight), rows_of(*of.keys), rows_of(*of.values), of.rows, of.splats,
        of.columns,          kPastRows};
    check_cuda(cuda::past_sums(past, of.goes_on, ratio_.as<float>(), moments_.as<double>()),
               "the past was summed up");
    if (of.out.empty()) return;
    result_.reserve(of.rows * of.columns * sizeof(float));
    check_cuda(cuda::past_outputs(past, ratio_.as<float>(), result_.as<float>()),
               "causal outputs were formed");
    receive_rows(result_, of.out);
}

void CudaCard::totals(const CardTotals& of, std::span<double> log_total) {
    use();
    const std::size_t blocks = cuda::total_blocks(of.columns);
    const std::vector<std::uint32_t> seen = numbers_of(of.seen);
    chosen_.write(std::span<const std::uint32_t>(seen));
    most_.reserve(of.rows * blocks * sizeof(float));
    sums_.reserve(of.rows * blocks * sizeof(float));
    const cuda::TotalsOf totals{rows_of(*of.queries),
                                rows_of(*of.keys),
                                of.seen.empty() ? nullptr : chosen_.as<std::uint32_t>(),
                                of.rows,
                                of.columns,
                                of.dimension};
    check_cuda(cuda::score_totals(totals, most_.as<float>(), sums_.as<float>()),
               "scores were summed up");
    Matrix<float> most(of.rows, blocks);
    Matrix<float> sums(of.rows, blocks);
    receive_rows(most_, most.view());
    receive_rows(sums_, sums.view());
    for (std::size_t r = 0; r < of.rows; ++r) {
        double top = log_total[r];
        for (const float own : most.row(r)) top = std::max(top, static_cast<double>(own));
        if (std::isinf(top)) continue;  // it sees no column
        double sum = std::exp(log_total[r] - top);
        for (std::size_t b = 0; b < blocks; ++b)
            sum +=
                static_cast<double>(sums(r, b)) * std::exp(static_cast<double>(most(r, b)) - top);
        log_total[r] = top + std::log(sum);
    }
}

void CudaCard::slopes(const CardSlopes& of) {
    use();
    const std::size_t splats = of.moments.rows;
    shift_.write(of.along);
    most_.write(of.shift);
    slopes_.reserve(of.rows * splats * sizeof(float));
    moments_.reserve(of.moments.rows * of.moments.cols * sizeof(double));
    result_.reserve(of.rows * of.pulled.cols * sizeof(float));
    cuda::SlopesOf slopes;
    slopes.p = rows_of(*of.p);
    slopes.k = rows_of(*of.k);
    slopes.d_outputs = rows_of(*of.d_outputs);
    slopes.values = rows_of(*of.values);
    slopes.u = rows_of(*of.u);
    slopes.b = rows_of(*of.b);
    slopes.along = shift_.as<float>();
    slopes.shift = most_.as<float>();
    slopes.rows = of.rows;
    slopes.splats = splats;
    slopes.columns = of.columns;
    check_cuda(cuda::slopes(slopes, slopes_.as<float>()), "slopes were formed");
    check_cuda(cuda::term_sums({slopes_.as<float>(), splats, splats, 1},
                               {rows_of(*of.beside), of.moments.cols, of.moments.cols, 1}, of.rows,
                               kChunkRows, of.goes_on, moments_.as<double>()),
               "slopes were summed up");
    check_cuda(cuda::cells(slopes_.as<float>(), of.rows, rows_of(*of.lever), of.pulled.cols, splats,
                           result_.as<float>()),
               "slopes were led back");
    receive_rows(moments_, of.moments);
    receive_rows(result_, of.pulled);
}

}  // namespace hsa
