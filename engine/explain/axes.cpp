#include "engine/explain/axes.h"

#include "engine/core/error.h"
#include "engine/explain/token_moments.h"
#include "engine/explain/tour.h"
#include "engine/explain/tour_path.h"
#include "engine/model/selection.h"

#include <Eigen/Dense>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace hsa {
namespace {

constexpr double kFlat = 1e-12;           // share of the variance below which there is no axis
constexpr double kLeastShrinkage = 1e-4;  // so that every direction within has a variance
constexpr double kSame = 1e-12;           // square between means, of the variance

using Vectors = std::vector<Eigen::VectorXd>;  // axes found so far

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

Eigen::MatrixXd as_eigen(const Matrix<double>& from) {
    Eigen::MatrixXd to(index(from.rows()), index(from.cols()));
    for (std::size_t r = 0; r < from.rows(); ++r)
        for (std::size_t c = 0; c < from.cols(); ++c) to(index(r), index(c)) = from(r, c);
    return to;
}

Eigen::VectorXd as_eigen(const std::vector<double>& from) {
    return Eigen::Map<const Eigen::VectorXd>(from.data(), index(from.size()));
}

std::vector<Range> inside_of(const std::vector<Range>& ranges, std::size_t n) {
    std::vector<Range> inside;
    for (const Range& range : ranges)
        if (range.begin < n) inside.push_back({range.begin, std::min(range.end, n)});
    return inside;
}

// Tokens of the data with what is known of them.
struct Group {
    std::string name;
    std::size_t all = 0;  // tokens, of which moments.count were looked at
    TokenMoments moments;
    Eigen::VectorXd mean;
};

Group group_of(const std::string& name, const std::vector<Range>& tokens, const Matrix<float>& rows,
               std::size_t most, const Work& work) {
    Group group;
    group.name = name;
    const std::vector<Range> inside = inside_of(tokens, rows.rows());
    group.all = total_size(inside);
    if (group.all == 0) fail("These data have no token of '{}': choose other axes.", name);
    group.moments = moments_of(rows, drawn_evenly(inside, most), work);
    group.mean = as_eigen(group.moments.mean);
    return group;
}

// The groups together: covariance within them, by their shares, and of all their tokens.
struct Pooled {
    Eigen::VectorXd mean;
    Eigen::MatrixXd within, total;
    std::size_t looked_at = 0, all = 0;
    double shrinkage = 0.0;
};

Pooled pooled(const std::vector<Group>& groups) {
    Pooled all;
    const Eigen::Index d = groups.front().mean.size();
    all.mean = Eigen::VectorXd::Zero(d);
    all.within = Eigen::MatrixXd::Zero(d, d);
    for (const Group& group : groups) {
        all.all += group.all;
        all.looked_at += group.moments.count;
    }
    const auto share = [&all](const Group& group) {
        return static_cast<double>(group.all) / static_cast<double>(all.all);
    };
    double fourth = 0.0;
    for (const Group& group : groups) {
        all.mean += share(group) * group.mean;
        all.within += share(group) * as_eigen(group.moments.covariance);
        fourth += share(group) * group.moments.fourth;
    }
    all.total = all.within;
    for (const Group& group : groups) {
        const Eigen::VectorXd apart = group.mean - all.mean;
        all.total += share(group) * apart * apart.transpose();
    }
    // Ledoit and Wolf (2004): how far the covariance is from what it would be of as many tokens of
    // an even cloud, against how uncertain it is.
    const double even = all.within.trace() / static_cast<double>(d);
    const double away = (all.within - even * Eigen::MatrixXd::Identity(d, d)).squaredNorm();
    const double noise =
        std::max(fourth - all.within.squaredNorm(), 0.0) / static_cast<double>(all.looked_at);
    const double found = away > 0.0 ? std::min(noise / away, 1.0) : 1.0;
    all.shrinkage = std::max(found, kLeastShrinkage);
    return all;
}

// Within, drawn towards even; the identity where nothing varies within.
Eigen::MatrixXd shrunk(const Pooled& all) {
    const Eigen::Index d = all.within.rows();
    const double even = all.within.trace() / static_cast<double>(d);
    if (!(even > 0.0)) return Eigen::MatrixXd::Identity(d, d);
    return (1.0 - all.shrinkage) * all.within +
           all.shrinkage * even * Eigen::MatrixXd::Identity(d, d);
}

// Makes an axis orthogonal to those found; false where nothing of it is left.
bool add_axis(Eigen::VectorXd axis, Vectors& found) {
    const double before = axis.norm();
    if (!(before > 0.0)) return false;
    for (int twice = 0; twice < 2; ++twice)
        for (const Eigen::VectorXd& other : found) axis -= other.dot(axis) * other;
    if (axis.norm() <= 1e-6 * before) return false;
    found.push_back(axis.normalized());
    return true;
}

void turn_up(Eigen::VectorXd& axis) {
    Eigen::Index top = 0;
    axis.cwiseAbs().maxCoeff(&top);
    if (axis(top) < 0.0) axis = -axis;
}

// Fills three axes (or as many as there are dimensions) with the directions of largest variance
// orthogonal to those found.
void add_principal(const Eigen::MatrixXd& total, Vectors& found) {
    const Eigen::Index d = total.rows();
    Eigen::MatrixXd left = Eigen::MatrixXd::Identity(d, d);
    for (const Eigen::VectorXd& axis : found) left -= axis * axis.transpose();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(left * total * left);
    const std::size_t wanted = std::min<std::size_t>(3, static_cast<std::size_t>(d));
    for (Eigen::Index e = d - 1; e >= 0 && found.size() < wanted; --e) {
        if (solver.eigenvalues()(e) <= kFlat * total.trace()) break;
        Eigen::VectorXd axis = solver.eigenvectors().col(e);
        turn_up(axis);
        (void)add_axis(axis, found);
    }
    for (Eigen::Index a = 0; a < d && found.size() < wanted; ++a)
        (void)add_axis(Eigen::VectorXd::Unit(d, a), found);
}

std::array<float, 3> seen_at(const Vectors& axes, const Eigen::VectorXd& apart) {
    std::array<float, 3> at{};
    for (std::size_t r = 0; r < axes.size(); ++r) at[r] = static_cast<float>(axes[r].dot(apart));
    return at;
}

std::string tokens_words(std::size_t count) {
    return fmt::format("{} token{}", count, count == 1 ? "" : "s");
}

// What every choice says: of which tokens, and that fewer were looked at.
void tell_sample(Layout& layout) {
    AxesFacts& facts = layout.facts;
    if (facts.looked_at < facts.tokens)
        facts.note += fmt::format("{}made from {} of {} tokens, drawn evenly",
                                  facts.note.empty() ? "" : "; ", facts.looked_at, facts.tokens);
}

std::string hidden_share(const Layout& layout) {
    double shown = 0.0;
    for (const double share : layout.explained) shown += share;
    return fmt::format("{:.0f} % of the variance lies across these axes",
                       100.0 * std::max(1.0 - shown, 0.0));
}

Layout layout_of(const Vectors& axes, const Eigen::VectorXd& mean, const Pooled& all) {
    const auto d = static_cast<std::size_t>(mean.size());
    Layout layout;
    layout.axes = Matrix<float>(3, d);
    layout.mean.resize(d);
    for (std::size_t a = 0; a < d; ++a) layout.mean[a] = static_cast<float>(mean(index(a)));
    const double total = all.total.trace();
    for (std::size_t r = 0; r < axes.size(); ++r) {
        for (std::size_t a = 0; a < d; ++a)
            layout.axes(r, a) = static_cast<float>(axes[r](index(a)));
        if (total > 0.0) layout.explained[r] = axes[r].dot(all.total * axes[r]) / total;
    }
    layout.facts.looked_at = all.looked_at;
    layout.facts.tokens = all.all;
    layout.facts.explained_of = "the variance of the tokens";
    return layout;
}

Layout of_tokens(const Matrix<float>& rows, const Work& work) {
    const std::vector<Group> groups = {
        group_of("all", {{0, rows.rows()}}, rows, most_looked_at(rows.cols()), work)};
    const Pooled all = pooled(groups);
    Vectors axes;
    add_principal(all.total, axes);
    Layout layout = layout_of(axes, all.mean, all);
    layout.facts.hides = hidden_share(layout) + ": what is apart there may lie together here";
    return layout;
}

// The classes of a choice; where there is one, the rest, first.
std::vector<Group> groups_of(const AxesChoice& choice, const Coordinates& coordinates,
                             const Hierarchy& hierarchy, const Work& work) {
    const std::size_t count = choice.classes.size() + (choice.classes.size() == 1 ? 1 : 0);
    const std::size_t most = std::max<std::size_t>(
        most_looked_at(coordinates.dimension()) / std::max<std::size_t>(count, 1), 64);
    const auto rows_of = [&](const AxesClass& each) -> const Matrix<float>& {
        const auto named = hierarchy.index_of(each.level);
        return *coordinates.levels.at(named ? *named : axes_level(hierarchy, choice.level));
    };
    std::vector<Group> groups;
    if (choice.classes.size() == 1) {
        const AxesClass& only = choice.classes.front();
        std::vector<Range> rest;
        std::size_t next = 0;
        for (const Range& range : inside_of(only.tokens, coordinates.size())) {
            if (range.begin > next) rest.push_back({next, range.begin});
            next = range.end;
        }
        if (next < coordinates.size()) rest.push_back({next, coordinates.size()});
        groups.push_back(group_of("the rest", rest, rows_of(only), most, work));
    }
    for (const AxesClass& each : choice.classes)
        groups.push_back(group_of(each.name, each.tokens, rows_of(each), most, work));
    return groups;
}

// Fewer tokens than dimensions are apart from the rest along some axis, whatever they are.
std::string chance_words(const std::vector<Group>& groups) {
    for (const Group& group : groups)
        if (group.moments.count <= static_cast<std::size_t>(group.mean.size()))
            return fmt::format("{} in {} dimensions: '{}' would stand apart by chance",
                               tokens_words(group.all), group.mean.size(), group.name);
    return "";
}

Layout separating(const std::vector<Group>& groups) {
    const Pooled all = pooled(groups);
    const Eigen::MatrixXd within = shrunk(all);
    const Eigen::MatrixXd between = all.total - all.within;
    if (between.trace() <= kSame * all.total.trace())
        fail("The classes have the same mean: no projection separates them.");
    Vectors axes;
    if (groups.size() == 2) {
        const Eigen::LLT<Eigen::MatrixXd> factor(within);
        (void)add_axis(factor.solve(groups[1].mean - groups[0].mean), axes);
    } else {
        const Eigen::GeneralizedSelfAdjointEigenSolver<Eigen::MatrixXd> solver(between, within);
        const Eigen::Index d = between.rows();
        const auto most =
            std::min<std::size_t>({groups.size() - 1, 3, static_cast<std::size_t>(d)});
        const double largest = solver.eigenvalues()(d - 1);
        for (std::size_t r = 0; r < most; ++r) {
            const Eigen::Index from = d - 1 - index(r);
            if (solver.eigenvalues()(from) <= 1e-9 * largest) break;
            Eigen::VectorXd axis = solver.eigenvectors().col(from);
            turn_up(axis);
            (void)add_axis(axis, axes);
        }
    }
    if (axes.empty()) fail("The classes have the same mean: no projection separates them.");
    const Eigen::VectorXd first = axes.front();
    const std::size_t discriminants = axes.size();
    add_principal(all.total, axes);
    Layout layout = layout_of(axes, all.mean, all);
    AxesFacts& facts = layout.facts;
    facts.shrinkage = all.shrinkage;
    const double inside = first.dot(all.within * first);
    if (inside > 0.0) facts.ratio = first.dot(between * first) / inside;
    if (groups.size() == 2 && inside > 0.0)
        facts.gap = first.dot(groups[1].mean - groups[0].mean) / std::sqrt(inside);
    facts.joined = groups.size() == 2;
    for (const Group& group : groups) {
        AxisMark mark{group.name, seen_at(axes, group.mean - all.mean)};
        if (facts.joined) mark.at[1] = mark.at[2] = 0.0F;
        facts.marks.push_back(std::move(mark));
    }
    facts.hides = fmt::format(
        "{}; ax{} chosen so that the classes part: along others they overlap "
        "more",
        hidden_share(layout),
        discriminants == 1 ? "is 1 was" : fmt::format("es 1 to {} were", discriminants));
    facts.note = fmt::format("shrinkage {:.2g}", all.shrinkage);
    if (facts.gap) facts.note += fmt::format(", means {:.2g} deviations apart", *facts.gap);
    if (const std::string chance = chance_words(groups); !chance.empty())
        facts.note += "; " + chance;
    return layout;
}

Layout from_to(const std::vector<Group>& sides, const Matrix<float>& rows, const Work& work) {
    const std::vector<Group> everything = {
        group_of("all", {{0, rows.rows()}}, rows, most_looked_at(rows.cols()), work)};
    const Pooled all = pooled(everything);
    const Eigen::VectorXd way = sides[1].mean - sides[0].mean;
    Vectors axes;
    if (way.squaredNorm() <= kSame * all.total.trace() || !add_axis(way, axes))
        fail("'{}' and '{}' have the same mean: there is no way from one to the other.",
             sides[0].name, sides[1].name);
    add_principal(all.total, axes);
    const Eigen::VectorXd middle = 0.5 * (sides[0].mean + sides[1].mean);
    Layout layout = layout_of(axes, middle, all);
    AxesFacts& facts = layout.facts;
    facts.joined = true;
    for (const Group& side : sides)
        facts.marks.push_back(
            {side.name, {static_cast<float>(axes[0].dot(side.mean - middle)), 0.0F, 0.0F}});
    facts.hides = fmt::format(
        "{}; axis 1 is the way between two means, not between all of their "
        "tokens",
        hidden_share(layout));
    facts.note = fmt::format("mean of {} to mean of {}", tokens_words(sides[0].all),
                             tokens_words(sides[1].all));
    return layout;
}

Layout on_tour(const AxesChoice& choice, const Matrix<float>& rows, const Work& work) {
    const TourAxes space = tour_axes(rows, work);
    const std::size_t dimension = space.basis.rows();
    const std::size_t d = rows.cols();
    const Matrix<double> frame = TourPath(choice.seed, dimension).frame_at(choice.second);
    Layout layout;
    layout.mean = space.mean;
    layout.axes = Matrix<float>(3, d);
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t a = 0; a < d; ++a) {
            double sum = 0.0;
            for (std::size_t b = 0; b < dimension; ++b)
                sum += frame(r, b) * static_cast<double>(space.basis(b, a));
            layout.axes(r, a) = static_cast<float>(sum);
        }
    layout.explained = explained_by(frame, space.variance, space.total);
    layout.facts.looked_at = space.looked_at;
    layout.facts.tokens = rows.rows();
    layout.facts.explained_of = "the variance of the tokens";
    layout.facts.toured = dimension;
    layout.facts.hides = hidden_share(layout) + ": other axes show at other seconds";
    layout.facts.note = dimension < d
                            ? fmt::format("through the first {} of {} principal axes", dimension, d)
                            : fmt::format("through all {} dimensions", d);
    return layout;
}

std::string quoted(const std::vector<AxesClass>& classes) {
    std::string all;
    for (const AxesClass& each : classes)
        all += fmt::format("{}{}", all.empty() ? "" : ", ", each.name);
    return all;
}

}  // namespace

std::size_t axes_level(const Hierarchy& hierarchy, const std::string& name) {
    if (const auto named = hierarchy.index_of(name)) return *named;
    return std::min<std::size_t>(1, hierarchy.size() - 1);
}

std::string name_of(const AxesChoice& choice) {
    const std::vector<AxesClass>& classes = choice.classes;
    switch (choice.kind) {
        case AxesKind::splats: return "PCA of splats, weighted by usage";
        case AxesKind::tokens: return "PCA of tokens";
        case AxesKind::separate:
            if (classes.size() == 1)
                return fmt::format("LDA: {} against the rest", classes.front().name);
            return fmt::format("LDA of {}", quoted(classes));
        case AxesKind::between:
            if (classes.size() == 2)
                return fmt::format("from {} to {}", classes[0].name, classes[1].name);
            break;
        case AxesKind::tour: return fmt::format("grand tour at {:.1f} s", choice.second);
    }
    return "";
}

Layout chosen_axes(const AxesChoice& choice, const Coordinates& coordinates,
                   const Hierarchy& hierarchy, const Work& work) {
    const Matrix<float>& rows = *coordinates.levels.at(axes_level(hierarchy, choice.level));
    Layout layout;
    switch (choice.kind) {
        case AxesKind::splats: fault("axes of splats are the layout's own");
        case AxesKind::tokens: layout = of_tokens(rows, work); break;
        case AxesKind::separate:
            if (choice.classes.empty()) fail("Axes that separate need classes of tokens.");
            layout = separating(groups_of(choice, coordinates, hierarchy, work));
            break;
        case AxesKind::between:
            if (choice.classes.size() != 2) fail("Axes from A to B need two groups of tokens.");
            layout = from_to(groups_of(choice, coordinates, hierarchy, work), rows, work);
            break;
        case AxesKind::tour: layout = on_tour(choice, rows, work); break;
    }
    layout.axes_name = name_of(choice);
    layout.facts.choice = choice;
    tell_sample(layout);
    return layout;
}

}  // namespace hsa
