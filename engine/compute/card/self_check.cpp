#include "engine/compute/card/self_check.h"

#include "engine/compute/cpu/cpu_backend.h"
#include "engine/core/error.h"
#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kRows = 150;  // more than a tile
constexpr std::size_t kKeys = 70;   // ... of cells, which are rows x keys
constexpr std::size_t kDimension = 5;
constexpr double kWrong = 1e-3;  // of 1 + the number: a hundred times what rounding does

Matrix<float> drawn(std::size_t rows, std::size_t columns, std::uint64_t what) {
    Random random{1, what};
    Matrix<float> m(rows, columns);
    for (std::size_t e = 0; e < m.size(); ++e) m.data()[e] = static_cast<float>(random.normal());
    return m;
}

struct Problem {
    std::vector<CovarianceKind> kind;
    Matrix<float> centre;
    Matrix<float> variance;
    std::vector<std::vector<float>> shape;
    std::vector<float> beta;
};

Problem problem_of(const std::vector<CovarianceKind>& kinds) {
    Problem made{kinds,
                 drawn(kinds.size(), kDimension, 1),
                 Matrix<float>(kinds.size(), kDimension, 1.0F),
                 {},
                 std::vector<float>(kinds.size(), 0.7F)};
    const std::vector<float> variances = {0.5F, 0.8F, 1.0F, 1.5F, 2.0F};
    for (std::size_t s = 0; s < kinds.size(); ++s) {
        const std::vector<float> even(kDimension, 0.8F);
        const Covariance given =
            from_variances(kinds[s] == CovarianceKind::spherical ? even : variances, kinds[s]);
        std::copy(given.variance.begin(), given.variance.end(), made.variance.row(s).begin());
        made.shape.push_back(given.shape);
        for (float& value : made.shape.back()) value += 0.1F;
    }
    return made;
}

struct Answer {
    Matrix<float> ell;
    std::vector<double> log_mass;
    Matrix<float> means;
    Matrix<float> outputs;
    Matrix<float> best;  // the log kernels of the best splat of every row
    Matrix<float> cells;
};

SplatColumns columns_of(const Problem& problem) {
    SplatColumns columns;
    columns.centre = problem.centre.view();
    columns.kind = problem.kind;
    columns.variance = problem.variance.view();
    columns.shape = problem.shape;
    columns.beta = problem.beta;
    return columns;
}

Answer answer_of(Backend& backend, const Problem& problem) {
    const auto bound = backend.bind(columns_of(problem));
    const Matrix<float> x = drawn(kRows, kDimension, 2);
    const Matrix<float> values = drawn(kRows, 3, 3);
    const std::size_t k = problem.kind.size();
    Answer answer;
    answer.ell = Matrix<float>(kRows, k);
    backend.log_kernel(*bound, x.view(), answer.ell.view());
    answer.log_mass = backend.log_mass(*bound, x.view(), {}, {});
    answer.means = backend.key_sums(*bound, x.view(), {}, values.view(), {}).means();
    // What follows gets numbers of its own, so that an error is told where it is made.
    const Matrix<float> means = drawn(k, 3, 4);
    const std::vector<float> shift(k, -0.3F);
    const std::array<QueryColumns, 1> asked = {
        QueryColumns{bound.get(), x.view(), shift, means.view()}};
    answer.outputs = Matrix<float>(kRows, 3);
    (void)backend.outputs(asked, answer.outputs.view(), {});
    std::vector<std::size_t> column(k);
    std::iota(column.begin(), column.end(), std::size_t{0});
    const std::array<ScoredColumns, 1> scored = {ScoredColumns{bound.get(), x.view(), column}};
    Matrix<std::uint32_t> best(kRows, 1);
    answer.best = Matrix<float>(kRows, 1);
    backend.best_splats(scored, shift, {best.view(), answer.best.view(), {}}, {});
    answer.cells = Matrix<float>(kRows, kKeys);
    backend.cells(values.view(), values.view().block(0, kKeys), answer.cells.view(), {});
    return answer;
}

void compare(double found, double wanted, const char* what) {
    if (std::abs(found - wanted) <= kWrong * (1.0 + std::abs(wanted))) return;
    fail("it computes wrong numbers ({} {:.6g} where {:.6g} is right)", what, found, wanted);
}

void compare(const Matrix<float>& found, const Matrix<float>& wanted, const char* what) {
    for (std::size_t e = 0; e < wanted.size(); ++e)
        compare(static_cast<double>(found.data()[e]), static_cast<double>(wanted.data()[e]), what);
}

float product_sum(MatrixView<const float> a, std::size_t row, MatrixView<const float> b,
                  std::size_t column) {
    float sum = 0.0F;
    for (std::size_t e = 0; e < a.cols; ++e) sum += a(row, e) * b(column, e);
    return sum;
}

// Passes over rows, which the CPU's backend has not: each where the backend has it.
void check_row_passes(Backend& backend) {
    constexpr std::size_t kColumns = 3;
    Matrix<float> rows = drawn(kRows, kColumns, 5);
    for (std::size_t e = 0; e < rows.size(); ++e) rows.data()[e] = std::abs(rows.data()[e]) + 0.1F;
    Matrix<float> own(kColumns, kColumns);
    Matrix<double> found(kColumns, kColumns);
    for (std::size_t i = 0; i < kRows; ++i)
        for (std::size_t s = 0; s < kColumns; ++s)
            for (std::size_t a = 0; a < kColumns; ++a) own(s, a) += rows(i, s) * rows(i, a);
    if (backend.moments(rows.view(), rows.view(), found.view(), {}))
        for (std::size_t e = 0; e < own.size(); ++e)
            compare(found.data()[e], static_cast<double>(own.data()[e]), "a moment of");

    // Means of single rows are the rows, and their products cells.
    const Matrix<double> before(2, kColumns, 0.0);  // one tile, so that nothing of it counts
    const std::array<RowRange, 2> ranges = {RowRange{0, 1, 1}, RowRange{7, 8, 1}};
    const std::array<std::uint32_t, kColumns> chosen = {0, 1, 2};
    const RangesOfRows of{{std::make_shared<char>(), rows.view(), before.view(), kRows}, ranges};
    Matrix<float> cells(2, 2);
    for (int again = 0; again < 2; ++again)
        if (backend.rectangle_means(of, of, chosen, cells.view(), {}))
            for (std::size_t r = 0; r < 2; ++r)
                for (std::size_t c = 0; c < 2; ++c)
                    compare(
                        static_cast<double>(cells(r, c)),
                        static_cast<double>(product_sum(rows.view(), 7 * r, rows.view(), 7 * c)),
                        "a mean of");

    // A target that is A itself but for a factor.
    ComparedRows compared;
    compared.weight = rows.view().block(0, kKeys);
    compared.keys = rows.view();
    Matrix<float> target(kKeys, kRows);
    std::vector<double> wanted(kKeys, 0.0);
    for (std::size_t i = 0; i < kKeys; ++i)
        for (std::size_t j = 0; j < kRows; ++j) {
            target(i, j) = 2.0F * product_sum(rows.view(), i, rows.view(), j);
            wanted[i] += static_cast<double>(target(i, j)) * std::log(2.0);
        }
    compared.target = target.view();
    std::vector<double> divergence(kKeys);
    Matrix<double> products(kKeys, kColumns);
    Matrix<double> slopes(kColumns, kColumns);
    RowComparison out;
    out.divergence = divergence;
    out.product = products.view();
    out.share = compared.weight;
    out.beside = rows.view();
    out.moments = slopes.view();
    if (!backend.compare_rows(compared, out, {})) return;
    for (std::size_t i = 0; i < kKeys; ++i) compare(divergence[i], wanted[i], "a divergence of");
    for (std::size_t s = 0; s < kColumns; ++s) {
        double keys = 0.0;
        double shares = 0.0;
        for (std::size_t j = 0; j < kRows; ++j) {
            keys += static_cast<double>(rows(j, s));
            if (j < kKeys) shares += static_cast<double>(rows(j, s));
        }
        for (std::size_t i = 0; i < kKeys; ++i)
            compare(products(i, s), 2.0 * keys, "a product with ratios of");
        for (std::size_t a = 0; a < kColumns; ++a)
            compare(slopes(s, a), -shares * static_cast<double>(own(s, a)),
                    "a moment of ratios of");
    }
}

// The same where keys are made of splats on the way.
void check_compared_splats(Backend& backend, Backend& cpu) {
    const Problem problem = problem_of(
        {CovarianceKind::spherical, CovarianceKind::diagonal, CovarianceKind::spherical});
    const SplatColumns columns = columns_of(problem);
    const std::size_t k = problem.kind.size();
    const Matrix<float> x = drawn(kRows, kDimension, 2);
    Matrix<float> ell(kRows, k);
    const auto known = cpu.bind(columns);
    cpu.log_kernel(*known, x.view(), ell.view());
    const std::vector<double> log_mass = cpu.log_mass(*known, x.view(), {}, {});
    Matrix<float> weight = drawn(kKeys, k, 6);
    for (std::size_t e = 0; e < weight.size(); ++e)
        weight.data()[e] = std::abs(weight.data()[e]) + 0.1F;
    Matrix<float> target(kKeys, kRows);
    std::vector<double> wanted(kKeys, 0.0);
    for (std::size_t i = 0; i < kKeys; ++i)
        for (std::size_t j = 0; j < kRows; ++j) {
            double own = 0.0;
            for (std::size_t s = 0; s < k; ++s)
                own += static_cast<double>(weight(i, s)) *
                       std::exp(static_cast<double>(ell(j, s)) - log_mass[s]);
            target(i, j) = static_cast<float>(2.0 * own);
            wanted[i] += 2.0 * own * std::log(2.0);
        }
    const auto bound = backend.bind(columns);
    ComparedRows compared;
    compared.weight = weight.view();
    compared.target = target.view();
    compared.splats = bound.get();
    compared.x = x.view();
    compared.log_mass = log_mass;
    std::vector<double> divergence(kKeys);
    RowComparison out;
    out.divergence = divergence;
    if (!backend.compare_rows(compared, out, {})) return;
    for (std::size_t i = 0; i < kKeys; ++i)
        compare(divergence[i], wanted[i], "a divergence from splats of");
}

// The same of what attention's own past, exact rows and slopes are made of.
void check_row_sums(Backend& backend) {
    constexpr std::size_t kColumns = 3;
    const Matrix<float> rows = drawn(kRows, kColumns, 5);
    const MatrixView<const float> all = rows.view();
    const Matrix<float> more = drawn(kPastRows + kRows, kColumns, 7);  // some are summed up before
    const MatrixView<const float> many = more.view();
    Matrix<float> past(many.rows, kColumns);
    if (backend.past_outputs({many, many, many}, past.view(), {}))
        for (const std::size_t i : {kRows - 1, many.rows - 1})
            for (std::size_t c = 0; c < kColumns; ++c) {
                double sum = 0.0;
                for (std::size_t j = 0; j <= i; ++j)
                    sum += static_cast<double>(product_sum(many, i, many, j)) *
                           static_cast<double>(many(j, c));
                compare(static_cast<double>(past(i, c)), sum, "a causal output of");
            }
    std::vector<double> totals(kKeys);
    if (backend.score_totals({all.block(0, kKeys), all, {}}, totals, {}))
        for (std::size_t i = 0; i < kKeys; ++i) {
            double sum = 0.0;
            for (std::size_t j = 0; j < kRows; ++j)
                sum += std::exp(static_cast<double>(product_sum(all, i, all, j)));
            compare(totals[i], std::log(sum), "a normaliser of");
        }
    const MatrixView<const float> few = all.block(0, kColumns);
    const std::vector<float> along(kRows, 0.5F);
    const std::vector<float> shift(kColumns, 0.2F);
    Matrix<double> moments(kColumns, kColumns);
    Matrix<float> pulled(kRows, kColumns);
    if (!backend.slopes({all, all, all, all, along, few, few, shift},
                        {all, moments.view(), few, pulled.view()}, {}))
        return;
    Matrix<double> wanted(kColumns, kColumns);
    for (std::size_t i = 0; i < kRows; ++i) {
        float back = 0.0F;
        for (std::size_t s = 0; s < kColumns; ++s) {
            const float g = rows(i, s) * (2.0F * product_sum(all, i, few, s) - 0.3F);
            back += g * few(0, s);
            for (std::size_t a = 0; a < kColumns; ++a)
                wanted(s, a) += static_cast<double>(g * rows(i, a));
        }
        compare(static_cast<double>(pulled(i, 0)), static_cast<double>(back), "a slope of");
    }
    for (std::size_t e = 0; e < wanted.size(); ++e)
        compare(moments.data()[e], wanted.data()[e], "a moment of slopes of");
}

}  // namespace

void check_against_cpu(Backend& backend) {
    const auto cpu = make_cpu_backend();
    const std::array<std::vector<CovarianceKind>, 2> problems = {
        std::vector{CovarianceKind::spherical, CovarianceKind::diagonal},
        std::vector{CovarianceKind::lowrank, CovarianceKind::full, CovarianceKind::diagonal}};
    for (const std::vector<CovarianceKind>& kinds : problems) {
        const Problem problem = problem_of(kinds);
        const Answer found = answer_of(backend, problem);
        const Answer wanted = answer_of(*cpu, problem);
        compare(found.ell, wanted.ell, "a log kernel of");
        for (std::size_t s = 0; s < wanted.log_mass.size(); ++s)
            compare(found.log_mass[s], wanted.log_mass[s], "a log mass of");
        compare(found.means, wanted.means, "a mean value of");
        compare(found.outputs, wanted.outputs, "an output of");
        compare(found.best, wanted.best, "a best splat's log kernel of");
        compare(found.cells, wanted.cells, "a cell of");
    }
    check_row_passes(backend);
    check_compared_splats(backend, *cpu);
    check_row_sums(backend);
}

}  // namespace hsa
