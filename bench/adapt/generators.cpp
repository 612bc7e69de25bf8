#include "bench/adapt/generators.h"

#include "engine/core/random.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;
using hsa::Random;
using Vector = std::vector<double>;

Vector normal_vector(Random& random, std::size_t d) {
    Vector v(d);
    for (double& x : v) x = random.normal();
    return v;
}

Vector unit(Vector v) {
    double square = 0.0;
    for (const double x : v) square += x * x;
    for (double& x : v) x /= std::sqrt(std::max(square, 1e-300));
    return v;
}

Vector sum(const Vector& a, const Vector& b, double times) {
    Vector out = a;
    for (std::size_t c = 0; c < a.size(); ++c) out[c] += times * b[c];
    return out;
}

void write_row(Matrix<float>& x, std::size_t i, const Vector& v, double length) {
    for (std::size_t c = 0; c < v.size(); ++c) x(i, c) = static_cast<float>(v[c] * length);
}

// Marsaglia and Tsang's gamma(3), for Dirichlet(3) weights.
double gamma3(Random& random) {
    const double d = 3.0 - 1.0 / 3.0;
    const double c = 1.0 / std::sqrt(9.0 * d);
    while (true) {
        const double z = random.normal();
        const double v = std::pow(1.0 + c * z, 3.0);
        if (v > 0.0 && std::log(1.0 - random.uniform()) < 0.5 * z * z + d - d * v + d * std::log(v))
            return d * v;
    }
}

}  // namespace

Matrix<float> clusters(std::size_t n, std::uint64_t seed, bool shifted) {
    constexpr std::size_t kClusters = 24;
    constexpr std::size_t kDimension = 16;
    Random random{seed, 1};
    std::vector<Vector> directions(kClusters);
    Vector up_to(kClusters);
    double total = 0.0;
    for (std::size_t a = 0; a < kClusters; ++a) {
        directions[a] = unit(normal_vector(random, kDimension));
        up_to[a] = total += gamma3(random);
    }
    if (shifted)
        for (std::size_t a = 0; a < kClusters; a += 2)
            directions[a] = unit(normal_vector(random, kDimension));
    Matrix<float> x(n, kDimension);
    Random points{seed, 2};
    for (std::size_t i = 0; i < n; ++i) {
        const auto a = static_cast<std::size_t>(
            std::lower_bound(up_to.begin(), up_to.end(), points.uniform() * total) - up_to.begin());
        write_row(x, i, unit(sum(directions[a], normal_vector(points, kDimension), 0.1)),
                  std::sqrt(10.0));
    }
    return x;
}

Matrix<float> tree(std::size_t n, std::uint64_t seed) {
    constexpr std::size_t kDimension = 16;
    Random random{seed, 3};
    std::vector<Vector> leaves;
    for (int top = 0; top < 4; ++top) {
        const Vector direction = unit(normal_vector(random, kDimension));
        for (int child = 0; child < 4; ++child) {
            const Vector middle = sum(direction, unit(normal_vector(random, kDimension)), 0.6);
            for (int leaf = 0; leaf < 3; ++leaf)
                leaves.push_back(sum(middle, unit(normal_vector(random, kDimension)), 0.4));
        }
    }
    Matrix<float> x(n, kDimension);
    for (std::size_t i = 0; i < n; ++i)
        write_row(
            x, i,
            unit(sum(leaves[random.below(leaves.size())], normal_vector(random, kDimension), 0.08)),
            std::sqrt(12.0));
    return x;
}

Matrix<float> band(std::size_t n, std::uint64_t seed) {
    constexpr std::size_t kWaves = 12;
    constexpr std::size_t kTypes = 20;
    constexpr std::size_t kTypeDimension = 8;
    Random random{seed, 4};
    Vector wave(kWaves);
    for (double& w : wave) w = random.normal() / (static_cast<double>(n) / 40.0);
    std::vector<Vector> types(kTypes);
    for (Vector& type : types) type = unit(normal_vector(random, kTypeDimension));
    std::vector<Vector> code(n);
    std::vector<std::size_t> type_of(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (const double w : wave) {
            code[i].push_back(std::cos(static_cast<double>(i) * w) /
                              std::sqrt(static_cast<double>(kWaves)));
            code[i].push_back(std::sin(static_cast<double>(i) * w) /
                              std::sqrt(static_cast<double>(kWaves)));
        }
        type_of[i] = i == 0 || random.uniform() < 0.1 ? random.below(kTypes) : type_of[i - 1];
    }
    const std::size_t stretch = n / 16;
    for (std::size_t copy = 0; copy < 4; ++copy) {
        const std::size_t from = copy * n / 8 + random.below(n / 8 - stretch);
        const std::size_t to = n / 2 + copy * n / 8 + random.below(n / 8 - stretch);
        for (std::size_t t = 0; t < stretch; ++t) {
            Vector mixed = code[to + t];
            for (double& c : mixed) c *= 0.5;
            code[to + t] = sum(mixed, code[from + t], 0.7);
            type_of[to + t] = type_of[from + t];
        }
    }
    Matrix<float> x(n, 2 * kWaves + kTypeDimension);
    for (std::size_t i = 0; i < n; ++i) {
        Vector row = unit(code[i]);
        for (std::size_t c = 0; c < kTypeDimension; ++c)
            row.push_back(0.6 * types[type_of[i]][c] + 0.05 * random.normal());
        write_row(x, i, unit(row), 3.0);
    }
    return x;
}

Matrix<float> topics(std::size_t n, std::size_t d, std::uint64_t seed) {
    constexpr std::size_t kTopics = 60;
    constexpr std::size_t kStretch = 50;
    Random random{seed};
    std::vector<Vector> directions(kTopics);
    for (Vector& direction : directions) direction = unit(normal_vector(random, d));
    Matrix<float> x(n, d);
    for (std::size_t i = 0; i < n; ++i)
        write_row(x, i,
                  unit(sum(directions[(i / kStretch + random.below(3)) % kTopics],
                           normal_vector(random, d), 0.1)),
                  std::sqrt(static_cast<double>(d)));
    return x;
}

}  // namespace hsa_bench
