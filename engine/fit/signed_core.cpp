#include "engine/fit/signed_core.h"

#include "engine/attention/near_set.h"
#include "engine/attention/sums.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/core/random.h"
#include "engine/fit/core_equations.h"
#include "engine/fit/head.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

namespace hsa {
namespace {

enum Purpose : std::uint64_t { any_values = 31 };

constexpr std::size_t kMostRows = 4096;
constexpr std::size_t kMostColumns = 1024;
constexpr std::size_t kFewestTokens = 64;
constexpr std::size_t kAnyValues = 16;
constexpr std::size_t kFittedRows = 256;
constexpr std::array<double, 8> kRidges = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8};

Matrix<float> random_values(std::size_t n, std::uint64_t seed) {
    Matrix<float> values = Matrix<float>::unwritten(n, kAnyValues);
    for (std::size_t j = 0; j < n; ++j) {
        Random random{seed, any_values, j};
        for (float& x : values.row(j)) x = static_cast<float>(random.normal());
    }
    return values;
}

// Rows that a core is held against: their P and what they should put out.
struct RowsToMeet {
    Matrix<double> p;       // [b, c]
    Matrix<double> wanted;  // [b, v] T V

    RowsToMeet(const Factors& factors, const Target& target, std::span<const std::uint32_t> rows,
               MatrixView<const float> values, const Work& work)
        : p(rows.size(), factors.columns()), wanted(target_outputs(target, rows, values, work)) {
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t s = 0; s < p.cols(); ++s) p(r, s) = factors.p(rows[r], s);
    }

    // |T V - P W| / |T V|, W [c, v]; 0 where there is nothing to put out and nothing is.
    [[nodiscard]] double error(const Matrix<double>& w) const {
        Matrix<double> out = Matrix<double>::unwritten(p.rows(), w.cols());
        multiply(p.view(), w.view(), out.view());
        double missed = 0.0;
        double all = 0.0;
        for (std::size_t e = 0; e < out.size(); ++e) {
            missed += std::pow(out.data()[e] - wanted.data()[e], 2);
            all += wanted.data()[e] * wanted.data()[e];
        }
        return missed > 0.0 ? std::sqrt(missed / all) : 0.0;
    }
};

Matrix<double> product(const Matrix<double>& a, const Matrix<double>& b) {
    Matrix<double> out = Matrix<double>::unwritten(a.rows(), b.cols());
    multiply(a.view(), b.view(), out.view());
    return out;
}

// In float32, what rounding takes from a row's sum given back to its diagonal.
Matrix<float> rounded(const Matrix<double>& c) {
    Matrix<float> out = Matrix<float>::unwritten(c.rows(), c.cols());
    for (std::size_t s = 0; s < c.rows(); ++s) {
        double sum = 0.0;
        for (std::size_t t = 0; t < c.cols(); ++t) {
            out(s, t) = static_cast<float>(c(s, t));
            sum += static_cast<double>(out(s, t));
        }
        out(s, s) = static_cast<float>(static_cast<double>(out(s, s)) + 1.0 - sum);
    }
    return out;
}

Matrix<double> identity(std::size_t columns) {
    Matrix<double> c(columns, columns);
    for (std::size_t s = 0; s < columns; ++s) c(s, s) = 1.0;
    return c;
}

}  // namespace

std::string why_no_core(const Factors& factors) {
    if (factors.causal)
        return "the factors are causal, and a core mixes what comes before a token with what comes "
               "after it: set attention.causal false";
    if (factors.near)
        return "the factors keep exact pairs beside the splats, so their rows are not P K alone: "
               "set attention.window, attention.near and attention.anchors to 0";
    if (factors.columns() > kMostColumns)
        return fmt::format(
            "there are {} columns of splats and a core has at most {}: use fewer "
            "splats",
            factors.columns(), kMostColumns);
    if (factors.tokens() < kFewestTokens)
        return fmt::format("{} tokens leave no rows to hold out: at least {} are needed",
                           factors.tokens(), kFewestTokens);
    return {};
}

SignedCore fit_signed_core(const Factors& factors, const Target& target,
                           MatrixView<const float> values, std::uint64_t seed, const Work& work) {
    const std::string why = why_no_core(factors);
    if (!why.empty()) fail("There is no signed core: {}.", why);
    if (target.causal())
        fail("There is no signed core of a causal target: set attention.causal false.");
    const std::size_t n = factors.tokens();
    if (target.size() != n || (values.cols > 0 && values.rows != n))
        fail("A signed core of {} tokens was asked for with a target of {} and values of {} rows.",
             n, target.size(), values.rows);
    const Matrix<float> any = values.cols > 0 ? Matrix<float>() : random_values(n, seed);
    if (values.cols == 0) values = any.view();

    const FitRows sets = fit_rows(n, true, seed);
    std::vector<std::uint32_t> rows = sampled_rows(sets.free.size(), kMostRows, seed);
    for (std::uint32_t& row : rows) row = sets.free[row];
    const CoreEquations equations(core_sums(factors, target, rows, work));
    const Matrix<double> u = values_of_columns(factors.k, values);

    const RowsToMeet stop(factors, target, sets.stop, values, work);
    SignedCore core;
    core.rows = rows.size();
    core.held_out = sets.report.size();
    double least = 0.0;
    Matrix<float> best;
    for (const double ridge : kRidges) {
        work.check();
        Matrix<double> c = equations.solve(ridge * equations.largest());
        const double error = stop.error(product(c, u));
        if (!best.empty() && !(error < least)) continue;
        least = error;
        core.ridge = ridge;
        best = rounded(c);
    }
    const RowsToMeet report(factors, target, sets.report, values, work);
    core.c = rounded(identity(factors.columns()));
    core.error_plain = report.error(u);
    Matrix<double> wide = Matrix<double>::unwritten(best.rows(), best.cols());
    std::copy_n(best.data(), best.size(), wide.data());
    const Matrix<double> mixed = product(wide, u);
    core.error_core = report.error(mixed);
    // What does not gain even where it was fitted gains elsewhere by chance.
    std::vector<std::uint32_t> some = sampled_rows(rows.size(), kFittedRows, seed);
    for (std::uint32_t& row : some) row = rows[row];
    const RowsToMeet fitted(factors, target, some, values, work);
    core.used = least < stop.error(u) && core.error_core < core.error_plain &&
                fitted.error(mixed) < fitted.error(u);
    if (core.used) core.c = std::move(best);
    else core.ridge = 0.0;
    return core;
}

Matrix<float> attend(const SignedCore& core, const Factors& factors,
                     MatrixView<const float> values) {
    const std::size_t n = factors.tokens();
    if (values.rows != n)
        fail("The values have {} rows and the data {} tokens: one row a token is needed.",
             values.rows, n);
    if (core.c.rows() != factors.columns())
        fault("a core of {} columns between factors of {}", core.c.rows(), factors.columns());
    Matrix<double> c = Matrix<double>::unwritten(core.c.rows(), core.c.cols());
    std::copy_n(core.c.data(), core.c.size(), c.data());
    const Matrix<double> mixed = product(c, values_of_columns(factors.k, values));
    Matrix<float> w = Matrix<float>::unwritten(mixed.rows(), mixed.cols());
    for (std::size_t e = 0; e < mixed.size(); ++e)
        w.data()[e] = static_cast<float>(mixed.data()[e]);
    Matrix<float> out(n, values.cols);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        const FactorBlock rows = factors.p.block(begin, end);
        multiply(rows.view(), std::as_const(w).view(), out.view().block(begin, end));
    });
    return out;
}

}  // namespace hsa
