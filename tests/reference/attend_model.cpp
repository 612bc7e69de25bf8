#include "tests/reference/attend_model.h"

#include <cmath>
#include <optional>
#include <utility>

namespace reference {
namespace {

using hsa::CovarianceKind;

// L with Sigma = L L^T: the logarithms of its diagonal, then what lies below, by rows.
std::vector<double> cholesky_parameters(const Matrix<double>& sigma) {
    const std::size_t d = sigma.rows();
    Matrix<double> lower(d, d);
    std::vector<double> parameters(d);
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b <= a; ++b) {
            double rest = sigma(a, b);
            for (std::size_t c = 0; c < b; ++c) rest -= lower(a, c) * lower(b, c);
            lower(a, b) = a == b ? std::sqrt(rest) : rest / lower(b, b);
            if (a == b) parameters[a] = std::log(lower(a, a));
        }
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b < a; ++b) parameters.push_back(lower(a, b));
    return parameters;
}

std::vector<double> covariance_parameters(const hsa::CovarianceView& covariance) {
    if (covariance.kind == CovarianceKind::full)
        return cholesky_parameters(hsa::dense_covariance(covariance));
    std::vector<double> parameters;
    for (const float v : covariance.variance)
        parameters.push_back(std::log(static_cast<double>(v)));
    if (covariance.kind == CovarianceKind::spherical) parameters.resize(1);
    parameters.insert(parameters.end(), covariance.shape.begin(), covariance.shape.end());
    return parameters;
}

Matrix<double> sigma_of(CovarianceKind kind, const std::vector<double>& parameters, std::size_t d) {
    Matrix<double> root(d, d);  // full: L; else F
    Matrix<double> sigma(d, d);
    if (kind == CovarianceKind::full) {
        std::size_t at = d;
        for (std::size_t a = 0; a < d; ++a) {
            for (std::size_t b = 0; b < a; ++b) root(a, b) = parameters[at++];
            root(a, a) = std::exp(parameters[a]);
        }
    } else {
        for (std::size_t a = 0; a < d; ++a)
            sigma(a, a) = std::exp(parameters[kind == CovarianceKind::spherical ? 0 : a]);
        if (kind == CovarianceKind::lowrank) {
            const std::size_t rank = parameters.size() / d - 1;
            root = Matrix<double>(d, rank);
            for (std::size_t e = 0; e < root.size(); ++e) root.data()[e] = parameters[d + e];
        }
    }
    for (std::size_t a = 0; a < d; ++a)
        for (std::size_t b = 0; b < d; ++b)
            for (std::size_t c = 0; c < root.cols(); ++c) sigma(a, b) += root(a, c) * root(b, c);
    return sigma;
}

Attention attention_of(const Model& model, bool background) {
    double weights = 0.0;
    for (const double w : model.log_level_weight) weights += std::exp(w);
    std::vector<Splat> splats;
    for (std::size_t s = 0; s < model.kind.size(); ++s) {
        Splat splat;
        splat.centre = model.centre[s];
        splat.precision =
            inverse(sigma_of(model.kind[s], model.covariance[s], model.centre[s].size()));
        splat.beta = std::exp(model.log_beta[s]);
        splat.block = model.level[s];
        splat.log_weight =
            model.log_amplitude[s] + model.log_level_weight[model.level[s]] - std::log(weights);
        splats.push_back(std::move(splat));
    }
    return attend(splats, model.coordinates,
                  background ? std::optional(model.background) : std::nullopt,
                  std::exp(model.log_temperature));
}

}  // namespace

Model model_of(const Case& data, const Matrix<float>& values, double temperature) {
    Model model;
    const hsa::SplatRegistry& registry = data.registry;
    for (std::size_t s = 0; s < registry.size(); ++s) {
        const hsa::Splat splat = registry.splat(s);
        model.kind.push_back(splat.kind);
        model.level.push_back(splat.level);
        model.centre.emplace_back(splat.centre.begin(), splat.centre.end());
        model.covariance.push_back(covariance_parameters(splat.covariance()));
        model.log_beta.push_back(std::log(static_cast<double>(splat.beta)));
        model.log_amplitude.push_back(static_cast<double>(splat.log_amplitude));
    }
    for (const hsa::Level& level : registry.hierarchy.levels)
        model.log_level_weight.push_back(std::log(level.weight));
    model.background = registry.background_log_weight.value_or(0.0);
    model.log_temperature = std::log(temperature);
    model.coordinates = data.blocks();
    model.values = widened(values);
    for (const std::uint32_t token : data.coordinates.masked) {
        model.masked.resize(data.tokens(), false);
        model.masked[token] = true;
    }
    return model;
}

double loss_of(const Model& model, bool background, const Matrix<double>& d_outputs) {
    Matrix<double> a = attention_of(model, background).a;
    if (!model.masked.empty()) a = without_masked(std::move(a), model.masked);
    double loss = 0.0;
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.cols(); ++j)
            for (std::size_t c = 0; c < d_outputs.cols(); ++c)
                loss += d_outputs(i, c) * a(i, j) * model.values(j, c);
    return loss;
}

}  // namespace reference
