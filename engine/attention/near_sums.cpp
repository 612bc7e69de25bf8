#include "engine/attention/near_sums.h"

#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kRowsOfPixel = 4;  // of a sampled picture
constexpr std::uint64_t kSampledPicture = 71;

std::size_t total(std::span<const Range> tokens) {
    std::size_t count = 0;
    for (const Range& range : tokens) count += range.size();
    return std::max<std::size_t>(count, 1);
}

// What a pair adds to the sum over some columns of the factors.
class Addend {
  public:
    Addend(const Factors& factors, const std::vector<std::size_t>& columns)
        : factors_(factors), columns_(columns), all_(columns.size() == factors.columns()) {}

    [[nodiscard]] double of(std::size_t row, std::size_t pair) const {
        const NearPairs& near = *factors_.near;
        if (all_) return static_cast<double>(near.correction[pair]);
        if (!near.replaces) return 0.0;
        const FactorRow p = factors_.row_weights().row(row);
        const FactorRow k = factors_.keys_of_row(row).row(near.set.columns[pair]);
        double said = 0.0;
        for (const std::size_t c : columns_)
            said += static_cast<double>(p[c]) * static_cast<double>(k[c]);
        return -said;
    }

  private:
    const Factors& factors_;
    const std::vector<std::size_t>& columns_;
    bool all_;
};

}  // namespace

void add_near(const Factors& factors, std::span<const std::uint32_t> rows, MatrixView<float> out) {
    if (!factors.near) return;
    const NearPairs& near = *factors.near;
    parallel_for(rows.size(), [&](std::size_t r) {
        const std::span<float> row = out.row(r);
        for (std::size_t e = near.set.begins[rows[r]]; e < near.set.begins[rows[r] + 1]; ++e) {
            float& cell = row[near.set.columns[e]];
            cell = near.replaces ? near.exact[e] : cell + near.correction[e];
        }
    });
}

void add_near_rows(const Factors& factors, std::span<const Range> tokens, std::span<float> out) {
    if (!factors.near) return;
    const NearPairs& near = *factors.near;
    std::vector<double> sum(out.size(), 0.0);
    for (const Range& range : tokens)
        for (std::size_t i = range.begin; i < std::min(range.end, near.set.rows()); ++i)
            for (std::size_t e = near.set.begins[i]; e < near.set.begins[i + 1]; ++e)
                sum[near.set.columns[e]] += static_cast<double>(near.correction[e]);
    const auto count = static_cast<double>(total(tokens));
    for (std::size_t j = 0; j < out.size(); ++j)
        out[j] = static_cast<float>(static_cast<double>(out[j]) + sum[j] / count);
}

void add_near_columns(const Factors& factors, std::span<const Range> tokens, std::span<float> out) {
    if (!factors.near) return;
    const NearPairs& near = *factors.near;
    const auto count = static_cast<double>(total(tokens));
    parallel_blocks(out.size(), kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            double sum = 0.0;
            for (const Range& range : tokens) {
                const Range pairs = near.set.pairs_of(i, range);
                for (std::size_t e = pairs.begin; e < pairs.end; ++e)
                    sum += static_cast<double>(near.correction[e]);
            }
            out[i] = static_cast<float>(static_cast<double>(out[i]) + sum / count);
        }
    });
}

void add_near_outputs(const Factors& factors, MatrixView<const float> values,
                      MatrixView<float> out) {
    if (!factors.near) return;
    const NearPairs& near = *factors.near;
    parallel_blocks(out.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        std::vector<double> sum(values.cols);
        for (std::size_t i = begin; i < end; ++i) {
            std::fill(sum.begin(), sum.end(), 0.0);
            for (std::size_t e = near.set.begins[i]; e < near.set.begins[i + 1]; ++e) {
                const auto by = static_cast<double>(near.correction[e]);
                const auto value = values.row(near.set.columns[e]);
                for (std::size_t c = 0; c < sum.size(); ++c)
                    sum[c] += by * static_cast<double>(value[c]);
            }
            const std::span<float> row = out.row(i);
            for (std::size_t c = 0; c < sum.size(); ++c)
                row[c] = static_cast<float>(static_cast<double>(row[c]) + sum[c]);
        }
    });
}

NearBlock near_block(const Factors& factors, const Block& block) {
    NearBlock means;
    means.said.assign(factors.columns(), 0.0);
    if (!factors.near) return means;
    const NearPairs& near = *factors.near;
    const std::size_t width = factors.columns() + 1;
    const std::vector<double> sums = parallel_sum(
        block.rows.size(), width, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = block.rows.begin + begin; i < block.rows.begin + end; ++i) {
                const Range pairs = near.set.pairs_of(i, block.columns);
                if (pairs.empty()) continue;
                const FactorRow p = factors.row_weights().row(i);
                const FactorMatrix& keys = factors.keys_of_row(i);
                for (std::size_t e = pairs.begin; e < pairs.end; ++e) {
                    out[width - 1] += static_cast<double>(near.exact[e]);
                    if (!near.replaces) continue;
                    const FactorRow k = keys.row(near.set.columns[e]);
                    for (std::size_t s = 0; s < p.size(); ++s)
                        out[s] += static_cast<double>(p[s]) * static_cast<double>(k[s]);
                }
            }
        });
    const double cells =
        static_cast<double>(block.rows.size()) * static_cast<double>(block.columns.size());
    for (std::size_t s = 0; s < means.said.size(); ++s) means.said[s] = sums[s] / cells;
    means.exact = sums.back() / cells;
    return means;
}

void add_near_picture(const Factors& factors, const std::vector<std::size_t>& columns,
                      Picture& picture, const Work& work) {
    if (!factors.near) return;
    const NearPairs& near = *factors.near;
    const std::vector<std::size_t>& rows = picture.row_edges;
    const std::vector<std::size_t>& edges = picture.column_edges;
    const bool sampled =
        near.set.begins[rows.back()] - near.set.begins[rows.front()] > kMostPicturePairs;
    if (sampled) picture.mark = Mark::approximate;
    const Addend addend(factors, columns);
    parallel_for(picture.mean.rows(), [&](std::size_t r) {
        work.check();
        if (leave_out(picture, r, r + 1, work)) return;
        std::vector<std::size_t> tokens(rows[r + 1] - rows[r]);
        std::iota(tokens.begin(), tokens.end(), rows[r]);
        if (sampled && tokens.size() > kRowsOfPixel) {
            Random random{kSampledPicture, r};
            for (std::size_t t = 0; t < kRowsOfPixel; ++t)
                std::swap(tokens[t], tokens[t + random.below(tokens.size() - t)]);
            tokens.resize(kRowsOfPixel);
        }
        std::vector<double> sums(picture.mean.cols(), 0.0);
        for (const std::size_t i : tokens) {
            const Range pairs = near.set.pairs_of(i, {edges.front(), edges.back()});
            std::size_t pixel = 0;
            for (std::size_t e = pairs.begin; e < pairs.end; ++e) {
                while (near.set.columns[e] >= edges[pixel + 1]) ++pixel;
                sums[pixel] += addend.of(i, e);
            }
        }
        for (std::size_t c = 0; c < sums.size(); ++c) {
            const double cells =
                static_cast<double>(tokens.size()) * static_cast<double>(edges[c + 1] - edges[c]);
            picture.mean(r, c) =
                static_cast<float>(static_cast<double>(picture.mean(r, c)) + sums[c] / cells);
        }
    });
}

}  // namespace hsa
