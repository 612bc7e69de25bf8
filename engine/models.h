#pragma once

#include "engine/core/work.h"
#include "engine/embed/model_text.h"
#include "engine/memo.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>

namespace hsa {

// Models that were read and what they make of texts, kept from request to request.
class Models {
  public:
    // The model of the settings on a text whose tokens are its pieces. Throws Error where there is
    // no such model, for what its files have wrong, and for other tokens.
    [[nodiscard]] std::shared_ptr<const ModelText> text(const std::shared_ptr<const Dataset>& words,
                                                        const EmbedSettings& settings,
                                                        const Work& work);
    // What the screen says of how a model read these data; empty where none did.
    [[nodiscard]] std::string sentence(const Dataset& dataset) const;

  private:
    Memo<std::string, TextModel> models_{2};  // by stamp
    Memo<std::tuple<std::shared_ptr<const Dataset>, std::shared_ptr<const TextModel>, std::size_t,
                    std::size_t>,
         ModelText>
        texts_{2};
};

// Whether a model gives these settings' vectors of a text without vectors of its own: asked for, or
// nothing else is and one is found.
[[nodiscard]] bool model_embeds(const Dataset& dataset, const EmbedSettings& settings);

}  // namespace hsa
