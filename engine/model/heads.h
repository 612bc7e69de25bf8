#pragma once

#include "engine/model/dataset.h"

#include <cstddef>
#include <optional>
#include <string>

namespace hsa {

// "2 layers of 12 heads": how much a file with the heads of a model holds.
[[nodiscard]] std::string heads_text(std::size_t layers, std::size_t heads);

// Which of its heads Dataset::head is, and how many there are a layer; none where a file has not
// several.
struct HeadPlace {
    std::size_t layers = 0, heads = 0;
    std::size_t layer = 0, head = 0;
};
[[nodiscard]] std::optional<HeadPlace> head_place(const Dataset& dataset);
// "head 3 of layer 1: 2 layers of 12 heads are there".
[[nodiscard]] std::string head_sentence(const HeadPlace& place);

}  // namespace hsa
