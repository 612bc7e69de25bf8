#pragma once

#include "engine/core/range.h"
#include "engine/core/work.h"
#include "engine/explain/cards.h"
#include "engine/snapshot.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// What the page of a text wants to know beside what the selection lights.
struct TextWanted {
    std::string number;                  // a property of tokens to tint by; empty = none
    Range page;                          // tokens among which ...
    std::size_t links = 0;               // ... so many strongest links are looked for
    std::optional<std::uint32_t> token;  // the one under the pointer ...
    bool towards = false;                // ... with what attends to it, not what it attends to
    bool operator==(const TextWanted&) const = default;
};

// A number of every token, with what an axis of it needs.
struct TokenNumbers {
    std::string name, unit;
    std::vector<float> values;     // [n], NaN where there is none
    double low = 0.0, high = 1.0;  // all but the fiftieth at either end lie between; low < high
    bool logarithmic = false;      // all above zero and high is more than fifty times low
    std::string fault;             // why there are no values, a sentence
};

struct TextLook {
    TextWanted wanted;
    std::shared_ptr<const TokenNumbers> numbers;
    // Of the page, between tokens that are more than three apart.
    std::shared_ptr<const StrongestPairs> links;
    // [n]: as Linked::tint_from or, towards, tint_to of the one token.
    std::shared_ptr<const std::vector<float>> token;
};

// The number of that name among token_fields(), as expressions write it.
[[nodiscard]] TokenNumbers token_numbers(const Snapshot& snapshot, const std::string& name);

// What `previous` has of the same parts is taken from it; null where nothing of it still holds.
// Links and tints need exact factors: without them they are left out. Throws Cancelled.
[[nodiscard]] TextLook text_look(const Snapshot& snapshot, const TextWanted& wanted,
                                 const TextLook* previous, const Work& work);

}  // namespace hsa
