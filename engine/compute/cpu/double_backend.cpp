#include "engine/compute/cpu/double_backend.h"

#include "engine/compute/cpu/cpu_backend.h"
#include "engine/compute/formulas.h"
#include "engine/compute/log_sums.h"
#include "engine/compute/twofold.h"
#include "engine/core/parallel.h"
#include "engine/model/whitening.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr double kRounded = 0x1p20;  // nats from which a log kernel has float32's digits

class DoubleSplats : public BoundSplats {
  public:
    explicit DoubleSplats(const SplatColumns& splats)
        : centre_(splats.centre.rows, splats.centre.cols) {
        for (std::size_t s = 0; s < centre_.rows(); ++s) {
            const auto from = splats.centre.row(s);
            std::copy(from.begin(), from.end(), centre_.row(s).begin());
            whitening_.emplace_back(splats.covariance(s));
            half_beta_.push_back(0.5 * static_cast<double>(splats.beta[s]) / splats.temperature);
        }
    }

    [[nodiscard]] std::size_t splats() const override { return centre_.rows(); }
    [[nodiscard]] std::size_t dimension() const override { return centre_.cols(); }

    // ell of every splat at the tokens of a tile: out [splats, tile].
    void log_kernels(MatrixView<const float> x, Matrix<double>& turned, Matrix<double>& out) const {
        for (std::size_t i = 0; i < x.rows; ++i)
            for (std::size_t a = 0; a < x.cols; ++a) turned(a, i) = static_cast<double>(x(i, a));
        for (std::size_t s = 0; s < splats(); ++s) {
            const CovarianceKind kind = whitening_[s].kind();
            const bool straight =
                kind == CovarianceKind::spherical || kind == CovarianceKind::diagonal;
            if (straight) along_axes(s, x.rows, turned, out.row(s));
            else by_tokens(s, x, out.row(s));
            for (std::size_t i = 0; i < x.rows; ++i) out(s, i) *= -half_beta_[s];
        }
    }

  private:
    // A lane is a token.
    void along_axes(std::size_t s, std::size_t tokens, const Matrix<double>& turned,
                    std::span<double> squared) const {
        std::fill(squared.begin(), squared.end(), 0.0);
        const std::vector<double>& rate = whitening_[s].rate();
        for (std::size_t a = 0; a < dimension(); ++a) {
            const double* x = turned.row(a).data();
            const double centre = centre_(s, a);
            for (std::size_t i = 0; i < tokens; ++i) {
                const double t = rate[a] * (x[i] - centre);
                squared[i] += t * t;
            }
        }
    }

    void by_tokens(std::size_t s, MatrixView<const float> x, std::span<double> squared) const {
        std::vector<double> delta(dimension());
        for (std::size_t i = 0; i < x.rows; ++i) {
            for (std::size_t a = 0; a < delta.size(); ++a)
                delta[a] = static_cast<double>(x(i, a)) - centre_(s, a);
            squared[i] = whitening_[s].squared(delta);
        }
    }

    Matrix<double> centre_;             // [k, d]
    std::vector<Whitening> whitening_;  // [k]
    std::vector<double> half_beta_;     // [k] beta / (2 temperature)
};

const DoubleSplats& own(const BoundSplats& splats) {
    return dynamic_cast<const DoubleSplats&>(splats);
}

double held(double ell) { return std::max(ell, static_cast<double>(kLeastLogKernel)); }

// What exponentials are taken of: held, weighted, with the digits that it may have.
double logit_of(double ell, float weight) {
    const double sum = held(ell) + static_cast<double>(weight);
    return std::abs(sum) < kRounded ? sum : static_cast<double>(static_cast<float>(sum));
}

// Calls task(log kernels [k, tile], rows of the tile, its first row) for every tile of rows [begin,
// end) of x.
template <class Task>
void for_tiles(const DoubleSplats& bound, MatrixView<const float> x, std::size_t begin,
               std::size_t end, const Task& task) {
    Matrix<double> turned(bound.dimension(), kKernelTile);
    Matrix<double> ell(bound.splats(), kKernelTile);
    for (std::size_t first = begin; first < end; first += kKernelTile) {
        const auto tile = x.block(first, std::min(end, first + kKernelTile));
        bound.log_kernels(tile, turned, ell);
        task(ell, tile.rows, first);
    }
}

// ell becomes exp(logit - most), most [k] the largest logit as float32 and sums [k] their sums.
void to_exponentials(std::size_t rows, std::size_t first, std::span<const float> log_row_weight,
                     Matrix<double>& ell, std::span<float> most, std::span<double> sums) {
    for (std::size_t s = 0; s < ell.rows(); ++s) {
        const std::span<double> logit = ell.row(s).first(rows);
        double greatest = -std::numeric_limits<double>::infinity();
        for (std::size_t i = 0; i < rows; ++i) {
            logit[i] =
                logit_of(logit[i], log_row_weight.empty() ? 0.0F : log_row_weight[first + i]);
            greatest = std::max(greatest, logit[i]);
        }
        most[s] = static_cast<float>(greatest);
        sums[s] = 0.0;
        for (double& e : logit) sums[s] += e = std::exp(e - static_cast<double>(most[s]));
    }
}

class DoubleBackend final : public Backend, public TwofoldKernels {
  public:
    void wide_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                         MatrixView<double> out) const override {
        const DoubleSplats& bound = own(splats);
        parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
            for_tiles(bound, x, begin, end,
                      [&](const Matrix<double>& ell, std::size_t rows, std::size_t first) {
                          for (std::size_t i = 0; i < rows; ++i)
                              for (std::size_t s = 0; s < ell.rows(); ++s)
                                  out(first + i, s) = ell(s, i);
                      });
        });
    }

  private:
    [[nodiscard]] BackendInfo do_info() const override {
        BackendInfo info = make_cpu_backend()->info();
        info.name = "cpu, double";
        return info;
    }

    [[nodiscard]] std::shared_ptr<const BoundSplats> do_bind(const SplatColumns& splats) override {
        return std::make_shared<DoubleSplats>(splats);
    }

    void do_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                       MatrixView<float> out) override {
        parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
            for_tiles(own(splats), x, begin, end,
                      [&](const Matrix<double>& ell, std::size_t rows, std::size_t first) {
                          for (std::size_t i = 0; i < rows; ++i)
                              for (std::size_t s = 0; s < ell.rows(); ++s)
                                  out(first + i, s) = held_log_kernel(ell(s, i));
                      });
        });
    }

    void do_tile_exponentials(const BoundSplats& splats, MatrixView<const float> x,
                              std::span<const float> log_row_weight, MatrixView<float> out,
                              MatrixView<float> most, MatrixView<double> sums) override {
        parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
            for_tiles(own(splats), x, begin, end,
                      [&](Matrix<double>& ell, std::size_t rows, std::size_t first) {
                          const std::size_t t = first / kKernelTile;
                          to_exponentials(rows, first, log_row_weight, ell, most.row(t),
                                          sums.row(t));
                          for (std::size_t i = 0; i < rows; ++i)
                              for (std::size_t s = 0; s < ell.rows(); ++s)
                                  out(first + i, s) = static_cast<float>(ell(s, i));
                      });
        });
    }

    std::vector<double> do_log_mass(const BoundSplats& splats, MatrixView<const float> x,
                                    std::span<const float> log_row_weight,
                                    const Work& work) override {
        const std::size_t tiles = (x.rows + kKernelTile - 1) / kKernelTile;
        Matrix<float> most(tiles, splats.splats());
        Matrix<double> sums(tiles, splats.splats());
        parallel_blocks(x.rows, kChunkRows, [&](std::size_t begin, std::size_t end) {
            work.check();
            for_tiles(own(splats), x, begin, end,
                      [&](Matrix<double>& ell, std::size_t rows, std::size_t first) {
                          const std::size_t t = first / kKernelTile;
                          to_exponentials(rows, first, log_row_weight, ell, most.row(t),
                                          sums.row(t));
                      });
        });
        return join_tiles(most, sums).logs();
    }

    KeySums do_key_sums(const BoundSplats& splats, MatrixView<const float> x,
                        std::span<const float> log_row_weight, MatrixView<const float> values,
                        const Work& work) override {
        const DoubleSplats& bound = own(splats);
        return sum_over_keys(
            x.rows, bound.splats(), values.cols,
            [&](std::size_t first, std::size_t last, std::span<KeySums> out) {
                parallel_blocks(last - first, kChunkRows, [&](std::size_t begin, std::size_t end) {
                    work.check();
                    out[begin / kChunkRows] = chunk_sums(
                        bound, x.block(first, last), begin, end,
                        log_row_weight.empty() ? log_row_weight : log_row_weight.subspan(first),
                        values.block(first, last));
                });
            });
    }

    // Of rows [begin, end), which are at most one chunk.
    static KeySums chunk_sums(const DoubleSplats& bound, MatrixView<const float> x,
                              std::size_t begin, std::size_t end,
                              std::span<const float> log_row_weight,
                              MatrixView<const float> values) {
        KeySums sums(bound.splats(), values.cols);
        std::vector<float> most(bound.splats());
        std::vector<double> mass(bound.splats());
        for_tiles(bound, x, begin, end,
                  [&](Matrix<double>& ell, std::size_t rows, std::size_t first) {
                      to_exponentials(rows, first, log_row_weight, ell, most, mass);
                      for (std::size_t s = 0; s < most.size(); ++s)
                          add_tile(ell.row(s).first(rows), most[s], mass[s],
                                   values.block(first, first + rows), s, sums);
                  });
        return sums;
    }

    static void add_tile(std::span<const double> e, float most, double mass,
                         MatrixView<const float> values, std::size_t s, KeySums& sums) {
        const float before = sums.mass.most[s];
        const float greatest = std::max(before, most);
        const auto share = [&](float from) {
            return std::exp(static_cast<double>(from) - static_cast<double>(greatest));
        };
        const double keep = sums.mass.sum[s] > 0.0 ? share(before) : 0.0;
        const double times = share(most);
        sums.mass.most[s] = greatest;
        sums.mass.sum[s] = keep * sums.mass.sum[s] + times * mass;
        const std::span<double> total = sums.values.row(s);
        for (double& value : total) value *= keep;
        for (std::size_t j = 0; j < e.size(); ++j)
            for (std::size_t c = 0; c < total.size(); ++c)
                total[c] += times * e[j] * static_cast<double>(values(j, c));
    }
};

}  // namespace

std::unique_ptr<Backend> make_double_backend() { return std::make_unique<DoubleBackend>(); }

}  // namespace hsa
