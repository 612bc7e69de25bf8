#include "engine/attention/causal_factors.h"

#include "engine/attention/best_splats.h"
#include "engine/attention/sums.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

namespace hsa {
namespace {

// A row keeps its digits while at least this much of its plain attention lies in its past: what
// vanished in single precision is below 1e-38.
constexpr double kLeastPast = 1e-20;
// The past of a splat's keys below which its weight could leave the range of single precision.
constexpr float kLeastReached = 1e-30F;

// Writes sum_{j <= i} k_js of tokens [0, rows) into `reached`, divides P by it to the causal P, and
// returns the rows [0, b) that have to be formed anew; 0 where these are rows without keys alone,
// which stay zero.
std::size_t limit_to_past(Factors& factors, Matrix<float>& reached) {
    const std::size_t n = factors.tokens();
    const std::size_t columns = factors.columns();
    const std::size_t without_keys = rows_without_keys(factors.masked);
    const Matrix<double> before =
        chunk_prefixes(n, columns, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            add_rows(factors.k, begin, end, out);
        });
    std::vector<std::size_t> anew((n + kChunkRows - 1) / kChunkRows, 0);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        const std::span<const double> start = before.row(begin / kChunkRows);
        std::vector<double> sum(start.begin(), start.end());
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> p = factors.p.row(i);
            const std::span<float> past = reached.row(i);
            const std::span<const float> k = factors.k.row(i);
            double z = 0.0;
            for (std::size_t s = 0; s < columns; ++s) {
                sum[s] += static_cast<double>(k[s]);
                past[s] = static_cast<float>(sum[s]);
                z += static_cast<double>(p[s]) * sum[s];
            }
            if (i < without_keys) {
                std::fill(p.begin(), p.end(), 0.0F);
                continue;
            }
            if (!(z >= kLeastPast)) {
                anew[begin / kChunkRows] = i + 1;
                continue;
            }
            for (std::size_t s = 0; s < columns; ++s)
                p[s] = static_cast<float>(static_cast<double>(p[s]) * static_cast<double>(past[s]) /
                                          z);
            factors.log_normaliser[i] += static_cast<float>(std::log(z));
        }
    });
    return anew.empty() ? 0 : *std::max_element(anew.begin(), anew.end());
}

void copy_rows(const Matrix<float>& from, std::size_t rows, Matrix<float>& to) {
    std::copy_n(from.data(), rows * from.cols(), to.data());
}

// The factors of the tokens before row b, limited to the past in their turn, take the place of rows
// [0, b).
void take_earlier(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                  const FactorOptions& options, std::size_t b, Factors& factors,
                  CausalFactors& causal, const Work& work) {
    std::vector<std::uint32_t> rows(b);
    std::iota(rows.begin(), rows.end(), 0U);
    FactorOptions plain = options;
    plain.causal = false;
    plain.splats_per_token = 0;
    Factors earlier = compute_factors_of_rows(backend, registry, coordinates, rows, plain, work);
    Matrix<float> reached(b, earlier.columns());
    const std::size_t still = limit_to_past(earlier, reached);
    if (still >= b) fault("row {} of a causal attention holds no number", b - 1);
    copy_rows(earlier.p.values(), b, factors.p.values());
    copy_rows(reached, b, causal.weight.values());
    std::copy_n(earlier.log_normaliser.begin(), b, factors.log_normaliser.begin());
    causal.segments.push_back({{still, b}, std::make_shared<FactorMatrix>(std::move(earlier.k))});
    if (still > 0)
        take_earlier(backend, registry, coordinates, options, still, factors, causal, work);
}

// Shares of splats none of whose keys can be reached go to the others.
void give_up_unreached(std::span<float> p, std::span<const float> reached) {
    double lost = 0.0;
    for (std::size_t s = 0; s < p.size(); ++s)
        if (p[s] > 0.0F && reached[s] < kLeastReached) {
            lost += static_cast<double>(p[s]);
            p[s] = 0.0F;
        }
    if (lost <= 0.0 || lost >= 1.0) return;
    for (float& share : p) share = static_cast<float>(static_cast<double>(share) / (1.0 - lost));
}

// Blocks within one segment.
class SegmentSums {
  public:
    SegmentSums(const Factors& factors, const TileSums& sums, std::size_t index)
        : weight_(factors.causal->weight),
          k_(factors.keys_of(factors.causal->segments[index])),
          weight_sums_(sums.p),
          k_sums_(index + 1 == factors.causal->segments.size() ? sums.k : sums.segment_k[index]),
          diagonal_(sums.diagonal),
          tiles_{(factors.causal->segments[index].rows.begin + kTileTokens - 1) / kTileTokens,
                 factors.causal->segments[index].rows.end / kTileTokens} {
        if (index + 1 == factors.causal->segments.size()) tiles_.end = diagonal_.rows();
    }

    // Adds the block's sums; rows within the segment.
    void add(Range rows, Range columns, std::span<double> out) const {
        columns.end = std::min(columns.end, rows.end);
        if (rows.empty() || columns.empty()) return;
        const std::size_t below = std::clamp(columns.end - 1, rows.begin, rows.end);
        std::vector<double> a(out.size());
        std::vector<double> b(out.size());
        if (below < rows.end) {  // rows that see every column
            range_sum(weight_, weight_sums_, {below, rows.end}, a);
            range_sum(k_, k_sums_, columns, b);
            for (std::size_t s = 0; s < out.size(); ++s) out[s] += a[s] * b[s];
        }
        const std::size_t first = std::max(rows.begin, columns.begin);
        if (first >= below) return;
        std::fill(b.begin(), b.end(), 0.0);
        if (columns.begin < first) range_sum(k_, k_sums_, {columns.begin, first}, b);
        add_triangle({first, below}, b, a, out);
    }

  private:
    // Rows that see the columns up to their own; `seen` holds the sum of k before them.
    void add_triangle(Range rows, std::vector<double>& seen, std::vector<double>& scratch,
                      std::span<double> out) const {
        for (std::size_t i = rows.begin; i < rows.end;) {
            const std::size_t tile = i / kTileTokens;
            const Range whole{i, std::min(i + kTileTokens, weight_.rows())};
            if (i % kTileTokens == 0 && whole.end <= rows.end && tiles_.contains(tile)) {
                range_sum(weight_, weight_sums_, whole, scratch);
                for (std::size_t s = 0; s < out.size(); ++s)
                    out[s] += scratch[s] * seen[s] + diagonal_(tile, s);
                range_sum(k_, k_sums_, whole, scratch);
                for (std::size_t s = 0; s < out.size(); ++s) seen[s] += scratch[s];
                i = whole.end;
                continue;
            }
            const FactorRow weight = weight_.row(i);
            const FactorRow k = k_.row(i);
            for (std::size_t s = 0; s < out.size(); ++s) {
                seen[s] += static_cast<double>(k[s]);
                out[s] += static_cast<double>(weight[s]) * seen[s];
            }
            ++i;
        }
    }

    const FactorMatrix& weight_;
    const FactorMatrix& k_;
    const Matrix<double>& weight_sums_;
    const Matrix<double>& k_sums_;
    const Matrix<double>& diagonal_;
    Range tiles_;  // wholly within the segment
};

}  // namespace

void make_causal(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                 const FactorOptions& options, Factors& factors, const Work& work) {
    const std::size_t n = factors.tokens();
    auto causal = std::make_shared<CausalFactors>();
    causal->weight = Matrix<float>::unwritten(n, factors.columns());
    Matrix<float>& reached = causal->weight.values();  // until the last step
    const std::size_t anew = limit_to_past(factors, reached);
    causal->segments.push_back({{anew, n}, nullptr});
    if (anew > 0)
        take_earlier(backend, registry, coordinates, options, anew, factors, *causal, work);
    std::reverse(causal->segments.begin(), causal->segments.end());
    keep_best_splats(registry, options.splats_per_token, factors);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> p = factors.p.row(i);
            const std::span<float> weight = reached.row(i);
            give_up_unreached(p, weight);
            for (std::size_t s = 0; s < p.size(); ++s)
                weight[s] = p[s] > 0.0F ? p[s] / weight[s] : 0.0F;
        }
    });
    factors.causal = std::move(causal);
}

void causal_block_sums(const Factors& factors, const TileSums& sums, Range rows, Range columns,
                       std::span<double> out) {
    std::fill(out.begin(), out.end(), 0.0);
    const std::vector<CausalSegment>& segments = factors.causal->segments;
    for (std::size_t index = 0; index < segments.size(); ++index) {
        const Range within{std::max(rows.begin, segments[index].rows.begin),
                           std::min(rows.end, segments[index].rows.end)};
        if (!within.empty()) SegmentSums(factors, sums, index).add(within, columns, out);
    }
}

void add_causal_sums(const Factors& factors, TileSums& sums, const Work& work) {
    const CausalFactors& causal = *factors.causal;
    const std::size_t columns = factors.columns();
    const std::size_t tiles = (factors.tokens() + kTileTokens - 1) / kTileTokens;
    sums.p = suffix_sums(causal.weight, work);
    sums.diagonal = Matrix<double>(tiles, columns);
    for (std::size_t index = 0; index < causal.segments.size(); ++index) {
        const CausalSegment& segment = causal.segments[index];
        const FactorMatrix& k = factors.keys_of(segment);
        if (segment.k) sums.segment_k.push_back(prefix_sums(k, {work.stop, {}}));
        const std::size_t first = segment.rows.begin / kTileTokens;
        const std::size_t last = (segment.rows.end + kTileTokens - 1) / kTileTokens;
        parallel_for(last - first, [&](std::size_t t) {
            work.check();
            const std::size_t begin = (first + t) * kTileTokens;
            std::vector<double> seen(columns, 0.0);
            const std::size_t end = std::min(begin + kTileTokens, segment.rows.end);
            const std::span<double> out = sums.diagonal.row(first + t);
            for (std::size_t i = begin; i < end; ++i) {
                const FactorRow key = k.row(i);
                const FactorRow weight = causal.weight.row(i);
                const bool own = i >= segment.rows.begin;
                for (std::size_t s = 0; s < columns; ++s) {
                    seen[s] += static_cast<double>(key[s]);
                    if (own) out[s] += static_cast<double>(weight[s]) * seen[s];
                }
            }
        });
    }
}

}  // namespace hsa
