#include "engine/explain/tour_path.h"

#include "engine/core/random.h"

#include <Eigen/Dense>

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr double kRadians = 0.35;   // a second, of the six angles together
constexpr double kShortest = 1.0;   // seconds of a leg
constexpr double kSameWay = 1e-9;   // sine below which two axes are one
constexpr double kStarting = 0.15;  // share of a leg in which it gains its speed, and loses it
constexpr std::uint64_t kTour = 0x746f7572;  // what the draws are for

using Frame = Eigen::Matrix<double, 3, Eigen::Dynamic>;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

template <class M>
Matrix<double> as_matrix(const M& from) {
    Matrix<double> to(static_cast<std::size_t>(from.rows()), static_cast<std::size_t>(from.cols()));
    for (std::size_t r = 0; r < to.rows(); ++r)
        for (std::size_t c = 0; c < to.cols(); ++c) to(r, c) = from(index(r), index(c));
    return to;
}

Frame as_frame(const Matrix<double>& from) {
    Frame to(3, index(from.cols()));
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < from.cols(); ++c) to(index(r), index(c)) = from(r, c);
    return to;
}

void make_orthonormal(Frame& frame) {
    for (Eigen::Index r = 0; r < 3; ++r) {
        for (int twice = 0; twice < 2; ++twice)
            for (Eigen::Index before = 0; before < r; ++before)
                frame.row(r) -= frame.row(before).dot(frame.row(r)) * frame.row(before);
        frame.row(r).normalize();
    }
}

Frame random_frame(std::uint64_t seed, std::size_t leg, std::size_t dimension) {
    Random random({seed, 0, 0, kTour, leg});
    Frame frame(3, index(dimension));
    for (Eigen::Index r = 0; r < 3; ++r)
        for (Eigen::Index c = 0; c < frame.cols(); ++c) frame(r, c) = random.normal();
    make_orthonormal(frame);
    return frame;
}

// Share of the way at a share of the time: even but for the beginning and the end.
double eased(double t) {
    t = std::clamp(t, 0.0, 1.0);
    const double speed = 1.0 / (1.0 - kStarting);
    if (t < kStarting) return 0.5 * speed * t * t / kStarting;
    if (t > 1.0 - kStarting) {
        const double left = 1.0 - t;
        return 1.0 - 0.5 * speed * left * left / kStarting;
    }
    return speed * (t - 0.5 * kStarting);
}

}  // namespace

Matrix<double> TourLeg::shares_at(double second) const {
    const double part = length > 0.0 ? eased((second - begin) / length) : 0.0;
    Matrix<double> shares(3, 6);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < 3; ++c) {
            shares(r, c) = turn(r, c) * std::cos(part * angle[c]);
            shares(r, 3 + c) = turn(r, c) * std::sin(part * angle[c]);
        }
    return shares;
}

TourPath::TourPath(std::uint64_t seed, std::size_t dimension) : seed_(seed), dimension_(dimension) {
    if (dimension_ > 3) return;
    TourLeg still;
    still.from = Matrix<double>(3, dimension_);
    still.across = Matrix<double>(3, dimension_);
    still.turn = Matrix<double>(3, 3);
    for (std::size_t r = 0; r < 3; ++r) {
        still.turn(r, r) = 1.0;
        if (r < dimension_) still.from(r, r) = 1.0;
    }
    legs_.push_back(std::move(still));
}

void TourPath::go_on() {
    TourLeg leg;
    Frame from = Frame::Zero(3, index(dimension_));
    if (legs_.empty()) {
        for (Eigen::Index r = 0; r < 3; ++r) from(r, r) = 1.0;
    } else {
        leg.begin = legs_.back().begin + legs_.back().length;
        from = as_frame(frame_at(leg.begin));
    }
    const Frame to = random_frame(seed_, legs_.size(), dimension_);
    // The principal axes of both spaces: pairs with the angles between them (Bjorck, Golub 1973).
    const Eigen::Matrix3d products = from * to.transpose();
    const Eigen::JacobiSVD<Eigen::Matrix3d> svd(products,
                                                Eigen::ComputeFullU | Eigen::ComputeFullV);
    Frame first = svd.matrixU().transpose() * from;
    make_orthonormal(first);
    const Frame last = svd.matrixV().transpose() * to;
    Frame across = Frame::Zero(3, index(dimension_));
    double square = 0.0;
    for (Eigen::Index r = 0; r < 3; ++r) {
        const double cosine = std::clamp(svd.singularValues()(r), 0.0, 1.0);
        Eigen::RowVectorXd way = last.row(r) - cosine * first.row(r);
        for (Eigen::Index o = 0; o < 3; ++o) way -= first.row(o).dot(way) * first.row(o);
        for (Eigen::Index o = 0; o < r; ++o) way -= across.row(o).dot(way) * across.row(o);
        const double sine = way.norm();
        if (sine < kSameWay) continue;
        across.row(r) = way / sine;
        const auto place = static_cast<std::size_t>(r);
        leg.angle[place] = std::atan2(sine, cosine);
        square += leg.angle[place] * leg.angle[place];
    }
    leg.length = std::max(std::sqrt(square) / kRadians, kShortest);
    leg.from = as_matrix(first);
    leg.across = as_matrix(across);
    leg.turn = as_matrix(Eigen::Matrix3d(svd.matrixU()));
    legs_.push_back(std::move(leg));
}

const TourLeg& TourPath::leg_at(double second) {
    if (dimension_ <= 3) return legs_.front();
    while (legs_.empty() || legs_.back().begin + legs_.back().length <= second) go_on();
    const auto after =
        std::upper_bound(legs_.begin(), legs_.end(), second,
                         [](double at, const TourLeg& leg) { return at < leg.begin; });
    return after == legs_.begin() ? legs_.front() : *(after - 1);
}

Matrix<double> TourPath::frame_at(double second) {
    // The end of the last leg needs none after it.
    const bool at_end =
        !legs_.empty() && second == legs_.back().begin + legs_.back().length && dimension_ > 3;
    const TourLeg& leg = at_end ? legs_.back() : leg_at(second);
    const Matrix<double> shares = leg.shares_at(second);
    Matrix<double> frame(3, dimension_);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < 3; ++c)
            for (std::size_t a = 0; a < dimension_; ++a)
                frame(r, a) += shares(r, c) * leg.from(c, a) + shares(r, 3 + c) * leg.across(c, a);
    return frame;
}

std::array<double, 3> explained_by(const Matrix<double>& frame, const std::vector<double>& variance,
                                   double total) {
    std::array<double, 3> shares{};
    if (!(total > 0.0)) return shares;
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < variance.size(); ++a)
            shares[r] += frame(r, a) * frame(r, a) * variance[a] / total;
    return shares;
}

}  // namespace hsa
