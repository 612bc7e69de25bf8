#pragma once

#include "engine/core/work.h"
#include "engine/embed/model_states.h"
#include "engine/embed/state_cache.h"
#include "engine/embed/tokenizer.h"
#include "engine/embed/transformer.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace hsa {

// A model ready to read: its weights and its tokenizer, which agree.
struct TextModel {
    std::string folder;
    std::shared_ptr<const Transformer> transformer;
    std::shared_ptr<const Tokenizer> tokenizer;
    std::uint32_t first =
        0;  // the special tokens of a window, "[CLS]" and "[SEP]" or "<s>", "</s>"
    std::uint32_t last = 0;
};

// Throws Error for what either refuses, and where the vocabulary has no special tokens or more
// pieces than the weights.
[[nodiscard]] std::shared_ptr<const TextModel> read_text_model(const std::string& folder,
                                                               const Work& work);

// The windows that a model can read: settings.window, but no more tokens than it has positions.
[[nodiscard]] std::size_t window_of(const TextModel& model, const EmbedSettings& settings);

// The heads of a model on a text, and the states after its layers.
class ModelText {
  public:
    // `words` has piece_ids of the model's vocabulary. Throws Error else.
    ModelText(std::shared_ptr<const TextModel> model, std::shared_ptr<const Dataset> words,
              const EmbedSettings& settings, const std::shared_ptr<const StateCache>& cache);

    // The text with the states after layer `layer` as its vectors: [n, hidden], each token's from
    // the window where it is most central; `heads` are the model's.
    [[nodiscard]] std::shared_ptr<const Dataset> with_states(std::size_t layer,
                                                             const Work& work) const;
    // All heads; tokens are those of windows that do not overlap, the special ones with empty
    // spans, so that the rows of a window are exactly the model's.
    [[nodiscard]] const std::shared_ptr<const HeadSource>& heads() const { return heads_; }
    // "3 windows of 256 tokens, 128 apart": how the states were read; of heads as_if.
    [[nodiscard]] std::string windows_sentence(bool of_heads) const;
    [[nodiscard]] const TextModel& model() const { return *model_; }
    [[nodiscard]] const ModelStates& head_states() const { return *disjoint_; }

  private:
    std::shared_ptr<const TextModel> model_;
    std::shared_ptr<const Dataset> words_;
    std::shared_ptr<const ModelStates> overlapping_;
    std::shared_ptr<const ModelStates> disjoint_;
    std::shared_ptr<const HeadSource> heads_;
    std::size_t window_ = 0;
    std::size_t stride_ = 0;
};

}  // namespace hsa
