#include "engine/fit/head.h"

#include "engine/core/error.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <utility>

namespace hsa {
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

}  // namespace hsa
