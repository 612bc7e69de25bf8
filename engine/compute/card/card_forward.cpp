#include "engine/compute/card/card_forward.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <memory>

namespace hsa {
namespace {

std::span<const float> rows_of(std::span<const float> weight, std::size_t begin, std::size_t end) {
    return weight.empty() ? weight : weight.subspan(begin, end - begin);
}

// Chunks whose sums the card joins in one go: as many for any size of its blocks, so that the
// result has the same bits.
std::size_t chunks_joined(std::size_t splats, std::size_t columns) {
    constexpr std::size_t kMost = 64;
    constexpr std::size_t kLeast = 4;
    constexpr std::size_t kBytes = std::size_t{1} << 26U;
    std::size_t count = kMost;
    while (count > kLeast && count * splats * (columns + 2) * sizeof(float) > kBytes) count /= 2;
    return count;
}

const CardSplats& own(const BoundSplats& splats) { return dynamic_cast<const CardSplats&>(splats); }

}  // namespace

KeySums sums_on_card(Card& card, CardUploads& uploads, const CardSplats& bound,
                     MatrixView<const float> x, std::span<const float> log_row_weight,
                     MatrixView<const float> values, const Work& work) {
    const std::size_t k = bound.splats();
    const std::size_t v = values.cols;
    const std::size_t joined = chunks_joined(k, v) * kChunkRows;
    const std::size_t block = std::min(card.rows_at_once(x.cols + v), joined);
    KeySums total(k, v);
    KeySums some(k, v);
    Matrix<float> means(k, v);
    for (std::size_t from = 0; from < x.rows && k > 0; from += joined) {
        const std::size_t to = std::min(x.rows, from + joined);
        const std::size_t chunks = (to - from + kChunkRows - 1) / kChunkRows;
        for (std::size_t begin = from; begin < to; begin += block) {
            work.check();
            const std::size_t end = std::min(to, begin + block);
            const auto rows = uploads.rows(card, x.block(begin, end));
            const auto right = uploads.rows(card, values.block(begin, end));
            card.key_means(bound.forms(), bound.sent(), *rows, rows_of(log_row_weight, begin, end),
                           *right, v, end - begin, (begin - from) / kChunkRows, chunks);
        }
        card.joined_means(chunks, {some.mass.most, some.mass.sum, means.view()});
        for (std::size_t s = 0; s < k; ++s)
            for (std::size_t c = 0; c < v; ++c)
                some.values(s, c) = static_cast<double>(means(s, c)) * some.mass.sum[s];
        add_key_sums(total, some);
    }
    return total;
}

std::vector<std::uint32_t> outputs_on_card(Card& card, CardUploads& uploads,
                                           std::span<const QueryColumns> parts,
                                           MatrixView<float> out, const Work& work) {
    std::size_t columns = 0;
    std::size_t dimension = 0;
    for (const QueryColumns& part : parts) {
        columns += part.shift.size();
        dimension = std::max(dimension, part.x.cols);
    }
    Matrix<float> means(columns, out.cols);
    std::size_t row = 0;
    for (const QueryColumns& part : parts)
        for (std::size_t s = 0; s < part.shift.size(); ++s)
            std::copy_n(part.means.row(s).begin(), out.cols, means.row(row++).begin());
    const std::size_t block = card.rows_at_once(dimension + out.cols + 4);
    std::vector<std::uint32_t> far;
    for (std::size_t begin = 0; begin < out.rows; begin += block) {
        work.check();
        const std::size_t end = std::min(out.rows, begin + block);
        std::vector<std::shared_ptr<const OnCard>> rows;
        std::vector<CardQueries> queries;
        for (const QueryColumns& part : parts) {
            CardQueries asked;
            asked.shift = part.shift;
            if (part.splats) {
                rows.push_back(uploads.rows(card, part.x.block(begin, end)));
                asked.forms = &own(*part.splats).forms();
                asked.splats = &own(*part.splats).sent();
                asked.x = rows.back().get();
            }
            queries.push_back(asked);
        }
        for (const std::uint32_t i : card.query_means(queries, means.view(), out.block(begin, end)))
            far.push_back(static_cast<std::uint32_t>(begin + i));
    }
    return far;
}

void best_on_card(Card& card, CardUploads& uploads, std::span<const ScoredColumns> parts,
                  std::span<const float> shift, const BestColumns& out, const Work& work) {
    const std::size_t k = shift.size();
    std::size_t dimension = 0;
    for (const ScoredColumns& part : parts) dimension = std::max(dimension, part.x.cols);
    const std::size_t n = out.column.rows;
    const std::size_t block = card.rows_at_once(k + dimension + 2 * out.column.cols + 2);
    for (std::size_t begin = 0; begin < n; begin += block) {
        work.check();
        const std::size_t end = std::min(n, begin + block);
        for (const ScoredColumns& part : parts) {
            if (part.column.empty()) continue;
            const auto rows = uploads.rows(card, part.x.block(begin, end));
            const CardSplats& bound = own(*part.splats);
            card.log_kernel(bound.forms(), bound.sent(), *rows, end - begin, k,
                            part.column.front());
        }
        card.best(shift, {out.column.block(begin, end), out.log_kernel.block(begin, end),
                          out.log_total.empty() ? out.log_total
                                                : out.log_total.subspan(begin, end - begin)});
    }
}

}  // namespace hsa
