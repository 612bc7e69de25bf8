#pragma once

#include "engine/model/dataset.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// "2 layers of 12 heads": how much a file with the heads of a model holds.
[[nodiscard]] std::string heads_text(std::size_t layers, std::size_t heads);

// Heads that are held in memory, layer by layer, a whole number of times `layers`.
[[nodiscard]] std::shared_ptr<const HeadSource> held_heads(
    std::vector<std::shared_ptr<const HeadRows>> heads, std::size_t layers);

// Heads that the data give: 0 without one.
[[nodiscard]] std::size_t head_count(const Dataset& dataset);
// The head of that index, layer by layer, below head_count().
[[nodiscard]] HeadIndex head_at(const Dataset& dataset, std::size_t index);

// Calls task(begin, end) for the heads of each layer in turn, after one of its heads was read: what
// a layer's heads have in common is computed once, by all threads, and they may then be read from
// any.
void for_layers(const Dataset& dataset,
                const std::function<void(std::size_t begin, std::size_t end)>& task);

// Which of several heads Dataset::head is, and how many there are a layer; none where there are not
// several or none is chosen.
struct HeadPlace {
    std::size_t layers = 0, heads = 0;
    std::size_t layer = 0, head = 0;
};
[[nodiscard]] std::optional<HeadPlace> head_place(const Dataset& dataset);
// "head 3 of layer 1: 2 layers of 12 heads are there".
[[nodiscard]] std::string head_sentence(const HeadPlace& place);

}  // namespace hsa
