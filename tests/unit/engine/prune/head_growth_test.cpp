#include "engine/adapt/mitosis.h"
#include "engine/compute/level_kernels.h"
#include "engine/fit/fit.h"
#include "engine/prune/head_alone.h"
#include "engine/prune/head_birth.h"
#include "engine/prune/head_cycle.h"
#include "engine/prune/head_mitosis.h"
#include "engine/prune/head_trial.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"
#include "tests/unit/engine/fit/heads.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/SVD>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <set>

using hsa::Form;

namespace {

const hsa::NearOptions kNone = {};
const hsa::NearOptions kNear = {2, 1, 8, 2, false};
const hsa::NearOptions kPast = {2, 0, 8, 2, true};

// A head of six clusters whose splats were fitted, and its pool.
struct Measured {
    TestHead head;
    hsa::Dataset dataset;
    hsa::AdaptSettings settings;
    hsa::NearOptions near;
    hsa::SplatRegistry registry;
    std::unique_ptr<hsa::Backend> backend = reference::cpu();
    hsa::Work work;
    std::set<hsa::SplatId> busy;
    std::map<hsa::ProposalKey, hsa::Cooldown> cooldowns;
    std::unique_ptr<hsa::AdaptInput> input;
    std::unique_ptr<hsa::HeadContext> context;
    hsa::HeadPool pool;

    Measured(Form form, std::size_t splats, hsa::NearOptions beside)
        : head(clustered_head(400, 6, 8, 2.0, 3)), near(beside) {
        if (near.causal)
            head.target = std::make_shared<const hsa::Target>(*head.coordinates.queries,
                                                              *head.coordinates.base, 1.0, true);
        hsa::FitOptions options;
        options.form = form;
        options.near = near;
        options.start.splats = splats;
        options.steps = 40;
        registry = hsa::fit(*backend, head.view(), options, work).registry;
        registry.age.assign(registry.size(), 3);
        measure();
    }
    void measure() {
        input = std::make_unique<hsa::AdaptInput>(
            hsa::AdaptInput{dataset, head.coordinates, head.target, settings, 1, 1.0});
        input->near = near;
        input->causal = near.causal;
        context = std::make_unique<hsa::HeadContext>(*backend, *input, registry, 1, work);
        pool = hsa::measure_head(*context, hsa::draw_head_pool(*context), registry);
        hsa::measure_errors(*context, pool);
    }
    [[nodiscard]] hsa::Eligibility eligible() const { return {registry, busy, cooldowns, 1}; }
    // What splat s gives cell (i, j) of the pool, where it gives anything.
    [[nodiscard]] double given(std::size_t i, std::size_t j, std::size_t s) const {
        const std::uint32_t token = pool.exact.rows[i];
        if (near.causal && j > token) return 0.0;
        if (near.any()) {
            const auto row = pool.near.row(i);
            if (std::find(row.begin(), row.end(), j) != row.end()) return 0.0;
        }
        return static_cast<double>(pool.level.queries.weight(i, s)) *
               static_cast<double>(pool.level.keys.k(j, s));
    }
    [[nodiscard]] double ratio(std::size_t i, std::size_t j) const {
        return static_cast<double>(pool.exact.target(i, j)) /
               static_cast<double>(pool.attention(i, j));
    }
};

double length(const std::vector<double>& v) {
    return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

}  // namespace

TEST_CASE("a head's error shares are what its splats' cells miss", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const hsa::NearOptions near = GENERATE(kNone, kNear);
    const Measured m(form, 6, near);
    const std::size_t rows = m.pool.exact.rows.size();
    const std::size_t n = m.head.coordinates.size();
    std::vector<double> wanted(m.registry.size(), 0.0);
    double all = 0.0;
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            const double r = m.ratio(i, j);
            const double term = r > 0.0 ? r * std::log(r) / static_cast<double>(rows) : 0.0;
            for (std::size_t s = 0; s < wanted.size(); ++s) wanted[s] += m.given(i, j, s) * term;
            all += static_cast<double>(m.pool.attention(i, j)) * term;
        }
    double sum = 0.0;
    for (std::size_t s = 0; s < wanted.size(); ++s) {
        CHECK(m.pool.level.error_share[s] == Approx(wanted[s]).margin(2e-5));
        sum += m.pool.level.error_share[s];
    }
    double kl = 0.0;
    for (const double row : m.pool.level.row_kl) kl += row / static_cast<double>(rows);
    CHECK(all == Approx(kl).margin(2e-5));
    if (!near.any() && !m.registry.background_log_weight) CHECK(sum == Approx(kl).margin(1e-4));
}

TEST_CASE("a head's splat is split along its residual's singular vectors", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const hsa::NearOptions near = GENERATE(kNone, kNear, kPast);
    const Measured m(form, 3, near);
    const std::size_t column = hsa::worst_splat(m.pool.level, m.eligible(), 0.0);
    REQUIRE(column < m.registry.size());
    const hsa::SplitDirections found =
        hsa::split_directions(*m.context, m.pool, m.registry, column);
    REQUIRE_FALSE(found.key.empty());
    CHECK(length(found.key) == Approx(1.0));
    CHECK(length(found.query) == Approx(1.0));

    const hsa::Splat splat = m.registry.splat(m.registry.row(m.pool.level.splats.id[column]));
    const std::vector<float>& query_centre = splat.query ? splat.query->centre : splat.centre;
    const std::vector<float>& query_variance = splat.query ? splat.query->variance : splat.variance;
    const auto d = static_cast<Eigen::Index>(splat.centre.size());
    const hsa::Matrix<float>& keys = hsa::rows_of_side(m.head.coordinates, 0, hsa::Side::key);
    const hsa::Matrix<float>& queries = hsa::queries_of(m.context->head);
    Eigen::MatrixXd residual = Eigen::MatrixXd::Zero(d, d);
    for (const std::size_t i : hsa::strongest_places(m.pool.level, column))
        for (std::size_t j = 0; j < keys.rows(); ++j) {
            const double given = m.given(i, j, column);
            if (given == 0.0) continue;
            const double missed = given * (m.ratio(i, j) - 1.0);
            for (Eigen::Index a = 0; a < d; ++a)
                for (Eigen::Index b = 0; b < d; ++b) {
                    const auto x = static_cast<std::size_t>(a);
                    const auto y = static_cast<std::size_t>(b);
                    residual(a, b) +=
                        missed *
                        static_cast<double>(queries(m.pool.exact.rows[i], x) - query_centre[x]) /
                        std::sqrt(static_cast<double>(query_variance[x] / splat.beta)) *
                        static_cast<double>(keys(j, y) - splat.centre[y]) /
                        std::sqrt(static_cast<double>(splat.variance[y] / splat.beta));
                }
        }
    // What the whitened directions carry of it is all that any pair can.
    Eigen::VectorXd u(d);
    Eigen::VectorXd v(d);
    for (Eigen::Index a = 0; a < d; ++a) {
        const auto x = static_cast<std::size_t>(a);
        u(a) = found.query[x] / std::sqrt(static_cast<double>(query_variance[x]));
        v(a) = found.key[x] / std::sqrt(static_cast<double>(splat.variance[x]));
    }
    u.normalize();
    v.normalize();
    double most = 0.0;
    if (form == Form::paired) {
        most = Eigen::JacobiSVD<Eigen::MatrixXd>(residual).singularValues()(0);
    } else {
        const Eigen::MatrixXd even = 0.5 * (residual + residual.transpose());
        most = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(even).eigenvalues()(d - 1);
    }
    CHECK(u.dot(residual * v) == Approx(most).epsilon(1e-4));
}

TEST_CASE("the halves of a head's splat have together what it had", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const Measured m(form, 3, kNone);
    const auto proposal = hsa::propose_head_mitosis(*m.context, m.pool, m.eligible());
    REQUIRE(proposal);
    REQUIRE(proposal->after.size() == 2);
    CHECK(std::abs(hsa::weight_shift(*m.context, m.pool, m.registry, proposal->before,
                                     proposal->after)) < 1e-4);
    const hsa::Splat whole = m.registry.splat(m.registry.row(proposal->before.front()));
    double apart = 0.0;
    for (std::size_t a = 0; a < whole.centre.size(); ++a) {
        const double middle = 0.5 * (static_cast<double>(proposal->after[0].centre[a]) +
                                     static_cast<double>(proposal->after[1].centre[a]));
        CHECK(middle == Approx(static_cast<double>(whole.centre[a])).margin(1e-5));
        apart += std::abs(static_cast<double>(proposal->after[0].centre[a]) -
                          static_cast<double>(proposal->after[1].centre[a]));
    }
    CHECK(apart > 0.1);
    CHECK(proposal->after[0].query.has_value() == (form == Form::paired));
}

TEST_CASE("a splat is born where a head's attention is missing", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const hsa::NearOptions near = GENERATE(kNone, kNear);
    Measured m(form, 8, near);
    // The splat that is missed most goes.
    double worst = 0.0;
    hsa::SplatRegistry without = m.registry;
    hsa::Splat gone;
    for (const hsa::SplatId id : m.registry.id) {
        hsa::SplatRegistry fewer = m.registry;
        fewer.drop(id);
        const double kl = m.context->probe_kl(fewer);
        if (kl <= worst) continue;
        worst = kl;
        without = fewer;
        gone = m.registry.splat(m.registry.row(id));
    }
    m.registry = without;
    m.measure();
    const auto proposal = hsa::propose_head_birth(*m.context, m.pool, m.eligible());
    REQUIRE(proposal);
    REQUIRE(proposal->after.size() == 1);
    CHECK(proposal->log_weight_choices.size() == 5);
    CHECK(std::is_sorted(proposal->log_weight_choices.begin(), proposal->log_weight_choices.end()));
    const double before = m.context->probe_kl(m.registry);
    const hsa::TrialOutcome outcome =
        hsa::run_head_trial(*m.context, m.pool, m.registry, *proposal, before, 0);
    CHECK(outcome.accepted);
    CHECK(outcome.judged < outcome.threshold);
    CHECK(outcome.threshold < 0.0);
    CHECK(outcome.tokens.size() == 8);
    hsa::SplatRegistry grown = m.registry;
    (void)grown.add(outcome.after.front());
    CHECK(m.context->probe_kl(grown) - before == Approx(outcome.probe_change).margin(1e-6));
}

TEST_CASE("a head with too few splats grows", "[prune]") {
    const Form form = GENERATE(Form::shared, Form::paired);
    const Measured m(form, 3, kNone);
    hsa::AdaptSettings still = m.settings;
    still.rate_mitosis = still.rate_birth = 0;
    const auto run = [&](const hsa::AdaptSettings& settings) {
        hsa::AdaptInput input{m.dataset, m.head.coordinates, m.head.target, settings, 1, 1.0};
        hsa::CycleResult result = hsa::begin_adaptation(
            *m.backend, input, std::make_shared<const hsa::SplatRegistry>(m.registry), {});
        for (int cycle = 0; cycle < 10; ++cycle)
            result = hsa::adapt_head_cycle(*m.backend, input, result.state, {});
        return result;
    };
    const hsa::CycleResult fixed = run(still);
    const hsa::CycleResult grown = run(m.settings);
    CHECK(fixed.state.registry->size() <= 3);
    CHECK(grown.state.registry->size() >= 5);
    // On rows that nothing drew.
    CHECK(grown.measures.row_kl < 0.8 * fixed.measures.row_kl);
}
