#pragma once

#include "engine/core/matrix.h"
#include "engine/model/coordinates.h"
#include "engine/model/covariance.h"
#include "engine/model/hierarchy.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace hsa {

enum class Form : std::uint8_t { token, shared, paired };

using SplatId = std::uint32_t;
inline constexpr SplatId kNoSplat = 0xffffffffU;

// The Gaussians of k splats on one side. `variance` is [k, d] whatever the kind: a spherical
// splat repeats its number, so that every per-axis formula reads the same.
struct GaussianColumns {
    Matrix<float> centre;
    std::vector<CovarianceKind> kind;
    Matrix<float> variance;
    std::vector<std::vector<float>> shape;  // [k], what variance does not say (covariance.h)

    [[nodiscard]] CovarianceView covariance(std::size_t row) const {
        return {kind[row], variance.row(row), shape[row]};
    }
    void append(std::span<const float> new_centre, CovarianceKind new_kind,
                std::span<const float> new_variance, std::span<const float> new_shape);
    void erase(std::size_t row);
    bool operator==(const GaussianColumns&) const = default;
};

// The last ten values of a splat's usage, oldest first.
struct UsageHistory {
    std::array<float, 10> values{};
    std::uint8_t count = 0;

    void push(float usage);
    [[nodiscard]] std::span<const float> recent() const { return {values.data(), count}; }
    // Least-squares slope of the last min(5, count) values; 0 with fewer than two.
    [[nodiscard]] double trend() const;
    bool operator==(const UsageHistory&) const = default;
};

// What a file says the splats were fitted with (rulings.md "further keys").
struct FittedWith {
    std::size_t window = 0, anchors = 0, near = 0, near_limit = 64;
    double temperature = 1.0;
    bool causal = false;
    bool operator==(const FittedWith&) const = default;
};

// How well the Gaussians of a level cover some data: the mean log-coverage of its tokens and the
// standard error of that mean (adapt/shift.h).
struct Covered {
    double mean = 0.0;
    double error = 0.0;
    bool operator==(const Covered&) const = default;
};

// The Gaussian of one splat on the query side, as a value.
struct QueryGaussian {
    CovarianceKind kind = CovarianceKind::spherical;
    std::vector<float> centre;
    std::vector<float> variance;
    std::vector<float> shape;

    [[nodiscard]] CovarianceView covariance() const { return {kind, variance, shape}; }
    bool operator==(const QueryGaussian&) const = default;
};

// One splat as a value: what events carry and edits take. Variance is [d] for any kind.
struct Splat {
    SplatId id = kNoSplat;
    std::uint16_t level = 0;
    SplatId parent = kNoSplat;
    CovarianceKind kind = CovarianceKind::spherical;
    std::vector<float> centre;
    std::vector<float> variance;
    std::vector<float> shape;  // covariance.h
    float log_amplitude = 0.0F;
    float beta = 1.0F;
    std::int32_t age = 0;
    UsageHistory usage;
    std::optional<QueryGaussian> query;  // paired only

    [[nodiscard]] CovarianceView covariance() const { return {kind, variance, shape}; }
    bool operator==(const Splat&) const = default;
};

// A version of all splats, as columns; row order is rising id. Copy it to change it: published
// versions are shared and never changed. Ids are never used twice.
struct SplatRegistry {
    Hierarchy hierarchy;
    Form form = Form::token;
    std::size_t dimension = 0;  // d'

    std::vector<SplatId> id;
    std::vector<std::uint16_t> level;
    std::vector<SplatId> parent;  // kNoSplat at the coarsest level, or where a file names none
    GaussianColumns gaussians;    // both sides in the form token; the key side in paired
    std::optional<GaussianColumns> query_gaussians;  // paired only
    std::vector<float> log_amplitude;
    std::vector<float> beta;
    std::vector<std::int32_t> age;
    std::vector<UsageHistory> usage_history;
    SplatId next_id = 0;

    std::optional<double> background_log_weight;  // ln w of the background splat, if there is one
    double kappa = 1.0;
    std::optional<double> kappa_query;
    std::vector<double> query_quadratic;  // [d] or empty
    std::optional<double> offset;
    std::optional<FittedWith> fitted_with;
    std::shared_ptr<const CoordinateRecipe> coordinates;
    bool made_here = false;  // initialised by the program: level weights are kept as shares
    // [levels] of the data that a file's splats were adapted to, at temperature 1; empty: unknown.
    std::vector<Covered> covered;

    [[nodiscard]] std::size_t size() const { return id.size(); }
    // Row of a splat, by binary search.
    [[nodiscard]] std::optional<std::size_t> find(SplatId splat) const;
    // As find; throws Error naming the id when there is none.
    [[nodiscard]] std::size_t row(SplatId splat) const;
    [[nodiscard]] std::vector<std::size_t> rows_of_level(std::size_t level_index) const;
    [[nodiscard]] std::size_t count(std::size_t level_index) const;
    [[nodiscard]] std::vector<SplatId> children(SplatId splat) const;
    [[nodiscard]] Splat splat(std::size_t row_index) const;
    // ln w_s = ln(share of the level) + log amplitude: [k]; -infinity for weight or amplitude 0.
    [[nodiscard]] std::vector<double> log_weights() const;

    // Appends a splat under the id next_id (its own id is ignored) and returns that id. In paired a
    // splat without a query side of its own has the key's there.
    SplatId add(const Splat& splat);
    // Removes a splat; its children lose their parent (kNoSplat) and the caller gives them a new
    // one. Throws when it is the only splat of its level: a level never empties.
    void remove(SplatId splat);
    // As remove, but a level may be left empty: for the steps of a change that is whole at its end.
    void drop(SplatId splat);
    // Overwrites every column of a splat that exists.
    void assign(const Splat& splat);
    // Removes a level and its splats; splats one level finer get their grandparent. Throws when it
    // is the only level or the only one with a weight.
    void remove_level(std::size_t level_index);
    void insert_level(std::size_t level_index, Level level);
};

// Throws Error naming the splat and the rule when an invariant does not hold: shapes, rising ids,
// known levels and parents (exactly one level up), no empty level, finite numbers, covariances
// positive definite with condition <= 1e12, beta > 0, weights >= 0 and not all zero.
void check_invariants(const SplatRegistry& registry);

// Equal bit for bit in every column (NaN equals NaN).
[[nodiscard]] bool same_bits(const SplatRegistry& a, const SplatRegistry& b);
// Of everything that same_bits compares but what a file says the splats were fitted with and what
// of the coordinates is the same at all levels: those are not changed by any cycle or edit. Neither
// looks at `covered`.
[[nodiscard]] std::uint64_t hash_registry(const SplatRegistry& registry);
// As hash_registry, without the coordinates: what .run files up to version 2 hold.
[[nodiscard]] std::uint64_t hash_splats(const SplatRegistry& registry);

[[nodiscard]] const char* name_of(Form form);

}  // namespace hsa
