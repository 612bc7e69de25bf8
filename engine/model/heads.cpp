#include "engine/model/heads.h"

#include <fmt/core.h>

#include <utility>

namespace hsa {

std::string heads_text(std::size_t layers, std::size_t heads) {
    return fmt::format("{} layer{} of {} head{}", layers, layers == 1 ? "" : "s", heads,
                       heads == 1 ? "" : "s");
}

namespace {

class HeldHeads final : public HeadSource {
  public:
    HeldHeads(std::vector<std::shared_ptr<const HeadRows>> all, std::size_t layers)
        : all_(std::move(all)), layers_(layers) {}

    std::size_t layers() const override { return layers_; }
    std::size_t heads() const override { return all_.size() / layers_; }
    std::shared_ptr<const HeadRows> rows(std::size_t layer, std::size_t head) const override {
        return all_[layer * heads() + head];
    }

  private:
    std::vector<std::shared_ptr<const HeadRows>> all_;
    std::size_t layers_;
};

}  // namespace

std::shared_ptr<const HeadSource> held_heads(std::vector<std::shared_ptr<const HeadRows>> heads,
                                             std::size_t layers) {
    return std::make_shared<const HeldHeads>(std::move(heads), layers);
}

std::size_t head_count(const Dataset& dataset) {
    if (dataset.heads) return dataset.heads->layers() * dataset.heads->heads();
    return dataset.head ? 1 : 0;
}

HeadIndex head_at(const Dataset& dataset, std::size_t index) {
    const std::size_t heads = dataset.heads ? dataset.heads->heads() : 1;
    return {index / heads, index % heads};
}

void for_layers(const Dataset& dataset,
                const std::function<void(std::size_t begin, std::size_t end)>& task) {
    const std::size_t all = head_count(dataset);
    const std::size_t heads = dataset.heads ? dataset.heads->heads() : all;
    for (std::size_t begin = 0; begin < all; begin += heads) {
        if (dataset.heads) (void)dataset.heads->rows(begin / heads, 0);
        task(begin, begin + heads);
    }
}

std::optional<HeadPlace> head_place(const Dataset& dataset) {
    if (!dataset.heads || !dataset.head) return std::nullopt;
    return HeadPlace{dataset.heads->layers(), dataset.heads->heads(), dataset.head_index.layer,
                     dataset.head_index.head};
}

std::string head_sentence(const HeadPlace& place) {
    return fmt::format("head {} of layer {}: {} are there", place.head, place.layer,
                       heads_text(place.layers, place.heads));
}

}  // namespace hsa
