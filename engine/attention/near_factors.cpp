#include "engine/attention/near_factors.h"

#include "engine/attention/far_mass.h"
#include "engine/attention/sums.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/error.h"
#include "engine/core/gather.h"
#include "engine/core/parallel.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();

// The K that rows see outside their near sets.
class FarKeys {
  public:
    FarKeys(const Factors& factors, const NearSet& set, bool causal)
        : k_(factors.k), set_(set), masked_(factors.masked), causal_(causal) {
        const FactorMatrix& k = k_;
        if (causal)
            before_ = chunk_prefixes(
                k.rows(), k.cols(), [&](std::size_t begin, std::size_t end, std::span<double> out) {
                    add_rows(k, begin, end, out);
                });
    }

    // row(i, left) for the rows of one chunk, left [c]: zero where the near set is all they see.
    template <class Row>
    void each(std::size_t begin, std::size_t end, Row row) const {
        const std::size_t columns = k_.cols();
        std::vector<double> seen(columns, 1.0);
        if (causal_) {
            const auto before = before_.row(begin / kChunkRows);
            std::copy(before.begin(), before.end(), seen.begin());
        }
        std::vector<double> left(columns);
        for (std::size_t i = begin; i < end; ++i) {
            if (causal_) add_rows(k_, i, i + 1, seen);
            const std::span<const std::uint32_t> near = set_.row(i);
            const std::size_t reach = causal_ ? i + 1 : k_.rows();
            if (near.size() + masked_before(masked_, reach) == reach) {
                std::fill(left.begin(), left.end(), 0.0);
            } else {
                left = seen;
                for (const std::uint32_t j : near) {
                    const FactorRow key = k_.row(j);
                    for (std::size_t s = 0; s < columns; ++s)
                        left[s] -= static_cast<double>(key[s]);
                }
                for (double& value : left) value = std::max(value, 0.0);
            }
            row(i, std::span<const double>(left));
        }
    }

  private:
    const FactorMatrix& k_;
    const NearSet& set_;
    std::span<const std::uint32_t> masked_;
    bool causal_;
    Matrix<double> before_;  // [chunks + 1, c]
};

double weighed(std::span<const float> p, std::span<const double> k) {
    double sum = 0.0;
    for (std::size_t s = 0; s < k.size(); ++s) sum += static_cast<double>(p[s]) * k[s];
    return sum;
}

double log_sum_of(std::span<const float> scores) {
    const JoinedRow row = join_row(scores, 0.0, 0.0);
    return row.log_normaliser;
}

double calibrated_offset(const Target& target, const NearSet& set, std::span<const float> scores,
                         std::span<const double> log_mass, std::span<const double> outside) {
    const std::vector<std::uint32_t> rows = sampled_rows(set.rows());
    const std::vector<double> normalisers = target.log_normalisers(rows);
    std::vector<FarShare> shares;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::size_t i = rows[r];
        const double near =
            log_sum_of(scores.subspan(set.begins[i], set.begins[i + 1] - set.begins[i]));
        const double far = outside[i] > 0.0 ? log_mass[i] + std::log(outside[i]) : kNothing;
        shares.push_back({near, far, std::max(0.0, 1.0 - std::exp(near - normalisers[r]))});
    }
    return solve_offset(shares);
}

}  // namespace

Factors near_factors(const SplatRegistry& registry, const Coordinates& coordinates,
                     const Target& target, Factors factors, const NearOptions& options,
                     const Work& work) {
    const std::size_t n = factors.tokens();
    if (factors.causal || target.size() != n || factors.k.rows() != n ||
        options.causal != target.causal())
        fault("near and far of {} tokens with causal factors, or a target of {} or of another kind",
              n, target.size());
    const Matrix<float>& queries = coordinates.queries ? *coordinates.queries : *coordinates.base;
    std::vector<double> log_mass = log_far_masses(registry, queries.view(), factors.log_normaliser);
    NearPairs near;
    near.set = near_set(factors, {}, options, heaviest_columns(target, options.anchors));
    work.report("near set", 0.3);
    const NearSet& set = near.set;
    std::vector<float> scores(set.pairs());
    std::vector<double> outside(n);
    const FarKeys far_keys(factors, set, options.causal);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        far_keys.each(begin, end, [&](std::size_t i, std::span<const double> left) {
            // Without near pairs it is what P sums to: 1.
            outside[i] =
                set.row(i).empty() && !options.causal ? 1.0 : weighed(factors.p.row(i), left);
            for (std::size_t e = set.begins[i]; e < set.begins[i + 1]; ++e)
                scores[e] = target.score(i, set.columns[e]);
        });
    });
    near.offset = registry.offset ? *registry.offset
                                  : calibrated_offset(target, set, scores, log_mass, outside);
    work.report("near set", 0.6);

    near.far_scale.resize(n);
    near.exact.resize(set.pairs());
    near.correction.resize(set.pairs());
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        work.check();
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t first = set.begins[i];
            const std::span<const float> own =
                std::span(std::as_const(scores)).subspan(first, set.begins[i + 1] - first);
            const JoinedRow row = join_row(own, log_mass[i] + near.offset, outside[i]);
            near.far_scale[i] = static_cast<float>(row.far_scale);
            factors.log_normaliser[i] = static_cast<float>(row.log_normaliser);
            for (float& p : factors.p.row(i))
                p = static_cast<float>(static_cast<double>(p) * row.far_scale);
            for (std::size_t e = first; e < set.begins[i + 1]; ++e) {
                const auto key = factors.k.row(set.columns[e]);
                double said = 0.0;
                for (std::size_t s = 0; s < key.size(); ++s)
                    said += static_cast<double>(factors.p(i, s)) * static_cast<double>(key[s]);
                const double exact = std::exp(static_cast<double>(scores[e]) - row.log_normaliser);
                near.exact[e] = static_cast<float>(exact);
                near.correction[e] = static_cast<float>(exact - said);
            }
        }
    });
    if (options.causal) {
        auto causal = std::make_shared<CausalFactors>();
        causal->weight = factors.p;
        causal->segments = {{{0, n}, nullptr}};
        factors.causal = std::move(causal);
    }
    work.report("near set", 1.0);
    factors.near = std::make_shared<const NearPairs>(std::move(near));
    return factors;
}

Factors factors_beside(Backend& backend, const SplatRegistry& registry,
                       const Coordinates& coordinates, FactorOptions options, const Target* target,
                       const NearOptions& near, const Work& work) {
    const bool beside = near.any() && registry.form != Form::token && target != nullptr;
    options.causal = options.causal && !beside;
    Factors factors = compute_factors(backend, registry, coordinates, options, work);
    if (!beside) return factors;
    return near_factors(registry, coordinates, *target, std::move(factors), near, work);
}

std::vector<double> near_usage(const Factors& factors) {
    const NearPairs& near = *factors.near;
    const std::size_t n = near.set.rows();
    const std::size_t columns = factors.columns();
    const FarKeys far_keys(factors, near.set, factors.causal != nullptr);
    std::vector<double> sums = parallel_sum(
        n, columns + 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            far_keys.each(begin, end, [&](std::size_t i, std::span<const double> left) {
                for (std::size_t s = 0; s < columns; ++s)
                    out[s] += static_cast<double>(factors.p(i, s)) * left[s];
                for (std::size_t e = near.set.begins[i]; e < near.set.begins[i + 1]; ++e)
                    out[columns] += static_cast<double>(near.exact[e]);
            });
        });
    for (double& sum : sums) sum /= static_cast<double>(n);
    return sums;
}

}  // namespace hsa
