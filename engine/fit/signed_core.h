#pragma once

#include "engine/attention/target.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/model/factors.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace hsa {

// A signed C between the factors of a diffuse head: O = P (C (K V)) (maths.md 3 "Near and far").
// For outputs alone: P C K may have negative entries, so cells and pictures stay those of P K.
struct SignedCore {
    Matrix<float> c;     // [c, c], every row sums to 1 up to rounding; I where it is not used
    bool used = false;   // the output error drops on rows that were not fitted
    double ridge = 0.0;  // chosen, in parts of the largest product of eigenvalues; 0: none
    // |T V - O| / |T V| on `held_out` rows that neither C nor its ridge has seen (only `used` has),
    // without and with the best C found, used or not.
    double error_plain = 0.0;
    double error_core = 0.0;
    std::size_t rows = 0;  // that C was fitted to
    std::size_t held_out = 0;
};

// Why factors can have no core: they are causal, have a near set or a blended window (their rows
// are not P K), more than 1,024 columns, or fewer than 64 tokens, which leave no rows to hold out.
// Empty where they can.
[[nodiscard]] std::string why_no_core(const Factors& factors);

// C of core_equations.h from at most 4,096 stratified rows of the target, n x n never formed. Its
// ridge, out of 1e-1 .. 1e-8, and whether there is a core at all are decided by the output error on
// the rows to stop by of fit_rows(n, true, seed); measured on its rows to report on, which splats
// fitted with the same seed have not seen either. Not used unless the error is lower on both and on
// rows that it was fitted to. values [n, v]; v = 0: seeded random ones stand for any. Same seed,
// same bits, for any number of threads. O(4096 n (d + c) + n c^2 + c^3). Throws Error for what
// why_no_core() says, a causal target and other shapes than the factors'.
[[nodiscard]] SignedCore fit_signed_core(const Factors& factors, const Target& target,
                                         MatrixView<const float> values, std::uint64_t seed,
                                         const Work& work);

// O = P (C (K V)): values [n, v] -> [n, v] in O(n c v + c^2 v). Throws Error when the values have
// another number of rows.
[[nodiscard]] Matrix<float> attend(const SignedCore& core, const Factors& factors,
                                   MatrixView<const float> values);

}  // namespace hsa
