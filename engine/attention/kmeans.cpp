#include "engine/attention/kmeans.h"

#include "engine/core/gather.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/core/random.h"

#include <Eigen/Core>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr int kRounds = 15;
constexpr std::size_t kTile = 256;
constexpr std::size_t kRowsAtOnce = 64 * kChunkRows;  // between two reports
constexpr const char* kStep = "placing splats";
// Shares of the time: choosing the starting centres, the rounds; the rest finds all rows' cells.
constexpr double kStarted = 0.3;
constexpr double kMoved = 0.7;

enum Purpose : std::uint64_t { sample_rows = 1, plus_plus = 2 };

double square_distance(std::span<const float> a, std::span<const float> b) {
    using Row = Eigen::Map<const Eigen::ArrayXf>;
    const auto size = static_cast<Eigen::Index>(a.size());
    return static_cast<double>((Row(a.data(), size) - Row(b.data(), size)).square().sum());
}

// Nearest centre of each row and its squared distance.
void assign(MatrixView<const float> y, const Matrix<float>& centres, std::span<std::uint32_t> label,
            std::span<double> distance, const Work& work) {
    std::vector<float> half_square(centres.rows());
    for (std::size_t s = 0; s < centres.rows(); ++s) {
        double square = 0.0;
        for (const float v : centres.row(s))
            square += static_cast<double>(v) * static_cast<double>(v);
        half_square[s] = static_cast<float>(0.5 * square);
    }
    parallel_blocks(y.rows, kTile, [&](std::size_t begin, std::size_t end) {
        work.check();
        Matrix<float> dots(end - begin, centres.rows());
        multiply_transposed(y.block(begin, end), centres.view(), dots.view());
        for (std::size_t i = begin; i < end; ++i) {
            const std::span<float> row = dots.row(i - begin);
            Eigen::Map<Eigen::ArrayXf> score(row.data(), static_cast<Eigen::Index>(row.size()));
            score -= Eigen::Map<const Eigen::ArrayXf>(half_square.data(), score.size());
            const auto best = std::find(row.begin(), row.end(), score.maxCoeff()) - row.begin();
            label[i] = static_cast<std::uint32_t>(std::min(best, score.size() - 1));
            distance[i] = square_distance(y.row(i), centres.row(label[i]));
        }
    });
}

// The same for many rows, some at a time: [n].
std::vector<std::uint32_t> nearest_of_all(MatrixView<const float> y, const Matrix<float>& centres,
                                          double from, const Work& work) {
    std::vector<std::uint32_t> label(y.rows);
    std::vector<double> distance(std::min(y.rows, kRowsAtOnce));
    for (std::size_t begin = 0; begin < y.rows; begin += kRowsAtOnce) {
        work.report(kStep,
                    from + (1.0 - from) * static_cast<double>(begin) / static_cast<double>(y.rows));
        const std::size_t end = std::min(y.rows, begin + kRowsAtOnce);
        assign(y.block(begin, end), centres, std::span(label).subspan(begin, end - begin),
               std::span(distance).first(end - begin), work);
    }
    return label;
}

// Draws an index with probability proportional to `mass`; the last with mass where rounding runs
// out.
std::size_t draw(std::span<const double> mass, Random& random) {
    const double total = std::accumulate(mass.begin(), mass.end(), 0.0);
    double left = random.uniform() * total;
    std::size_t last = 0;
    for (std::size_t i = 0; i < mass.size(); ++i) {
        if (mass[i] <= 0.0) continue;
        last = i;
        left -= mass[i];
        if (left < 0.0) return i;
    }
    return last;
}

// k-means++: fewer centres where no row is left that differs from all chosen.
Matrix<float> starting_centres(const Matrix<float>& y, std::span<const float> weight, std::size_t k,
                               std::uint64_t seed, const Work& work) {
    Random random{seed, plus_plus};
    const std::size_t n = y.rows();
    std::vector<double> mass(weight.begin(), weight.end());
    Matrix<float> centres;
    centres.append_row(y.row(draw(mass, random)));
    std::vector<double> nearest(n, std::numeric_limits<double>::infinity());
    while (centres.rows() < k) {
        work.check();
        work.report(kStep, kStarted * static_cast<double>(centres.rows()) / static_cast<double>(k));
        const auto newest = std::as_const(centres).row(centres.rows() - 1);
        parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                nearest[i] = std::min(nearest[i], square_distance(y.row(i), newest));
                mass[i] = static_cast<double>(weight[i]) * nearest[i];
            }
        });
        if (!(std::accumulate(mass.begin(), mass.end(), 0.0) > 0.0)) break;
        const auto row = std::as_const(y).row(draw(mass, random));
        const std::vector<float> copy(row.begin(), row.end());
        centres.append_row(copy);
    }
    return centres;
}

// Rows of the cells' weighted means; an empty cell takes the row that is worst served.
void move_centres(const Matrix<float>& y, std::span<const float> weight, Matrix<float>& centres,
                  std::vector<std::uint32_t>& label, std::vector<double>& distance) {
    const std::size_t k = centres.rows();
    const std::size_t d = y.cols();
    std::vector<std::size_t> members(k, 0);
    for (const std::uint32_t l : label) ++members[l];
    for (std::uint32_t s = 0; s < k; ++s) {
        if (members[s] > 0) continue;
        std::size_t worst = label.size();
        double most = 0.0;
        for (std::size_t i = 0; i < label.size(); ++i) {
            const double cost = static_cast<double>(weight[i]) * distance[i];
            if (cost > most && members[label[i]] > 1) {
                most = cost;
                worst = i;
            }
        }
        if (worst == label.size()) continue;
        --members[label[worst]];
        label[worst] = s;
        distance[worst] = 0.0;
        members[s] = 1;
    }
    const std::vector<double> sums = parallel_sum(
        y.rows(), k * (d + 1), [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i) {
                double* into = out.data() + label[i] * (d + 1);
                const auto w = static_cast<double>(weight[i]);
                for (std::size_t a = 0; a < d; ++a) into[a] += w * static_cast<double>(y(i, a));
                into[d] += w;
            }
        });
    for (std::size_t s = 0; s < k; ++s) {
        const double* from = sums.data() + s * (d + 1);
        if (from[d] > 0.0)
            for (std::size_t a = 0; a < d; ++a)
                centres(s, a) = static_cast<float>(from[a] / from[d]);
    }
}

// Numbers the labels in use 0, 1, 2 ... in their order.
Places compact(std::vector<std::uint32_t> label, std::size_t labels) {
    std::vector<std::uint32_t> number(labels, 0);
    std::vector<char> used(labels, 0);
    for (const std::uint32_t l : label) used[l] = 1;
    Places places;
    for (std::size_t s = 0; s < labels; ++s)
        if (used[s] != 0) number[s] = static_cast<std::uint32_t>(places.count++);
    for (std::uint32_t& l : label) l = number[l];
    places.label = std::move(label);
    return places;
}

}  // namespace

Places weighted_kmeans(const Matrix<float>& y, std::span<const float> weight,
                       std::span<const std::uint32_t> rows, std::size_t k, std::uint64_t seed,
                       const Work& work, std::size_t most_rows) {
    const auto weights_of = [&](std::span<const std::uint32_t> some) {
        std::vector<float> w(some.size());
        for (std::size_t r = 0; r < some.size(); ++r) w[r] = weight[some[r]];
        return w;
    };
    std::vector<std::uint32_t> sample(rows.begin(), rows.end());
    if (sample.size() > most_rows) {
        // The first of a Fisher-Yates shuffle.
        Random random{seed, sample_rows};
        for (std::size_t r = 0; r < most_rows; ++r)
            std::swap(sample[r], sample[r + random.below(sample.size() - r)]);
        sample.resize(most_rows);
        std::sort(sample.begin(), sample.end());
    }
    const Matrix<float> some = gather_rows(y.view(), sample);
    const std::vector<float> some_weight = weights_of(sample);
    Matrix<float> centres =
        starting_centres(some, some_weight, std::max<std::size_t>(k, 1), seed, work);
    std::vector<std::uint32_t> label(sample.size());
    std::vector<double> distance(sample.size());
    for (int round = 0; round < kRounds; ++round) {
        work.check();
        work.report(kStep, kStarted + (kMoved - kStarted) * round / kRounds);
        assign(some.view(), centres, label, distance, work);
        move_centres(some, some_weight, centres, label, distance);
    }
    const bool all = sample.size() == rows.size();
    const Matrix<float> everything = all ? Matrix<float>() : gather_rows(y.view(), rows);
    return compact(nearest_of_all((all ? some : everything).view(), centres, kMoved, work),
                   centres.rows());
}

Places nearest_places(const Matrix<float>& y, const Matrix<float>& centres, const Work& work) {
    return compact(nearest_of_all(y.view(), centres, 0.0, work), centres.rows());
}

}  // namespace hsa
