#include "tests/reference/cases.h"

#include "engine/core/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace reference {
namespace {

hsa::Splat splat_at(std::vector<float> centre, float variance, std::uint16_t level) {
    hsa::Splat splat;
    splat.level = level;
    splat.variance.assign(centre.size(), variance);
    splat.centre = std::move(centre);
    return splat;
}

Matrix<float> sine_rows(std::size_t n, std::size_t d) {
    Matrix<float> rows(n, d);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t c = 0; c < d; ++c)
            rows(i, c) = static_cast<float>(
                std::sin(0.7 * static_cast<double>(i + 1) + 1.3 * static_cast<double>(c + 1)));
    return rows;
}

std::vector<float> cosine_centre(std::size_t s, std::size_t d) {
    std::vector<float> centre(d);
    for (std::size_t c = 0; c < d; ++c)
        centre[c] = static_cast<float>(
            std::cos(0.5 * static_cast<double>(s + 1) + 0.8 * static_cast<double>(c + 1)));
    return centre;
}

// Lowrank: a factor of `rank` columns. Full: B B^T / d is added to the diagonal.
void add_shape(hsa::Random& random, std::size_t rank, hsa::Splat& splat) {
    const std::size_t d = splat.centre.size();
    if (splat.kind == hsa::CovarianceKind::lowrank)
        for (std::size_t e = 0; e < d * rank; ++e)
            splat.shape.push_back(static_cast<float>(0.6 * random.normal()));
    if (splat.kind != hsa::CovarianceKind::full) return;
    Matrix<double> b(d, d);
    for (std::size_t e = 0; e < b.size(); ++e)
        b.data()[e] = random.normal() / std::sqrt(static_cast<double>(d));
    for (std::size_t r = 0; r < d; ++r)
        for (std::size_t c = 0; c <= r; ++c) {
            double sum = 0.0;
            for (std::size_t a = 0; a < d; ++a) sum += b(r, a) * b(c, a);
            if (c < r) splat.shape.push_back(static_cast<float>(sum));
            else splat.variance[r] += static_cast<float>(sum);
        }
}

// Sigma of a splat that has a shape, from what covariance.h says of it.
Matrix<double> covariance_of(const hsa::Splat& splat) {
    const std::size_t d = splat.centre.size();
    Matrix<double> sigma(d, d);
    for (std::size_t r = 0; r < d; ++r) {
        sigma(r, r) = static_cast<double>(splat.variance[r]);
        for (std::size_t c = 0; c < r && splat.kind == hsa::CovarianceKind::full; ++c)
            sigma(r, c) = sigma(c, r) = static_cast<double>(splat.shape[r * (r - 1) / 2 + c]);
    }
    if (splat.kind == hsa::CovarianceKind::full) return sigma;
    const std::size_t rank = splat.shape.size() / d;
    for (std::size_t r = 0; r < d; ++r)
        for (std::size_t c = 0; c < d; ++c)
            for (std::size_t f = 0; f < rank; ++f)
                sigma(r, c) += static_cast<double>(splat.shape[r * rank + f]) *
                               static_cast<double>(splat.shape[c * rank + f]);
    return sigma;
}

}  // namespace

std::vector<Splat> Case::splats(hsa::Side side) const {
    const std::vector<double> log_weight = registry.log_weights();
    std::vector<Splat> all;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        Splat splat;
        hsa::Splat from = registry.splat(s);
        if (side == hsa::Side::query && registry.query_gaussians) {
            const hsa::GaussianColumns& own = *registry.query_gaussians;
            from.kind = own.kind[s];
            from.centre.assign(own.centre.row(s).begin(), own.centre.row(s).end());
            from.variance.assign(own.variance.row(s).begin(), own.variance.row(s).end());
            from.shape = own.shape[s];
        }
        splat.centre.assign(from.centre.begin(), from.centre.end());
        if (from.shape.empty()) splat.variance.assign(from.variance.begin(), from.variance.end());
        else splat.precision = inverse(covariance_of(from));
        splat.beta = static_cast<double>(from.beta);
        splat.log_weight = log_weight[s];
        splat.block = from.level;
        all.push_back(std::move(splat));
    }
    return all;
}

std::vector<Matrix<double>> Case::blocks() const {
    std::vector<Matrix<double>> all;
    for (const auto& level : coordinates.levels) all.push_back(widened(*level));
    return all;
}

Attention Case::attention(double temperature) const {
    if (registry.form == hsa::Form::token)
        return attend(splats(), blocks(), registry.background_log_weight, temperature);
    Heads heads;
    heads.query = splats(hsa::Side::query);
    heads.key = splats(hsa::Side::key);
    heads.keys = blocks();
    heads.norms = widened(*coordinates.base);
    heads.queries = coordinates.queries ? widened(*coordinates.queries) : heads.norms;
    heads.kappa = registry.kappa;
    return attend_heads(heads, registry.background_log_weight, temperature);
}

void Case::set_rows(Matrix<float> rows) {
    coordinates.base = std::make_shared<const Matrix<float>>(std::move(rows));
    coordinates.levels.assign(registry.hierarchy.size(), coordinates.base);
}

Case d1() {
    Case data;
    data.registry.hierarchy.levels = {{"fine", 0.6}, {"coarse", 0.4}};
    data.registry.dimension = 3;
    for (std::size_t s = 0; s < 4; ++s) {
        hsa::Splat splat = splat_at(cosine_centre(s, 3), 0.5F + 0.25F * static_cast<float>(s),
                                    static_cast<std::uint16_t>(s / 2));
        splat.log_amplitude = static_cast<float>(std::log(1.0 + 0.1 * static_cast<double>(s)));
        data.registry.add(splat);
    }
    data.set_rows(sine_rows(6, 3));
    return data;
}

Case d768() {
    Case data;
    data.registry.hierarchy.levels = {{"all", 1.0}};
    data.registry.dimension = 768;
    for (std::size_t s = 0; s < 4; ++s) data.registry.add(splat_at(cosine_centre(s, 768), 1.0F, 0));
    data.set_rows(sine_rows(8, 768));
    return data;
}

Case random_case(const Shape& shape, std::uint64_t seed) {
    Case data;
    data.registry.dimension = shape.dimension;
    std::vector<std::uint16_t> levels;
    for (std::size_t l = 0; l < shape.splats.size(); ++l) {
        data.registry.hierarchy.levels.push_back(
            {"level " + std::to_string(l), 1.0 + static_cast<double>(l)});
        levels.insert(levels.end(), shape.splats[l], static_cast<std::uint16_t>(l));
    }
    hsa::Random order({seed, 0});
    if (shape.mixed_ids)
        for (std::size_t s = levels.size(); s > 1; --s)
            std::swap(levels[s - 1], levels[order.below(s)]);
    // The shape of a splat drawn anew, for one side.
    const auto draw_splat = [&](hsa::Random& random, std::uint16_t level) {
        std::vector<float> centre(shape.dimension);
        for (float& c : centre) c = static_cast<float>(random.normal());
        hsa::Splat splat =
            splat_at(std::move(centre), static_cast<float>(0.3 + random.uniform()), level);
        splat.kind = shape.kind;
        if (shape.kind != hsa::CovarianceKind::spherical)
            for (float& v : splat.variance) v = static_cast<float>(0.3 + random.uniform());
        return splat;
    };
    hsa::GaussianColumns queries;
    for (std::size_t s = 0; s < levels.size(); ++s) {
        hsa::Random random({seed, 1, s});
        hsa::Splat splat = draw_splat(random, levels[s]);
        add_shape(random, 1 + s % 6, splat);
        splat.log_amplitude = static_cast<float>(0.5 * random.normal());
        splat.beta = static_cast<float>((1.0 + 3.0 * random.uniform()) /
                                        static_cast<double>(shape.dimension));
        data.registry.add(splat);
        if (shape.form != hsa::Form::paired) continue;
        hsa::Random other({seed, 3, s});
        hsa::Splat query = draw_splat(other, levels[s]);
        for (std::size_t a = 0; a < query.centre.size(); ++a)
            query.centre[a] = 0.7F * splat.centre[a] + 0.3F * query.centre[a];
        add_shape(other, 1 + s % 4, query);
        queries.append(query.centre, query.kind, query.variance, query.shape);
    }
    data.registry.form = shape.form;
    if (shape.form == hsa::Form::paired) data.registry.query_gaussians = std::move(queries);
    if (shape.form != hsa::Form::token)
        data.registry.kappa = 0.8 / static_cast<double>(shape.dimension);
    if (shape.background) data.registry.background_log_weight = -3.0;
    const auto draw_rows = [&](std::uint64_t block) {
        Matrix<float> rows(shape.tokens, shape.dimension);
        for (std::size_t i = 0; i < shape.tokens; ++i) {
            hsa::Random random({seed, 2, block, i});
            const auto centre = data.registry.gaussians.centre.row(random.below(levels.size()));
            for (std::size_t a = 0; a < shape.dimension; ++a)
                rows(i, a) = centre[a] + static_cast<float>(0.7 * random.normal());
        }
        return rows;
    };
    data.set_rows(draw_rows(0));
    if (shape.own_blocks)
        for (std::size_t l = 1; l < shape.splats.size(); ++l)
            data.coordinates.levels[l] = std::make_shared<const Matrix<float>>(draw_rows(l));
    if (shape.form != hsa::Form::token)
        data.coordinates.queries = std::make_shared<const Matrix<float>>(draw_rows(100));
    return data;
}

std::unique_ptr<hsa::Backend> cpu() {
    std::vector<std::string> notes;
    return hsa::make_backend("cpu", notes);
}

hsa::Factors factors_of(const Case& data, const hsa::FactorOptions& options) {
    return hsa::compute_factors(*tested(), data.registry, data.coordinates, options, {});
}

Matrix<double> product(const hsa::Factors& factors) {
    const std::size_t n = factors.tokens();
    Matrix<double> a(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
            for (std::size_t s = 0; s < factors.columns(); ++s)
                a(i, j) +=
                    static_cast<double>(factors.p(i, s)) * static_cast<double>(factors.k(j, s));
    return a;
}

Matrix<double> widened(const hsa::FactorMatrix& m) {
    Matrix<double> wide(m.rows(), m.cols());
    for (std::size_t i = 0; i < m.rows(); ++i)
        for (std::size_t s = 0; s < m.cols(); ++s) wide(i, s) = static_cast<double>(m(i, s));
    return wide;
}

double largest_difference(const Matrix<double>& a, const Matrix<double>& b) {
    if (a.rows() != b.rows() || a.cols() != b.cols())
        return std::numeric_limits<double>::infinity();
    double most = 0.0;
    for (std::size_t x = 0; x < a.size(); ++x) {
        const double difference = std::abs(a.data()[x] - b.data()[x]);
        if (!std::isfinite(difference)) return std::numeric_limits<double>::infinity();
        most = std::max(most, difference);
    }
    return most;
}

Matrix<double> widened(const Matrix<float>& m) {
    Matrix<double> wide(m.rows(), m.cols());
    for (std::size_t x = 0; x < m.size(); ++x) wide.data()[x] = static_cast<double>(m.data()[x]);
    return wide;
}

}  // namespace reference
