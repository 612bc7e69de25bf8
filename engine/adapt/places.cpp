#include "engine/adapt/places.h"

#include "engine/core/random.h"
#include "engine/core/work_part.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kLeastRowsOfSplat = 64;  // a nested cell's sample holds this many a splat

enum Purpose : std::uint64_t { random_rows = 3 };  // after those of kmeans.cpp

// Rows of y that are no copies of one another, as centres.
class DistinctCentres {
  public:
    explicit DistinctCentres(const Matrix<float>& y) : y_(y) {}

    // False when an equal row is there already.
    bool add(std::uint32_t row) {
        const std::span<const float> values = y_.row(row);
        if (!seen_.insert({reinterpret_cast<const char*>(values.data()), values.size_bytes()})
                 .second)
            return false;
        centres_.append_row(values);
        return true;
    }
    [[nodiscard]] const Matrix<float>& centres() const { return centres_; }

  private:
    const Matrix<float>& y_;
    std::unordered_set<std::string_view> seen_;
    Matrix<float> centres_;
};

}  // namespace

std::vector<std::size_t> share_out(std::span<const std::size_t> members, std::size_t k) {
    double total = 0.0;
    for (const std::size_t m : members) total += std::sqrt(static_cast<double>(m));
    std::vector<double> share(members.size());
    std::vector<std::size_t> out(members.size());
    std::size_t given = 0;
    for (std::size_t c = 0; c < members.size(); ++c) {
        share[c] = static_cast<double>(k) * std::sqrt(static_cast<double>(members[c])) / total;
        out[c] = std::min(members[c], std::max<std::size_t>(1, static_cast<std::size_t>(share[c])));
        given += out[c];
    }
    while (given < k) {
        std::size_t best = members.size();
        for (std::size_t c = 0; c < members.size(); ++c)
            if (out[c] < members[c] &&
                (best == members.size() || share[c] - static_cast<double>(out[c]) >
                                               share[best] - static_cast<double>(out[best])))
                best = c;
        if (best == members.size()) break;
        ++out[best];
        ++given;
    }
    while (given > k) {
        std::size_t worst = members.size();
        for (std::size_t c = 0; c < members.size(); ++c)
            if (out[c] > 1 &&
                (worst == members.size() || share[c] - static_cast<double>(out[c]) <
                                                share[worst] - static_cast<double>(out[worst])))
                worst = c;
        if (worst == members.size()) break;
        --out[worst];
        --given;
    }
    return out;
}

Places nested_kmeans(const Matrix<float>& y, std::span<const float> weight, const Places& parent,
                     std::size_t k, std::uint64_t seed, const Work& work) {
    std::vector<std::vector<std::uint32_t>> cells(parent.count);
    for (std::size_t i = 0; i < parent.label.size(); ++i)
        cells[parent.label[i]].push_back(static_cast<std::uint32_t>(i));
    std::vector<std::size_t> members;
    members.reserve(cells.size());
    for (const auto& cell : cells) members.push_back(cell.size());
    const std::vector<std::size_t> counts = share_out(members, k);
    Places places;
    places.label.resize(parent.label.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
        // The cell's part of the level's sample.
        const std::size_t most_rows =
            std::max(kLeastRowsOfSplat * counts[c], kSampleRows * members[c] / places.label.size());
        const auto cell = static_cast<double>(c);
        const auto all_cells = static_cast<double>(cells.size());
        const Places inside = weighted_kmeans(
            y, weight, cells[c], counts[c], random_bits({seed, c}),
            part_of(work, "placing splats", cell / all_cells, (cell + 1.0) / all_cells), most_rows);
        for (std::size_t r = 0; r < cells[c].size(); ++r)
            places.label[cells[c][r]] = static_cast<std::uint32_t>(places.count + inside.label[r]);
        places.count += inside.count;
    }
    return places;
}

Places axis_places(const Matrix<float>& y, std::size_t k, const Work& work) {
    constexpr std::size_t kAxes = 3;
    const std::size_t n = y.rows();
    const std::size_t axes = std::min({kAxes, y.cols(), k});
    DistinctCentres chosen(y);
    std::vector<std::uint32_t> order(n);
    for (std::size_t axis = 0; axis < axes; ++axis) {
        work.check();
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return y(a, axis) < y(b, axis); });
        const std::size_t steps = (k - axis + axes - 1) / axes;
        for (std::size_t step = 0; step < steps; ++step) {
            // The middle of its step, or the next row that is no copy of a chosen one.
            const std::size_t middle = (2 * step + 1) * n / (2 * steps);
            for (std::size_t further = 0; further < n; ++further)
                if (chosen.add(order[(middle + further) % n])) break;
        }
    }
    return nearest_places(y, chosen.centres(), work);
}

Places random_places(const Matrix<float>& y, std::size_t k, std::uint64_t seed, const Work& work) {
    std::vector<std::uint32_t> rows(y.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    Random random{seed, random_rows};
    DistinctCentres chosen(y);
    for (std::size_t r = 0; r < rows.size() && chosen.centres().rows() < k; ++r) {
        std::swap(rows[r], rows[r + random.below(rows.size() - r)]);
        (void)chosen.add(rows[r]);
    }
    return nearest_places(y, chosen.centres(), work);
}

}  // namespace hsa
