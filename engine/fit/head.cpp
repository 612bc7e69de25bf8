#include "engine/fit/head.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"
#include "engine/core/random.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace hsa {
namespace {

enum Purpose : std::uint64_t { kept_apart = 1, epoch_order = 2 };

constexpr std::size_t kFewRows = 64;
constexpr std::size_t kMostReport = 256;
constexpr std::size_t kMostStop = 64;

void shuffle(std::vector<std::uint32_t>& rows, Random random) {
    for (std::size_t r = rows.size(); r > 1; --r) std::swap(rows[r - 1], rows[random.below(r)]);
}

}  // namespace

Head with_near(const Head& head, const NearOptions& options) {
    if (options.any() && options.causal != head.target.causal())
        fault("a near set and a target of which one alone is causal");
    return {head.coordinates, head.target, head.values, options,
            heaviest_columns(head.target, options.anchors)};
}

const Matrix<float>& queries_of(const Head& head) {
    return head.coordinates.queries ? *head.coordinates.queries : *head.coordinates.base;
}

ExactRows exact_rows(const Head& head, std::vector<std::uint32_t> rows) {
    ExactRows exact;
    exact.target = Matrix<float>::unwritten(rows.size(), head.tokens());
    head.target.rows(rows, exact.target.view());
    exact.rows = std::move(rows);
    const std::size_t b = exact.rows.size();
    const std::size_t v = head.values.cols;
    exact.outputs = Matrix<float>(b, v);
    if (v == 0) return exact;
    const std::vector<double> sums = parallel_sum(
        head.tokens(), b * v, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            Matrix<float> product(b, v);
            multiply(
                MatrixView<const float>(exact.target.data() + begin, b, end - begin, head.tokens()),
                head.values.block(begin, end), product.view());
            for (std::size_t e = 0; e < product.size(); ++e)
                out[e] += static_cast<double>(product.data()[e]);
        });
    for (std::size_t e = 0; e < sums.size(); ++e) {
        exact.outputs.data()[e] = static_cast<float>(sums[e]);
        exact.output_square += sums[e] * sums[e];
    }
    return exact;
}

FitRows fit_rows(std::size_t tokens, bool apart, std::uint64_t seed) {
    FitRows sets;
    std::vector<std::uint32_t> all(tokens);
    std::iota(all.begin(), all.end(), 0U);
    if (!apart || tokens < kFewRows) {
        sets.shared = true;
        sets.report = sets.stop = sets.free = std::move(all);
        return sets;
    }
    shuffle(all, Random{seed, kept_apart});
    const std::size_t report = std::min(tokens / 4, kMostReport);
    const std::size_t stop = std::min(tokens / 8, kMostStop);
    const auto at = [&](std::size_t index) {
        return all.begin() + static_cast<std::ptrdiff_t>(index);
    };
    sets.report.assign(at(0), at(report));
    sets.stop.assign(at(report), at(report + stop));
    sets.free.assign(at(report + stop), all.end());
    for (auto* set : {&sets.report, &sets.stop, &sets.free}) std::sort(set->begin(), set->end());
    return sets;
}

std::vector<std::uint32_t> rows_of_step(const std::vector<std::uint32_t>& from, std::size_t count,
                                        std::uint64_t seed, std::size_t step) {
    if (count >= from.size()) return from;
    std::vector<std::uint32_t> drawn;
    std::vector<std::uint32_t> order;
    for (std::size_t at = step * count; drawn.size() < count; ++at) {
        const std::size_t place = at % from.size();
        if (order.empty() || place == 0) {
            order = from;
            shuffle(order, Random{seed, epoch_order, at / from.size()});
        }
        // Of two epochs that meet in one step a row may come twice: once is enough.
        if (std::find(drawn.begin(), drawn.end(), order[place]) == drawn.end())
            drawn.push_back(order[place]);
    }
    std::sort(drawn.begin(), drawn.end());
    return drawn;
}

}  // namespace hsa
