#include "engine/mask.h"

#include "engine/core/error.h"
#include "engine/model/key_mask.h"

#include <fmt/core.h>

#include <cstdint>
#include <utility>

namespace hsa {

std::shared_ptr<const Coordinates> with_mask(const Coordinates& coordinates, const Dataset& dataset,
                                             const std::vector<Range>& mask) {
    const std::size_t n = coordinates.size();
    std::vector<std::uint8_t> hidden = mask_flags(dataset.masked, n);
    hidden.resize(n, 0);
    for (const Range& range : mask) {
        if (range.end > n)
            fail(
                "attention.mask {}:{} reaches beyond the {} tokens of {}: tokens count from 0, "
                "and the second number is the first that is not masked.",
                range.begin, range.end, n, dataset.source);
        for (std::size_t token = range.begin; token < range.end; ++token) hidden[token] = 1;
    }
    std::vector<std::uint32_t> masked;
    for (std::uint32_t token = 0; token < n; ++token)
        if (hidden[token] != 0) masked.push_back(token);
    if (masked.size() == n && n > 0)
        fail("attention.mask hides all {} tokens of {}{}: at least one must be left to attend to.",
             n, dataset.source, dataset.masked.empty() ? "" : ", with those that the file masks");
    auto own = std::make_shared<Coordinates>(coordinates);
    own->masked = std::move(masked);
    return own;
}

std::string mask_sentence(const Coordinates& coordinates, bool causal) {
    const std::size_t count = coordinates.masked.size();
    std::string text = fmt::format("{} token{} masked: no row attends to {}", count,
                                   count == 1 ? "" : "s", count == 1 ? "it" : "them");
    const std::size_t empty = causal ? rows_without_keys(coordinates.masked) : 0;
    if (empty == 1) text += "; row 0 has no key left and is zero";
    if (empty > 1) text += fmt::format("; the first {} rows have no key left and are zero", empty);
    return text;
}

}  // namespace hsa
