#include "engine/compute/cpu/cpu_backend.h"

#include "engine/compute/formulas.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <fmt/core.h>
#include <hwy/targets.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <thread>
#include <vector>

namespace hsa {
namespace {

constexpr std::size_t kTileRows = 128;

// Splats relative to `origin` and times `scale`, with precisions in place of variances.
class CpuSplats : public BoundSplats {
  public:
    [[nodiscard]] std::size_t splats() const override { return offset.size(); }
    [[nodiscard]] std::size_t dimension() const override { return origin.size(); }

    std::vector<float> origin;     // [d], the mean of the centres
    float scale = 1.0F;            // a power of two
    bool spherical = false;
    // [d, k] lambda mu; diagonal splats: [2 d, k], -lambda / 2 above lambda mu, against rows [x x, x].
    Matrix<float> weights;
    std::vector<float> half_precision;  // [k], spherical: lambda / 2
    std::vector<float> offset;          // [k], -1/2 mu lambda mu, formed in float64
};

float power_of_two_for(double rms) {
    if (!(rms > 0.0) || !std::isfinite(rms)) return 1.0F;
    return static_cast<float>(std::ldexp(1.0, -static_cast<int>(std::floor(std::log2(rms)))));
}

// The rms distance of centres from their mean, or of one deviation where they coincide.
double typical_length(const SplatColumns& splats, std::span<const double> mean) {
    double centres = 0.0;
    double variances = 0.0;
    for (std::size_t s = 0; s < splats.centre.rows; ++s) {
        for (std::size_t a = 0; a < mean.size(); ++a) {
            const double delta = static_cast<double>(splats.centre(s, a)) - mean[a];
            centres += delta * delta;
            variances += static_cast<double>(splats.variance(s, a));
        }
    }
    const auto count = static_cast<double>(splats.centre.rows * mean.size());
    return std::sqrt((centres + variances) / std::max(count, 1.0));
}

std::vector<double> mean_centre(const SplatColumns& splats) {
    std::vector<double> mean(splats.centre.cols, 0.0);
    for (std::size_t s = 0; s < splats.centre.rows; ++s)
        for (std::size_t a = 0; a < mean.size(); ++a) mean[a] += static_cast<double>(splats.centre(s, a));
    for (double& m : mean) m /= static_cast<double>(std::max<std::size_t>(splats.centre.rows, 1));
    return mean;
}

class CpuBackend : public Backend {
  private:
    [[nodiscard]] BackendInfo do_info() const override {
        BackendInfo info;
        info.name = "cpu";
        const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
        info.device = fmt::format("{}, {} thread{}",
                                  hwy::TargetName(hwy::SupportedTargets() & -hwy::SupportedTargets()),
                                  cores, cores == 1 ? "" : "s");
        info.memory_bytes = static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                            static_cast<std::uint64_t>(sysconf(_SC_PAGE_SIZE));
        return info;
    }

    [[nodiscard]] std::shared_ptr<const BoundSplats> do_bind(const SplatColumns& splats) override {
        auto bound = std::make_shared<CpuSplats>();
        const std::size_t k = splats.centre.rows;
        const std::size_t d = splats.centre.cols;
        const std::vector<double> mean = mean_centre(splats);
        for (const double m : mean) bound->origin.push_back(static_cast<float>(m));
        bound->scale = power_of_two_for(typical_length(splats, mean));
        bound->spherical = splats.spherical;
        bound->weights = Matrix<float>(splats.spherical ? d : 2 * d, k);
        bound->half_precision.assign(splats.spherical ? k : 0, 0.0F);
        bound->offset.assign(k, 0.0F);
        const auto scale = static_cast<double>(bound->scale);
        for (std::size_t s = 0; s < k; ++s) {
            double offset = 0.0;
            for (std::size_t a = 0; a < d; ++a) {
                const double precision = static_cast<double>(splats.beta[s]) / splats.temperature /
                                         (static_cast<double>(splats.variance(s, a)) * scale * scale);
                const double centre = (static_cast<double>(splats.centre(s, a)) -
                                       static_cast<double>(bound->origin[a])) * scale;
                offset -= 0.5 * precision * centre * centre;
                bound->weights(splats.spherical ? a : d + a, s) = static_cast<float>(precision * centre);
                if (splats.spherical) bound->half_precision[s] = static_cast<float>(0.5 * precision);
                else bound->weights(a, s) = static_cast<float>(-0.5 * precision);
            }
            bound->offset[s] = static_cast<float>(offset);
        }
        return bound;
    }

    void do_log_kernel(const BoundSplats& splats, MatrixView<const float> x,
                       MatrixView<float> out) override {
        const auto& bound = dynamic_cast<const CpuSplats&>(splats);
        parallel_blocks(x.rows, kTileRows, [&](std::size_t begin, std::size_t end) {
            tile(bound, x.block(begin, end), out.block(begin, end));
        });
    }

    static void tile(const CpuSplats& bound, MatrixView<const float> x, MatrixView<float> out) {
        const std::size_t d = bound.origin.size();
        const std::size_t width = bound.weights.rows();
        Matrix<float> rows(x.rows, width);
        std::vector<float> squares(x.rows, 0.0F);
        for (std::size_t i = 0; i < x.rows; ++i) {
            float* row = rows.row(i).data();
            const float* from = x.row(i).data();
            float square = 0.0F;
            float* linear = row + (width - d);
            for (std::size_t a = 0; a < d; ++a) {
                const float value = (from[a] - bound.origin[a]) * bound.scale;
                linear[a] = value;
                square += value * value;
            }
            if (!bound.spherical)
                for (std::size_t a = 0; a < d; ++a) row[a] = linear[a] * linear[a];
            squares[i] = square;
        }
        multiply(rows.view(), bound.weights.view(), out);
        const std::size_t k = bound.offset.size();
        for (std::size_t i = 0; i < x.rows; ++i) {
            float* ell = out.row(i).data();
            const float square = squares[i];
            if (bound.spherical)
                for (std::size_t s = 0; s < k; ++s)
                    ell[s] = log_kernel_of(ell[s], bound.half_precision[s] * square, bound.offset[s]);
            else
                for (std::size_t s = 0; s < k; ++s) ell[s] = log_kernel_of(ell[s], 0.0F, bound.offset[s]);
        }
    }
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace hsa
