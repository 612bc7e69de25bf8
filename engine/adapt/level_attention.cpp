#include "engine/adapt/level_attention.h"

#include "engine/adapt/compared_rows.h"
#include "engine/adapt/past.h"
#include "engine/adapt/rows.h"
#include "engine/attention/divergence.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/core/range.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

void append(LevelSplats& columns, SplatId id, std::span<const float> centre,
            const CovarianceView& covariance, float beta, float log_weight) {
    columns.id.push_back(id);
    columns.centre.append_row(centre);
    columns.kind.push_back(covariance.kind);
    columns.variance.append_row(covariance.variance);
    columns.shape.emplace_back(covariance.shape.begin(), covariance.shape.end());
    columns.beta.push_back(beta);
    columns.log_weight.push_back(log_weight);
}

// c_s of a block of log kernels [m, k], and the largest ell of each splat.
std::vector<double> log_masses(MatrixView<const float> ell, std::vector<float>& most) {
    const std::size_t k = ell.cols;
    const std::size_t chunks = (ell.rows + kChunkRows - 1) / kChunkRows;
    Matrix<float> chunk_most(chunks, k, -std::numeric_limits<float>::infinity());
    parallel_blocks(ell.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        float* top = chunk_most.row(begin / kChunkRows).data();
        for (std::size_t j = begin; j < end; ++j) {
            const float* row = ell.row(j).data();
            for (std::size_t s = 0; s < k; ++s) top[s] = std::max(top[s], row[s]);
        }
    });
    most.assign(k, -std::numeric_limits<float>::infinity());
    for (std::size_t c = 0; c < chunks; ++c)
        for (std::size_t s = 0; s < k; ++s) most[s] = std::max(most[s], chunk_most(c, s));
    std::vector<double> mass =
        parallel_sum(ell.rows, k, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j) add_exp_shifted(ell.row(j), most, out);
        });
    for (std::size_t s = 0; s < k; ++s) mass[s] = static_cast<double>(most[s]) + std::log(mass[s]);
    return mass;
}

void to_probabilities(MatrixView<float> ell, std::span<const double> log_mass) {
    std::vector<float> shift(log_mass.size());
    std::transform(log_mass.begin(), log_mass.end(), shift.begin(),
                   [](double c) { return static_cast<float>(c); });
    parallel_blocks(ell.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t j = begin; j < end; ++j) exp_shifted(ell.row(j), shift);
    });
}

std::vector<double> sum_divergence(const LevelKeys& keys, const LevelQueries& queries,
                                   MatrixView<const float> t) {
    return parallel_sum(
        t.cols, t.rows, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            auto a = Matrix<float>::unwritten(t.rows, end - begin);
            level_block(keys, queries.rows(), begin, a.view());
            for (std::size_t i = 0; i < t.rows; ++i)
                out[i] += divergence(t.row(i).subspan(begin, end - begin), a.row(i));
        });
}

// K of some of the columns.
LevelKeys keys_of_piece(Backend& backend, const BoundSplats& bound, MatrixView<const float> x,
                        const std::vector<double>& log_mass) {
    LevelKeys keys;
    keys.log_mass = log_mass;
    keys.k = Matrix<float>(x.rows, bound.splats());
    backend.log_kernel(bound, x, keys.k.view());
    to_probabilities(keys.k.view(), log_mass);
    return keys;
}

// How many of the piece's columns each row sees.
std::vector<std::size_t> seen_of_piece(std::span<const std::size_t> seen, Range piece) {
    std::vector<std::size_t> of_piece;
    for (const std::size_t columns : seen)
        of_piece.push_back(std::clamp(columns, piece.begin, piece.end) - piece.begin);
    return of_piece;
}

}  // namespace

bool LevelSplats::spherical() const {
    return std::all_of(kind.begin(), kind.end(),
                       [](CovarianceKind each) { return each == CovarianceKind::spherical; });
}

LevelSplats level_splats(const SplatRegistry& registry, std::size_t level) {
    LevelSplats columns;
    columns.level = level;
    for (const std::size_t row : registry.rows_of_level(level))
        append(columns, registry.id[row], registry.gaussians.centre.row(row),
               registry.gaussians.covariance(row), registry.beta[row], registry.log_amplitude[row]);
    return columns;
}

LevelSplats level_splats(std::span<const Splat> splats) {
    LevelSplats columns;
    for (const Splat& splat : splats) {
        columns.level = splat.level;
        append(columns, splat.id, splat.centre, splat.covariance(), splat.beta,
               splat.log_amplitude);
    }
    return columns;
}

SplatColumns columns_of(const LevelSplats& splats, double temperature) {
    SplatColumns columns;
    columns.centre = splats.centre.view();
    columns.kind = splats.kind;
    columns.variance = splats.variance.view();
    columns.shape = splats.shape;
    columns.beta = splats.beta;
    columns.temperature = temperature;
    return columns;
}

std::shared_ptr<const BoundSplats> bind(Backend& backend, const LevelSplats& splats,
                                        double temperature) {
    return backend.bind(columns_of(splats, temperature));
}

double background_logit(const SplatRegistry& registry, std::size_t tokens) {
    if (!registry.background_log_weight) return kNothing;
    return *registry.background_log_weight + std::log(static_cast<double>(tokens));
}

LevelKeys level_keys(Backend& backend, const BoundSplats& splats, MatrixView<const float> x,
                     double column_log_weight) {
    LevelKeys keys;
    keys.k = Matrix<float>::unwritten(x.rows, splats.splats());
    backend.log_kernel(splats, x, keys.k.view());
    std::vector<float> most;
    keys.log_mass = log_masses(keys.k.view(), most);
    to_probabilities(keys.k.view(), keys.log_mass);
    for (double& c : keys.log_mass) c += column_log_weight;
    return keys;
}

LevelQueries level_queries(Backend& backend, const BoundSplats& splats,
                           std::span<const float> log_weight, std::span<const double> log_mass,
                           double background_logit, MatrixView<const float> x) {
    const std::size_t k = splats.splats();
    LevelQueries queries;
    queries.p = Matrix<float>::unwritten(x.rows, k);
    queries.background.assign(x.rows, 0.0F);
    queries.log_normaliser.assign(x.rows, kNothing);
    backend.log_kernel(splats, x, queries.p.view());
    std::vector<float> shift(k);
    for (std::size_t s = 0; s < k; ++s)
        shift[s] = static_cast<float>(static_cast<double>(log_weight[s]) + log_mass[s]);
    parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> row = queries.p.row(i);
            for (std::size_t s = 0; s < k; ++s) row[s] += shift[s];
            const double splats_only = softmax(row);
            if (background_logit == kNothing) {
                queries.log_normaliser[i] = splats_only;
                continue;
            }
            const double most = std::max(splats_only, background_logit);
            const double total =
                most + std::log(std::exp(splats_only - most) + std::exp(background_logit - most));
            queries.log_normaliser[i] = total;
            queries.background[i] = static_cast<float>(std::exp(background_logit - total));
            const auto share = static_cast<float>(std::exp(splats_only - total));
            for (float& p : row) p *= share;
        }
    });
    return queries;
}

LevelQueries level_queries(Backend& backend, const BoundSplats& splats,
                           std::span<const float> log_weight, const LevelKeys& keys,
                           double background_logit, MatrixView<const float> x,
                           std::vector<std::size_t> seen) {
    LevelQueries queries =
        level_queries(backend, splats, log_weight, keys.log_mass, background_logit, x);
    if (seen.empty()) return queries;
    const Matrix<double> reached = reached_keys(keys.k.view(), seen);
    limit_to_past(reached, std::move(seen), keys.k.rows(), queries);
    return queries;
}

LevelRows LevelQueries::rows(std::size_t begin, std::size_t end) const {
    const std::span<const float> all = seen.empty() ? background : background_weight;
    LevelRows some{weights().view().block(begin, end), all.subspan(begin, end - begin)};
    if (!seen.empty()) some.seen = std::span(seen).subspan(begin, end - begin);
    return some;
}

void level_block(const LevelKeys& keys, const LevelRows& rows, std::size_t begin,
                 MatrixView<float> out) {
    multiply_transposed(rows.weight, keys.k.view().block(begin, begin + out.cols), out);
    const float each = 1.0F / static_cast<float>(keys.k.rows());
    for (std::size_t i = 0; i < out.rows; ++i) {
        const float add = rows.background[i] * each;
        for (float& a : out.row(i)) a += add;
    }
    hide_future(rows.seen, begin, out);
}

std::vector<double> row_divergence(const LevelKeys& keys, const LevelQueries& queries,
                                   MatrixView<const float> t) {
    if (t.rows != queries.p.rows() || t.cols != keys.k.rows())
        fault("a target of {} x {} against {} rows and {} columns", t.rows, t.cols,
              queries.p.rows(), keys.k.rows());
    return sum_divergence(keys, queries, t);
}

std::vector<double> full_row_divergence(Backend& backend, const LevelSplats& splats,
                                        double temperature, double background_logit,
                                        MatrixView<const float> x, const TargetRows& target,
                                        const Work& work) {
    const auto bound = bind(backend, splats, temperature);
    const Matrix<float> x_rows = gather_rows(x, target.rows());
    std::vector<std::size_t> seen;
    if (target.causal())
        for (const std::uint32_t row : target.rows()) {
            const std::size_t past = row + std::size_t{1};
            seen.push_back(past - masked_before(target.masked(), past));
        }
    Matrix<float> shown;
    if (!target.masked().empty()) {
        shown = gather_rows(x, visible_tokens(target.masked(), x.rows));
        x = shown.view();
    }
    Matrix<float> scratch;
    if (x.rows <= kColumnLimit) {
        const LevelKeys keys = level_keys(backend, *bound, x, 0.0);
        const LevelQueries queries = level_queries(backend, *bound, splats.log_weight, keys,
                                                   background_logit, x_rows.view(), seen);
        const MatrixView<const float> t = target.visible_piece({0, x.rows}, scratch);
        std::vector<double> sum(t.rows);
        RowComparison out;
        out.divergence = sum;
        if (compare_on_card(backend, keys, queries.rows(), t, out)) return sum;
        return sum_divergence(keys, queries, t);
    }
    const std::vector<double> log_mass = backend.log_mass(*bound, x, {}, work);
    LevelQueries queries = level_queries(backend, *bound, splats.log_weight, log_mass,
                                         background_logit, x_rows.view());
    if (!seen.empty()) {
        Matrix<double> reached(seen.size(), splats.size());
        for (std::size_t begin = 0; begin < x.rows; begin += kColumnLimit) {
            work.check();
            const Range piece{begin, std::min(x.rows, begin + kColumnLimit)};
            const LevelKeys keys =
                keys_of_piece(backend, *bound, x.block(piece.begin, piece.end), log_mass);
            const Matrix<double> some = reached_keys(keys.k.view(), seen_of_piece(seen, piece));
            for (std::size_t e = 0; e < some.size(); ++e) reached.data()[e] += some.data()[e];
        }
        limit_to_past(reached, seen, x.rows, queries);
    }
    std::vector<double> total(target.rows().size(), 0.0);
    std::vector<double> sum(total.size());
    LevelQueries part = queries;
    for (std::size_t begin = 0; begin < x.rows; begin += kColumnLimit) {
        work.report("measuring", static_cast<double>(begin) / static_cast<double>(x.rows));
        work.check();
        const Range piece{begin, std::min(x.rows, begin + kColumnLimit)};
        const MatrixView<const float> own = x.block(piece.begin, piece.end);
        const MatrixView<const float> t = target.visible_piece(piece, scratch);
        const std::vector<std::size_t> of_piece = seen_of_piece(seen, piece);
        LevelRows rows = queries.rows();
        rows.seen = of_piece;
        RowComparison out;
        out.divergence = sum;
        if (!compare_on_card(backend, *bound, own, log_mass, x.rows, rows, t, out)) {
            // The background's 1 / n of a piece: level_block divides by the rows it is given.
            const auto share = static_cast<float>(piece.size()) / static_cast<float>(x.rows);
            std::vector<float>& background =
                seen.empty() ? part.background : part.background_weight;
            for (std::size_t i = 0; i < background.size(); ++i)
                background[i] = rows.background[i] * share;
            part.seen = of_piece;
            sum = sum_divergence(keys_of_piece(backend, *bound, own, log_mass), part, t);
        }
        for (std::size_t i = 0; i < total.size(); ++i) total[i] += sum[i];
    }
    return total;
}

double mean(std::span<const double> values) {
    if (values.empty()) return 0.0;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace hsa
