#pragma once

#include "engine/compute/cuda/calls.h"

// What calls.h says, of passes over whole rows of factors (compute/row_passes.h).
namespace hsa::cuda {

// ranges.cu: out [count, width] = of each range (begin, end, count: three numbers) of rows [n,
// columns] the sum over its count, in the chosen columns [width].
struct RangesOf {
    const float* rows = nullptr;
    const double* before = nullptr;  // of every `tile` rows: [ceil(n / tile) + 1, columns]
    std::size_t columns = 0;
    std::size_t tile = 1;
};
Problem range_means(const RangesOf& of, const std::uint32_t* ranges, std::size_t count,
                    const std::uint32_t* chosen, std::size_t width, float* out);

// compare.cu: rows of A = weight keys^T + background held against a target. ratio [rows, columns]:
// T / A, or its product with its logarithm; divergence [rows, ratio_blocks(columns)]: sums of T
// ln(T / A) over as many columns.
struct RatioOf {
    const float* weight = nullptr;        // [rows, splats]
    const float* keys = nullptr;          // [columns, splats]
    const float* target = nullptr;        // [rows, columns]
    const float* background = nullptr;    // [rows] or null
    const std::uint32_t* seen = nullptr;  // [rows] how many columns a row sees, or null
    std::size_t rows = 0;
    std::size_t splats = 0;
    std::size_t columns = 0;
    bool times_log = false;
};
std::size_t ratio_blocks(std::size_t columns);
Problem ratios(const RatioOf& of, float* ratio, float* divergence);
// ell [rows, splats] becomes exp(ell - log_mass).
Problem kernel_to_keys(float* ell, std::size_t rows, std::size_t splats, const float* log_mass);

// sums.cu: an operand's number n of term t is data[t term_step + n number_step]; one step is 1.
struct TermsOf {
    const float* data = nullptr;
    std::size_t numbers = 0;
    std::size_t term_step = 0;
    std::size_t number_step = 1;
};
// out [left.numbers, right.numbers] = sum over terms of left times right; goes_on: plus what it is.
Problem term_sums(const TermsOf& left, const TermsOf& right, std::size_t terms, std::size_t chunk,
                  bool goes_on, double* out);
// out [columns, splats] = keys o sum over the rows that see a column of (1 - ratio) share.
Problem key_slopes(const float* ratio, std::size_t rows, std::size_t columns, const float* share,
                   std::size_t splats, const std::uint32_t* seen, const float* keys, float* out);

// past.cu: rows of tril(weight keys^T) values, `chunk` rows (whole tiles of kSide) at a time.
// before [chunks, splats, columns] becomes what the chunks before each have summed up, in float64
// in total [splats, columns], which goes on from what it is where goes_on.
struct PastOf {
    const float* weight = nullptr;  // [rows, splats]
    const float* keys = nullptr;    // [rows, splats]
    const float* values = nullptr;  // [rows, columns]
    std::size_t rows = 0;
    std::size_t splats = 0;
    std::size_t columns = 0;
    std::size_t chunk = 1;
};
Problem past_sums(const PastOf& of, bool goes_on, float* before, double* total);
// out [rows, columns], with them.
Problem past_outputs(const PastOf& of, const float* before, float* out);

// totals.cu: of every row and total_blocks(columns) blocks of columns the largest score q . k that
// the row sees and the sum of exp(score - largest): both [rows, blocks]; -infinity and 0 where it
// sees none.
struct TotalsOf {
    const float* queries = nullptr;       // [rows, dimension]
    const float* keys = nullptr;          // [columns, dimension]
    const std::uint32_t* seen = nullptr;  // [rows] or null
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::size_t dimension = 0;
};
std::size_t total_blocks(std::size_t columns);
Problem score_totals(const TotalsOf& of, float* most, float* sum);

// slopes.cu: SlopeRows (compute/row_passes.h) on the card; g [rows, splats].
struct SlopesOf {
    const float* p = nullptr;
    const float* k = nullptr;
    const float* d_outputs = nullptr;
    const float* values = nullptr;
    const float* u = nullptr;
    const float* b = nullptr;
    const float* along = nullptr;
    const float* shift = nullptr;
    std::size_t rows = 0;
    std::size_t splats = 0;
    std::size_t columns = 0;
};
Problem slopes(const SlopesOf& of, float* g);

}  // namespace hsa::cuda
