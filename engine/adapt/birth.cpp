#include "engine/adapt/birth.h"

#include "engine/adapt/past.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kResidualRows = 256;
constexpr std::size_t kDraws = 16;
constexpr std::array<double, 5> kShares = {0.25, 0.5, 1.0, 2.0, 4.0};  // of an even share
constexpr double kLargestShare = 0.5;

template <class Number>
Number median(std::vector<Number> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::size_t owner_of(const LevelPool& level, std::size_t place) {
    const std::span<const float> row = level.queries.p.row(place);
    return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

// A place of the pool drawn by what its KL is above the median (the rest is what no single splat
// takes away) whose owner is free and not resting; the pool's size when
// none is.
std::size_t draw_place(const CycleContext& context, const LevelPool& level,
                       const Eligibility& eligible) {
    std::vector<double> up_to(level.row_kl.size());
    const double usual = std::max(0.0, median(level.row_kl));
    double total = 0.0;
    for (std::size_t i = 0; i < up_to.size(); ++i)
        up_to[i] = total += std::max(0.0, level.row_kl[i] - usual);
    if (!(total > 0.0)) return up_to.size();
    Random random{context.seed, static_cast<std::uint64_t>(context.cycle), level.splats.level,
                  static_cast<std::uint64_t>(Purpose::birth), 0};
    for (std::size_t draw = 0; draw < kDraws; ++draw) {
        const auto found = std::upper_bound(up_to.begin(), up_to.end(), random.uniform() * total);
        const std::size_t place =
            std::min(static_cast<std::size_t>(found - up_to.begin()), up_to.size() - 1);
        const SplatId owner = level.splats.id[owner_of(level, place)];
        if (eligible.busy.count(owner) == 0 &&
            !eligible.resting(proposal_key(EventKind::birth, {owner})))
            return place;
    }
    return up_to.size();
}

// The residual's rows and columns around one row: weights of `places` and of all columns, sums 1.
struct Residual {
    std::vector<double> rows;
    std::vector<double> columns;
};

void normalise(std::vector<double>& weights) {
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    if (sum > 0.0)
        for (double& w : weights) w /= sum;
}

Residual power_steps(const Pool& pool, const LevelPool& level, std::span<const std::size_t> places,
                     std::size_t start) {
    Matrix<float> missing = pool_attention(level, places);
    const std::size_t m = missing.cols();
    parallel_for(places.size(), [&](std::size_t r) {
        const float* t = pool.target.row(places[r]).data();
        for (std::size_t j = 0; j < m; ++j) missing(r, j) = std::max(0.0F, t[j] - missing(r, j));
    });
    Residual found{std::vector<double>(places.size(), 0.0), std::vector<double>(m, 0.0)};
    found.rows[start] = 1.0;
    constexpr int kPowerSteps = 2;
    for (int step = 0; step < kPowerSteps; ++step) {
        parallel_blocks(m, kChunkRows, [&](std::size_t begin, std::size_t end) {
            std::fill(found.columns.begin() + static_cast<std::ptrdiff_t>(begin),
                      found.columns.begin() + static_cast<std::ptrdiff_t>(end), 0.0);
            for (std::size_t r = 0; r < places.size(); ++r)
                for (std::size_t j = begin; j < end; ++j)
                    found.columns[j] += found.rows[r] * static_cast<double>(missing(r, j));
        });
        normalise(found.columns);
        found.rows = parallel_sum(
            m, places.size(), [&](std::size_t begin, std::size_t end, std::span<double> out) {
                for (std::size_t r = 0; r < places.size(); ++r)
                    for (std::size_t j = begin; j < end; ++j)
                        out[r] += found.columns[j] * static_cast<double>(missing(r, j));
            });
        normalise(found.rows);
    }
    return found;
}

}  // namespace

Splat median_splat(const SplatRegistry& registry, std::size_t level) {
    const std::vector<std::size_t> rows = registry.rows_of_level(level);
    Splat made = registry.splat(rows.front());
    std::vector<float> values;
    std::vector<std::vector<float>> variances;
    variances.reserve(rows.size());
    for (const std::size_t row : rows)
        variances.push_back(marginal_variances(registry.gaussians.covariance(row)));
    for (std::size_t a = 0; a < registry.dimension; ++a) {
        values.clear();
        for (const std::vector<float>& own : variances) values.push_back(own[a]);
        made.variance[a] = median(values);
    }
    made.shape = from_variances(made.variance, made.kind).shape;
    values.clear();
    for (const std::size_t row : rows) values.push_back(registry.beta[row]);
    made.beta = median(values);
    values.clear();
    for (const std::size_t row : rows) values.push_back(registry.log_amplitude[row]);
    made.log_amplitude = median(values);
    made.id = kNoSplat;
    made.level = static_cast<std::uint16_t>(level);
    made.parent = kNoSplat;
    made.age = 0;
    made.usage = UsageHistory{};
    return made;
}

std::optional<Proposal> propose_birth(const CycleContext& context, const Pool& pool,
                                      const LevelPool& level, const Eligibility& eligible) {
    const std::size_t place = draw_place(context, level, eligible);
    if (place == level.row_kl.size()) return std::nullopt;
    // A stratified part of the pool, the drawn row among it.
    std::vector<std::size_t> places;
    const std::size_t step = (pool.rows.size() + kResidualRows - 1) / kResidualRows;
    for (std::size_t p = place % step; p < pool.rows.size(); p += step) places.push_back(p);
    const auto start =
        static_cast<std::size_t>(std::find(places.begin(), places.end(), place) - places.begin());
    const Residual residual = power_steps(pool, level, places, start);

    const std::size_t d = level.splats.centre.cols();
    const MatrixView<const float> x = context.columns.x[level.splats.level];
    std::vector<double> centre =
        parallel_sum(x.rows, d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t a = 0; a < d; ++a)
                    out[a] += residual.columns[j] * static_cast<double>(x(j, a));
        });
    std::vector<std::uint32_t> tokens;
    tokens.reserve(places.size());
    for (const std::size_t p : places) tokens.push_back(pool.rows[p]);
    const Matrix<float> x_places = context.coordinates(level.splats.level, tokens);
    for (std::size_t a = 0; a < d; ++a) {
        double rows = 0.0;
        for (std::size_t r = 0; r < places.size(); ++r)
            rows += residual.rows[r] * static_cast<double>(x_places(r, a));
        centre[a] = 0.5 * (centre[a] + rows);
    }
    Splat made = median_splat(eligible.registry, level.splats.level);
    std::transform(centre.begin(), centre.end(), made.centre.begin(),
                   [](double c) { return static_cast<float>(c); });

    // Its logit without the weight at the pool's rows, and the weight that gives each share.
    const LevelSplats column = level_splats(std::span<const Splat>(&made, 1));
    const auto bound = bind(context.backend, column, context.input.temperature);
    const std::vector<double> log_mass = context.backend.log_mass(*bound, x, {}, context.work);
    const Matrix<float> x_pool = context.coordinates(level.splats.level, pool.rows);
    Matrix<float> logit(pool.rows.size(), 1);
    context.backend.log_kernel(*bound, x_pool.view(), logit.view());
    for (std::size_t i = 0; i < logit.rows(); ++i)
        logit(i, 0) += static_cast<float>(log_mass[0] + context.columns.log_weight);
    if (const std::vector<std::size_t> seen = context.seen(pool.rows); !seen.empty()) {
        // c_s of the tokens that each row sees.
        const Matrix<double> reached = reached_keys(
            level_keys(context.backend, *bound, x, context.columns.log_weight).k.view(), seen);
        for (std::size_t i = 0; i < logit.rows(); ++i)
            logit(i, 0) += static_cast<float>(std::log(reached(i, 0)));
    }
    const std::span<const float> logits(logit.data(), logit.size());
    const double even = 1.0 / static_cast<double>(level.splats.size() + 1);
    Proposal proposal;
    for (const double share : kShares)
        proposal.log_weight_choices.push_back(static_cast<float>(solve_log_weight(
            logits, level.queries.log_normaliser, std::min(share * even, kLargestShare))));
    made.log_amplitude = proposal.log_weight_choices.front();
    for (std::size_t i = 0; i < logits.size(); ++i)
        proposal.pull.push_back(
            1.0 / (1.0 + std::exp(level.queries.log_normaliser[i] - static_cast<double>(logits[i]) -
                                  static_cast<double>(made.log_amplitude))));
    proposal.kind = EventKind::birth;
    proposal.level = level.splats.level;
    proposal.after = {std::move(made)};
    proposal.reasons = {{"row_kl", level.row_kl[place], mean(level.row_kl)}};
    proposal.key = proposal_key(EventKind::birth, {level.splats.id[owner_of(level, place)]});
    return proposal;
}

}  // namespace hsa
