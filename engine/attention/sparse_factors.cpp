#include "engine/attention/sparse_factors.h"

#include "engine/attention/columns.h"
#include "engine/attention/near_set.h"
#include "engine/attention/selected_splats.h"
#include "engine/compute/level_kernels.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/model/key_mask.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

constexpr double kNothing = -std::numeric_limits<double>::infinity();
constexpr std::size_t kMassTokens = 4096;  // that stand for all where cells choose the splats
constexpr std::uint64_t kMassSeed = 4096;
constexpr std::size_t kListTokens = 16 * kChunkRows;  // counted by one task

// LSE over the rows of a side: [k]; keys with their factors.
std::vector<double> log_masses(Backend& backend, const SplatRegistry& registry,
                               const Coordinates& coordinates, Side side, double temperature,
                               std::span<const float> factors, const Work& work) {
    std::vector<double> mass(registry.size(), kNothing);
    for (const LevelKernel& level : bind_levels(backend, registry, temperature, side)) {
        if (level.rows.empty()) continue;
        const std::vector<double> own = backend.log_mass(
            *level.bound, rows_of_side(coordinates, level.level, side).view(), factors, work);
        for (std::size_t s = 0; s < own.size(); ++s) mass[level.rows[s]] = own[s];
    }
    return mass;
}

class SparseMaker {
  public:
    SparseMaker(Backend& backend, const SplatRegistry& registry, const Coordinates& coordinates,
                const SparseOptions& options, const Work& work)
        : backend_(backend),
          registry_(registry),
          coordinates_(coordinates),
          options_(options),
          work_(work),
          two_sides_(has_two_sides(registry)),
          side_(two_sides_ ? Side::query : Side::key),
          key_factors_(log_key_factors(registry, coordinates)) {
        out_.masked = coordinates.masked;
        out_.ids = registry.id;
        out_.level = registry.level;
        out_.log_weight = column_log_weights(registry, options.mask);
        if (registry.background_log_weight) {
            out_.ids.push_back(kNoSplat);
            out_.level.push_back(kBackgroundLevel);
        }
        take_masses();
        SelectedSplats queries = choose(side_, out_.log_mass);
        out_.recall = queries.recall;
        out_.note = queries.note;
        out_.estimated = queries.spatial;
        out_.p_column = std::make_shared<const Matrix<std::uint32_t>>(std::move(queries.splat));
        out_.p = std::move(queries.log_kernel);
        log_total_ = std::move(queries.log_total);
        if (two_sides_) {
            SelectedSplats keys = choose(Side::key, query_mass_);
            out_.recall = std::min(out_.recall, keys.recall);
            out_.k_column = std::make_shared<const Matrix<std::uint32_t>>(std::move(keys.splat));
            out_.k = std::move(keys.log_kernel);
        } else {
            out_.k_column = out_.p_column;
            out_.k = out_.p;
        }
        work_.check();
        if (out_.estimated) estimate();
    }

    SparseFactors make() && {
        write_keys();
        list_keys();
        write_rows();
        return std::move(out_);
    }

  private:
    [[nodiscard]] std::size_t tokens() const { return coordinates_.size(); }
    [[nodiscard]] std::size_t splats() const { return registry_.size(); }
    [[nodiscard]] double shift(std::size_t s) const {
        return out_.log_weight[s] + out_.log_mass[s];
    }

    [[nodiscard]] float key_factor(std::size_t j) const {
        return key_factors_.empty() ? 0.0F : key_factors_[j];
    }

    // Tokens that stand for all: of the keys for those that are not masked.
    void draw_samples() {
        if (!options_.spatial) return;
        sample_ = sampled_rows(tokens(), kMassTokens, kMassSeed);
        key_sample_ = sample_;
        if (out_.masked.empty()) return;
        const std::vector<std::uint32_t> visible = visible_tokens(out_.masked, tokens());
        key_sample_ = sampled_rows(visible.size(), kMassTokens, kMassSeed);
        for (std::uint32_t& token : key_sample_) token = visible[token];
    }

    // LSE over the rows of a side from all tokens, or from a sample of them.
    [[nodiscard]] std::vector<double> masses(Side side) {
        const std::vector<std::uint32_t>& sample = side == Side::key ? key_sample_ : sample_;
        const bool keys = side == Side::key;
        const auto from = [&](const Coordinates& seen, std::span<const float> factors) {
            return log_masses(backend_, registry_, seen, side, options_.temperature, factors,
                              work_);
        };
        if (!options_.spatial || sample.size() == tokens())
            return from(coordinates_,
                        keys ? std::span<const float>(key_factors_) : std::span<const float>());
        const Coordinates some = coordinates_of(coordinates_, sample);
        std::vector<double> mass =
            from(some, keys ? log_key_factors(registry_, some) : std::vector<float>());
        const std::size_t all = keys ? visible_count(coordinates_) : tokens();
        const double share =
            std::log(static_cast<double>(all) / static_cast<double>(sample.size()));
        for (double& own : mass) own += share;
        return mass;
    }

    void take_masses() {
        draw_samples();
        out_.log_mass = masses(Side::key);
        if (two_sides_) query_mass_ = masses(Side::query);
        if (!registry_.background_log_weight) return;
        out_.log_mass.push_back(key_factors_.empty() ? std::log(static_cast<double>(tokens()))
                                                     : log_sum_exp(key_factors_));
    }

    [[nodiscard]] SelectedSplats choose(Side side, std::span<const double> mass) {
        std::vector<double> by(splats());
        for (std::size_t s = 0; s < by.size(); ++s) by[s] = out_.log_weight[s] + mass[s];
        SelectOptions options;
        options.splats = options_.splats;
        options.spatial = options_.spatial;
        options.scored = options_.scored;
        options.temperature = options_.temperature;
        options.totals = side == side_;
        return select_splats(backend_, registry_, coordinates_, side, by, options, work_);
    }

    // All log kernels of sampled tokens: [sample, k].
    [[nodiscard]] Matrix<float> sampled_log_kernels(Side side,
                                                    std::span<const std::uint32_t> sample) {
        Matrix<float> ell(sample.size(), splats());
        const Coordinates own = coordinates_of(coordinates_, sample);
        log_kernel_of_range(backend_, bind_levels(backend_, registry_, options_.temperature, side),
                            own, 0, sample.size(), ell.view());
        return ell;
    }

    // c_s: the keys that keep s as they are, the others as the sampled ones among them. Then what
    // the splats that a row drops have beside the least that it keeps.
    void estimate() {
        Matrix<float> ell = sampled_log_kernels(Side::key, key_sample_);
        const double each = static_cast<double>(visible_count(coordinates_)) /
                            static_cast<double>(std::max<std::size_t>(key_sample_.size(), 1));
        const std::vector<double> most = out_.log_mass;
        const std::vector<double> listed = parallel_sum(
            tokens(), splats(), [&](std::size_t begin, std::size_t end, std::span<double> out) {
                for (std::size_t j = begin; j < end; ++j)
                    for (std::size_t b = 0; b < out_.k.cols(); ++b) {
                        const std::size_t s = (*out_.k_column)(j, b);
                        out[s] +=
                            std::exp(static_cast<double>(out_.k(j, b) + key_factor(j)) - most[s]);
                    }
            });
        std::vector<double> missed(splats(), 0.0);
        for (std::size_t r = 0; r < key_sample_.size(); ++r) {
            const auto kept = out_.k_column->row(key_sample_[r]);
            std::size_t next = 0;
            for (std::size_t s = 0; s < splats(); ++s) {
                if (next < kept.size() && kept[next] == s) ++next;
                else
                    missed[s] += std::exp(
                        static_cast<double>(ell(r, s) + key_factor(key_sample_[r])) - most[s]);
            }
        }
        for (std::size_t s = 0; s < splats(); ++s)
            out_.log_mass[s] = most[s] + std::log(listed[s] + each * missed[s]);
        if (two_sides_ || key_sample_ != sample_) ell = sampled_log_kernels(side_, sample_);
        double sum = 0.0;
        for (std::size_t r = 0; r < sample_.size(); ++r) {
            const auto kept = out_.p_column->row(sample_[r]);
            double least = std::numeric_limits<double>::infinity();
            for (const std::uint32_t s : kept)
                least = std::min(least, static_cast<double>(ell(r, s)) + shift(s));
            std::size_t next = 0;
            for (std::size_t s = 0; s < splats(); ++s) {
                if (next < kept.size() && kept[next] == s) ++next;
                else if (shift(s) > kNothing)
                    sum += std::exp(static_cast<double>(ell(r, s)) + shift(s) - least);
            }
        }
        dropped_beside_least_ = sum / static_cast<double>(std::max<std::size_t>(sample_.size(), 1));
    }

    // K of what is kept, and what that leaves of every column.
    void write_keys() {
        parallel_blocks(tokens(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t b = 0; b < out_.k.cols(); ++b) {
                    const std::size_t s = (*out_.k_column)(j, b);
                    out_.k(j, b) = static_cast<float>(std::exp(static_cast<double>(out_.k(j, b)) +
                                                               static_cast<double>(key_factor(j)) -
                                                               out_.log_mass[s]));
                }
        });
        out_.rest_k.assign(
            tokens(), static_cast<float>(1.0 / static_cast<double>(visible_count(coordinates_))));
        for (const std::uint32_t token : out_.masked) out_.rest_k[token] = 0.0F;
        if (!out_.has_background() || key_factors_.empty()) return;
        for (std::size_t j = 0; j < tokens(); ++j)
            out_.rest_k[j] = static_cast<float>(
                std::exp(static_cast<double>(key_factors_[j]) - out_.log_mass.back()));
    }

    void list_keys() {
        const Matrix<std::uint32_t>& column = *out_.k_column;
        const std::size_t blocks = (tokens() + kListTokens - 1) / kListTokens;
        Matrix<std::size_t> next(blocks, splats() + 1);  // first how many, then where
        parallel_blocks(tokens(), kListTokens, [&](std::size_t begin, std::size_t end) {
            const std::span<std::size_t> own = next.row(begin / kListTokens);
            for (std::size_t j = begin; j < end; ++j)
                for (const std::uint32_t s : column.row(j)) ++own[s];
        });
        out_.key_begins.assign(out_.columns() + 1, 0);
        std::size_t at = 0;
        for (std::size_t s = 0; s < splats(); ++s) {
            out_.key_begins[s] = at;
            for (std::size_t block = 0; block < blocks; ++block)
                at += std::exchange(next(block, s), at);
        }
        std::fill(out_.key_begins.begin() + static_cast<std::ptrdiff_t>(splats()),
                  out_.key_begins.end(), at);
        out_.key_tokens.resize(at);
        out_.key_values.resize(at);
        parallel_blocks(tokens(), kListTokens, [&](std::size_t begin, std::size_t end) {
            const std::span<std::size_t> own = next.row(begin / kListTokens);
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t b = 0; b < column.cols(); ++b) {
                    const std::size_t place = own[column(j, b)]++;
                    out_.key_tokens[place] = static_cast<std::uint32_t>(j);
                    out_.key_values[place] = out_.k(j, b);
                }
        });
        out_.kept_keys.assign(out_.columns(), 1.0);
        parallel_for(splats(), [&](std::size_t s) {
            double sum = 0.0;
            for (std::size_t e = out_.key_begins[s]; e < out_.key_begins[s + 1]; ++e)
                sum += static_cast<double>(out_.key_values[e]);
            out_.kept_keys[s] = std::min(sum, 1.0);
        });
        if (!out_.has_background()) share_out();
    }

    // Without a background: columns sum to 1 again.
    void share_out() {
        std::vector<float> times(splats(), 1.0F);
        for (std::size_t s = 0; s < splats(); ++s)
            if (out_.kept_keys[s] > 0.0) times[s] = static_cast<float>(1.0 / out_.kept_keys[s]);
        parallel_for(splats(), [&](std::size_t s) {
            for (std::size_t e = out_.key_begins[s]; e < out_.key_begins[s + 1]; ++e)
                out_.key_values[e] *= times[s];
        });
        parallel_blocks(tokens(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t j = begin; j < end; ++j)
                for (std::size_t b = 0; b < out_.k.cols(); ++b)
                    out_.k(j, b) *= times[(*out_.k_column)(j, b)];
        });
    }

    void write_rows() {
        out_.rest.resize(tokens());
        out_.kept.resize(tokens());
        out_.bound.resize(tokens());
        out_.log_normaliser.resize(tokens());
        heard_ = static_cast<std::size_t>(
            std::count_if(out_.log_weight.begin(),
                          out_.log_weight.begin() + static_cast<std::ptrdiff_t>(splats()),
                          [](double w) { return w > kNothing; }));
        parallel_blocks(tokens(), kChunkRows, [&](std::size_t begin, std::size_t end) {
            std::vector<double> logit(out_.p.cols());
            for (std::size_t i = begin; i < end; ++i) write_row(i, logit);
        });
    }

    void write_row(std::size_t i, std::vector<double>& logit) {
        const auto column = out_.p_column->row(i);
        const std::span<float> row = out_.p.row(i);
        const double behind = out_.has_background() ? shift(splats()) : kNothing;
        double most = behind;
        double least = std::numeric_limits<double>::infinity();
        for (std::size_t b = 0; b < row.size(); ++b) {
            logit[b] = static_cast<double>(row[b]) + shift(column[b]);
            most = std::max(most, logit[b]);
            least = std::min(least, logit[b]);
        }
        const double background = std::exp(behind - most);
        double listed = 0.0;
        for (const double own : logit) listed += std::exp(own - most);
        double dropped = 0.0;
        if (row.size() < heard_) {
            if (out_.estimated) dropped = dropped_beside_least_ * std::exp(least - most);
            else dropped = std::max(0.0, std::exp(log_total_[i] - most) - listed);
        }
        const double total = listed + background + dropped;
        out_.log_normaliser[i] = static_cast<float>(most + std::log(total));
        const double kept = (listed + background) / total;
        // Without a background the shares of what is kept grow together.
        const double whole = out_.has_background() ? total : listed;
        double rest = out_.has_background() ? (background + dropped) / total : 0.0;
        double lost = 0.0;
        for (std::size_t b = 0; b < row.size(); ++b) {
            const double share = std::exp(logit[b] - most) / whole;
            row[b] = static_cast<float>(share);
            const double of_keys = out_.kept_keys[column[b]];
            lost += share * (1.0 - of_keys);
            if (out_.has_background() || of_keys == 0.0) rest += share * (1.0 - of_keys);
        }
        out_.rest[i] = static_cast<float>(rest);
        out_.kept[i] = static_cast<float>(kept);
        out_.bound[i] = static_cast<float>(std::min(2.0, 2.0 * (1.0 - kept) + 2.0 * lost));
    }

    Backend& backend_;
    const SplatRegistry& registry_;
    const Coordinates& coordinates_;
    const SparseOptions& options_;
    const Work& work_;
    bool two_sides_;
    Side side_;  // that asks
    std::vector<float> key_factors_;
    std::vector<std::uint32_t> sample_;      // of all tokens
    std::vector<std::uint32_t> key_sample_;  // of those not masked
    std::vector<double> query_mass_;         // [k] LSE over the queries, with two sides
    std::vector<double> log_total_;          // [n] LSE over all splats, where all were scored
    double dropped_beside_least_ = 0.0;
    std::size_t heard_ = 0;
    SparseFactors out_;
};

}  // namespace

std::size_t SparseFactors::bytes() const {
    const std::size_t columns_held = (p_column ? p_column->size() : 0) +
                                     (k_column && k_column != p_column ? k_column->size() : 0);
    return sizeof(std::uint32_t) * (columns_held + key_tokens.size()) +
           sizeof(float) * (p.size() + k.size() + key_values.size() + rest.size() + rest_k.size() +
                            kept.size() + bound.size() + log_normaliser.size());
}

SparseFactors compute_sparse_factors(Backend& backend, const SplatRegistry& registry,
                                     const Coordinates& coordinates, const SparseOptions& options,
                                     const Work& work) {
    check_shapes(registry, coordinates);
    SparseFactors factors = SparseMaker(backend, registry, coordinates, options, work).make();
    work.report("factors", 1.0);
    return factors;
}

}  // namespace hsa
