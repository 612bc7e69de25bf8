#include "engine/attention/streaming.h"

#include "engine/attention/row_lanes.h"
#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

constexpr float kNoKey = -std::numeric_limits<float>::infinity();
constexpr double kNothing = -std::numeric_limits<double>::infinity();

// A key whose ell is further than this above its tile's reference begins a new tile: exponentials
// stay below 1e13, so that their sums and products fit into float32.
constexpr float kMostRise = 30.0F;
// Tiles that are worked on together: their sums are held at once.
constexpr std::size_t kTilesAtOnce = 16;
constexpr std::size_t kSplatsAtOnce = 64;
constexpr std::size_t kRowsAtOnce = 16;
// Sums below this, relative to a key of the tile, are nothing beside it, and their quotients have
// no digits.
constexpr double kLeastMass = 1e-200;
// Logits below this keep ten digits after the point in float64, weights and all.
constexpr double kWholeDigits = 1e6;

}  // namespace

struct CausalState::Piece {
    Tile tile;
    std::size_t begin = 0;
    std::size_t end = 0;
    // What a tile that closes adds to the sums, relative to its reference.
    std::vector<double> mass;  // [c]
    Matrix<float> sums;        // [c, v]
};

CausalState::CausalState(std::vector<double> log_weight, bool background, std::size_t values)
    : log_weight_(std::move(log_weight)),
      background_(background),
      sums_(log_weight_.size(), values),
      open_(make_tile()) {
    if (background && log_weight_.empty()) fault("a stream has a background without a weight");
    std::fill(open_.most.begin(), open_.most.end(), kNoKey);
    begin_tile(open_);
}

std::size_t CausalState::bytes() const {
    return log_weight_.size() * sizeof(double) + sums_.size() * sizeof(double) +
           (open_.reference.size() + open_.most.size()) * sizeof(float) +
           (open_.base.size() + open_.mass.size() + open_.total.size()) * sizeof(double) +
           (open_.means.size() + open_.e.size() + open_.values.size()) * sizeof(float);
}

CausalState::Tile CausalState::make_tile() const {
    const std::size_t c = columns();
    Tile tile;
    tile.reference.resize(c);
    tile.most.resize(c);
    tile.mass.assign(c, 0.0);
    tile.total.assign(c, 0.0);
    tile.means = Matrix<float>(c, sums_.cols());
    tile.e = Matrix<float>::unwritten(kStreamTile, c);
    tile.values = Matrix<float>::unwritten(kStreamTile, sums_.cols());
    return tile;
}

// The largest ell so far, the first token's included, is what a tile is relative to: whatever has a
// key then has a sum of exponentials above 0 from the tile's first row on.
void CausalState::begin_tile(Tile& tile) const {
    tile.reference = tile.most;
    tile.base = log_weight_;
    for (std::size_t s = 0; s < tile.base.size(); ++s)
        tile.base[s] += static_cast<double>(tile.reference[s]);
}

bool CausalState::takes(const Tile& tile, MatrixView<const float> key, std::size_t row,
                        bool masked) const {
    if (tile.count == kStreamTile) return false;
    if (masked) return true;
    const float* ell = key.row(row).data();
    const float* reference = tile.reference.data();
    bool rises = background_ && !(reference[key.cols] > kNoKey);
    for (std::size_t s = 0; s < key.cols; ++s) rises |= ell[s] - reference[s] > kMostRise;
    return !rises;
}

void CausalState::admit(Tile& tile, MatrixView<const float> key, std::size_t row,
                        bool masked) const {
    ++tile.count;
    if (masked) return;
    const float* ell = key.row(row).data();
    float* most = tile.most.data();
    for (std::size_t s = 0; s < key.cols; ++s) most[s] = std::max(most[s], ell[s]);
    if (background_) most[key.cols] = 0.0F;
}

// Deals out rows from `begin` on to the open tile and to new ones, as far as they are worked on
// together. Only the numbers of tokens up to a row decide about it.
std::vector<CausalState::Piece> CausalState::cut(MatrixView<const float> key,
                                                 std::span<const std::uint8_t> masked,
                                                 std::size_t begin) {
    std::vector<Piece> pieces(1);
    pieces[0].tile = std::move(open_);
    pieces[0].begin = pieces[0].end = begin;
    for (std::size_t row = begin; row < key.rows; ++row) {
        const bool hidden = !masked.empty() && masked[row] != 0;
        if (!takes(pieces.back().tile, key, row, hidden)) {
            if (pieces.size() == kTilesAtOnce) break;
            Piece next;
            next.tile = make_tile();
            next.tile.most = pieces.back().tile.most;
            next.begin = row;
            admit(next.tile, key, row, hidden);
            begin_tile(next.tile);
            pieces.push_back(std::move(next));
        } else {
            admit(pieces.back().tile, key, row, hidden);
        }
        pieces.back().end = row + 1;
    }
    return pieces;
}

void CausalState::fill(Piece& piece, MatrixView<const float> key, MatrixView<const float> values,
                       std::span<const std::uint8_t> masked, bool closes) const {
    Tile& tile = piece.tile;
    std::vector<float> shift = tile.reference;
    for (float& by : shift)
        if (!(by > kNoKey)) by = 0.0F;  // no key yet: every ell of the tile is -infinity
    const std::size_t old = tile.count - (piece.end - piece.begin);
    for (std::size_t row = piece.begin; row < piece.end; ++row) {
        const std::size_t place = old + row - piece.begin;
        std::copy_n(values.row(row).begin(), values.cols, tile.values.row(place).begin());
        const std::span<float> e = tile.e.row(place);
        if (!masked.empty() && masked[row] != 0) {
            std::fill(e.begin(), e.end(), 0.0F);
            continue;
        }
        std::copy_n(key.row(row).begin(), key.cols, e.begin());
        if (background_) e[key.cols] = 0.0F;
        exp_shifted(e, shift);
    }
    if (!closes) return;
    const std::size_t c = columns();
    piece.mass.assign(c, 0.0);
    for (std::size_t j = 0; j < tile.count; ++j)
        for (std::size_t s = 0; s < c; ++s) piece.mass[s] += static_cast<double>(tile.e(j, s));
    piece.sums = Matrix<float>::unwritten(c, values.cols);
    transposed_multiply(std::as_const(tile.e).view().block(0, tile.count),
                        std::as_const(tile.values).view().block(0, tile.count), piece.sums.view());
}

// Adds every tile but the last to the sums, and leaves in each next tile what came before it.
void CausalState::close(std::vector<Piece>& pieces) {
    parallel_blocks(columns(), kSplatsAtOnce, [&](std::size_t first, std::size_t last) {
        for (std::size_t t = 1; t < pieces.size(); ++t) {
            const Piece& from = pieces[t - 1];
            Tile& to = pieces[t].tile;
            for (std::size_t s = first; s < last; ++s) {
                const double step = static_cast<double>(from.tile.reference[s]) -
                                    static_cast<double>(to.reference[s]);
                double factor = from.tile.reference[s] > kNoKey ? std::exp(step) : 0.0;
                double mass = (from.tile.mass[s] + from.mass[s]) * factor;
                if (!(mass > kLeastMass)) mass = factor = 0.0;
                to.mass[s] = to.total[s] = mass;
                const double share = mass > 0.0 ? 1.0 / mass : 0.0;
                for (std::size_t c = 0; c < sums_.cols(); ++c) {
                    double& sum = sums_(s, c);
                    sum = (sum + static_cast<double>(from.sums(s, c))) * factor;
                    to.means(s, c) = static_cast<float>(sum * share);
                }
            }
        }
    });
}

// From ell^q in `weight`: weight[s] = P(s|i) / sum of exponentials of s up to the row itself, what
// a key's exponential is multiplied with. Returns false when no splat has a key: zeros.
bool CausalState::weigh(const Tile& tile, std::span<float> weight) const {
    const double most = largest_logit(weight, tile.base);
    if (!(most > kNothing)) {
        std::fill(weight.begin(), weight.end(), 0.0F);
        return false;
    }
    if (std::abs(most) < kWholeDigits) shift_logits(tile.base, most, weight);
    else shift_far_logits(tile, weight);
    exp_shifted(weight, 0.0F);
    const auto share = static_cast<float>(1.0 / weighted_total(weight, tile.total));
    for (float& w : weight) w *= share;
    return true;
}

// Beside log kernels of -1e30 a weight has no digits, so it is added after they are subtracted.
void CausalState::shift_far_logits(const Tile& tile, std::span<float> ell) const {
    const auto both = [&](std::size_t s) {
        return static_cast<double>(ell[s]) + static_cast<double>(tile.reference[s]);
    };
    double largest = kNothing;
    for (std::size_t s = 0; s < ell.size(); ++s)
        if (tile.base[s] > kNothing) largest = std::max(largest, both(s));
    double most = kNothing;
    for (std::size_t s = 0; s < ell.size(); ++s)
        if (tile.base[s] > kNothing) most = std::max(most, both(s) - largest + log_weight_[s]);
    for (std::size_t s = 0; s < ell.size(); ++s)
        ell[s] = tile.base[s] > kNothing
                     ? static_cast<float>(both(s) - largest + log_weight_[s] - most)
                     : kNoKey;
}

std::size_t CausalState::write_rows(Piece& piece, MatrixView<const float> query,
                                    const StreamRows& rows) const {
    Tile& tile = piece.tile;
    const std::size_t c = columns();
    const std::size_t old = tile.count - (piece.end - piece.begin);
    const bool wanted = rows.outputs.rows + rows.p.rows > 0;
    const std::size_t at_once = std::min(kRowsAtOnce, piece.end - piece.begin);
    Matrix<float> weight(at_once, c);  // of the tile's own keys
    Matrix<float> before(at_once, c);  // of the means of all keys before
    Matrix<float> near(at_once, kStreamTile);
    std::size_t empty = 0;
    for (std::size_t first = piece.begin; first < piece.end; first += kRowsAtOnce) {
        const std::size_t last = std::min(piece.end, first + kRowsAtOnce);
        for (std::size_t row = first; row < last; ++row) {
            const auto e = std::as_const(tile.e).row(old + row - piece.begin);
            for (std::size_t s = 0; s < c; ++s) tile.total[s] += static_cast<double>(e[s]);
            if (rows.reference.rows > 0)
                std::copy_n(tile.reference.begin(), c, rows.reference.row(row).begin());
            if (rows.mass.rows > 0) std::copy_n(tile.total.begin(), c, rows.mass.row(row).begin());
            if (!wanted) continue;
            const std::span<float> own = weight.row(row - first);
            std::copy_n(query.row(row).begin(), query.cols, own.begin());
            if (background_) own[query.cols] = 0.0F;
            if (!weigh(tile, own)) ++empty;
            for (std::size_t s = 0; s < c; ++s)
                before(row - first, s) = own[s] * static_cast<float>(tile.mass[s]);
            if (rows.p.rows > 0)
                for (std::size_t s = 0; s < c; ++s)
                    rows.p(row, s) =
                        static_cast<float>(static_cast<double>(own[s]) * tile.total[s]);
        }
        if (rows.outputs.rows == 0) continue;
        const std::size_t count = last - first;
        const std::size_t keys = old + last - piece.begin;
        const auto out = rows.outputs.block(first, last);
        for (std::size_t r = 0; r < count; ++r)
            std::fill(out.row(r).begin(), out.row(r).end(), 0.0F);
        add_weighted_rows(before.view().block(0, count), tile.means.view(), out);
        const MatrixView<float> near_keys{near.data(), count, keys, kStreamTile};
        row_products(weight.view().block(0, count), tile.e.view().block(0, keys), near_keys);
        for (std::size_t r = 0; r < count; ++r)  // keys after the row
            for (std::size_t j = keys - count + r + 1; j < keys; ++j) near_keys(r, j) = 0.0F;
        add_weighted_rows(near_keys, tile.values.view().block(0, keys), out);
    }
    return empty;
}

std::size_t CausalState::push(MatrixView<const float> query, MatrixView<const float> key,
                              MatrixView<const float> values, std::span<const std::uint8_t> masked,
                              const StreamRows& rows) {
    const std::size_t m = key.rows;
    const std::size_t k = columns() - (background_ ? 1 : 0);
    const auto fits = [m](const auto& view, std::size_t cols) {
        return view.rows == 0 || (view.rows == m && view.cols == cols);
    };
    if (query.rows != m || query.cols != k || key.cols != k || values.rows != m ||
        values.cols != sums_.cols() || (!masked.empty() && masked.size() != m) ||
        !fits(rows.outputs, sums_.cols()) || !fits(rows.p, columns()) ||
        !fits(rows.reference, columns()) || !fits(rows.mass, columns()))
        fault("a stream of {} splats and {} values was given {} x {} keys and {} x {} values", k,
              sums_.cols(), m, key.cols, values.rows, values.cols);
    std::size_t empty = 0;
    for (std::size_t done = 0; done < m;) {
        std::vector<Piece> pieces = cut(key, masked, done);
        done = pieces.back().end;
        parallel_for(pieces.size(), [&](std::size_t t) {
            fill(pieces[t], key, values, masked, t + 1 < pieces.size());
        });
        close(pieces);
        std::vector<std::size_t> none(pieces.size(), 0);
        parallel_for(pieces.size(),
                     [&](std::size_t t) { none[t] = write_rows(pieces[t], query, rows); });
        for (const std::size_t count : none) empty += count;
        open_ = std::move(pieces.back().tile);
    }
    tokens_ += m;
    return empty;
}

}  // namespace hsa
