#include "engine/models.h"

#include "engine/embed/find_model.h"
#include "engine/io/file.h"

namespace hsa {

std::shared_ptr<const ModelText> Models::text(const std::shared_ptr<const Dataset>& words,
                                              const EmbedSettings& settings, const Work& work) {
    const std::string folder = need_model(settings.model);
    const std::string stamp =
        stamp_of(folder + "/model.safetensors") + stamp_of(folder + "/config.json");
    std::shared_ptr<const TextModel> model = models_.find(stamp);
    if (!model) model = models_.put(stamp, read_text_model(folder, work));
    const auto key = std::make_tuple(words, model, settings.window, settings.stride);
    if (auto known = texts_.find(key)) return known;
    const std::string kept = cache_folder();
    const auto cache = kept.empty() ? nullptr : std::make_shared<const StateCache>(kept);
    return texts_.put(key, std::make_shared<const ModelText>(model, words, settings, cache));
}

std::string Models::sentence(const Dataset& dataset) const {
    if (!dataset.heads) return "";
    std::string found;
    texts_.each([&](const ModelText& text) {
        if (text.heads() == dataset.heads) found = text.windows_sentence(dataset.head != nullptr);
    });
    return found;
}

bool model_embeds(const Dataset& dataset, const EmbedSettings& settings) {
    if (!dataset.text || !dataset.embeddings.rows.empty()) return false;
    if (settings.method == EmbedMethod::model) return true;
    return settings.method == EmbedMethod::automatic && !dataset.piece_ids.empty() &&
           find_model(settings.model).has_value();
}

}  // namespace hsa
