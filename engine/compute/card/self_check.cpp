#include "engine/compute/card/self_check.h"

#include "engine/compute/cpu/cpu_backend.h"
#include "engine/core/error.h"
#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
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

Answer answer_of(Backend& backend, const Problem& problem) {
    SplatColumns columns;
    columns.centre = problem.centre.view();
    columns.kind = problem.kind;
    columns.variance = problem.variance.view();
    columns.shape = problem.shape;
    columns.beta = problem.beta;
    const auto bound = backend.bind(columns);
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
}

}  // namespace hsa
