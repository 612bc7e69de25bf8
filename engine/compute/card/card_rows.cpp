#include "engine/compute/card/card_rows.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

namespace hsa {

bool rectangles_on_card(Card& card, CardUploads& uploads, const RangesOfRows& p,
                        const RangesOfRows& k, std::span<const std::uint32_t> chosen,
                        MatrixView<float> out, const Work& work) {
    // Both are asked for, so that both are there next time.
    const CardUploads::Kept left = uploads.kept(card, p.kept);
    const CardUploads::Kept right = uploads.kept(card, k.kept);
    if (left.rows == nullptr || right.rows == nullptr) return false;
    const auto means = [&](const CardUploads::Kept& kept, const RangesOfRows& of, std::size_t begin,
                           std::size_t end) {
        return card.range_means(*kept.rows, *kept.before, of.kept.rows.cols, of.kept.tile,
                                of.ranges.subspan(begin, end - begin), chosen);
    };
    // Rows of so many numbers that fit into a block.
    const auto rows_of = [&](std::size_t numbers) {
        const BlockLimits most = card.limits();
        const auto fit = static_cast<std::size_t>(most.bytes / (numbers * sizeof(float)));
        return std::clamp<std::size_t>(fit, 1, most.rows);
    };
    const std::size_t width = rows_of(chosen.size());
    for (std::size_t first = 0; first < out.cols; first += width) {
        const std::size_t last = std::min(out.cols, first + width);
        const auto columns = means(right, k, first, last);
        const std::size_t block = rows_of(last - first + chosen.size());
        for (std::size_t begin = 0; begin < out.rows; begin += block) {
            work.check();
            const std::size_t end = std::min(out.rows, begin + block);
            const auto rows = means(left, p, begin, end);
            card.cells(*rows, *columns, chosen.size(),
                       {&out(begin, first), end - begin, last - first, out.stride});
        }
    }
    return true;
}

void moments_on_card(Card& card, MatrixView<const float> weight, MatrixView<const float> beside,
                     MatrixView<double> out, const Work& work) {
    const std::size_t block = card.rows_at_once(weight.cols + beside.cols);
    for (std::size_t begin = 0; begin < weight.rows; begin += block) {
        work.check();
        const std::size_t end = std::min(weight.rows, begin + block);
        const auto left = card.send_rows(weight.block(begin, end));
        const auto right = card.send_rows(beside.block(begin, end));
        card.moments(*left, *right, end - begin, begin > 0, out);
    }
}

void compare_on_card(Card& card, CardUploads& uploads, const ComparedRows& rows,
                     const CardSplats* splats, const RowComparison& out, const Work& work) {
    const std::size_t m = rows.target.cols;
    CardComparison of;
    of.rows = rows.weight.rows;
    of.splats = rows.weight.cols;
    of.besides = out.beside.cols;
    of.times_log = out.form == RatioForm::times_log;
    of.divergence = out.divergence;
    of.product = out.product;
    of.moments = out.moments;
    std::fill(out.divergence.begin(), out.divergence.end(), 0.0);
    const auto all = static_cast<float>(rows.columns > 0 ? rows.columns : m);
    std::vector<float> background(rows.background.begin(), rows.background.end());
    for (float& share : background) share /= all;
    of.background = background;
    const std::vector<float> log_mass(rows.log_mass.begin(), rows.log_mass.end());
    const auto weight = card.send_rows(rows.weight);
    of.weight = weight.get();
    std::unique_ptr<OnCard> share;
    if (!out.moments.empty()) share = card.send_rows(out.share);
    of.share = share.get();
    std::vector<std::size_t> seen(rows.seen.size());
    const std::size_t block = card.rows_at_once(of.rows + 2 * of.splats + of.besides);
    for (std::size_t begin = 0; begin < m; begin += block) {
        work.check();
        const std::size_t end = std::min(m, begin + block);
        of.columns = end - begin;
        for (std::size_t r = 0; r < seen.size(); ++r)
            seen[r] = std::clamp(rows.seen[r], begin, end) - begin;
        of.seen = seen;
        std::unique_ptr<OnCard> keys;
        if (splats != nullptr) {
            const auto x = uploads.rows(card, rows.x.block(begin, end));
            card.log_kernel(splats->forms(), splats->sent(), *x, of.columns, of.splats, 0);
            card.kernel_to_keys(of.columns, log_mass);
        } else {
            keys = card.send_rows(rows.keys.block(begin, end));
        }
        of.keys = keys.get();
        const auto target =
            card.send_rows({rows.target.data + begin, of.rows, of.columns, rows.target.stride});
        of.target = target.get();
        std::unique_ptr<OnCard> beside;
        if (share) beside = card.send_rows(out.beside.block(begin, end));
        of.beside = beside.get();
        of.goes_on = begin > 0;
        card.compare(of);
    }
}

void past_on_card(Card& card, const PastRows& rows, MatrixView<float> out, const Work& work) {
    CardPast of;
    of.splats = rows.weight.cols;
    of.columns = rows.values.cols;
    // Chunks are whole in every block, so that its size changes no bit; rows before the first that
    // is asked for may be written, too, and stay on the card.
    static_assert(kChunkRows % kPastRows == 0);
    const std::size_t block =
        card.rows_at_once(2 * of.splats + 2 * of.columns + of.splats * of.columns / kPastRows);
    Matrix<float> cut;  // a block in which rows begin to be asked for
    for (std::size_t begin = 0; begin < rows.weight.rows; begin += block) {
        work.check();
        const std::size_t end = std::min(rows.weight.rows, begin + block);
        const auto weight = card.send_rows(rows.weight.block(begin, end));
        const auto keys = card.send_rows(rows.keys.block(begin, end));
        const auto values = card.send_rows(rows.values.block(begin, end));
        of.weight = weight.get();
        of.keys = keys.get();
        of.values = values.get();
        of.rows = end - begin;
        of.goes_on = begin > 0;
        of.out = {};
        if (begin >= rows.first) {
            of.out = out.block(begin - rows.first, end - rows.first);
        } else if (end > rows.first) {
            cut = Matrix<float>(of.rows, of.columns);
            of.out = cut.view();
        }
        card.past(of);
        if (begin < rows.first && end > rows.first)
            for (std::size_t i = rows.first; i < end; ++i)
                std::copy_n(cut.row(i - begin).begin(), of.columns,
                            out.row(i - rows.first).begin());
    }
}

void totals_on_card(Card& card, const ScoredRows& rows, std::span<double> out, const Work& work) {
    std::fill(out.begin(), out.end(), -std::numeric_limits<double>::infinity());
    CardTotals of;
    of.rows = rows.queries.rows;
    of.dimension = rows.queries.cols;
    const auto queries = card.send_rows(rows.queries);
    of.queries = queries.get();
    std::vector<std::size_t> seen(rows.seen.size());
    const std::size_t m = rows.keys.rows;
    const std::size_t block = card.rows_at_once(of.dimension + of.rows);
    for (std::size_t begin = 0; begin < m; begin += block) {
        work.check();
        const std::size_t end = std::min(m, begin + block);
        work.report("reading the target", static_cast<double>(begin) / static_cast<double>(m));
        of.columns = end - begin;
        for (std::size_t r = 0; r < seen.size(); ++r)
            seen[r] = std::clamp(rows.seen[r], begin, end) - begin;
        of.seen = seen;
        const auto keys = card.send_rows(rows.keys.block(begin, end));
        of.keys = keys.get();
        card.totals(of, out);
    }
}

void slopes_on_card(Card& card, const SlopeRows& rows, const SlopeSums& out, const Work& work) {
    CardSlopes of;
    of.columns = rows.values.cols;
    const auto u = card.send_rows(rows.u);
    const auto b = card.send_rows(rows.b);
    const auto lever = card.send_rows(out.lever);
    of.u = u.get();
    of.b = b.get();
    of.lever = lever.get();
    of.shift = rows.shift;
    of.moments = out.moments;
    const std::size_t block = card.rows_at_once(3 * rows.p.cols + 2 * of.columns + out.beside.cols +
                                                2 * out.pulled.cols + 1);
    for (std::size_t begin = 0; begin < rows.p.rows; begin += block) {
        work.check();
        const std::size_t end = std::min(rows.p.rows, begin + block);
        const auto p = card.send_rows(rows.p.block(begin, end));
        const auto k = card.send_rows(rows.k.block(begin, end));
        const auto d_outputs = card.send_rows(rows.d_outputs.block(begin, end));
        const auto values = card.send_rows(rows.values.block(begin, end));
        const auto beside = card.send_rows(out.beside.block(begin, end));
        of.p = p.get();
        of.k = k.get();
        of.d_outputs = d_outputs.get();
        of.values = values.get();
        of.beside = beside.get();
        of.along = rows.along.subspan(begin, end - begin);
        of.rows = end - begin;
        of.goes_on = begin > 0;
        of.pulled = out.pulled.block(begin, end);
        card.slopes(of);
    }
}

}  // namespace hsa
