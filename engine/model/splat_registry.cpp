#include "engine/model/splat_registry.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kTrendValues = 5;
constexpr double kWorstCondition = 1e12;

template <class T>
void erase_at(std::vector<T>& values, std::size_t index) {
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(index));
}

bool same_floats(std::span<const float> a, std::span<const float> b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

std::span<const float> all(const Matrix<float>& m) { return {m.data(), m.size()}; }

}  // namespace

void GaussianColumns::append(std::span<const float> new_centre, CovarianceKind new_kind,
                             std::span<const float> new_variance,
                             std::span<const float> new_shape) {
    centre.append_row(new_centre);
    kind.push_back(new_kind);
    variance.append_row(new_variance);
    shape.emplace_back(new_shape.begin(), new_shape.end());
}

void GaussianColumns::erase(std::size_t row) {
    centre.erase_row(row);
    erase_at(kind, row);
    variance.erase_row(row);
    erase_at(shape, row);
}

void UsageHistory::push(float usage) {
    if (count == values.size()) {
        std::rotate(values.begin(), values.begin() + 1, values.end());
        values.back() = usage;
    } else {
        values[count++] = usage;
    }
}

double UsageHistory::trend() const {
    const std::size_t m = std::min<std::size_t>(kTrendValues, count);
    if (m < 2) return 0.0;
    const std::span<const float> last = recent().subspan(count - m);
    const double middle = 0.5 * static_cast<double>(m - 1);
    double top = 0.0;
    double bottom = 0.0;
    for (std::size_t t = 0; t < m; ++t) {
        const double x = static_cast<double>(t) - middle;
        top += x * static_cast<double>(last[t]);
        bottom += x * x;
    }
    return top / bottom;
}

std::optional<std::size_t> SplatRegistry::find(SplatId splat) const {
    const auto place = std::lower_bound(id.begin(), id.end(), splat);
    if (place == id.end() || *place != splat) return std::nullopt;
    return static_cast<std::size_t>(place - id.begin());
}

std::size_t SplatRegistry::row(SplatId splat) const {
    const std::optional<std::size_t> found = find(splat);
    if (!found) fail("There is no splat {} at this cycle.", splat);
    return *found;
}

std::vector<std::size_t> SplatRegistry::rows_of_level(std::size_t level_index) const {
    std::vector<std::size_t> rows;
    for (std::size_t r = 0; r < level.size(); ++r)
        if (level[r] == level_index) rows.push_back(r);
    return rows;
}

std::size_t SplatRegistry::count(std::size_t level_index) const {
    return static_cast<std::size_t>(std::count(level.begin(), level.end(), level_index));
}

std::vector<SplatId> SplatRegistry::children(SplatId splat) const {
    std::vector<SplatId> found;
    for (std::size_t r = 0; r < parent.size(); ++r)
        if (parent[r] == splat) found.push_back(id[r]);
    return found;
}

namespace {

void check_dimension(const Splat& splat, std::size_t dimension) {
    const auto fits = [&](const auto& side) {
        return side.centre.size() == dimension && side.variance.size() == dimension;
    };
    if (!fits(splat) || (splat.query && !fits(*splat.query)))
        fault("a splat of {} dimensions in a registry of {}", splat.centre.size(), dimension);
}

}  // namespace

Splat SplatRegistry::splat(std::size_t row_index) const {
    Splat value;
    value.id = id[row_index];
    value.level = level[row_index];
    value.parent = parent[row_index];
    value.kind = gaussians.kind[row_index];
    const auto centre = gaussians.centre.row(row_index);
    const auto variance = gaussians.variance.row(row_index);
    value.centre.assign(centre.begin(), centre.end());
    value.variance.assign(variance.begin(), variance.end());
    value.shape = gaussians.shape[row_index];
    value.log_amplitude = log_amplitude[row_index];
    value.beta = beta[row_index];
    value.age = age[row_index];
    value.usage = usage_history[row_index];
    if (query_gaussians) {
        const auto asked = query_gaussians->centre.row(row_index);
        const auto width = query_gaussians->variance.row(row_index);
        value.query = QueryGaussian{query_gaussians->kind[row_index],
                                    {asked.begin(), asked.end()},
                                    {width.begin(), width.end()},
                                    query_gaussians->shape[row_index]};
    }
    return value;
}

std::vector<double> SplatRegistry::log_weights() const {
    std::vector<double> weights(size());
    for (std::size_t r = 0; r < size(); ++r)
        weights[r] = std::log(hierarchy.share(level[r])) + static_cast<double>(log_amplitude[r]);
    return weights;
}

SplatId SplatRegistry::add(const Splat& splat) {
    check_dimension(splat, dimension);
    const SplatId new_id = next_id++;
    id.push_back(new_id);
    level.push_back(splat.level);
    parent.push_back(splat.parent);
    gaussians.append(splat.centre, splat.kind, splat.variance, splat.shape);
    if (query_gaussians && splat.query)
        query_gaussians->append(splat.query->centre, splat.query->kind, splat.query->variance,
                                splat.query->shape);
    else if (query_gaussians)
        query_gaussians->append(splat.centre, splat.kind, splat.variance, splat.shape);
    log_amplitude.push_back(splat.log_amplitude);
    beta.push_back(splat.beta);
    age.push_back(splat.age);
    usage_history.push_back(splat.usage);
    return new_id;
}

void SplatRegistry::remove(SplatId splat) {
    const std::size_t r = row(splat);
    if (count(level[r]) == 1)
        fail("Splat {} is the only one of level {} and stays: a level never empties.", splat,
             hierarchy.levels[level[r]].name);
    drop(splat);
}

void SplatRegistry::drop(SplatId splat) {
    const std::size_t r = row(splat);
    std::replace(parent.begin(), parent.end(), splat, kNoSplat);
    erase_at(id, r);
    erase_at(level, r);
    erase_at(parent, r);
    gaussians.erase(r);
    if (query_gaussians) query_gaussians->erase(r);
    erase_at(log_amplitude, r);
    erase_at(beta, r);
    erase_at(age, r);
    erase_at(usage_history, r);
}

void SplatRegistry::assign(const Splat& splat) {
    const std::size_t r = row(splat.id);
    check_dimension(splat, dimension);
    level[r] = splat.level;
    parent[r] = splat.parent;
    gaussians.kind[r] = splat.kind;
    std::copy(splat.centre.begin(), splat.centre.end(), gaussians.centre.row(r).begin());
    std::copy(splat.variance.begin(), splat.variance.end(), gaussians.variance.row(r).begin());
    gaussians.shape[r] = splat.shape;
    log_amplitude[r] = splat.log_amplitude;
    beta[r] = splat.beta;
    age[r] = splat.age;
    usage_history[r] = splat.usage;
    if (!query_gaussians || !splat.query) return;
    const QueryGaussian& query = *splat.query;
    query_gaussians->kind[r] = query.kind;
    std::copy(query.centre.begin(), query.centre.end(), query_gaussians->centre.row(r).begin());
    std::copy(query.variance.begin(), query.variance.end(),
              query_gaussians->variance.row(r).begin());
    query_gaussians->shape[r] = query.shape;
}

void SplatRegistry::remove_level(std::size_t level_index) {
    Hierarchy left = hierarchy;
    left.remove(level_index);
    if (std::all_of(left.levels.begin(), left.levels.end(),
                    [](const Level& each) { return each.weight <= 0.0; }))
        fail("Level {} carries all the weight and stays: give another level a weight first.",
             hierarchy.levels[level_index].name);
    hierarchy = std::move(left);
    covered.clear();
    if (level_index > 0) {
        for (std::size_t r = 0; r < size(); ++r) {
            if (level[r] + 1U != level_index || parent[r] == kNoSplat) continue;
            parent[r] = parent[row(parent[r])];
        }
    }
    for (std::size_t r = size(); r-- > 0;) {
        if (level[r] == level_index) drop(id[r]);
    }
    for (std::uint16_t& l : level)
        if (l > level_index) --l;
}

void SplatRegistry::insert_level(std::size_t level_index, Level new_level) {
    hierarchy.insert(level_index, std::move(new_level));
    covered.clear();
    for (std::size_t r = 0; r < size(); ++r) {
        // A parent two levels up is none: the new level's splats are given as parents by the
        // caller.
        if (level[r] + 1U == level_index) parent[r] = kNoSplat;
        if (level[r] >= level_index) ++level[r];
    }
}

namespace {

void check_covariance(SplatId id, const CovarianceView& covariance) {
    if (!covariance.fits())
        fail("Splat {}: it is {} of {} dimensions, but has {} further numbers.", id,
             name_of(covariance.kind), covariance.dimension(), covariance.shape.size());
    float least = std::numeric_limits<float>::infinity();
    float most = 0.0F;
    for (const float v : covariance.variance) {
        if (!std::isfinite(v) || v <= 0.0F)
            fail(
                "Splat {}: the variance {} is not positive and finite, so its covariance is not "
                "positive definite.",
                id, v);
        least = std::min(least, v);
        most = std::max(most, v);
    }
    if (covariance.kind == CovarianceKind::spherical && least < most)
        fail("Splat {}: it is spherical but its variances differ ({} and {}).", id, least, most);
    for (const float v : covariance.shape)
        if (!std::isfinite(v))
            fail("Splat {}: its covariance holds {}, which is not finite.", id, v);
    if (condition_at_most(covariance, kWorstCondition)) return;
    const double condition = condition_of(covariance);
    if (std::isinf(condition)) fail("Splat {}: its covariance is not positive definite.", id);
    fail("Splat {}: its covariance has a condition of {:.3g}; at most 1e12 is possible.", id,
         condition);
}

void check_splat(const SplatRegistry& r, std::size_t row) {
    const SplatId id = r.id[row];
    if (row > 0 && r.id[row - 1] >= id)
        fail("Splat {}: ids must differ and rise; it follows {}.", id, r.id[row - 1]);
    if (id >= r.next_id) fail("Splat {}: the id is not below the next id {}.", id, r.next_id);
    if (r.level[row] >= r.hierarchy.size())
        fail("Splat {}: its level {} does not exist.", id, r.level[row]);
    if (r.parent[row] != kNoSplat) {
        const std::optional<std::size_t> up = r.find(r.parent[row]);
        if (!up) fail("Splat {}: its parent {} does not exist.", id, r.parent[row]);
        if (r.level[*up] != r.level[row] + 1)
            fail("Splat {}: its parent {} must be exactly one level above it.", id, r.parent[row]);
    }
    const auto centre = r.gaussians.centre.row(row);
    if (!std::all_of(centre.begin(), centre.end(), [](float x) { return std::isfinite(x); }))
        fail("Splat {}: its centre is not finite.", id);
    check_covariance(id, r.gaussians.covariance(row));
    if (r.query_gaussians) check_covariance(id, r.query_gaussians->covariance(row));
    if (!std::isfinite(r.beta[row]) || r.beta[row] <= 0.0F)
        fail("Splat {}: beta is {}; it must be positive and finite.", id, r.beta[row]);
    if (std::isnan(r.log_amplitude[row]) ||
        r.log_amplitude[row] == std::numeric_limits<float>::infinity())
        fail("Splat {}: its amplitude is not finite.", id);
}

}  // namespace

void check_invariants(const SplatRegistry& r) {
    const std::size_t k = r.size();
    if (r.level.size() != k || r.parent.size() != k || r.gaussians.centre.rows() != k ||
        r.gaussians.variance.rows() != k || r.gaussians.kind.size() != k ||
        r.gaussians.shape.size() != k || r.log_amplitude.size() != k || r.beta.size() != k ||
        r.age.size() != k || r.usage_history.size() != k)
        fault("the columns of a registry of {} splats differ in length", k);
    if (r.query_gaussians &&
        (r.query_gaussians->centre.rows() != k || r.query_gaussians->variance.rows() != k ||
         r.query_gaussians->kind.size() != k || r.query_gaussians->shape.size() != k))
        fault("the query side of a registry of {} splats has another length", k);
    if (k == 0) fail("There are no splats: at least one is needed.");
    if (r.gaussians.centre.cols() != r.dimension || r.gaussians.variance.cols() != r.dimension)
        fault("centres of {} dimensions in a registry of {}", r.gaussians.centre.cols(),
              r.dimension);
    for (std::size_t row = 0; row < k; ++row) check_splat(r, row);
    double total = 0.0;
    for (std::size_t l = 0; l < r.hierarchy.size(); ++l) {
        const Level& level = r.hierarchy.levels[l];
        if (!std::isfinite(level.weight) || level.weight < 0.0)
            fail("Level {}: its weight {} must be finite and at least 0.", level.name,
                 level.weight);
        total += level.weight;
        if (r.count(l) == 0) fail("Level {} has no splats: a level never empties.", level.name);
    }
    if (total <= 0.0) fail("All level weights are zero: at least one must be above 0.");
}

bool same_bits(const SplatRegistry& a, const SplatRegistry& b) {
    const auto same_side = [](const GaussianColumns& x, const GaussianColumns& y) {
        return x.kind == y.kind && same_floats(all(x.centre), all(y.centre)) &&
               same_floats(all(x.variance), all(y.variance)) &&
               std::equal(x.shape.begin(), x.shape.end(), y.shape.begin(), y.shape.end(),
                          [](const auto& p, const auto& q) { return same_floats(p, q); });
    };
    if (a.query_gaussians.has_value() != b.query_gaussians.has_value()) return false;
    if (a.query_gaussians && !same_side(*a.query_gaussians, *b.query_gaussians)) return false;
    const bool same_usage =
        std::equal(a.usage_history.begin(), a.usage_history.end(), b.usage_history.begin(),
                   b.usage_history.end(), [](const UsageHistory& x, const UsageHistory& y) {
                       return same_floats(x.recent(), y.recent());
                   });
    const bool same_recipe = (a.coordinates == nullptr) == (b.coordinates == nullptr) &&
                             (a.coordinates == nullptr || a.coordinates == b.coordinates ||
                              *a.coordinates == *b.coordinates);
    return a.hierarchy == b.hierarchy && a.form == b.form && a.dimension == b.dimension &&
           a.id == b.id && a.level == b.level && a.parent == b.parent &&
           same_side(a.gaussians, b.gaussians) && same_floats(a.log_amplitude, b.log_amplitude) &&
           same_floats(a.beta, b.beta) && a.age == b.age && same_usage && a.next_id == b.next_id &&
           a.background_log_weight == b.background_log_weight && a.kappa == b.kappa &&
           a.kappa_query == b.kappa_query && a.query_quadratic == b.query_quadratic &&
           a.offset == b.offset && a.fitted_with == b.fitted_with && same_recipe;
}

namespace {

std::uint64_t hash_side(const GaussianColumns& side, std::uint64_t h) {
    h = hash_values(std::span<const CovarianceKind>(side.kind), h);
    h = hash_values(all(side.centre), h);
    h = hash_values(all(side.variance), h);
    for (const std::vector<float>& shape : side.shape)
        if (!shape.empty()) h = hash_values(std::span<const float>(shape), h);
    return h;
}

// A number that is not there differs from every number.
std::uint64_t hash_number(const std::optional<double>& number, std::uint64_t h) {
    const std::array<double, 2> values = {number ? 1.0 : 0.0, number.value_or(0.0)};
    return hash_values(std::span<const double>(values), h);
}

}  // namespace

std::uint64_t hash_splats(const SplatRegistry& r) {
    std::uint64_t h = 0;
    for (const Level& level : r.hierarchy.levels) {
        h = hash_text(level.name, h);
        h = hash_values(std::span<const double>(&level.weight, 1), h);
    }
    h = hash_values(std::span<const SplatId>(r.id), h);
    h = hash_values(std::span<const std::uint16_t>(r.level), h);
    h = hash_values(std::span<const SplatId>(r.parent), h);
    h = hash_side(r.gaussians, h);
    if (r.query_gaussians) h = hash_side(*r.query_gaussians, h);
    h = hash_values(std::span<const float>(r.log_amplitude), h);
    h = hash_values(std::span<const float>(r.beta), h);
    h = hash_values(std::span<const std::int32_t>(r.age), h);
    for (const UsageHistory& usage : r.usage_history) h = hash_values(usage.recent(), h);
    h = hash_number(r.background_log_weight, h);
    h = hash_number(r.kappa, h);
    h = hash_number(r.kappa_query, h);
    h = hash_values(std::span<const double>(r.query_quadratic), h);
    h = hash_number(r.offset, h);
    const std::array<std::uint8_t, 2> what = {static_cast<std::uint8_t>(r.form),
                                              static_cast<std::uint8_t>(r.made_here ? 1 : 0)};
    h = hash_values(std::span<const std::uint8_t>(what), h);
    return hash_values(std::span<const SplatId>(&r.next_id, 1), h);
}

std::uint64_t hash_registry(const SplatRegistry& r) {
    std::uint64_t h = hash_splats(r);
    if (!r.coordinates) return h;
    for (const std::string& name : r.coordinates->level_names) h = hash_text(name, h);
    for (const LevelCoordinates& level : r.coordinates->levels) {
        const std::array<double, 4> scalars = {level.h, level.scale_before, level.soft,
                                               level.scale_after};
        h = hash_values(std::span<const double>(scalars), h);
        h = hash_values(std::span<const double>(level.mean), h);
    }
    return h;
}

const char* name_of(Form form) {
    switch (form) {
        case Form::token: return "token";
        case Form::shared: return "shared";
        case Form::paired: return "paired";
    }
    return "";
}

}  // namespace hsa
