#include "engine/embed/head.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/core/parallel.h"
#include "engine/model/heads.h"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace hsa {
namespace {

std::shared_ptr<const Matrix<float>> scaled(const Dataset& dataset, const char* what,
                                            MatrixView<const float> rows) {
    const double factor = std::pow(static_cast<double>(rows.cols), -0.25);
    auto out = std::make_shared<Matrix<float>>(Matrix<float>::unwritten(rows.rows, rows.cols));
    for (std::size_t i = 0; i < rows.rows; ++i)
        for (std::size_t a = 0; a < rows.cols; ++a) {
            const float value = rows.row(i)[a];
            if (!std::isfinite(value))
                fail("{}: row {}, column {} of the {} is not a finite number.", dataset.source, i,
                     a, what);
            (*out)(i, a) = static_cast<float>(static_cast<double>(value) * factor);
        }
    return out;
}

// Centred, every row of length sqrt(d): the rows of the target of form token (rulings.md).
Matrix<float> one_length(MatrixView<const float> rows) {
    const std::size_t d = rows.cols;
    std::vector<double> mean =
        parallel_sum(rows.rows, d, [&](std::size_t begin, std::size_t end, std::span<double> out) {
            for (std::size_t i = begin; i < end; ++i)
                for (std::size_t a = 0; a < d; ++a) out[a] += static_cast<double>(rows.row(i)[a]);
        });
    for (double& m : mean) m /= static_cast<double>(rows.rows);
    Matrix<float> out(rows.rows, d);
    parallel_for(rows.rows, [&](std::size_t i) {
        double square = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            const double delta = static_cast<double>(rows.row(i)[a]) - mean[a];
            square += delta * delta;
        }
        if (!(square > 0.0)) return;
        const double scale = std::sqrt(static_cast<double>(d) / square);
        for (std::size_t a = 0; a < d; ++a)
            out(i, a) = static_cast<float>((static_cast<double>(rows.row(i)[a]) - mean[a]) * scale);
    });
    return out;
}

}  // namespace

std::shared_ptr<const Dataset> with_head(std::shared_ptr<const Dataset> dataset,
                                         const EmbedSettings& settings) {
    const Dataset& all = *dataset;
    const HeadIndex at{settings.layer.value_or(0), settings.head.value_or(0)};
    if (!all.heads) {
        if (at.layer > 0 || at.head > 0)
            fail(
                "{} {}, and embed.layer is {}, embed.head {}: reset both, or open a .npz whose "
                "queries and keys are [layers, heads, n, d].",
                all.source, all.head ? "holds one head alone" : "holds no heads of a model",
                at.layer, at.head);
        return dataset;
    }
    check_head(all, at);
    return head_data(dataset, at);
}

void check_head(const Dataset& dataset, HeadIndex at) {
    const std::size_t layers = dataset.heads->layers();
    const std::size_t heads = dataset.heads->heads();
    if (at.layer < layers && at.head < heads) return;
    const bool layer = at.layer >= layers;
    fail("{} holds {}, counted from 0: there is no {} {} (set embed.{}).", dataset.source,
         heads_text(layers, heads), layer ? "layer" : "head", layer ? at.layer : at.head,
         layer ? "layer" : "head");
}

std::shared_ptr<const Dataset> head_data(const std::shared_ptr<const Dataset>& dataset,
                                         HeadIndex at) {
    if (!dataset->heads) return dataset;
    const std::shared_ptr<const Dataset> tokens = dataset->heads->tokens();
    auto one = std::make_shared<Dataset>(tokens ? *tokens : *dataset);
    const bool keys_are_vectors = tokens || one->embeddings.owner == one->head;
    one->heads = dataset->heads;
    one->head_index = at;
    one->head = dataset->heads->rows(at.layer, at.head);
    const std::array<std::uint64_t, 3> parts = {one->hash, at.layer, at.head};
    one->hash = hash_values(std::span<const std::uint64_t>(parts));
    if (keys_are_vectors) {
        one->embeddings = {one->head->keys.view(), one->head};
        one->embedding_id += fmt::format(":{}:{}", at.layer, at.head);
    }
    return one;
}

Form form_of(const Dataset& dataset, const AttentionSettings& settings) {
    return settings.form.value_or(dataset.head ? Form::shared : Form::token);
}

Coordinates head_coordinates(const Dataset& dataset, std::size_t levels) {
    Coordinates coordinates;
    if (dataset.head) {
        coordinates.base = scaled(dataset, "keys", dataset.head->keys.view());
        coordinates.queries = scaled(dataset, "queries", dataset.head->queries.view());
    } else {
        coordinates.base =
            scaled(dataset, "embeddings", one_length(dataset.embeddings.rows).view());
        coordinates.queries = coordinates.base;
    }
    coordinates.levels.assign(levels, coordinates.base);
    coordinates.token_weight.assign(coordinates.size(), 1.0F);
    return coordinates;
}

}  // namespace hsa
