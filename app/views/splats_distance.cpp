#include "app/views/splats_distance.h"

#include "app/views/splats_frame.h"
#include "app/views/view_names.h"
#include "app/widgets/numbers.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace splatscope {
namespace {

// Lower triangle L of Sigma = L L^T, positive definite.
hsa::Matrix<double> cholesky(const hsa::Matrix<double>& sigma) {
    const std::size_t d = sigma.rows();
    hsa::Matrix<double> factor(d, d);
    for (std::size_t r = 0; r < d; ++r)
        for (std::size_t c = 0; c <= r; ++c) {
            double sum = sigma(r, c);
            for (std::size_t b = 0; b < c; ++b) sum -= factor(r, b) * factor(c, b);
            factor(r, c) = r == c ? std::sqrt(std::max(sum, 1e-300)) : sum / factor(c, c);
        }
    return factor;
}

double distance_between(std::span<const float> a, std::span<const float> b) {
    double sum = 0.0;
    for (std::size_t e = 0; e < a.size(); ++e) {
        const double delta = static_cast<double>(a[e]) - static_cast<double>(b[e]);
        sum += delta * delta;
    }
    return std::sqrt(sum);
}

// The first selected splat, else the one of the level with the largest P(s|i): its row.
std::optional<std::size_t> splat_for(const ViewContext& context, std::size_t token,
                                     std::size_t level) {
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    for (const hsa::SplatId id : context.session.document.selection.splats)
        if (const auto row = registry.find(id)) return row;
    const hsa::Factors* factors = context.snapshot.factors.get();
    if (factors == nullptr || token >= factors->p.rows()) return std::nullopt;
    const hsa::FactorRow shares = factors->p.row(token);
    const std::size_t columns = factors->columns() - (factors->has_background() ? 1 : 0);
    std::optional<std::size_t> best;
    for (std::size_t c = 0; c < columns; ++c)
        if (factors->level[c] == level && (!best || shares[c] > shares[*best])) best = c;
    return best ? registry.find(factors->ids[*best]) : std::nullopt;
}

bool has_distances(const ViewContext& context, std::size_t level) {
    const hsa::Snapshot& snapshot = context.snapshot;
    return snapshot.coordinates && snapshot.layout && snapshot.registry &&
           level < snapshot.coordinates->levels.size() && level < snapshot.layout->points.size() &&
           snapshot.layout->mean.size() == snapshot.coordinates->levels[level]->cols();
}

}  // namespace

SplatMetric::SplatMetric(const hsa::SplatRegistry& registry, std::size_t row)
    : centre_(registry.gaussians.centre.row(row)) {
    const hsa::CovarianceView covariance = registry.gaussians.covariance(row);
    if (!covariance.shape.empty()) {
        factor_ = cholesky(hsa::dense_covariance(covariance));
        return;
    }
    for (const float variance : covariance.variance)
        deviation_.push_back(std::sqrt(static_cast<double>(variance)));
}

double SplatMetric::distance(std::span<const float> place) const {
    double sum = 0.0;
    std::vector<double> solved(deviation_.empty() ? centre_.size() : 0);
    for (std::size_t a = 0; a < centre_.size(); ++a) {
        double delta = static_cast<double>(place[a]) - static_cast<double>(centre_[a]);
        if (!deviation_.empty()) {
            delta /= deviation_[a];
        } else {
            for (std::size_t b = 0; b < a; ++b) delta -= factor_(a, b) * solved[b];
            delta /= factor_(a, a);
            solved[a] = delta;
        }
        sum += delta * delta;
    }
    return std::sqrt(sum);
}

const SplatMetric& KeptMetric::of(const std::shared_ptr<const hsa::SplatRegistry>& registry,
                                  std::size_t row) {
    if (!metric_ || registry_ != registry || row_ != row) {
        metric_.emplace(*registry, row);
        registry_ = registry;
        row_ = row;
    }
    return *metric_;
}

std::vector<Lies> where_tokens_lie(const ViewContext& context, std::size_t level,
                                   std::span<const std::size_t> rows) {
    const hsa::Layout& layout = *context.snapshot.layout;
    const hsa::Matrix<float>& points = *layout.points[level];
    const hsa::Matrix<float>& places = *context.snapshot.coordinates->levels[level];
    const double sigma = context.session.desk.splats.sigma;
    std::vector<Ellipsoid> bodies;
    std::vector<SplatMetric> metrics;
    for (const std::size_t row : rows) {
        bodies.push_back(
            ellipsoid_at(point_at(layout.centres, row), layout.covariances.row(row), sigma));
        metrics.emplace_back(*context.snapshot.registry, row);
    }
    std::vector<Lies> lies(points.rows(), Lies::outside);
    hsa::parallel_blocks(points.rows(), hsa::kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const Vec3 point = point_at(points, i);
            for (std::size_t b = 0; b < bodies.size() && lies[i] != Lies::inside; ++b) {
                const Vec3 u = bodies[b].unstretched(point - bodies[b].centre);
                if (dot(u, u) > 1.0) continue;
                lies[i] =
                    metrics[b].distance(places.row(i)) <= sigma ? Lies::inside : Lies::possibly;
            }
        }
    });
    return lies;
}

std::vector<double> shown_shares(const ViewContext& context, std::size_t level, std::size_t row) {
    if (!has_distances(context, level)) return {};
    const hsa::Layout& layout = *context.snapshot.layout;
    const hsa::Matrix<float>& points = *layout.points[level];
    const hsa::Matrix<float>& places = *context.snapshot.coordinates->levels[level];
    const bool of_splat = row < layout.centres.rows();
    const std::span<const float> from =
        of_splat ? std::span<const float>(context.snapshot.registry->gaussians.centre.row(row))
                 : std::span<const float>(layout.mean);
    const Vec3 shown_from = of_splat ? point_at(layout.centres, row) : Vec3{};
    std::vector<double> shares(points.rows());
    hsa::parallel_blocks(points.rows(), hsa::kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            const double full = distance_between(places.row(i), from);
            const double shown = length(point_at(points, i) - shown_from);
            shares[i] =
                full > 0.0 ? std::min(shown / full, 1.0) : std::numeric_limits<double>::quiet_NaN();
        }
    });
    return shares;
}

std::string distance_text(const ViewContext& context, std::size_t token, std::size_t level,
                          KeptMetric& kept) {
    if (!has_distances(context, level)) return "";
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::Layout& layout = *snapshot.layout;
    const std::size_t d = layout.mean.size();
    const double full =
        distance_between(snapshot.coordinates->levels[level]->row(token), layout.mean);
    const double shown = length(point_at(*layout.points[level], token));
    std::string text = fmt::format("from the middle {} in {} dimensions, {} shown",
                                   number_text(full), d, number_text(shown));
    if (full > 0.0) text += fmt::format(" ({})", percent_text(shown / full, 0));
    if (snapshot.registry->form != hsa::Form::token) return text;
    const auto row = splat_for(context, token, level);
    if (!row) return text;
    // A splat lies among the coordinates of its own level.
    const std::size_t own = snapshot.registry->level[*row];
    if (!has_distances(context, own)) return text;
    const double sigma = context.session.desk.splats.sigma;
    const Ellipsoid unit =
        ellipsoid_at(point_at(layout.centres, *row), layout.covariances.row(*row), 1.0);
    const Vec3 u = unit.unstretched(point_at(*layout.points[own], token) - unit.centre);
    const double away =
        kept.of(snapshot.registry, *row).distance(snapshot.coordinates->levels[own]->row(token));
    const char* verdict = length(u) > sigma ? "certainly outside"
                          : away > sigma    ? "inside as drawn, outside in all dimensions"
                                            : "inside";
    text += fmt::format(
        "\nfrom {} splat {} {}\u03c3 in {} dimensions, {}\u03c3 shown: {} at {}\u03c3",
        level_name(snapshot, snapshot.registry->level[*row]), snapshot.registry->id[*row],
        number_text(away), d, number_text(length(u)), verdict, number_text(sigma));
    return text;
}

}  // namespace splatscope
