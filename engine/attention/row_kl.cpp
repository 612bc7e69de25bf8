#include "engine/attention/row_kl.h"

#include "engine/attention/cells.h"
#include "engine/attention/divergence.h"
#include "engine/core/matrix.h"
#include "engine/core/parallel.h"

#include <algorithm>

namespace hsa {
namespace {

constexpr std::size_t kStretch = 32;  // rows of A formed together

}  // namespace

double row_kl(std::span<const float> t, std::span<const float> a) {
    return parallel_sum(
        t.size(), 1, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            out[0] += divergence(t.subspan(begin, end - begin), a.subspan(begin, end - begin));
        })[0];
}

std::vector<double> rows_kl(const Factors& factors, const Target& target,
                            std::span<const std::uint32_t> rows, const Work& work) {
    const std::size_t n = factors.tokens();
    std::vector<double> found(rows.size(), 0.0);
    for (std::size_t first = 0; first < rows.size(); first += kStretch) {
        work.check();
        const auto some = rows.subspan(first, std::min(kStretch, rows.size() - first));
        Matrix<float> t(some.size(), n);
        Matrix<float> a(some.size(), n);
        target.rows(some, t.view());
        attention_rows(factors, some, {}, a.view());
        parallel_for(some.size(),
                     [&](std::size_t r) { found[first + r] = row_kl(t.row(r), a.row(r)); });
    }
    return found;
}

}  // namespace hsa
