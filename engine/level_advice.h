#pragma once

#include "engine/core/work.h"
#include "engine/model/event.h"
#include "engine/snapshot.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// A text has parts of some kind and no level of about their length, where the best level agrees
// less with them than this (explain/structure_agreement.h).
inline constexpr double kAgrees = 0.3;
// A level has the error where it carries so many times the even share of row-KL, in each of so many
// cycles, while it holds all the splats it may.
inline constexpr double kErrorShare = 1.25;
inline constexpr std::size_t kErrorCycles = 5;

// A change of the levels that a number speaks for, with the command that makes it.
struct LevelSuggestion {
    enum class By : std::uint8_t { length, content, effect, error };
    By by = By::length;
    bool adds = true;  // else removes
    std::string text;  // one sentence with its numbers
    std::string command;
    std::vector<Reason> decided_by;
};
[[nodiscard]] const char* name_of(LevelSuggestion::By by);

// What speaks for more levels, fewer, or others.
struct LevelAdvice {
    // Sentences, paragraphs, sections: those of which a text has two or more. Agreement is
    // PartAgreement::information, as explain.level has it.
    struct Parts {
        std::string kind;
        std::size_t count = 0;
        double tokens = 0.0;     // of one, on average
        std::string best_level;  // that agrees most
        double agreement = 0.0;
    };
    struct Of {
        std::string name;
        std::size_t splats = 0;
        std::size_t most = 0;             // that it may hold
        std::optional<double> smoothing;  // tokens; none where rows have no order
        // Its part of the levels' row-KL, each weighted by its share of attention.
        std::optional<double> error_share;
        std::optional<double> row_kl_without;  // of all rows, the other levels sharing its part
        // Kinds of parts that it agrees with most of all levels, and much: row-KL rewards no such
        // thing, so that it is not suggested to go.
        std::vector<std::string> speaks_for;
    };
    std::size_t tokens = 0;
    double by_length = 1.0;  // 1 + log_8(tokens / 40)
    std::optional<double> row_kl;
    std::vector<Parts> parts;
    std::vector<Of> levels;  // finest first
    // Strongest reasons first: effect, error, content, length.
    std::vector<LevelSuggestion> suggestions;
    bool exact = true;  // the leave-one-out row-KL is of all rows
};

// O(n c) and the row-KL of 256 rows. Of splats that were fitted to a head, whose levels are not
// changed: no suggestions. Throws Cancelled.
[[nodiscard]] LevelAdvice level_advice(const Snapshot& snapshot, const Work& work);

// The levels that speak for parts of the text, as above.
[[nodiscard]] std::vector<std::string> levels_of_parts(const Snapshot& snapshot, const Work& work);

// The suggestions that keep the number of levels within [least, most].
[[nodiscard]] std::vector<LevelSuggestion> within(const LevelAdvice& advice, std::size_t least,
                                                  std::size_t most);
// The result of levels.suggest.
[[nodiscard]] nlohmann::json answer_level_advice(const LevelAdvice& advice, std::size_t least,
                                                 std::size_t most);

}  // namespace hsa
