#include "app/views/splats_motion.h"

#include "app/widgets/numbers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace splatscope {
namespace {

constexpr double kEaseSeconds = 0.15;
constexpr std::size_t kSix = 6;  // rows of a leg: `from` and `across`

Vec3 as_vec3(const std::array<float, 3>& p) {
    return {static_cast<double>(p[0]), static_cast<double>(p[1]), static_cast<double>(p[2])};
}

std::array<float, 3> between(const std::array<float, 3>& a, const std::array<float, 3>& b,
                             float t) {
    return {a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2])};
}

// Edges follow their ends; trails have places of rest alone.
void move_lines(const ViewContext& context, SplatsScene& shown) {
    shown.lines.clear();
    if (context.session.desk.splats.edges) add_edges(context, shown);
}

// rows x basis^T: [rows, 6].
hsa::Matrix<float> along_six(const hsa::Matrix<float>& rows, const hsa::Matrix<float>& six) {
    hsa::Matrix<float> out(rows.rows(), kSix);
    const std::size_t dimension = rows.cols();
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        const float* row = rows.row(i).data();
        for (std::size_t r = 0; r < kSix; ++r) {
            const float* axis = six.row(r).data();
            float sum = 0.0F;
            for (std::size_t a = 0; a < dimension; ++a) sum += axis[a] * row[a];
            out(i, r) = sum;
        }
    }
    return out;
}

std::array<float, 3> place_of(const hsa::Matrix<float>& six, std::size_t row,
                              const std::array<std::array<float, 6>, 3>& shares) {
    std::array<float, 3> place{};
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < kSix; ++c) place[r] += shares[r][c] * six(row, c);
    return place;
}

}  // namespace

void SplatsMotion::take_leg(const hsa::TourLeg& leg) {
    const std::size_t dimension = space_->axes.basis.rows();
    hsa::Matrix<float> six(kSix, dimension);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < dimension; ++a) {
            six(r, a) = static_cast<float>(leg.from(r, a));
            six(3 + r, a) = static_cast<float>(leg.across(r, a));
        }
    leg_points_ = along_six(space_->points, six);
    leg_centres_ = along_six(space_->centres, six);
    leg_covariances_ = hsa::Matrix<float>(space_->centres.rows(), kSix * kSix);
    std::vector<float> image(kSix * dimension);  // six Sigma
    for (std::size_t s = 0; s < leg_covariances_.rows(); ++s) {
        std::fill(image.begin(), image.end(), 0.0F);
        std::size_t entry = 0;
        for (std::size_t a = 0; a < dimension; ++a)
            for (std::size_t b = a; b < dimension; ++b) {
                const float value = space_->covariances(s, entry++);
                for (std::size_t r = 0; r < kSix; ++r) {
                    image[r * dimension + b] += six(r, a) * value;
                    if (a != b) image[r * dimension + a] += six(r, b) * value;
                }
            }
        for (std::size_t r = 0; r < kSix; ++r)
            for (std::size_t c = 0; c < kSix; ++c) {
                float sum = 0.0F;
                for (std::size_t a = 0; a < dimension; ++a)
                    sum += image[r * dimension + a] * six(c, a);
                leg_covariances_(s, r * kSix + c) = sum;
            }
    }
    leg_begin_ = leg.begin;
}

void SplatsMotion::place_on_tour(const ViewContext& context, double second, SplatsScene& shown) {
    const hsa::TourLeg& leg = path_->leg_at(second);
    if (leg_begin_ != leg.begin) take_leg(leg);
    const hsa::Matrix<double> exact = leg.shares_at(second);
    std::array<std::array<float, 6>, 3> shares{};
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < kSix; ++c) shares[r][c] = static_cast<float>(exact(r, c));
    for (std::size_t p = 0; p < shown.points.size(); ++p)
        shown.points[p].position = place_of(leg_points_, p, shares);
    const std::vector<std::uint32_t>& tokens = space_->tokens;
    for (std::size_t p = 0; p < shown.lit_points.size(); ++p) {
        const auto at = std::lower_bound(tokens.begin(), tokens.end(), shown.lit_token[p]);
        shown.lit_points[p].position =
            place_of(leg_points_, static_cast<std::size_t>(at - tokens.begin()), shares);
    }
    places_.clear();
    const double sigma = context.session.desk.splats.sigma;
    for (std::size_t b = 0; b < shown.bodies.size(); ++b) {
        const std::size_t row = body_row_[b];
        Place place;
        place.centre = as_vec3(place_of(leg_centres_, row, shares));
        std::size_t entry = 0;
        for (std::size_t r = 0; r < 3; ++r)
            for (std::size_t c = r; c < 3; ++c) {
                float sum = 0.0F;
                for (std::size_t x = 0; x < kSix; ++x)
                    for (std::size_t y = 0; y < kSix; ++y)
                        sum += shares[r][x] * leg_covariances_(row, x * kSix + y) * shares[c][y];
                place.covariance[entry++] = sum;
            }
        shown.bodies[b].drawn.shape = ellipsoid_at(place.centre, place.covariance, sigma);
        places_[shown.bodies[b].id] = place;
    }
}

bool SplatsMotion::tour(const ViewContext& context, const SplatsScene& still,
                        std::uint64_t still_number, SplatsKept& kept, SplatsScene& shown,
                        Drawn& drawn) {
    const hsa::Snapshot& snapshot = context.snapshot;
    const hsa::AxesChoice& choice = context.session.document.axes;
    const std::size_t level = points_level(context);
    drawn.tour = hsa::TourWanted{level, kMostMoving};
    drawn.animating = true;
    if (snapshot.layout->facts.choice.kind != hsa::AxesKind::tour) return false;
    // The space of an older cycle serves until that of this one is there.
    const hsa::LookResult& look = context.look;
    const bool fresh = look.tour && look.of && look.of->coordinates == snapshot.coordinates &&
                       look.tour->wanted == *drawn.tour && look.tour != space_;
    if (fresh) {
        space_ = look.tour;
        registry_ = look.of->registry;
        coordinates_ = look.of->coordinates;
        leg_begin_.reset();
    }
    if (!space_ || coordinates_ != snapshot.coordinates || !(space_->wanted == *drawn.tour))
        return false;
    // A path is long in the making at its late seconds: it stays while it is the same one.
    const std::size_t path_axes = space_->axes.basis.rows();
    if (!path_ || seed_ != choice.seed || path_dimension_ != path_axes) {
        path_.emplace(choice.seed, path_axes);
        seed_ = choice.seed;
        path_dimension_ = path_axes;
        leg_begin_.reset();
    }
    if (!touring_ || fresh || prepared_ != still_number) {
        shown = still;
        std::erase_if(shown.bodies,
                      [&](const SplatsScene::Body& body) { return !registry_->find(body.id); });
        body_row_.clear();
        for (const SplatsScene::Body& body : shown.bodies)
            body_row_.push_back(static_cast<std::uint32_t>(registry_->row(body.id)));
        const std::vector<std::uint32_t>& tokens = space_->tokens;
        if (context.session.desk.splats.points) {
            const PointColours& colours = kept.colours.of(context, level);
            shown.points.clear();
            for (const std::uint32_t token : tokens)
                shown.points.push_back({{}, colours.of(token), colours.shape_of(token)});
            shown.point_token = tokens;
        }
        std::vector<ScenePoint> lit;
        std::vector<std::uint32_t> lit_token;
        for (std::size_t p = 0; p < still.lit_points.size(); ++p)
            if (std::binary_search(tokens.begin(), tokens.end(), still.lit_token[p])) {
                lit.push_back(still.lit_points[p]);
                lit_token.push_back(still.lit_token[p]);
            }
        shown.lit_points = std::move(lit);
        shown.lit_token = std::move(lit_token);
        prepared_ = still_number;
    }
    const double second = tour_second(context.session, context.now);
    place_on_tour(context, second, shown);
    move_lines(context, shown);
    shown.explained =
        hsa::explained_by(path_->frame_at(second), space_->axes.variance, space_->axes.total);
    double explained = 0.0;
    for (const double share : shown.explained) explained += share;
    const std::size_t dimension = space_->axes.basis.rows();
    words_ = fmt::format("grand tour at {:.1f} s, {} of variance, through {}", second,
                         percent_text(explained, 0),
                         dimension < space_->dimension
                             ? fmt::format("{} of {} principal axes", dimension, space_->dimension)
                             : fmt::format("all {} dimensions", dimension));
    if (shown.points.size() < shown.tokens && context.session.desk.splats.points)
        words_ += fmt::format(" \u00b7 {} of {} tokens while it moves",
                              count_text(shown.points.size()), count_text(shown.tokens));
    return true;
}

// Where everything stands at rest, for a change that may follow.
void SplatsMotion::note_still(const ViewContext& context) {
    const hsa::Layout& layout = *context.snapshot.layout;
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    if (layout_ == context.snapshot.layout && !touring_) return;
    places_.clear();
    for (std::size_t s = 0; s < registry.size() && s < layout.centres.rows(); ++s) {
        Place place{point_at(layout.centres, s), {}};
        std::copy_n(layout.covariances.row(s).begin(), place.covariance.size(),
                    place.covariance.begin());
        places_[registry.id[s]] = place;
    }
    layout_ = context.snapshot.layout;
}

void SplatsMotion::begin_change(const SplatsScene& still, const SplatsScene& shown) {
    from_ = places_;
    from_points_.clear();
    from_lit_.clear();
    // Tokens that both pictures hold, at most kMostMoving.
    const std::size_t step = (still.points.size() + kMostMoving - 1) / kMostMoving;
    std::size_t old = 0;
    for (std::size_t p = 0; p < still.point_token.size(); p += std::max<std::size_t>(step, 1)) {
        const std::uint32_t token = still.point_token[p];
        while (old < shown.point_token.size() && shown.point_token[old] < token) ++old;
        if (old < shown.point_token.size() && shown.point_token[old] == token)
            from_points_.emplace_back(static_cast<std::uint32_t>(p), shown.points[old].position);
    }
    std::map<std::uint32_t, std::size_t> lit_before;
    for (std::size_t q = 0; q < shown.lit_points.size(); ++q) lit_before[shown.lit_token[q]] = q;
    for (std::size_t p = 0; p < still.lit_points.size(); ++p)
        if (const auto q = lit_before.find(still.lit_token[p]); q != lit_before.end())
            from_lit_.emplace_back(static_cast<std::uint32_t>(p),
                                   shown.lit_points[q->second].position);
}

bool SplatsMotion::change(const ViewContext& context, const SplatsScene& still, SplatsScene& shown,
                          Drawn& drawn) {
    const double part = (context.now - *began_) / kEaseSeconds;
    if (part >= 1.0 || part < 0.0) {
        began_.reset();
        return false;
    }
    drawn.animating = true;
    const double t = part * part * (3.0 - 2.0 * part);
    const auto tf = static_cast<float>(t);
    const hsa::Layout& layout = *context.snapshot.layout;
    const hsa::SplatRegistry& registry = *context.snapshot.registry;
    shown = still;
    shown.points.clear();
    shown.point_token.clear();
    for (const auto& [p, from] : from_points_) {
        if (p >= still.points.size()) continue;
        ScenePoint point = still.points[p];
        point.position = between(from, point.position, tf);
        shown.points.push_back(point);
        shown.point_token.push_back(still.point_token[p]);
    }
    for (const auto& [p, from] : from_lit_)
        if (p < shown.lit_points.size())
            shown.lit_points[p].position = between(from, still.lit_points[p].position, tf);
    for (SplatsScene::Body& body : shown.bodies) {
        const auto from = from_.find(body.id);
        const auto row = registry.find(body.id);
        if (from == from_.end() || !row) continue;
        const Vec3 to = point_at(layout.centres, *row);
        const Vec3 centre = from->second.centre + t * (to - from->second.centre);
        Covariance covariance{};
        for (std::size_t e = 0; e < covariance.size(); ++e) {
            const float before = from->second.covariance[e];
            covariance[e] = before + tf * (layout.covariances(*row, e) - before);
        }
        body.drawn.shape = ellipsoid_at(centre, covariance, context.session.desk.splats.sigma);
    }
    move_lines(context, shown);
    return true;
}

bool SplatsMotion::move(const ViewContext& context, const SplatsScene& still,
                        std::uint64_t still_number, SplatsKept& kept, SplatsScene& shown,
                        Drawn& drawn) {
    words_.clear();
    if (context.exporting) {
        prepared_ = 0;  // what is shown becomes the still scene: it is made anew in the next frame
        return false;
    }
    const hsa::Snapshot& snapshot = context.snapshot;
    if (is_touring(context.session)) {
        const bool moves = tour(context, still, still_number, kept, shown, drawn);
        touring_ = moves;
        if (moves) {
            layout_ = snapshot.layout;
            began_.reset();
            return true;
        }
    } else if (touring_) {
        // The picture stays until the axes of the moment it stopped at are there.
        const bool arrived = snapshot.layout->facts.choice == context.session.document.axes;
        if (!arrived && snapshot.error.empty() && prepared_ == still_number) {
            drawn.animating = true;
            return true;
        }
        begin_change(still, shown);
        began_ = context.now;
        note_still(context);
        touring_ = false;
    } else if (space_) {
        space_.reset();
        registry_.reset();
        coordinates_.reset();
        path_.reset();
        leg_points_ = leg_centres_ = leg_covariances_ = {};
        leg_begin_.reset();
    }
    if (layout_ && layout_ != snapshot.layout &&
        !(layout_->facts.choice == snapshot.layout->facts.choice) &&
        layout_->mean.size() == snapshot.layout->mean.size()) {
        begin_change(still, shown);
        began_ = context.now;
    }
    note_still(context);
    return began_ && change(context, still, shown, drawn);
}

}  // namespace splatscope
