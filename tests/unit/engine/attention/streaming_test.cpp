#include "engine/attention/streaming.h"

#include "engine/attention/causal.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "tests/catch.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace {

using hsa::CausalState;
using hsa::Matrix;
using reference::Case;

Matrix<float> values_for(std::size_t n, std::size_t v) {
    Matrix<float> values(n, v);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < v; ++c)
            values(i, c) = static_cast<float>(
                std::cos(0.3 * static_cast<double>(i + 1) * static_cast<double>(c + 1)));
    return values;
}

Matrix<double> times(const Matrix<double>& a, const Matrix<float>& values) {
    Matrix<double> out(a.rows(), values.cols());
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.cols(); ++j)
            for (std::size_t c = 0; c < values.cols(); ++c)
                out(i, c) += a(i, j) * static_cast<double>(values(j, c));
    return out;
}

Matrix<float> rows_of(const Case& data, const hsa::CausalOptions& options = {}) {
    std::vector<std::uint32_t> tokens(data.tokens());
    std::iota(tokens.begin(), tokens.end(), 0U);
    Matrix<float> rows(data.tokens(), data.tokens());
    hsa::causal_rows(*reference::cpu(), data.registry, data.coordinates, tokens, options,
                     rows.view(), {});
    return rows;
}

Matrix<float> p_of(const Case& data, const hsa::CausalOptions& options = {}) {
    return hsa::causal_p(*reference::cpu(), data.registry, data.coordinates, options, {});
}

hsa::CausalOutputs outputs_of(const Case& data, const Matrix<float>& values,
                              const hsa::CausalOptions& options = {}) {
    return hsa::causal_attend(*reference::cpu(), data.registry, data.coordinates, values.view(),
                              options, {});
}

template <std::size_t N>
void check_row(const Matrix<float>& m, std::size_t row, const std::array<double, N>& values,
               double margin) {
    REQUIRE(m.cols() >= N);
    for (std::size_t j = 0; j < m.cols(); ++j)
        CHECK(static_cast<double>(m(row, j)) ==
              Approx(j < N ? values[j] : 0.0).margin(margin).epsilon(0));
}

// Log kernels of a stream without any registry, with the rises that begin new tiles.
struct Stream {
    Matrix<float> query, key, values;
    std::vector<std::uint8_t> masked;
    std::vector<double> log_weight;
    bool background = false;

    [[nodiscard]] CausalState state() const { return {log_weight, background, values.cols()}; }
    // Outputs of tokens [0, n), pushed in pieces of the given lengths, over and over.
    [[nodiscard]] Matrix<float> run(const std::vector<std::size_t>& lengths) const {
        CausalState push_into = state();
        return run(push_into, 0, lengths);
    }
    [[nodiscard]] Matrix<float> run(CausalState& into, std::size_t begin,
                                    const std::vector<std::size_t>& lengths) const {
        Matrix<float> out(key.rows() - begin, values.cols());
        std::size_t next = 0;
        for (std::size_t first = begin; first < key.rows(); ++next) {
            const std::size_t last = std::min(key.rows(), first + lengths[next % lengths.size()]);
            const auto hidden =
                masked.empty() ? std::span<const std::uint8_t>()
                               : std::span<const std::uint8_t>(masked).subspan(first, last - first);
            into.push(query.view().block(first, last), key.view().block(first, last),
                      values.view().block(first, last), hidden,
                      {out.view().block(first - begin, last - begin), {}, {}, {}});
            first = last;
        }
        return out;
    }
    // O in double precision from the log kernels.
    [[nodiscard]] Matrix<double> exact() const {
        const std::size_t c = log_weight.size();
        const auto ell = [&](const Matrix<float>& side, std::size_t i, std::size_t s) {
            return s < side.cols() ? static_cast<double>(side(i, s)) : 0.0;
        };
        Matrix<double> out(key.rows(), values.cols());
        for (std::size_t i = 0; i < key.rows(); ++i) {
            std::vector<double> log_cell(i + 1, -std::numeric_limits<double>::infinity());
            double most = -std::numeric_limits<double>::infinity();
            for (std::size_t j = 0; j <= i; ++j) {
                if (!masked.empty() && masked[j] != 0) continue;
                double greatest = log_cell[j];
                for (std::size_t s = 0; s < c; ++s)
                    greatest =
                        std::max(greatest, log_weight[s] + ell(query, i, s) + ell(key, j, s));
                double sum = 0.0;
                for (std::size_t s = 0; s < c; ++s)
                    sum += std::exp(log_weight[s] + ell(query, i, s) + ell(key, j, s) - greatest);
                log_cell[j] = greatest + std::log(sum);
                most = std::max(most, log_cell[j]);
            }
            double total = 0.0;
            for (double& cell : log_cell) total += cell = std::exp(cell - most);
            for (std::size_t j = 0; j <= i && total > 0.0; ++j)
                for (std::size_t x = 0; x < values.cols(); ++x)
                    out(i, x) += log_cell[j] / total * static_cast<double>(values(j, x));
        }
        return out;
    }
};

Stream make_stream(std::size_t n, std::size_t k, std::size_t v, double spread, bool background,
                   std::uint64_t seed) {
    Stream stream;
    hsa::Random random({seed, n, k});
    stream.query = Matrix<float>(n, k);
    stream.key = Matrix<float>(n, k);
    stream.values = Matrix<float>(n, v);
    for (float& x : std::span(stream.query.data(), stream.query.size()))
        x = -static_cast<float>(spread * random.uniform());
    for (float& x : std::span(stream.key.data(), stream.key.size()))
        x = -static_cast<float>(spread * random.uniform());
    for (float& x : std::span(stream.values.data(), stream.values.size()))
        x = static_cast<float>(random.normal());
    for (std::size_t s = 0; s < k; ++s) stream.log_weight.push_back(random.normal());
    stream.background = background;
    if (background) stream.log_weight.push_back(-3.0);
    return stream;
}

}  // namespace

TEST_CASE("D1: row 2 of the causal attention of the design", "[attention][causal][reference]") {
    const Matrix<float> a = rows_of(reference::d1());
    check_row(a, 2, std::array{.1718546036, .3801174096, .4480279868}, 1e-5);
}

TEST_CASE("D768: one token at a time, as the design has it", "[attention][causal][reference]") {
    const Case data = reference::d768();
    const Matrix<float> values = values_for(8, 2);
    // Log kernels in double, less what all have in common (it cancels): one token a push.
    const Matrix<double> exact = data.attention().ell;
    Matrix<float> ell(8, 4);
    for (std::size_t x = 0; x < ell.size(); ++x)
        ell.data()[x] = static_cast<float>(exact.data()[x] + 384.0);
    CausalState state(data.registry.log_weights(), false, 2);
    Matrix<float> outputs(8, 2);
    for (std::size_t i = 0; i < 8; ++i)
        CHECK(state.push(ell.view().block(i, i + 1), ell.view().block(i, i + 1),
                         values.view().block(i, i + 1), {},
                         {outputs.view().block(i, i + 1), {}, {}, {}}) == 0);
    CHECK(state.tokens() == 8);
    check_row(outputs, 2, std::array{.7598840250, .1903798254}, 1e-5);
    check_row(outputs, 7, std::array{.3091111118, -.2967995024}, 1e-5);

    // The backend's own, in single precision at 384: a row's L1 error stays below 5e-4.
    const hsa::CausalOutputs whole = outputs_of(data, values);
    check_row(whole.outputs, 2, std::array{.7598840250, .1903798254}, 5e-4);
    check_row(whole.outputs, 7, std::array{.3091111118, -.2967995024}, 5e-4);
    const Matrix<float> a = rows_of(data);
    constexpr std::array kRow2 = {.2008983911, .3496316582, .4494699507};
    double wrong = 0.0;
    for (std::size_t j = 0; j < 3; ++j) wrong += std::abs(static_cast<double>(a(2, j)) - kRow2[j]);
    CHECK(wrong < 5e-4);
}

TEST_CASE("parity: causal outputs, P and rows against double precision",
          "[attention][causal][parity]") {
    for (const hsa::CovarianceKind kind :
         {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal,
          hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full})
        for (const std::size_t n : {0U, 1U, 2U, 63U, 64U, 65U, 129U, 1000U}) {
            if (n == 1000 && kind != hsa::CovarianceKind::diagonal) continue;
            INFO(n << " tokens, " << hsa::name_of(kind));
            reference::Shape shape;
            shape.tokens = n;
            shape.dimension = 6;
            shape.splats = {7, 3, 1};
            shape.kind = kind;
            shape.background = n % 2 == 1 || n == 1000;
            shape.own_blocks = true;
            shape.mixed_ids = n % 3 == 0;
            const Case data = reference::random_case(shape, 5);
            const double temperature = n % 2 == 0 ? 1.0 : 0.6;
            std::vector<std::uint8_t> masked(n, 0);
            for (std::size_t j = 0; j < n; ++j) masked[j] = j % 5 == 1 || j / 70 == 2 ? 1 : 0;
            hsa::CausalOptions options;
            options.temperature = temperature;
            std::vector<bool> hidden;
            if (kind != hsa::CovarianceKind::spherical) {
                options.masked = masked;
                hidden.assign(masked.begin(), masked.end());
            }
            const reference::Attention exact =
                reference::causal(data.splats(), data.blocks(), data.registry.background_log_weight,
                                  temperature, hidden);
            const Matrix<float> values = values_for(n, 3);
            const hsa::CausalOutputs outputs = outputs_of(data, values, options);
            CHECK(outputs.empty == 0);
            CHECK(reference::largest_difference(reference::widened(outputs.outputs),
                                                times(exact.a, values)) < 1e-5);
            CHECK(reference::largest_difference(reference::widened(p_of(data, options)), exact.p) <
                  1e-5);
            CHECK(reference::largest_difference(reference::widened(rows_of(data, options)),
                                                exact.a) < 1e-5);
        }
}

TEST_CASE("law: rows of the causal P and A sum to 1 and end at their token",
          "[attention][causal][laws]") {
    reference::Shape shape;
    shape.tokens = 300;
    shape.dimension = 8;
    shape.splats = {12, 4};
    shape.background = true;
    const Case data = reference::random_case(shape, 9);
    const Matrix<float> p = p_of(data);
    const Matrix<float> a = rows_of(data);
    for (std::size_t i = 0; i < 300; ++i) {
        CHECK(std::accumulate(p.row(i).begin(), p.row(i).end(), 0.0) == Approx(1.0).margin(1e-6));
        CHECK(std::accumulate(a.row(i).begin(), a.row(i).end(), 0.0) == Approx(1.0).margin(2e-6));
        for (std::size_t j = i + 1; j < 300; ++j) REQUIRE(a(i, j) == 0.0F);
    }
}

TEST_CASE("law: what follows a token never changes its row, bit for bit",
          "[attention][causal][laws]") {
    reference::Shape shape;
    shape.tokens = 260;
    shape.dimension = 7;
    shape.splats = {9, 4};
    shape.background = true;
    const Case data = reference::random_case(shape, 3);
    const Matrix<float> values = values_for(260, 5);
    const Matrix<float> whole = outputs_of(data, values).outputs;
    for (const std::size_t i : {0U, 1U, 62U, 63U, 64U, 100U, 127U, 128U, 200U, 258U}) {
        INFO("after token " << i);
        Case changed = data;
        Matrix<float> rows = *data.coordinates.base;
        Matrix<float> other = values;
        for (std::size_t j = i + 1; j < 260; ++j) {
            for (float& x : rows.row(j)) x = j % 3 == 0 ? 1e15F : -40.0F * x;
            for (float& x : other.row(j)) x = 1e6F * x - 3.0F;
        }
        changed.set_rows(std::move(rows));
        const Matrix<float> outputs = outputs_of(changed, other).outputs;
        CHECK(std::equal(whole.data(), whole.data() + (i + 1) * 5, outputs.data()));
        CHECK(!(outputs == whole));
    }
}

TEST_CASE("law: pushes of any length and any number of threads give the same bits",
          "[attention][causal][laws][threads][plain]") {
    for (const bool background : {false, true})
        for (const double spread : {3.0, 60.0, 2000.0}) {
            INFO("spread " << spread);
            Stream stream = make_stream(1500, 37, 21, spread, background, 8);
            stream.masked.assign(1500, 0);
            for (std::size_t j = 0; j < 1500; ++j)
                stream.masked[j] = j < 3 || j % 11 == 4 || (j > 200 && j < 290) ? 1 : 0;
            const Matrix<float> whole = stream.run({1500});
            CHECK(stream.run({1}) == whole);
            CHECK(stream.run({7, 64, 1, 130, 63}) == whole);
            CHECK(stream.run({1025, 31}) == whole);
            const hsa::ThreadLimit one(1);
            CHECK(stream.run({1500}) == whole);
            CHECK(reference::largest_difference(reference::widened(whole), stream.exact()) < 2e-5);
        }
}

TEST_CASE("a copy of a stream's state goes on from the same past", "[attention][causal]") {
    const Stream stream = make_stream(200, 5, 3, 10.0, true, 2);
    const Matrix<float> whole = stream.run({200});
    CausalState state = stream.state();
    state.push(stream.query.view().block(0, 90), stream.key.view().block(0, 90),
               stream.values.view().block(0, 90), {}, {});
    const std::size_t bytes = state.bytes();
    CausalState copy = state;
    const Matrix<float> first = stream.run(state, 90, {110});
    const Matrix<float> second = stream.run(copy, 90, {11});
    CHECK(first == second);
    CHECK(std::equal(first.data(), first.data() + first.size(), whole.row(90).begin()));
    CHECK(state.bytes() == bytes);
    CHECK(bytes == stream.state().bytes());
}

TEST_CASE("log kernels of any size leave nothing in a stream infinite or lost",
          "[attention][causal]") {
    // The largest log kernel rises again and again from a tiny one: nothing before may overflow,
    // nothing small may be lost while it is all there is.
    Stream stream = make_stream(300, 6, 4, 5.0, false, 4);
    for (std::size_t j = 0; j < 300; ++j)
        for (std::size_t s = 0; s < 6; ++s)
            stream.key(j, s) += s == 5 ? -1e6F : -20.0F * static_cast<float>(300 - j);
    const Matrix<float> rising = stream.run({300});
    CHECK(reference::largest_difference(reference::widened(rising), stream.exact()) < 1e-5);
    for (std::size_t j = 0; j < 300; ++j)
        for (std::size_t s = 0; s < 6; ++s)
            stream.key(j, s) = s < 3 ? -1e30F : -20.0F * static_cast<float>(j);
    CHECK(reference::largest_difference(reference::widened(stream.run({17})), stream.exact()) <
          1e-5);
    for (float& x : std::span(stream.key.data(), stream.key.size())) x = -1e30F;
    CHECK(reference::largest_difference(reference::widened(stream.run({17})), stream.exact()) <
          1e-5);
}

TEST_CASE("tokens far from every splat attend by differences in double", "[attention][causal]") {
    Case data = reference::d1();
    Matrix<float> rows(6, 3, 1e17F);
    for (std::size_t i = 0; i < 6; ++i) rows(i, 0) = 1e17F * static_cast<float>(i);
    data.set_rows(std::move(rows));
    const Matrix<float> p = p_of(data);
    const Matrix<float> a = rows_of(data);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(std::accumulate(p.row(i).begin(), p.row(i).end(), 0.0) == Approx(1.0));
        CHECK(std::accumulate(a.row(i).begin(), a.row(i).end(), 0.0) == Approx(1.0));
        CHECK(p(i, 3) == 1.0F);  // the widest
    }
    const hsa::Factors factors = reference::factors_of(data);
    CHECK(std::equal(p.row(5).begin(), p.row(5).end(), factors.p.row(5).begin()));
}

TEST_CASE("a row whose keys are all masked is zero and counted", "[attention][causal]") {
    const Case data = reference::d1();
    const std::array<std::uint8_t, 6> masked = {1, 1, 0, 1, 0, 0};
    hsa::CausalOptions options;
    options.masked = masked;
    const Matrix<float> values = values_for(6, 2);
    const hsa::CausalOutputs outputs = outputs_of(data, values, options);
    CHECK(outputs.empty == 2);
    const Matrix<float> p = p_of(data, options);
    const Matrix<float> a = rows_of(data, options);
    for (std::size_t i = 0; i < 2; ++i) {
        for (const float x : outputs.outputs.row(i)) CHECK(x == 0.0F);
        for (const float x : p.row(i)) CHECK(x == 0.0F);
        for (const float x : a.row(i)) CHECK(x == 0.0F);
    }
    CHECK(a(2, 2) == Approx(1.0F));
    CHECK(a(3, 2) == Approx(1.0F));
    CHECK(a(4, 3) == 0.0F);
}

TEST_CASE("a muted level takes no part in the causal attention", "[attention][causal]") {
    const Case data = reference::d1();
    hsa::CausalOptions options;
    options.mask.muted = {"fine"};
    const Matrix<float> p = p_of(data, options);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK(p(i, 0) == 0.0F);
        CHECK(p(i, 1) == 0.0F);
        CHECK(p(i, 2) + p(i, 3) == Approx(1.0F));
    }
    options.mask.muted = {"coarse", "fine"};
    CHECK_THROWS_AS(p_of(data, options), hsa::Error);
}
