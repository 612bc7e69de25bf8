#pragma once

#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/embed/state_cache.h"
#include "engine/embed/transformer.h"
#include "engine/embed/windows.h"
#include "engine/model/dataset.h"

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace hsa {

// What a model makes of one text, layer by layer, computed when it is asked for and remembered.
// May be asked from several threads.
class ModelStates {
  public:
    // `cache` null: nothing is kept on the disk.
    ModelStates(std::shared_ptr<const Transformer> model, TokenWindows windows,
                std::shared_ptr<const StateCache> cache);

    [[nodiscard]] const Transformer& model() const { return *model_; }
    [[nodiscard]] const TokenWindows& windows() const { return windows_; }
    // Rows of all windows after `layers` layers (0: what the first one reads): [rows, hidden].
    // Computed from the nearest lower ones that are known, some windows at a time, so that what is
    // held beside the result does not grow with the text. Throws Cancelled.
    [[nodiscard]] std::shared_ptr<const Embeddings> after(std::size_t layers,
                                                          const Work& work) const;
    // Queries, keys and values of a head, unscaled: [rows, head_size] each.
    [[nodiscard]] std::shared_ptr<const HeadRows> head(std::size_t layer, std::size_t head,
                                                       const Work& work) const;

  private:
    [[nodiscard]] std::shared_ptr<const Embeddings> remembered(std::size_t layers) const;
    [[nodiscard]] std::shared_ptr<const Embeddings> computed(
        std::size_t from, const std::shared_ptr<const Embeddings>& states, std::size_t layers,
        const Work& work) const;
    void remember(std::size_t layers, std::shared_ptr<const Embeddings> states) const;
    [[nodiscard]] std::uint64_t key_of(std::size_t layers) const;

    struct Known {
        std::size_t layers = 0;
        std::shared_ptr<const Embeddings> states;
    };

    std::shared_ptr<const Transformer> model_;
    TokenWindows windows_;
    std::shared_ptr<const StateCache> cache_;
    std::uint64_t text_key_ = 0;
    mutable std::mutex mutex_;          // guards what follows; held while states are computed
    mutable std::vector<Known> known_;  // newest last
    mutable std::size_t projected_layer_ = 0;
    mutable std::shared_ptr<const Matrix<float>> projected_;  // heads of that layer
};

}  // namespace hsa
