#pragma once

#include "engine/core/matrix.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hsa {

// From one frame of a tour to the next: the geodesic between the spaces they span (Asimov 1985;
// Buja et al. 2005), so that nothing turns within what is shown. At the angles a_r, 0 to angle[r],
// the frame is turn (diag(cos a) from + diag(sin a) across).
struct TourLeg {
    double begin = 0.0, length = 0.0;  // seconds
    Matrix<double> from, across;       // [3, D], rows orthonormal; a row of `across` may be zero
    std::array<double, 3> angle{};     // principal angles, 0..pi/2
    Matrix<double> turn;               // [3, 3], orthonormal

    // Shares of the six rows of `from` and `across` in the frame at a second of the tour: [3, 6].
    // Starts and ends at rest.
    [[nodiscard]] Matrix<double> shares_at(double second) const;
};

// A way through frames of three orthonormal axes of D dimensions: from the first three along
// geodesics to random ones, with the same speed on each. The same seed and dimension give the same
// way. With fewer than four dimensions there is nowhere to go and the first frame stays.
class TourPath {
  public:
    TourPath(std::uint64_t seed, std::size_t dimension);

    // second: from 0; beyond what was asked for so far the way goes on.
    [[nodiscard]] const TourLeg& leg_at(double second);
    [[nodiscard]] Matrix<double> frame_at(double second);  // [3, D], orthonormal rows

  private:
    void go_on();

    std::uint64_t seed_;
    std::size_t dimension_;
    std::vector<TourLeg> legs_;
};

// Share of the variance that each row of a frame holds. variance: [D] of the axes that the frame's
// columns are of, uncorrelated; total: of all.
[[nodiscard]] std::array<double, 3> explained_by(const Matrix<double>& frame,
                                                 const std::vector<double>& variance, double total);

}  // namespace hsa
