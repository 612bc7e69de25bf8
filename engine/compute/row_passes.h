#pragma once

#include "engine/compute/splat_columns.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace hsa {

// What cards do with whole rows of factors.
enum class RowPass : std::uint8_t { rectangles, comparison, moments, past, totals, slopes };
inline constexpr std::array kRowPasses = {RowPass::rectangles, RowPass::comparison,
                                          RowPass::moments,    RowPass::past,
                                          RowPass::totals,     RowPass::slopes};
[[nodiscard]] const char* words_of(RowPass pass);

inline constexpr std::size_t kPastRows = 256;

// Rows that many calls are about, such as those of a factor, with the sums over the rows before
// every `tile`th one.
struct KeptRows {
    std::shared_ptr<const void> owner;  // lives as long as the numbers stay what they are
    MatrixView<const float> rows;       // [n, c]
    MatrixView<const double> before;    // [ceil(n / tile) + 1, c]; may lack a constant
    std::size_t tile = 1;
};

// Some neighbouring rows: what is theirs is their sum over `count`.
struct RowRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t count = 1;
};

struct RangesOfRows {
    KeptRows kept;
    std::span<const RowRange> ranges;
};

// Rows of A = weight K^T + background / m over m columns, held against what they should be.
struct ComparedRows {
    MatrixView<const float> weight;     // [r, c]
    std::span<const float> background;  // [r], or empty: 0
    MatrixView<const float> target;     // [r, m]
    std::span<const std::size_t> seen;  // [r] columns that a row sees, the first ones; empty: all
    // K [m, c] as it is, or, where `splats` is not null, exp(ell - log_mass) of rows x [m, d].
    MatrixView<const float> keys;
    const BoundSplats* splats = nullptr;
    MatrixView<const float> x;
    std::span<const double> log_mass;
    std::size_t columns = 0;  // what background is divided by; 0: m
};

// What the ratio R = T / A becomes when it goes into products.
enum class RatioForm : std::uint8_t { plain, times_log };

// What Backend::compare_rows() writes; what is empty is left out. All sums are float32 inside a
// chunk of columns and float64 over chunks.
struct RowComparison {
    std::span<double> divergence;  // [r] sum_j T ln(T / A)
    RatioForm form = RatioForm::plain;
    MatrixView<double> product;  // [r, c] R K
    // Moments of the slopes g_js = K_js sum over the rows i that see j of (1 - R_ij) share_is, with
    // what stands beside each column: g^T beside.
    MatrixView<const float> share;   // [r, c]
    MatrixView<const float> beside;  // [m, q]
    MatrixView<double> moments;      // [c, q]
};

// Rows of the causal A = tril(weight keys^T), from row `first` on; those before are keys alone.
struct PastRows {
    MatrixView<const float> weight;  // [n, c]
    MatrixView<const float> keys;    // [n, c]
    MatrixView<const float> values;  // [n, v]
    std::size_t first = 0;
};

// Scores q_i . k_j of the columns that each row sees, the first ones.
struct ScoredRows {
    MatrixView<const float> queries;    // [r, d]
    MatrixView<const float> keys;       // [m, d]
    std::span<const std::size_t> seen;  // [r] or empty: all
};

// What a loss of the outputs does to every log kernel (maths.md 5; attention/backward_sums.h):
// g_is = p_is (d_outputs_i . u_s - along_i) + k_is (values_i . b_s + shift_s).
struct SlopeRows {
    MatrixView<const float> p;          // [n, c]
    MatrixView<const float> k;          // [n, c]
    MatrixView<const float> d_outputs;  // [n, v]
    MatrixView<const float> values;     // [n, v]
    std::span<const float> along;       // [n]
    MatrixView<const float> u;          // [c, v]
    MatrixView<const float> b;          // [c, v]
    std::span<const float> shift;       // [c]
};
struct SlopeSums {
    MatrixView<const float> beside;  // [n, q]
    MatrixView<double> moments;      // [c, q] g^T beside, float32 inside a chunk of rows
    MatrixView<const float> lever;   // [e, c]
    MatrixView<float> pulled;        // [n, e] g lever^T
};

// Each is answered with false where it was not computed: whoever asked does it on the CPU. Public
// functions check shapes; the do_ virtuals decline unless a card overrides them.
class RowPasses {
  public:
    virtual ~RowPasses() = default;

    [[nodiscard]] virtual bool has(RowPass) const { return false; }  // at all

    // Means of A = P K over rectangles: out[r, c] = sum over columns s in `chosen` (rising) of the
    // means of P and K there. A card takes rows to keep from the second time on that it is asked.
    [[nodiscard]] bool rectangle_means(const RangesOfRows& p, const RangesOfRows& k,
                                       std::span<const std::uint32_t> chosen, MatrixView<float> out,
                                       const Work& work);
    [[nodiscard]] bool compare_rows(const ComparedRows& rows, const RowComparison& out,
                                    const Work& work);
    // The moments of splats by the weights of rows: out [k, q] = weight^T beside of weight [n, k]
    // and beside [n, q], float32 inside a chunk of rows, float64 over chunks.
    [[nodiscard]] bool moments(MatrixView<const float> weight, MatrixView<const float> beside,
                               MatrixView<double> out, const Work& work);
    // out [n - first, v] = rows of A values; what lies more than kPastRows before a row is summed
    // up in float64.
    [[nodiscard]] bool past_outputs(const PastRows& rows, MatrixView<float> out, const Work& work);
    // out [r] = ln sum_j exp(score_ij), -infinity for a row that sees no column.
    [[nodiscard]] bool score_totals(const ScoredRows& rows, std::span<double> out,
                                    const Work& work);
    [[nodiscard]] bool slopes(const SlopeRows& rows, const SlopeSums& out, const Work& work);

  protected:
    virtual bool do_rectangle_means(const RangesOfRows&, const RangesOfRows&,
                                    std::span<const std::uint32_t>, MatrixView<float>, const Work&);
    virtual bool do_compare_rows(const ComparedRows&, const RowComparison&, const Work&);
    virtual bool do_moments(MatrixView<const float>, MatrixView<const float>, MatrixView<double>,
                            const Work&);
    virtual bool do_past_outputs(const PastRows&, MatrixView<float>, const Work&);
    virtual bool do_score_totals(const ScoredRows&, std::span<double>, const Work&);
    virtual bool do_slopes(const SlopeRows&, const SlopeSums&, const Work&);
};

}  // namespace hsa
