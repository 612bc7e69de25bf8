#include "engine/attention/cells.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/explain/cards.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <queue>

namespace hsa {
namespace {

constexpr double kPartShare = 0.8;  // of a pair's value: the splats that are named
constexpr std::size_t kTile = 64;   // tokens of a tile
constexpr std::size_t kGroup = 32;  // tiles of a group
constexpr std::size_t kTilesAtOnce = 32;
constexpr std::size_t kGroupsLookedAt = 4;  // by tiles, once there is no time left

using Tokens = std::vector<std::uint32_t>;

// Those of `wanted` in a range, rising; all of it where none are named.
Tokens tokens_in(Range range, const std::vector<Range>& wanted) {
    Tokens tokens;
    const auto add = [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) tokens.push_back(static_cast<std::uint32_t>(i));
    };
    if (wanted.empty()) add(range.begin, range.end);
    for (const Range& some : wanted)
        add(std::max(range.begin, some.begin), std::min(range.end, some.end));
    return tokens;
}

// Column maxima of a factor's rows: [c].
std::vector<float> column_most(const FactorMatrix& factor, const Tokens& rows) {
    std::vector<float> most(factor.cols(), 0.0F);
    for (const std::uint32_t i : rows) {
        const FactorRow row = factor.row(i);
        for (std::size_t s = 0; s < most.size(); ++s) most[s] = std::max(most[s], row[s]);
    }
    return most;
}

// Consecutive tokens of a sorted side: what a cell in them can be at most, splat by splat.
struct Blocks {
    Matrix<float> most;                  // [blocks, c]
    std::vector<std::uint32_t> lowest;   // [blocks]: the lowest token in each ...
    std::vector<std::uint32_t> highest;  // ... and the highest
};

// One side of the product, some tokens (rising), with like tokens beside each other: sorted by the
// splat in which a token can reach most, then by how much, so that the maxima of a tile are nearly
// those of each of its tokens.
struct Side {
    const FactorMatrix& factor;
    Tokens order;
    Blocks tiles;
    Blocks groups;

    Side(const FactorMatrix& values, const Tokens& some, std::span<const float> other_most)
        : factor(values) {
        const std::size_t n = some.size();
        std::vector<std::uint32_t> splat(n);
        std::vector<double> reach(n);
        parallel_blocks(n, kChunkRows, [&](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i) {
                const FactorRow row = factor.row(some[i]);
                for (std::size_t s = 0; s < row.size(); ++s) {
                    const double part =
                        static_cast<double>(row[s]) * static_cast<double>(other_most[s]);
                    if (part > reach[i]) splat[i] = static_cast<std::uint32_t>(s);
                    reach[i] = std::max(reach[i], part);
                }
            }
        });
        order.resize(n);
        std::iota(order.begin(), order.end(), 0U);
        std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
            if (splat[a] != splat[b]) return splat[a] < splat[b];
            return reach[a] != reach[b] ? reach[a] > reach[b] : a < b;
        });
        for (std::uint32_t& token : order) token = some[token];
        tiles = blocks_of(kTile);
        groups = blocks_of(kTile * kGroup);
    }

    [[nodiscard]] std::span<const std::uint32_t> tokens(std::size_t tile) const {
        const std::size_t begin = tile * kTile;
        return std::span(order).subspan(begin, std::min(kTile, order.size() - begin));
    }

  private:
    [[nodiscard]] Blocks blocks_of(std::size_t size) const {
        const std::size_t count = (order.size() + size - 1) / size;
        Blocks blocks{Matrix<float>(count, factor.cols()), std::vector<std::uint32_t>(count),
                      std::vector<std::uint32_t>(count)};
        parallel_for(count, [&](std::size_t b) {
            const std::span<float> most = blocks.most.row(b);
            std::uint32_t lowest = order[b * size];
            std::uint32_t highest = lowest;
            for (std::size_t r = b * size; r < std::min(order.size(), (b + 1) * size); ++r) {
                const FactorRow row = factor.row(order[r]);
                for (std::size_t s = 0; s < most.size(); ++s) most[s] = std::max(most[s], row[s]);
                lowest = std::min(lowest, order[r]);
                highest = std::max(highest, order[r]);
            }
            blocks.lowest[b] = lowest;
            blocks.highest[b] = highest;
        });
        return blocks;
    }
};

// sum_s p k in the order of the columns. A product of two floats is exact in double and rounding is
// monotone, so that the sum over maxima is never below the sum over any of the tokens.
double dot(std::span<const float> p, std::span<const float> k) {
    double sum = 0.0;
    for (std::size_t s = 0; s < p.size(); ++s)
        sum += static_cast<double>(p[s]) * static_cast<double>(k[s]);
    return sum;
}

struct Cell {
    double value = 0.0;
    std::uint32_t i = 0, j = 0;
};

bool stronger(const Cell& a, const Cell& b) {
    if (a.value != b.value) return a.value > b.value;
    return a.i != b.i ? a.i < b.i : a.j < b.j;
}

// A rectangle of the sorted matrix; `best` is at least as strong as each of its cells.
struct Node {
    Cell best;
    std::size_t row = 0, column = 0;  // of tiles or groups
};
struct Weaker {
    bool operator()(const Node& a, const Node& b) const { return stronger(b.best, a.best); }
};

Node node(const Blocks& rows, std::size_t row, const Blocks& columns, std::size_t column) {
    return {{dot(rows.most.row(row), columns.most.row(column)), rows.lowest[row],
             columns.lowest[column]},
            row,
            column};
}

// Cells that are kept: a heap with the weakest on top.
class Strongest {
  public:
    Strongest(std::size_t count, const Factors& factors, const PairsWanted& wanted)
        : count_(count), factors_(factors), wanted_(wanted) {}

    [[nodiscard]] bool takes(const Cell& cell) const {
        return cells_.size() < count_ || stronger(cell, cells_.front());
    }
    [[nodiscard]] bool is_far(const Cell& cell) const {
        const std::uint32_t distance = cell.i > cell.j ? cell.i - cell.j : cell.j - cell.i;
        return wanted_.beyond == 0 || distance > wanted_.beyond;
    }
    // Whether any row of first .. last may see a column of theirs, far enough away: false where
    // none can, so that such a rectangle is neither searched nor counted among what was left out.
    [[nodiscard]] bool can_have(std::uint32_t first_row, std::uint32_t last_row,
                                std::uint32_t first_column, std::uint32_t last_column) const {
        const auto least = static_cast<std::int64_t>(wanted_.beyond == 0 ? 0 : wanted_.beyond + 1);
        const std::int64_t before =
            static_cast<std::int64_t>(last_row) - static_cast<std::int64_t>(first_column);
        const std::int64_t after =
            static_cast<std::int64_t>(last_column) - static_cast<std::int64_t>(first_row);
        return before >= least || (!factors_.causal && after >= least);
    }
    [[nodiscard]] bool can_have(const Blocks& rows, std::size_t row, const Blocks& columns,
                                std::size_t column) const {
        return can_have(rows.lowest[row], rows.highest[row], columns.lowest[column],
                        columns.highest[column]);
    }
    // Whether rows and columns that are looked at cross there.
    [[nodiscard]] bool is_wanted(const Cell& cell) const {
        return is_far(cell) && (wanted_.rows.empty() || covers(wanted_.rows, cell.i)) &&
               (wanted_.columns.empty() || covers(wanted_.columns, cell.j));
    }
    // Whether the row sees the column, far enough away, through the splats alone.
    [[nodiscard]] bool has(const Cell& cell) const {
        if ((factors_.causal && cell.j > cell.i) || !is_far(cell)) return false;
        return !factors_.near ||
               factors_.near->set.find(cell.i, cell.j) == factors_.near->set.pairs();
    }
    void add(const Cell& cell) {
        if (!takes(cell)) return;
        cells_.push_back(cell);
        std::push_heap(cells_.begin(), cells_.end(), stronger);
        if (cells_.size() <= count_) return;
        std::pop_heap(cells_.begin(), cells_.end(), stronger);
        cells_.pop_back();
    }
    // A value below which nothing is taken.
    [[nodiscard]] double floor() const {
        return cells_.size() < count_ ? -1.0 : cells_.front().value;
    }
    [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }

  private:
    std::size_t count_;
    const Factors& factors_;
    const PairsWanted& wanted_;
    std::vector<Cell> cells_;
};

// The cells of one tile that would be taken: a product in single precision finds those that may be.
std::vector<Cell> tile_cells(const Side& queries, const Side& keys, const Node& tile,
                             const Strongest& kept) {
    const std::span<const std::uint32_t> rows = queries.tokens(tile.row);
    const std::span<const std::uint32_t> columns = keys.tokens(tile.column);
    const std::size_t splats = queries.factor.cols();
    const auto gather = [splats](const Side& side, std::span<const std::uint32_t> tokens) {
        Matrix<float> some(tokens.size(), splats);
        for (std::size_t r = 0; r < tokens.size(); ++r) {
            const FactorRow row = side.factor.row(tokens[r]);
            std::copy_n(row.begin(), splats, some.row(r).begin());
        }
        return some;
    };
    const Matrix<float> p = gather(queries, rows);
    const Matrix<float> k = gather(keys, columns);
    Matrix<float> near(rows.size(), columns.size());
    multiply_transposed(p.view(), k.view(), near.view());
    // Twice the error of a sum of non-negative numbers in single precision.
    const double slack = static_cast<double>(splats + 2) * 0x1p-23;
    const auto floor = static_cast<float>(kept.floor() * (1.0 - slack));
    std::vector<Cell> cells;
    for (std::size_t r = 0; r < rows.size(); ++r)
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (near(r, c) < floor) continue;
            Cell cell{0.0, rows[r], columns[c]};
            if (!kept.has(cell)) continue;
            cell.value = dot(p.row(r), k.row(c));
            if (kept.takes(cell)) cells.push_back(cell);
        }
    return cells;
}

// The tile after the last of a group.
std::size_t end_of(const Side& side, std::size_t group) {
    return std::min(side.tiles.lowest.size(), (group + 1) * kGroup);
}

// The tiles of one pair of groups, best first, as long as they can hold something that is taken and
// there is time. Returns what the cells left out can be at most; 0 where none that would be taken
// was.
double search_group(const Side& queries, const Side& keys, const Node& group, const Work& work,
                    Strongest& kept) {
    std::vector<Node> tiles;
    for (std::size_t r = group.row * kGroup; r < end_of(queries, group.row); ++r)
        for (std::size_t c = group.column * kGroup; c < end_of(keys, group.column); ++c) {
            if (!kept.can_have(queries.tiles, r, keys.tiles, c)) continue;
            const Node tile = node(queries.tiles, r, keys.tiles, c);
            if (kept.takes(tile.best)) tiles.push_back(tile);
        }
    std::sort(tiles.begin(), tiles.end(),
              [](const Node& a, const Node& b) { return stronger(a.best, b.best); });
    std::size_t at_once = 1;  // a few first: they raise the floor for the rest
    for (std::size_t first = 0; first < tiles.size() && kept.takes(tiles[first].best);) {
        work.check();
        if (work.late()) return tiles[first].best.value;
        const std::size_t count = std::min(at_once, tiles.size() - first);
        std::vector<std::vector<Cell>> found(count);
        parallel_for(count, [&](std::size_t t) {
            if (kept.takes(tiles[first + t].best))
                found[t] = tile_cells(queries, keys, tiles[first + t], kept);
        });
        for (const std::vector<Cell>& cells : found)
            for (const Cell& cell : cells) kept.add(cell);
        first += count;
        at_once = std::min(kTilesAtOnce, 2 * at_once);
    }
    return 0.0;
}

using Groups = std::priority_queue<Node, std::vector<Node>, Weaker>;

// What the cells of these groups can be at most, by tiles; a look at each tile of a few groups.
double most_of(const Side& queries, const Side& keys, Groups groups, const Strongest& kept) {
    double most = 0.0;
    for (std::size_t looked = 0; !groups.empty() && groups.top().best.value > most;
         groups.pop(), ++looked) {
        if (looked == kGroupsLookedAt) return std::max(most, groups.top().best.value);
        const Node& group = groups.top();
        for (std::size_t r = group.row * kGroup; r < end_of(queries, group.row); ++r)
            for (std::size_t c = group.column * kGroup; c < end_of(keys, group.column); ++c) {
                if (!kept.can_have(queries.tiles, r, keys.tiles, c)) continue;
                const Cell best = node(queries.tiles, r, keys.tiles, c).best;
                if (kept.takes(best)) most = std::max(most, best.value);
            }
    }
    return most;
}

// Returns as search_group does.
double search(const Side& queries, const Side& keys, const Work& work, Strongest& kept) {
    Groups groups;
    for (std::size_t r = 0; r < queries.groups.lowest.size(); ++r)
        for (std::size_t c = 0; c < keys.groups.lowest.size(); ++c)
            if (kept.can_have(queries.groups, r, keys.groups, c))
                groups.push(node(queries.groups, r, keys.groups, c));
    double left_out = 0.0;
    for (; !groups.empty() && kept.takes(groups.top().best); groups.pop()) {
        // Of a group the best tile says more than the whole: far pairs may stand in a few alone.
        if (work.late()) return std::max(left_out, most_of(queries, keys, std::move(groups), kept));
        left_out = std::max(left_out, search_group(queries, keys, groups.top(), work, kept));
    }
    return left_out;
}

// Near pairs are looked at one by one: they raise the floor for the search.
void add_near_pairs(const Factors& factors, Strongest& kept) {
    if (!factors.near) return;
    const NearPairs& near = *factors.near;
    for (std::uint32_t i = 0; i < near.set.rows(); ++i)
        for (std::size_t e = near.set.begins[i]; e < near.set.begins[i + 1]; ++e) {
            Cell cell{static_cast<double>(near.exact[e]), i, near.set.columns[e]};
            if (!kept.is_wanted(cell)) continue;
            if (!near.replaces) {
                const FactorRow p = factors.row_weights().row(i);
                const FactorRow k = factors.keys_of_row(i).row(near.set.columns[e]);
                cell.value += dot(p, k);
            }
            kept.add(cell);
        }
}

Pair explained(const Factors& factors, const Cell& cell) {
    const CellParts parts = cell_parts(factors, cell.i, cell.j);
    Pair pair;
    pair.i = cell.i;
    pair.j = cell.j;
    pair.value = parts.value;
    double sum = 0.0;
    for (const Part& part : parts.parts) {
        if (sum >= kPartShare * parts.value) break;
        sum += part.value;
        pair.splats.push_back(part.splat);
    }
    return pair;
}

}  // namespace

StrongestPairs strongest_pairs(const Factors& factors, std::size_t count, const Work& work,
                               const PairsWanted& wanted) {
    StrongestPairs found;
    const std::size_t n = factors.tokens();
    count = std::min(count, factors.causal ? n * (n + 1) / 2 : n * n);
    if (count == 0) return found;
    Strongest kept(count, factors, wanted);
    add_near_pairs(factors, kept);
    bool begun = false;
    for (const CausalSegment& segment : factors.segments()) {
        const FactorMatrix& weights = factors.row_weights();
        const FactorMatrix& k = factors.keys_of(segment);
        const Tokens rows = tokens_in(segment.rows, wanted.rows);
        const Tokens seen = tokens_in({0, segment.rows.end}, wanted.columns);
        if (rows.empty() || seen.empty() ||
            !kept.can_have(rows.front(), rows.back(), seen.front(), seen.back()))
            continue;
        if (begun && work.late()) {
            found.left_out = 1.0;  // of rows that were not looked at
            break;
        }
        begun = true;  // what the first can have at most is known even when there is no time
        const Side queries(weights, rows, column_most(k, seen));
        const Side keys(k, seen, column_most(weights, rows));
        found.left_out = std::max(found.left_out, search(queries, keys, work, kept));
    }
    if (found.left_out <= kept.floor()) found.left_out = 0.0;

    std::vector<Pair>& pairs = found.pairs;
    pairs.resize(kept.cells().size());
    parallel_for(pairs.size(),
                 [&](std::size_t r) { pairs[r] = explained(factors, kept.cells()[r]); });
    std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
        return stronger({a.value, a.i, a.j}, {b.value, b.i, b.j});
    });
    return found;
}

}  // namespace hsa
