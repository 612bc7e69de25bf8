#include "engine/model/heads.h"

#include <fmt/core.h>

#include <algorithm>

namespace hsa {

std::string heads_text(std::size_t layers, std::size_t heads) {
    return fmt::format("{} layer{} of {} head{}", layers, layers == 1 ? "" : "s", heads,
                       heads == 1 ? "" : "s");
}

std::optional<HeadPlace> head_place(const Dataset& dataset) {
    const auto chosen = std::find(dataset.heads.begin(), dataset.heads.end(), dataset.head);
    if (chosen == dataset.heads.end()) return std::nullopt;
    const auto index = static_cast<std::size_t>(chosen - dataset.heads.begin());
    const std::size_t heads = dataset.heads.size() / dataset.layers;
    return HeadPlace{dataset.layers, heads, index / heads, index % heads};
}

std::string head_sentence(const HeadPlace& place) {
    return fmt::format("head {} of layer {}: {} are there", place.head, place.layer,
                       heads_text(place.layers, place.heads));
}

}  // namespace hsa
