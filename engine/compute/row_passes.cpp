#include "engine/compute/row_passes.h"

#include "engine/core/error.h"

namespace hsa {

const char* words_of(RowPass pass) {
    switch (pass) {
        case RowPass::rectangles: return "means over rectangles";
        case RowPass::comparison: return "rows held against a target";
        case RowPass::moments: return "moments of splats";
        case RowPass::past: return "outputs of causal attention";
        case RowPass::totals: return "normalisers of the target";
        case RowPass::slopes: return "gradients of outputs";
    }
    return "";
}

bool RowPasses::rectangle_means(const RangesOfRows& p, const RangesOfRows& k,
                                std::span<const std::uint32_t> chosen, MatrixView<float> out,
                                const Work& work) {
    for (const RangesOfRows* side : {&p, &k}) {
        const KeptRows& kept = side->kept;
        if (kept.before.cols != kept.rows.cols || kept.tile == 0 ||
            kept.before.rows != (kept.rows.rows + kept.tile - 1) / kept.tile + 1 ||
            (!chosen.empty() && chosen.back() >= kept.rows.cols))
            fault("means of {} x {} rows with {} x {} sums of {}", kept.rows.rows, kept.rows.cols,
                  kept.before.rows, kept.before.cols, kept.tile);
        for (const RowRange& range : side->ranges)
            if (range.begin > range.end || range.end > kept.rows.rows || range.count == 0)
                fault("means of rows {} to {} of {}", range.begin, range.end, kept.rows.rows);
    }
    if (p.ranges.size() != out.rows || k.ranges.size() != out.cols)
        fault("means of {} x {} ranges into {} x {}", p.ranges.size(), k.ranges.size(), out.rows,
              out.cols);
    if (out.empty() || chosen.empty()) return false;
    return do_rectangle_means(p, k, chosen, out, work);
}

bool RowPasses::compare_rows(const ComparedRows& rows, const RowComparison& out, const Work& work) {
    const std::size_t r = rows.weight.rows;
    const std::size_t c = rows.weight.cols;
    const std::size_t m = rows.target.cols;
    const bool keys_fit = rows.splats != nullptr ? rows.splats->splats() == c && rows.x.rows == m &&
                                                       rows.log_mass.size() == c &&
                                                       rows.x.cols == rows.splats->dimension()
                                                 : rows.keys.rows == m && rows.keys.cols == c;
    const bool moments_fit =
        out.moments.empty() || (out.moments.rows == c && out.moments.cols == out.beside.cols &&
                                out.beside.rows == m && out.share.rows == r && out.share.cols == c);
    if (rows.target.rows != r || !keys_fit || !moments_fit || out.divergence.size() != r ||
        (!rows.background.empty() && rows.background.size() != r) ||
        (!rows.seen.empty() && rows.seen.size() != r) ||
        (!out.product.empty() && (out.product.rows != r || out.product.cols != c)))
        fault("{} x {} rows held against a target of {} x {}", r, c, rows.target.rows, m);
    if (r == 0 || c == 0 || m == 0) return false;
    return do_compare_rows(rows, out, work);
}

bool RowPasses::moments(MatrixView<const float> weight, MatrixView<const float> beside,
                        MatrixView<double> out, const Work& work) {
    if (weight.rows != beside.rows || out.rows != weight.cols || out.cols != beside.cols)
        fault("moments of {} x {} weights and {} x {} rows into {} x {}", weight.rows, weight.cols,
              beside.rows, beside.cols, out.rows, out.cols);
    if (out.empty() || weight.rows == 0) return false;
    return do_moments(weight, beside, out, work);
}

bool RowPasses::past_outputs(const PastRows& rows, MatrixView<float> out, const Work& work) {
    const std::size_t n = rows.weight.rows;
    if (rows.keys.rows != n || rows.keys.cols != rows.weight.cols || rows.values.rows != n ||
        rows.first > n || out.rows != n - rows.first || out.cols != rows.values.cols)
        fault("outputs of {} x {} from the past of {} x {} rows and {} values", out.rows, out.cols,
              n, rows.weight.cols, rows.values.rows);
    if (out.empty() || rows.weight.cols == 0) return false;
    return do_past_outputs(rows, out, work);
}

bool RowPasses::score_totals(const ScoredRows& rows, std::span<double> out, const Work& work) {
    if (rows.queries.cols != rows.keys.cols || out.size() != rows.queries.rows ||
        (!rows.seen.empty() && rows.seen.size() != out.size()))
        fault("scores of {} x {} rows with {} x {} keys", rows.queries.rows, rows.queries.cols,
              rows.keys.rows, rows.keys.cols);
    for (const std::size_t seen : rows.seen)
        if (seen > rows.keys.rows) fault("{} of {} columns are seen", seen, rows.keys.rows);
    if (out.empty() || rows.keys.empty()) return false;
    return do_score_totals(rows, out, work);
}

bool RowPasses::slopes(const SlopeRows& rows, const SlopeSums& out, const Work& work) {
    const std::size_t n = rows.p.rows;
    const std::size_t c = rows.p.cols;
    const std::size_t v = rows.values.cols;
    const bool rows_fit = rows.k.rows == n && rows.k.cols == c && rows.d_outputs.rows == n &&
                          rows.d_outputs.cols == v && rows.values.rows == n &&
                          rows.along.size() == n;
    const bool splats_fit = rows.u.rows == c && rows.u.cols == v && rows.b.rows == c &&
                            rows.b.cols == v && rows.shift.size() == c;
    const bool sums_fit = out.beside.rows == n && out.moments.rows == c &&
                          out.moments.cols == out.beside.cols && out.lever.cols == c &&
                          out.pulled.rows == n && out.pulled.cols == out.lever.rows;
    if (!rows_fit || !splats_fit || !sums_fit)
        fault("slopes of {} x {} rows with {} x {} values into {} x {} and {} x {}", n, c,
              rows.values.rows, v, out.moments.rows, out.moments.cols, out.pulled.rows,
              out.pulled.cols);
    if (out.moments.empty() || out.pulled.empty() || v == 0) return false;
    return do_slopes(rows, out, work);
}

bool RowPasses::do_rectangle_means(const RangesOfRows&, const RangesOfRows&,
                                   std::span<const std::uint32_t>, MatrixView<float>, const Work&) {
    return false;
}

bool RowPasses::do_compare_rows(const ComparedRows&, const RowComparison&, const Work&) {
    return false;
}

bool RowPasses::do_moments(MatrixView<const float>, MatrixView<const float>, MatrixView<double>,
                           const Work&) {
    return false;
}

bool RowPasses::do_past_outputs(const PastRows&, MatrixView<float>, const Work&) { return false; }

bool RowPasses::do_score_totals(const ScoredRows&, std::span<double>, const Work&) { return false; }

bool RowPasses::do_slopes(const SlopeRows&, const SlopeSums&, const Work&) { return false; }

}  // namespace hsa
