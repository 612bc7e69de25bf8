#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hsa {

struct Level {
    std::string name;
    double weight = 1.0;  // >= 0, as given; shares are weight / sum of weights
    bool operator==(const Level&) const = default;
};

// The levels, finest first.
struct Hierarchy {
    std::vector<Level> levels;

    [[nodiscard]] std::size_t size() const { return levels.size(); }
    [[nodiscard]] std::optional<std::size_t> index_of(std::string_view name) const;
    // weight / sum of weights: the share of attention a level is meant to carry.
    [[nodiscard]] double share(std::size_t level) const;

    // Adds a level before `index` (size() appends the coarsest). Throws when the name is taken or
    // the weight is negative or not finite.
    void insert(std::size_t index, Level level);
    void remove(std::size_t index);

    bool operator==(const Hierarchy&) const = default;
};

// Token, Phrase, Section, Document with the weights of defaults.md 8 for n tokens.
[[nodiscard]] Hierarchy default_hierarchy(std::size_t tokens);

// `count` levels, finest first, names from the four where they fit ("Level 5" beyond), every weight
// positive, interpolated between the four by level index.
[[nodiscard]] Hierarchy make_hierarchy(std::size_t count, std::size_t tokens);

}  // namespace hsa
