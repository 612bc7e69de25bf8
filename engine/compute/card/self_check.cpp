#include "engine/compute/card/self_check.h"

#include "engine/compute/cpu/cpu_backend.h"
#include "engine/core/error.h"
#include "engine/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kRows = 150;  // more than a tile
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
    Answer answer{Matrix<float>(kRows, problem.kind.size()), {}, {}};
    backend.log_kernel(*bound, x.view(), answer.ell.view());
    answer.log_mass = backend.log_mass(*bound, x.view(), {}, {});
    answer.means = backend.key_sums(*bound, x.view(), {}, values.view(), {}).means();
    return answer;
}

void compare(double found, double wanted, const char* what) {
    if (std::abs(found - wanted) <= kWrong * (1.0 + std::abs(wanted))) return;
    fail("it computes wrong numbers ({} {:.6g} where {:.6g} is right)", what, found, wanted);
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
        for (std::size_t e = 0; e < wanted.ell.size(); ++e)
            compare(static_cast<double>(found.ell.data()[e]),
                    static_cast<double>(wanted.ell.data()[e]), "a log kernel of");
        for (std::size_t s = 0; s < wanted.log_mass.size(); ++s)
            compare(found.log_mass[s], wanted.log_mass[s], "a log mass of");
        for (std::size_t e = 0; e < wanted.means.size(); ++e)
            compare(static_cast<double>(found.means.data()[e]),
                    static_cast<double>(wanted.means.data()[e]), "a mean value of");
    }
}

}  // namespace hsa
