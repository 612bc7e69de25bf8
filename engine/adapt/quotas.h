#pragma once

#include "engine/model/event.h"
#include "engine/model/hierarchy.h"
#include "engine/model/settings.h"

#include <array>
#include <cstddef>
#include <vector>

namespace hsa {

// Kinds of proposal in the order of a cycle, with how many of each are tried and how many accepted.
struct Rates {
    int death = 0, merge = 0, mitosis = 0, birth = 0;
    int accepted = 0;
};
[[nodiscard]] Rates rates_of(const AdaptSettings& settings);

inline constexpr std::array<EventKind, 4> kTurns = {EventKind::death, EventKind::merge,
                                                    EventKind::mitosis, EventKind::birth};

// What is left to a cycle: how many proposals of each kind may be tried and how many accepted.
// Levels share one count (rulings.md "Quotas"), but a level with a number of its own
// (adapt.level.<Name>) has that for itself and takes nothing from the others'.
class Quotas {
  public:
    Quotas(const AdaptSettings& settings, const Hierarchy& hierarchy);

    // Whether one more of this structural kind may be tried at the level.
    [[nodiscard]] bool open(EventKind kind, std::size_t level) const;
    void tried(EventKind kind, std::size_t level);
    void accepted(std::size_t level);

  private:
    static constexpr std::size_t kKinds = kTurns.size();
    // Places in left_: 0 is what is shared, 1 + l what the level has for itself.
    std::vector<std::array<std::size_t, kKinds + 1>> place_;  // [levels], by kind, last: accepted
    std::vector<std::array<int, kKinds + 1>> left_;
};

}  // namespace hsa
