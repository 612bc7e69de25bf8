#include "engine/attention/near_set.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/random.h"
#include "engine/model/key_mask.h"

#include <algorithm>
#include <numeric>

namespace hsa {
namespace {

constexpr std::size_t kSampledRows = 64;
constexpr std::uint64_t kSampledRowsSeed = 64;
constexpr std::size_t kRowsAtOnce = 4 * kChunkRows;  // a task starts by looking at all members
constexpr std::uint32_t kNowhere = 0xffffffffU;

// The tokens of each splat of the finest level, largest K first.
struct Members {
    std::vector<std::uint32_t> finest;               // columns of the factors
    std::vector<std::uint32_t> splat;                // [n] or kNowhere
    std::vector<std::uint32_t> place;                // [n] among its splat's tokens
    std::vector<std::vector<std::uint32_t>> tokens;  // [c]
};

Members members_of(const Factors& factors) {
    const std::size_t n = factors.k.rows();
    Members members;
    for (std::size_t s = 0; s < factors.columns(); ++s)
        if (factors.level[s] == 0) members.finest.push_back(static_cast<std::uint32_t>(s));
    members.splat.assign(n, kNowhere);
    members.place.resize(n);
    members.tokens.resize(factors.columns());
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        for (std::size_t j = begin; j < end; ++j) {
            float most = 0.0F;
            for (const std::uint32_t s : members.finest)
                if (factors.k(j, s) > most) {
                    most = factors.k(j, s);
                    members.splat[j] = s;
                }
        }
    });
    for (std::size_t j = 0; j < n; ++j)
        if (members.splat[j] != kNowhere)
            members.tokens[members.splat[j]].push_back(static_cast<std::uint32_t>(j));
    parallel_for(members.finest.size(), [&](std::size_t f) {
        const std::uint32_t s = members.finest[f];
        std::vector<std::uint32_t>& own = members.tokens[s];
        std::stable_sort(own.begin(), own.end(), [&](std::uint32_t a, std::uint32_t b) {
            return factors.k(a, s) > factors.k(b, s);
        });
        for (std::size_t m = 0; m < own.size(); ++m)
            members.place[own[m]] = static_cast<std::uint32_t>(m);
    });
    return members;
}

// Of every splat the first `limit` of its tokens that lie below `seen`, which only rises.
class SeenMembers {
  public:
    SeenMembers(const Members& members, std::size_t limit, std::size_t seen)
        : members_(members), limit_(limit), seen_(seen), places_(members.tokens.size()) {
        for (const std::uint32_t s : members.finest) {
            const std::vector<std::uint32_t>& own = members.tokens[s];
            for (std::size_t m = 0; m < own.size() && places_[s].size() < limit; ++m)
                if (own[m] < seen) places_[s].push_back(static_cast<std::uint32_t>(m));
        }
    }

    void see(std::size_t seen) {
        for (; seen_ < seen; ++seen_) {
            if (members_.splat[seen_] == kNowhere) continue;
            std::vector<std::uint32_t>& places = places_[members_.splat[seen_]];
            const std::uint32_t place = members_.place[seen_];
            if (places.size() == limit_ && place > places.back()) continue;
            places.insert(std::lower_bound(places.begin(), places.end(), place), place);
            if (places.size() > limit_) places.pop_back();
        }
    }

    void append(std::uint32_t splat, std::vector<std::uint32_t>& columns) const {
        for (const std::uint32_t place : places_[splat])
            columns.push_back(members_.tokens[splat][place]);
    }

  private:
    const Members& members_;
    std::size_t limit_;
    std::size_t seen_;
    std::vector<std::vector<std::uint32_t>> places_;  // [c], rising
};

// The `count` columns among `finest` of the largest P > 0, ties to the lower.
void best_splats(std::span<const float> p, std::span<const std::uint32_t> finest, std::size_t count,
                 std::vector<std::uint32_t>& best) {
    best.assign(finest.begin(), finest.end());
    count = std::min(count, best.size());
    std::partial_sort(
        best.begin(), best.begin() + static_cast<std::ptrdiff_t>(count), best.end(),
        [&](std::uint32_t a, std::uint32_t b) { return p[a] != p[b] ? p[a] > p[b] : a < b; });
    best.resize(count);
    while (!best.empty() && !(p[best.back()] > 0.0F)) best.pop_back();
}

}  // namespace

std::vector<std::uint32_t> sampled_rows(std::size_t tokens) {
    return sampled_rows(tokens, kSampledRows, kSampledRowsSeed);
}

std::vector<std::uint32_t> sampled_rows(std::size_t tokens, std::size_t count, std::uint64_t seed) {
    std::vector<std::uint32_t> rows(std::min(tokens, count));
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::size_t begin = r * tokens / rows.size();
        const std::size_t end = (r + 1) * tokens / rows.size();
        rows[r] = static_cast<std::uint32_t>(begin + Random{seed, tokens, r}.below(end - begin));
    }
    return rows;
}

std::vector<std::uint32_t> heaviest_columns(const Target& target, std::size_t count) {
    const std::size_t n = target.size();
    count = std::min(count, n);
    if (count == 0) return {};
    const std::vector<std::uint32_t> rows = sampled_rows(n);
    const std::vector<double> normalisers = target.log_normalisers(rows);
    std::vector<double> mass(n, 0.0);
    parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
        Matrix<float> part(rows.size(), end - begin);
        target.block(rows, normalisers, {begin, end}, part.view());
        for (std::size_t r = 0; r < rows.size(); ++r)
            for (std::size_t j = begin; j < end; ++j)
                mass[j] += static_cast<double>(part(r, j - begin));
    });
    std::vector<std::uint32_t> columns(n);
    std::iota(columns.begin(), columns.end(), 0U);
    std::partial_sort(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(count),
                      columns.end(), [&](std::uint32_t a, std::uint32_t b) {
                          return mass[a] != mass[b] ? mass[a] > mass[b] : a < b;
                      });
    columns.resize(count);
    std::sort(columns.begin(), columns.end());
    return columns;
}

NearSet near_set(const Factors& factors, std::span<const std::uint32_t> rows,
                 const NearOptions& options, std::span<const std::uint32_t> anchors) {
    const std::size_t n = factors.k.rows();
    const std::size_t count = factors.p.rows();
    if (rows.empty() ? count != n : count != rows.size())
        fault("near sets of {} rows from P of {} rows and {} tokens", rows.size(), count, n);
    if (!std::is_sorted(rows.begin(), rows.end()) || (!rows.empty() && rows.back() >= n))
        fault("near sets of rows that do not rise or reach beyond {} tokens", n);
    const bool by_splats = options.near > 0 && options.near_limit > 0;
    const Members members = by_splats ? members_of(factors) : Members{};
    NearSet set;
    set.begins.assign(count + 1, 0);
    std::vector<std::vector<std::uint32_t>> parts((count + kRowsAtOnce - 1) / kRowsAtOnce);
    parallel_blocks(count, kRowsAtOnce, [&](std::size_t begin, std::size_t end) {
        const auto token = [&](std::size_t r) { return rows.empty() ? r : rows[r]; };
        const auto seen_by = [&](std::size_t i) { return options.causal ? i + 1 : n; };
        SeenMembers near(members, options.near_limit, seen_by(token(begin)));
        std::vector<std::uint32_t>& out = parts[begin / kRowsAtOnce];
        std::vector<std::uint32_t> best;
        std::vector<std::uint32_t> own;
        for (std::size_t r = begin; r < end; ++r) {
            const std::size_t i = token(r);
            const std::size_t seen = seen_by(i);
            own.clear();
            if (options.window > 0) {
                const std::size_t last =
                    options.window < n - i ? std::min(seen, i + options.window + 1) : seen;
                for (std::size_t j = i - std::min(i, options.window); j < last; ++j)
                    own.push_back(static_cast<std::uint32_t>(j));
            }
            for (const std::uint32_t anchor : anchors)
                if (anchor < seen) own.push_back(anchor);
            if (by_splats) {
                near.see(seen);
                const FactorRow p = factors.p.row(r);
                best_splats(p, members.finest, options.near, best);
                for (const std::uint32_t s : best) near.append(s, own);
            }
            std::sort(own.begin(), own.end());
            own.erase(std::unique(own.begin(), own.end()), own.end());
            if (!factors.masked.empty())
                std::erase_if(own, [&](std::uint32_t j) { return is_masked(factors.masked, j); });
            out.insert(out.end(), own.begin(), own.end());
            set.begins[r + 1] = own.size();
        }
    });
    std::partial_sum(set.begins.begin(), set.begins.end(), set.begins.begin());
    set.columns.reserve(set.begins.back());
    for (const auto& part : parts) set.columns.insert(set.columns.end(), part.begin(), part.end());
    return set;
}

}  // namespace hsa
