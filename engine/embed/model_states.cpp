#include "engine/embed/model_states.h"

#include "engine/core/hash.h"
#include "engine/embed/transformer_layers.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kBatchRows = 2048;  // that go through all layers together, at least a window
constexpr std::size_t kKept = 2;          // layers' states that stay in memory

}  // namespace

ModelStates::ModelStates(std::shared_ptr<const Transformer> model, TokenWindows windows,
                         std::shared_ptr<const StateCache> cache)
    : model_(std::move(model)), windows_(std::move(windows)), cache_(std::move(cache)) {
    text_key_ = hash_values(std::span<const std::uint32_t>(windows_.ids), model_->hash);
    text_key_ = hash_values(std::span<const std::size_t>(windows_.begin), text_key_);
}

std::uint64_t ModelStates::key_of(std::size_t layers) const {
    const std::array<std::uint64_t, 1> part = {layers};
    return hash_values(std::span<const std::uint64_t>(part), text_key_);
}

std::shared_ptr<const Embeddings> ModelStates::remembered(std::size_t layers) const {
    for (const Known& known : known_)
        if (known.layers == layers) return known.states;
    if (!cache_) return nullptr;
    return cache_->find(key_of(layers), windows_.rows(), model_->shape.hidden);
}

void ModelStates::remember(std::size_t layers, std::shared_ptr<const Embeddings> states) const {
    known_.push_back({layers, std::move(states)});
    if (known_.size() > kKept) known_.erase(known_.begin());
}

std::shared_ptr<const Embeddings> ModelStates::computed(
    std::size_t from, const std::shared_ptr<const Embeddings>& states, std::size_t layers,
    const Work& work) const {
    const std::size_t rows = windows_.rows();
    Matrix<float> out = Matrix<float>::unwritten(rows, model_->shape.hidden);
    for (std::size_t w = 0; w < windows_.windows();) {
        work.check();
        std::size_t last = w + 1;
        const std::size_t first = windows_.begin[w];
        while (last < windows_.windows() && windows_.begin[last + 1] - first <= kBatchRows) ++last;
        std::vector<std::size_t> begin;
        for (std::size_t b = w; b <= last; ++b) begin.push_back(windows_.begin[b] - first);
        const std::size_t end = windows_.begin[last];
        Matrix<float> batch;
        std::size_t done = from;
        MatrixView<const float> at;
        if (states) at = states->rows.block(first, end);
        else {
            batch =
                embed_tokens(*model_, std::span(windows_.ids).subspan(first, end - first), begin);
            at = batch.view();
        }
        for (; done < layers; ++done) {
            work.check();
            batch = run_layer(*model_, done, at, begin);
            at = batch.view();
        }
        std::copy_n(at.data, at.rows * at.cols, out.row(first).data());
        w = last;
        work.report("running the model", static_cast<double>(end) / static_cast<double>(rows));
    }
    auto made = std::make_shared<const Embeddings>(Embeddings::own(std::move(out)));
    if (!cache_) return made;
    cache_->put(key_of(layers), made->rows);
    // Where the disk has them they need no memory.
    if (auto stored = cache_->find(key_of(layers), rows, model_->shape.hidden)) return stored;
    return made;
}

std::shared_ptr<const Embeddings> ModelStates::after(std::size_t layers, const Work& work) const {
    const std::lock_guard lock(mutex_);
    if (auto known = remembered(layers)) return known;
    std::shared_ptr<const Embeddings> states;
    std::size_t from = layers;
    while (from > 0 && !states) states = remembered(--from);
    if (!states) from = 0;
    states = computed(from, states, layers, work);
    remember(layers, states);
    return states;
}

std::shared_ptr<const HeadRows> ModelStates::head(std::size_t layer, std::size_t head,
                                                  const Work& work) const {
    std::shared_ptr<const Matrix<float>> projected;
    const auto known = [&] {
        const std::lock_guard lock(mutex_);
        return projected_layer_ == layer ? projected_ : nullptr;
    };
    projected = known();
    if (!projected) {
        const std::shared_ptr<const Embeddings> states = after(layer, work);
        projected =
            std::make_shared<const Matrix<float>>(project_heads(*model_, layer, states->rows));
        const std::lock_guard lock(mutex_);
        projected_ = projected;
        projected_layer_ = layer;
    }
    const std::size_t size = model_->shape.head_size();
    const auto part = [&](std::size_t third) {
        Matrix<float> made = Matrix<float>::unwritten(projected->rows(), size);
        const std::size_t from = third * model_->shape.hidden + head * size;
        for (std::size_t r = 0; r < made.rows(); ++r)
            std::copy_n(projected->row(r).begin() + static_cast<std::ptrdiff_t>(from), size,
                        made.row(r).begin());
        return made;
    };
    return std::make_shared<const HeadRows>(HeadRows{part(0), part(1), part(2)});
}

}  // namespace hsa
