#pragma once

#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "tests/reference/attention.h"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

// Data of the tests in both forms: as the engine takes them and as the reference does.
namespace reference {

struct Case {
    hsa::SplatRegistry registry;
    hsa::Coordinates coordinates;

    [[nodiscard]] std::vector<Splat> splats(hsa::Side side = hsa::Side::key) const;
    [[nodiscard]] std::vector<Matrix<double>> blocks() const;
    // By the registry's form.
    [[nodiscard]] Attention attention(double temperature = 1.0) const;
    [[nodiscard]] std::size_t tokens() const { return coordinates.size(); }
    // Replaces the rows of every level by the same rows.
    void set_rows(Matrix<float> rows);
};

// D1 and D768 of reference-values.md.
[[nodiscard]] Case d1();
[[nodiscard]] Case d768();

// Every kind of covariance.
inline constexpr std::array kKinds = {hsa::CovarianceKind::spherical, hsa::CovarianceKind::diagonal,
                                      hsa::CovarianceKind::lowrank, hsa::CovarianceKind::full};

struct Shape {
    std::size_t tokens = 0;
    std::size_t dimension = 1;
    std::vector<std::size_t> splats = {1};  // a level
    hsa::CovarianceKind kind = hsa::CovarianceKind::spherical;
    bool background = false;
    bool own_blocks = false;            // every level has coordinates of its own
    bool mixed_ids = false;             // the levels' splats alternate in the order of ids
    hsa::Form form = hsa::Form::token;  // others have queries of their own, and a kappa
};
// Tokens near the centres, every number drawn from `seed`.
[[nodiscard]] Case random_case(const Shape& shape, std::uint64_t seed);

[[nodiscard]] std::unique_ptr<hsa::Backend> cpu();
// The backend that the cases of tests/parity are about: each test program says which.
[[nodiscard]] std::unique_ptr<hsa::Backend> tested();
[[nodiscard]] hsa::Factors factors_of(const Case& data, const hsa::FactorOptions& options = {});
// A = P K from the factors, in float64: [n, n].
[[nodiscard]] Matrix<double> product(const hsa::Factors& factors);

// The largest |a - b| over all elements; infinite where the shapes differ or a number is not
// finite.
[[nodiscard]] double largest_difference(const Matrix<double>& a, const Matrix<double>& b);
[[nodiscard]] Matrix<double> widened(const Matrix<float>& m);
[[nodiscard]] Matrix<double> widened(const hsa::FactorMatrix& m);

}  // namespace reference
