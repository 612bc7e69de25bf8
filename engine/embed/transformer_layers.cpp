#include "engine/embed/transformer_layers.h"

#include "engine/core/error.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/embed/transformer_lanes.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hsa {
namespace {

// Rows that go through a product together: a multiple of the rows that stay in registers, few
// enough that all they pass through stays in the cache of a core.
constexpr std::size_t kTile = 48;

}  // namespace

Matrix<float> embed_tokens(const Transformer& model, std::span<const std::uint32_t> ids,
                           WindowBegins begin) {
    const TransformerShape& shape = model.shape;
    Matrix<float> states = Matrix<float>::unwritten(ids.size(), shape.hidden);
    for (std::size_t w = 0; w + 1 < begin.size(); ++w) {
        if (begin[w + 1] - begin[w] > shape.positions)
            fail("{}: a window of {} tokens is longer than its {} positions.", model.name,
                 begin[w + 1] - begin[w], shape.positions);
        for (std::size_t row = begin[w]; row < begin[w + 1]; ++row) {
            if (ids[row] >= shape.vocabulary)
                fail(
                    "{}: there is no piece {} in its vocabulary of {}: the tokenizer is another "
                    "model's.",
                    model.name, ids[row], shape.vocabulary);
            const auto word = model.words.row(ids[row]);
            std::copy(word.begin(), word.end(), states.row(row).begin());
            add_to(model.positions.row(row - begin[w]), states.row(row));
        }
    }
    parallel_blocks(ids.size(), kTile, [&](std::size_t first, std::size_t end) {
        normalise_rows(model.embedding_norm, shape.epsilon, states.view().block(first, end));
    });
    return states;
}

Matrix<float> project_heads(const Transformer& model, std::size_t layer,
                            MatrixView<const float> states) {
    const Linear& heads = model.layers[layer].heads;
    Matrix<float> projected = Matrix<float>::unwritten(states.rows, heads.weights.columns());
    parallel_blocks(states.rows, kTile, [&](std::size_t first, std::size_t end) {
        multiply(states.block(first, end), heads.weights, heads.bias,
                 projected.view().block(first, end));
    });
    return projected;
}

namespace {

// One head in one window of rows.
void attend_head(const TransformerShape& shape, MatrixView<const float> projected, std::size_t head,
                 MatrixView<float> context) {
    const std::size_t n = projected.rows;
    const std::size_t size = shape.head_size();
    const std::size_t at = head * size;
    const float scale = 1.0F / std::sqrt(static_cast<float>(size));
    PackedMatrix keys(size, n);
    PackedMatrix values(n, size);
    std::vector<float> key(size);
    for (std::size_t j = 0; j < n; ++j) {
        const auto row = projected.row(j);
        for (std::size_t a = 0; a < size; ++a) key[a] = row[shape.hidden + at + a] * scale;
        keys.put_column(j, key);
        values.put_row(j, row.subspan(2 * shape.hidden + at, size));
    }
    Matrix<float> scores(std::min(kTile, n), n);
    for (std::size_t first = 0; first < n; first += kTile) {
        const std::size_t count = std::min(kTile, n - first);
        const MatrixView<const float> queries(projected.row(first).data() + at, count, size,
                                              projected.stride);
        const MatrixView<float> some = scores.view().block(0, count);
        multiply(queries, keys, {}, some);
        for (std::size_t r = 0; r < count; ++r) (void)softmax(some.row(r));
        multiply(some, values, {},
                 MatrixView<float>(context.row(first).data() + at, count, size, context.stride));
    }
}

}  // namespace

void attend_windows(const TransformerShape& shape, MatrixView<const float> projected,
                    WindowBegins begin, std::span<const std::size_t> heads,
                    MatrixView<float> context) {
    std::vector<std::size_t> all;
    if (heads.empty()) {
        all.resize(shape.heads);
        std::iota(all.begin(), all.end(), std::size_t{0});
        heads = all;
    }
    const std::size_t windows = begin.empty() ? 0 : begin.size() - 1;
    parallel_for(windows * heads.size(), [&](std::size_t task) {
        const std::size_t w = task / heads.size();
        attend_head(shape, projected.block(begin[w], begin[w + 1]), heads[task % heads.size()],
                    context.block(begin[w], begin[w + 1]));
    });
}

Matrix<float> finish_layer(const Transformer& model, std::size_t layer,
                           MatrixView<const float> states, MatrixView<const float> context) {
    const TransformerLayer& weights = model.layers[layer];
    const TransformerShape& shape = model.shape;
    Matrix<float> out = Matrix<float>::unwritten(states.rows, shape.hidden);
    parallel_blocks(states.rows, kTile, [&](std::size_t first, std::size_t end) {
        const MatrixView<float> rows = out.view().block(first, end);
        multiply(context.block(first, end), weights.output.weights, weights.output.bias, rows);
        for (std::size_t r = first; r < end; ++r) add_to(states.row(r), out.row(r));
        normalise_rows(weights.attention_norm, shape.epsilon, rows);
        Matrix<float> wide = Matrix<float>::unwritten(rows.rows, shape.intermediate);
        multiply(rows, weights.up.weights, weights.up.bias, wide.view());
        activate(shape.activation, {wide.data(), wide.size()});
        Matrix<float> added = Matrix<float>::unwritten(rows.rows, shape.hidden);
        multiply(wide.view(), weights.down.weights, weights.down.bias, added.view());
        for (std::size_t r = 0; r < rows.rows; ++r) add_to(added.row(r), rows.row(r));
        normalise_rows(weights.output_norm, shape.epsilon, rows);
    });
    return out;
}

Matrix<float> run_layer(const Transformer& model, std::size_t layer, MatrixView<const float> states,
                        WindowBegins begin) {
    const Matrix<float> projected = project_heads(model, layer, states);
    Matrix<float> context = Matrix<float>::unwritten(states.rows, model.shape.hidden);
    attend_windows(model.shape, projected.view(), begin, {}, context.view());
    return finish_layer(model, layer, states, context.view());
}

}  // namespace hsa
