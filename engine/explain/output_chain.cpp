#include "engine/explain/output_chain.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace hsa {
namespace {

constexpr std::size_t kListed = 20;
constexpr std::size_t kTokens = 8;

// The row of A that the token has, in parts: what each splat and what the exact pairs give to each
// token.
class RowParts {
  public:
    RowParts(const Factors& factors, std::size_t token)
        : weight_(factors.row_weights().row(token)),
          keys_(factors.keys_of_row(token)),
          seen_(factors.causal ? token + 1 : factors.tokens()),
          near_(factors.near.get()) {
        if (near_ == nullptr) return;
        first_pair_ = near_->set.begins[token];
        pairs_ = near_->set.row(token);
    }

    [[nodiscard]] std::size_t seen() const { return seen_; }
    [[nodiscard]] bool has_exact() const { return !pairs_.empty(); }

    // What the exact pair (i, j) gives, 0 where there is none.
    [[nodiscard]] double exact(std::size_t j) const {
        const auto place = std::lower_bound(pairs_.begin(), pairs_.end(), j);
        if (place == pairs_.end() || *place != j) return 0.0;
        return static_cast<double>(
            near_->exact[first_pair_ + static_cast<std::size_t>(place - pairs_.begin())]);
    }
    // Whether splats give token j anything.
    [[nodiscard]] bool by_splats(std::size_t j) const {
        return near_ == nullptr || !near_->replaces ||
               !std::binary_search(pairs_.begin(), pairs_.end(), j);
    }
    // What splat c gives a token of such keys, the splats giving it something ...
    [[nodiscard]] double part(const FactorRow& keys, std::size_t c) const {
        return static_cast<double>(weight_[c]) * static_cast<double>(keys[c]);
    }
    // ... and what it gives token j.
    [[nodiscard]] double part(std::size_t j, std::size_t c) const {
        return static_cast<double>(weight_[c]) * static_cast<double>(keys_(j, c));
    }
    [[nodiscard]] FactorRow keys(std::size_t j) const { return keys_.row(j); }
    [[nodiscard]] std::size_t columns() const { return weight_.size(); }

    // A_ij.
    [[nodiscard]] double cell(std::size_t j) const {
        double sum = exact(j);
        if (!by_splats(j)) return sum;
        const FactorRow row = keys(j);
        for (std::size_t c = 0; c < row.size(); ++c) sum += part(row, c);
        return sum;
    }

  private:
    FactorRow weight_;
    const FactorMatrix& keys_;
    std::size_t seen_;
    const NearPairs* near_;
    std::size_t first_pair_ = 0;
    std::span<const std::uint32_t> pairs_;
};

// O_i: [v].
std::vector<double> output_of(const RowParts& row, MatrixView<const float> values) {
    return parallel_sum(row.seen(), values.cols,
                        [&](std::size_t begin, std::size_t end, std::span<double> out) {
                            for (std::size_t j = begin; j < end; ++j) {
                                const double a = row.cell(j);
                                const std::span<const float> v = values.row(j);
                                for (std::size_t x = 0; x < v.size(); ++x)
                                    out[x] += a * static_cast<double>(v[x]);
                            }
                        });
}

// Every value along a direction: [seen].
std::vector<double> along(MatrixView<const float> values, std::span<const double> direction,
                          std::size_t seen) {
    std::vector<double> out(seen);
    parallel_blocks(seen, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t j = begin; j < end; ++j) {
            const std::span<const float> v = values.row(j);
            double sum = 0.0;
            for (std::size_t x = 0; x < v.size(); ++x)
                sum += direction[x] * static_cast<double>(v[x]);
            out[j] = sum;
        }
    });
    return out;
}

// The sum of each splat's part, the exact pairs' last: [c + 1].
std::vector<double> sums_of_parts(const RowParts& row, std::span<const double> value) {
    return parallel_sum(row.seen(), row.columns() + 1,
                        [&](std::size_t begin, std::size_t end, std::span<double> out) {
                            for (std::size_t j = begin; j < end; ++j) {
                                out[row.columns()] += row.exact(j) * value[j];
                                if (!row.by_splats(j)) continue;
                                const FactorRow keys = row.keys(j);
                                for (std::size_t c = 0; c < keys.size(); ++c)
                                    out[c] += row.part(keys, c) * value[j];
                            }
                        });
}

// What column c, or behind the last the exact pairs, gives token j.
double share_of(const RowParts& row, std::size_t c, std::size_t j) {
    if (c == row.columns()) return row.exact(j);
    return row.by_splats(j) ? row.part(j, c) : 0.0;
}

void add_tokens(const RowParts& row, std::size_t c, std::span<const double> value,
                OutputPart& part) {
    std::vector<OutputToken> all(row.seen());
    for (std::size_t j = 0; j < all.size(); ++j)
        all[j] = {static_cast<std::uint32_t>(j), share_of(row, c, j) * value[j]};
    const std::size_t kept = std::min(kTokens, all.size());
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(),
                      [](const OutputToken& a, const OutputToken& b) {
                          const double x = std::abs(a.value), y = std::abs(b.value);
                          return x != y ? x > y : a.token < b.token;
                      });
    part.rest = part.value;
    for (std::size_t t = 0; t < kept; ++t) {
        if (all[t].value == 0.0) break;
        part.tokens.push_back(all[t]);
        part.rest -= all[t].value;
    }
}

double norm(std::span<const double> vector) {
    return std::sqrt(std::inner_product(vector.begin(), vector.end(), vector.begin(), 0.0));
}

// |P(s|i) u_s| of each listed column.
void add_norms(const RowParts& row, MatrixView<const float> values,
               std::span<const std::size_t> columns, std::span<OutputPart> parts) {
    const std::size_t v = values.cols;
    const std::vector<double> sums =
        parallel_sum(row.seen(), columns.size() * v,
                     [&](std::size_t begin, std::size_t end, std::span<double> out) {
                         for (std::size_t j = begin; j < end; ++j) {
                             const std::span<const float> value = values.row(j);
                             for (std::size_t c = 0; c < columns.size(); ++c) {
                                 const double a = share_of(row, columns[c], j);
                                 if (a == 0.0) continue;
                                 for (std::size_t x = 0; x < v; ++x)
                                     out[c * v + x] += a * static_cast<double>(value[x]);
                             }
                         }
                     });
    for (std::size_t c = 0; c < columns.size(); ++c)
        parts[c].norm = norm(std::span(sums).subspan(c * v, v));
}

}  // namespace

OutputChain output_chain(const Factors& factors, MatrixView<const float> values, std::size_t token,
                         std::optional<std::size_t> component, bool norms) {
    if (token >= factors.tokens())
        fail("There is no token {}: the data have {}, counted from 0.", token, factors.tokens());
    if (values.rows != factors.tokens())
        fail("The values have {} rows and the data {} tokens: one row a token is needed.",
             values.rows, factors.tokens());
    if (component && *component >= values.cols)
        fail("There is no component {}: values have {}, counted from 0.", *component, values.cols);
    OutputChain chain;
    chain.token = static_cast<std::uint32_t>(token);
    chain.component = component;
    chain.width = values.cols;
    const RowParts row(factors, token);
    const std::vector<double> output = output_of(row, values);
    chain.value = component ? output[*component] : norm(output);
    std::vector<double> direction(output.size(), 0.0);
    if (component) direction[*component] = 1.0;
    else if (chain.value > 0.0)
        for (std::size_t x = 0; x < output.size(); ++x) direction[x] = output[x] / chain.value;

    const std::vector<double> value = along(values, direction, row.seen());
    const std::vector<double> sums = sums_of_parts(row, value);
    std::vector<std::size_t> order(row.columns() + (row.has_exact() ? 1U : 0U));
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::abs(sums[a]) > std::abs(sums[b]);
    });
    if (order.size() > kListed) order.resize(kListed);
    chain.parts.resize(order.size());
    chain.rest = std::accumulate(sums.begin(), sums.end(), 0.0);
    parallel_for(order.size(), [&](std::size_t o) {
        const std::size_t c = order[o];
        OutputPart& part = chain.parts[o];
        const bool exact = c == row.columns();
        part.splat = exact ? kExactPairs : factors.ids[c];
        part.level = exact ? kExactLevel : factors.level[c];
        part.p = exact ? 1.0 : static_cast<double>(factors.p(token, c));
        part.value = sums[c];
        add_tokens(row, c, value, part);
    });
    for (const OutputPart& part : chain.parts) chain.rest -= part.value;
    if (norms) add_norms(row, values, order, chain.parts);
    return chain;
}

Values values_of(const Dataset& dataset) {
    Values values;
    if (dataset.head && dataset.head->values.cols() > 0) {
        values.rows = dataset.head->values.view();
        values.own = true;
    } else {
        values.rows = dataset.embeddings.rows;
    }
    return values;
}

}  // namespace hsa
