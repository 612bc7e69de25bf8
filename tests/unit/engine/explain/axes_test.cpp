#include "engine/explain/axes.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/explain/token_moments.h"
#include "engine/model/selection.h"
#include "tests/catch.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using hsa::AxesChoice;
using hsa::AxesKind;
using hsa::Layout;

namespace {

using Vector = std::vector<double>;

// One level over some rows.
struct Cloud {
    hsa::Hierarchy hierarchy;
    hsa::Coordinates coordinates;

    [[nodiscard]] const hsa::Matrix<float>& rows() const { return *coordinates.base; }
};

Cloud cloud_of(hsa::Matrix<float> rows) {
    Cloud cloud;
    cloud.hierarchy.levels.resize(1);
    cloud.hierarchy.levels[0].name = "Word";
    cloud.coordinates.base = std::make_shared<const hsa::Matrix<float>>(std::move(rows));
    cloud.coordinates.levels = {cloud.coordinates.base};
    return cloud;
}

// Three wide directions that say nothing, and a class that is apart along a narrow one, which
// leans on a wide one: every third token of the first 900.
constexpr std::size_t kApart = 900;
bool is_apart(std::size_t i) { return i < kApart && i % 3 == 0; }
Cloud hidden_class(std::size_t n = 2000) {
    hsa::Matrix<float> rows(n, 6);
    hsa::Random random({7, 1});
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t a = 0; a < 6; ++a) {
            const double width = a < 3 ? 4.0 : 0.3;
            rows(i, a) = static_cast<float>(width * random.normal());
        }
        rows(i, 4) += 0.1F * rows(i, 0);
        if (is_apart(i)) rows(i, 4) += 1.5F;
    }
    return cloud_of(std::move(rows));
}

std::vector<hsa::Range> apart_ranges() {
    std::vector<hsa::Range> ranges;
    for (std::size_t i = 0; i < kApart; i += 3) ranges = hsa::with_range(ranges, {i, i + 1});
    return ranges;
}

AxesChoice separate_apart() {
    AxesChoice choice;
    choice.kind = AxesKind::separate;
    choice.classes = {{"apart", "Word", apart_ranges()}};
    return choice;
}

Layout chosen(const AxesChoice& choice, const Cloud& cloud) {
    return hsa::chosen_axes(choice, cloud.coordinates, cloud.hierarchy, {});
}

Vector axis(const Layout& layout, std::size_t r) {
    return {layout.axes.row(r).begin(), layout.axes.row(r).end()};
}

double dot(const Vector& a, const Vector& b) {
    double sum = 0.0;
    for (std::size_t e = 0; e < a.size(); ++e) sum += a[e] * b[e];
    return sum;
}

void check_orthonormal(const Layout& layout) {
    for (std::size_t r = 0; r < 3; ++r)
        for (std::size_t c = 0; c < 3; ++c)
            CHECK(dot(axis(layout, r), axis(layout, c)) == Approx(r == c ? 1.0 : 0.0).margin(1e-6));
}

Vector mean_of(const Cloud& cloud, const std::vector<std::size_t>& tokens) {
    Vector mean(cloud.rows().cols(), 0.0);
    for (const std::size_t i : tokens)
        for (std::size_t a = 0; a < mean.size(); ++a)
            mean[a] += static_cast<double>(cloud.rows()(i, a)) / static_cast<double>(tokens.size());
    return mean;
}

// Adds sum (x - mean)(x - mean)^T / n.
void add_scatter(const Cloud& cloud, const std::vector<std::size_t>& tokens, double n,
                 hsa::Matrix<double>& scatter) {
    const Vector mean = mean_of(cloud, tokens);
    for (const std::size_t i : tokens)
        for (std::size_t a = 0; a < mean.size(); ++a)
            for (std::size_t b = 0; b < mean.size(); ++b)
                scatter(a, b) += (static_cast<double>(cloud.rows()(i, a)) - mean[a]) *
                                 (static_cast<double>(cloud.rows()(i, b)) - mean[b]) / n;
}

Vector times(const hsa::Matrix<double>& m, const Vector& v) {
    Vector out(v.size(), 0.0);
    for (std::size_t a = 0; a < v.size(); ++a)
        for (std::size_t b = 0; b < v.size(); ++b) out[a] += m(a, b) * v[b];
    return out;
}

// m x = v by elimination.
Vector solved(hsa::Matrix<double> m, Vector v) {
    const std::size_t d = v.size();
    for (std::size_t c = 0; c < d; ++c)
        for (std::size_t r = c + 1; r < d; ++r) {
            const double factor = m(r, c) / m(c, c);
            for (std::size_t e = c; e < d; ++e) m(r, e) -= factor * m(c, e);
            v[r] -= factor * v[c];
        }
    for (std::size_t c = d; c-- > 0;) {
        for (std::size_t e = c + 1; e < d; ++e) v[c] -= m(c, e) * v[e];
        v[c] /= m(c, c);
    }
    return v;
}

Vector unit(Vector v) {
    const double length = std::sqrt(dot(v, v));
    for (double& x : v) x /= length;
    return v;
}

std::vector<std::size_t> tokens_where(std::size_t n, bool (*holds)(std::size_t), bool value) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < n; ++i)
        if (holds(i) == value) found.push_back(i);
    return found;
}

// Means apart along an axis in deviations within, of the tokens that are apart and the others.
double gap_along(const Cloud& cloud, const Vector& way) {
    const std::size_t n = cloud.rows().rows();
    const auto in = tokens_where(n, is_apart, true);
    const auto out = tokens_where(n, is_apart, false);
    hsa::Matrix<double> within(way.size(), way.size());
    add_scatter(cloud, in, static_cast<double>(n), within);
    add_scatter(cloud, out, static_cast<double>(n), within);
    Vector between = mean_of(cloud, in);
    const Vector rest = mean_of(cloud, out);
    for (std::size_t a = 0; a < between.size(); ++a) between[a] -= rest[a];
    return std::abs(dot(way, between)) / std::sqrt(dot(way, times(within, way)));
}

}  // namespace

TEST_CASE("LDA separates what PCA leaves together, as its closed form says", "[explain][axes]") {
    const Cloud cloud = hidden_class();
    const std::size_t n = cloud.rows().rows();
    AxesChoice principal;
    principal.kind = AxesKind::tokens;
    const Layout pca = chosen(principal, cloud);
    check_orthonormal(pca);
    for (std::size_t r = 0; r < 3; ++r) CHECK(gap_along(cloud, axis(pca, r)) < 0.6);

    const Layout lda = chosen(separate_apart(), cloud);
    check_orthonormal(lda);
    CHECK(gap_along(cloud, axis(lda, 0)) > 4.0);
    REQUIRE(lda.facts.gap);
    CHECK(*lda.facts.gap == Approx(gap_along(cloud, axis(lda, 0))).epsilon(1e-4));

    // w = ((1 - g) W + g tr W / d)^-1 (mean - mean of the rest), g of Ledoit and Wolf.
    const auto in = tokens_where(n, is_apart, true);
    const auto out = tokens_where(n, is_apart, false);
    hsa::Matrix<double> within(6, 6);
    add_scatter(cloud, in, static_cast<double>(n), within);
    add_scatter(cloud, out, static_cast<double>(n), within);
    double trace = 0.0;
    double square = 0.0;
    double fourth = 0.0;
    for (std::size_t a = 0; a < 6; ++a) trace += within(a, a);
    for (std::size_t a = 0; a < 6; ++a)
        for (std::size_t b = 0; b < 6; ++b) square += within(a, b) * within(a, b);
    const Vector mean_in = mean_of(cloud, in);
    const Vector mean_out = mean_of(cloud, out);
    for (std::size_t i = 0; i < n; ++i) {
        double r = 0.0;
        for (std::size_t a = 0; a < 6; ++a) {
            const double delta =
                static_cast<double>(cloud.rows()(i, a)) - (is_apart(i) ? mean_in : mean_out)[a];
            r += delta * delta;
        }
        fourth += r * r / static_cast<double>(n);
    }
    const double shrinkage =
        (fourth - square) / static_cast<double>(n) / (square - trace * trace / 6.0);
    REQUIRE(lda.facts.shrinkage);
    CHECK(*lda.facts.shrinkage == Approx(shrinkage).epsilon(1e-6));
    CHECK(shrinkage > 1e-4);
    for (std::size_t a = 0; a < 6; ++a)
        for (std::size_t b = 0; b < 6; ++b)
            within(a, b) =
                (1.0 - shrinkage) * within(a, b) + (a == b ? shrinkage * trace / 6.0 : 0.0);
    Vector apart = mean_in;
    for (std::size_t a = 0; a < 6; ++a) apart[a] -= mean_out[a];
    const Vector closed = unit(solved(within, apart));
    for (std::size_t a = 0; a < 6; ++a)
        CHECK(lda.axes(0, a) == Approx(closed[a]).margin(1e-5));  // towards the class
    // Its ends are named and lie on it.
    REQUIRE(lda.facts.marks.size() == 2);
    CHECK(lda.facts.joined);
    CHECK(lda.facts.marks[0].name == "the rest");
    CHECK(lda.facts.marks[1].name == "apart");
    CHECK(lda.facts.marks[0].at[0] < lda.facts.marks[1].at[0]);
    CHECK(lda.axes_name == "LDA: apart against the rest");
}

TEST_CASE("the other axes hold the most of what is orthogonal", "[explain][axes]") {
    const Cloud cloud = hidden_class();
    const Layout lda = chosen(separate_apart(), cloud);
    const std::size_t n = cloud.rows().rows();
    hsa::Matrix<double> total(6, 6);
    std::vector<std::size_t> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = i;
    add_scatter(cloud, all, static_cast<double>(n), total);
    double trace = 0.0;
    for (std::size_t a = 0; a < 6; ++a) trace += total(a, a);
    for (std::size_t r = 0; r < 3; ++r)
        CHECK(lda.explained[r] ==
              Approx(dot(axis(lda, r), times(total, axis(lda, r))) / trace).margin(1e-5));
    const double most = dot(axis(lda, 1), times(total, axis(lda, 1)));
    hsa::Random random({3, 5});
    for (int trial = 0; trial < 200; ++trial) {
        Vector way(6);
        for (double& x : way) x = random.normal();
        const double along = dot(way, axis(lda, 0));
        for (std::size_t a = 0; a < 6; ++a) way[a] -= along * axis(lda, 0)[a];
        way = unit(way);
        CHECK(dot(way, times(total, way)) <= most * (1.0 + 1e-5));
    }
}

TEST_CASE("several classes give the discriminants of the generalised problem", "[explain][axes]") {
    constexpr std::size_t kEach = 200;
    hsa::Matrix<float> rows(3 * kEach, 5);
    hsa::Random random({11, 2});
    for (std::size_t i = 0; i < rows.rows(); ++i) {
        for (std::size_t a = 0; a < 5; ++a)
            rows(i, a) = static_cast<float>((a < 2 ? 3.0 : 0.5) * random.normal());
        const std::size_t c = i / kEach;
        if (c == 1) rows(i, 2) += 2.0F;
        if (c == 2) rows(i, 3) += 1.0F;
    }
    const Cloud cloud = cloud_of(std::move(rows));
    AxesChoice choice;
    choice.kind = AxesKind::separate;
    choice.classes = {{"a", "", {{0, kEach}}},
                      {"b", "", {{kEach, 2 * kEach}}},
                      {"c", "", {{2 * kEach, 3 * kEach}}}};
    const Layout layout = chosen(choice, cloud);
    check_orthonormal(layout);
    CHECK_FALSE(layout.facts.joined);
    CHECK(layout.facts.marks.size() == 3);
    hsa::Matrix<double> within(5, 5);
    hsa::Matrix<double> total(5, 5);
    std::vector<std::size_t> all;
    for (std::size_t c = 0; c < 3; ++c) {
        std::vector<std::size_t> tokens;
        for (std::size_t i = c * kEach; i < (c + 1) * kEach; ++i) tokens.push_back(i);
        add_scatter(cloud, tokens, 3.0 * kEach, within);
        all.insert(all.end(), tokens.begin(), tokens.end());
    }
    add_scatter(cloud, all, 3.0 * kEach, total);
    double trace = 0.0;
    for (std::size_t a = 0; a < 5; ++a) trace += within(a, a);
    const double g = layout.facts.shrinkage.value_or(0.0);
    hsa::Matrix<double> shrunk(5, 5);
    hsa::Matrix<double> between(5, 5);
    for (std::size_t a = 0; a < 5; ++a)
        for (std::size_t b = 0; b < 5; ++b) {
            shrunk(a, b) = (1.0 - g) * within(a, b) + (a == b ? g * trace / 5.0 : 0.0);
            between(a, b) = total(a, b) - within(a, b);
        }
    // B w = lambda W w.
    const Vector w = axis(layout, 0);
    const Vector left = times(between, w);
    const Vector right = times(shrunk, w);
    const double lambda = dot(w, left) / dot(w, right);
    CHECK(lambda > 1.0);
    for (std::size_t a = 0; a < 5; ++a) CHECK(left[a] == Approx(lambda * right[a]).margin(2e-4));
}

TEST_CASE("from A to B: both means lie on the first axis, as far apart as they are",
          "[explain][axes]") {
    const Cloud cloud = hidden_class();
    AxesChoice choice;
    choice.kind = AxesKind::between;
    choice.classes = {{"A", "Word", {{10, 30}}}, {"B", "Word", {{100, 101}, {500, 540}}}};
    const Layout layout = chosen(choice, cloud);
    check_orthonormal(layout);
    std::vector<std::size_t> a;
    std::vector<std::size_t> b = {100};
    for (std::size_t i = 10; i < 30; ++i) a.push_back(i);
    for (std::size_t i = 500; i < 540; ++i) b.push_back(i);
    const Vector mean_a = mean_of(cloud, a);
    const Vector mean_b = mean_of(cloud, b);
    double apart = 0.0;
    for (std::size_t e = 0; e < 6; ++e) apart += (mean_b[e] - mean_a[e]) * (mean_b[e] - mean_a[e]);
    apart = std::sqrt(apart);
    for (const bool of_b : {false, true}) {
        Vector from_middle = of_b ? mean_b : mean_a;
        for (std::size_t e = 0; e < 6; ++e) from_middle[e] -= static_cast<double>(layout.mean[e]);
        CHECK(dot(from_middle, axis(layout, 0)) ==
              Approx((of_b ? 0.5 : -0.5) * apart).margin(1e-5));
        CHECK(dot(from_middle, axis(layout, 1)) == Approx(0.0).margin(1e-5));
        CHECK(dot(from_middle, axis(layout, 2)) == Approx(0.0).margin(1e-5));
        const hsa::AxisMark& mark = layout.facts.marks.at(of_b ? 1 : 0);
        CHECK(mark.name == (of_b ? "B" : "A"));
        CHECK(mark.at[0] == Approx((of_b ? 0.5 : -0.5) * apart).margin(1e-5));
        CHECK(mark.at[1] == Approx(0.0).margin(1e-5));
    }
    CHECK(layout.axes_name == "from A to B");
}

TEST_CASE("axes say what they rest on and repeat on any number of threads", "[explain][axes]") {
    const std::size_t n = hsa::kMostLookedAt + 5000;
    hsa::Matrix<float> rows(n, 4);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t a = 0; a < 4; ++a)
            rows(i, a) = std::sin(0.31F * static_cast<float>((i % 977 + 3) * (a + 1)));
    const Cloud cloud = cloud_of(std::move(rows));
    AxesChoice choice;
    choice.kind = AxesKind::tokens;
    Layout one;
    {
        const hsa::ThreadLimit limit(1);
        one = chosen(choice, cloud);
    }
    const hsa::ThreadLimit limit(4);
    const Layout four = chosen(choice, cloud);
    CHECK(std::equal(one.axes.row(0).begin(), one.axes.row(0).end(), four.axes.row(0).begin()));
    CHECK(one.explained == four.explained);
    CHECK(one.facts.looked_at == hsa::kMostLookedAt);
    CHECK(one.facts.tokens == n);
    CHECK(one.facts.note.find("made from 100000 of 105000 tokens") != std::string::npos);
    CHECK(one.facts.hides.find("% of the variance") != std::string::npos);
}

TEST_CASE("axes that the data do not give are refused in a sentence", "[explain][axes]") {
    const Cloud cloud = hidden_class();
    AxesChoice choice = separate_apart();
    choice.classes[0].tokens = {{5000, 5010}};
    CHECK_THROWS_AS(chosen(choice, cloud), hsa::Error);
    choice.classes[0].tokens = {{0, 2000}};  // no rest
    CHECK_THROWS_AS(chosen(choice, cloud), hsa::Error);
    choice.kind = AxesKind::between;
    choice.classes = {{"A", "", {{3, 4}}}, {"B", "", {{3, 4}}}};
    CHECK_THROWS_AS(chosen(choice, cloud), hsa::Error);
    choice.classes.pop_back();
    CHECK_THROWS_AS(chosen(choice, cloud), hsa::Error);
    // One token is apart from all others along some axis: said.
    choice = separate_apart();
    choice.classes[0].tokens = {{3, 4}};
    CHECK(chosen(choice, cloud).facts.note.find("by chance") != std::string::npos);
}

TEST_CASE("tokens are drawn evenly over ranges", "[explain][axes]") {
    const std::vector<hsa::Range> ranges = {{3, 5}, {10, 11}, {20, 24}};
    CHECK(hsa::drawn_evenly(ranges, 100) == std::vector<std::uint32_t>{3, 4, 10, 20, 21, 22, 23});
    CHECK(hsa::drawn_evenly(ranges, 3) == std::vector<std::uint32_t>{4, 20, 22});
    CHECK(hsa::drawn_evenly({}, 3).empty());
}
