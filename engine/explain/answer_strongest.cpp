#include "engine/explain/answer_strongest.h"

#include "engine/attention/cells.h"
#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::size_t kSplats = 3;
constexpr std::size_t kEnds = 4;  // words kept at either end

std::string words(const Dataset& dataset, std::size_t begin, std::size_t end) {
    std::string line;
    for (std::size_t t = begin; t < end; ++t)
        line += (t > begin ? " " : "") + dataset.token_text(t);
    return line;
}

std::string words(const Dataset& dataset, const Range& tokens) {
    if (tokens.size() <= 2 * kEnds + 1) return words(dataset, tokens.begin, tokens.end);
    return words(dataset, tokens.begin, tokens.begin + kEnds) + " … " +
           words(dataset, tokens.end - kEnds, tokens.end);
}

const char* name_of(StrengthBy by) {
    constexpr std::array<const char*, 3> kNames = {"value", "uniform", "lift"};
    return kNames[static_cast<std::size_t>(by)];
}

}  // namespace

json answer_strongest(const Snapshot& snapshot, const StrongestBlocks& blocks) {
    const Mark mark = blocks.mark == Mark::exact ? factor_mark(snapshot) : blocks.mark;
    json answer = result_json("map.jumps", mark);
    answer["rows"] = range_json(blocks.wanted.rows);
    answer["columns"] = range_json(blocks.wanted.columns);
    answer["by"] = name_of(blocks.wanted.by);
    answer["blocks"] = json::array();
    for (const StrongBlock& strong : blocks.blocks) {
        const CellParts parts = block_parts(*snapshot.factors, *snapshot.sums, strong.block);
        json splats = json::array();
        for (std::size_t s = 0; s < std::min(kSplats, parts.parts.size()); ++s) {
            const Part& part = parts.parts[s];
            splats.push_back({{"splat", splat_json(part.splat)},
                              {"level", level_json(snapshot, part.level)},
                              {"share", json_number(part.value / std::max(parts.value, 1e-300))}});
        }
        answer["blocks"].push_back(
            {{"rows", range_json(strong.block.rows)},
             {"columns", range_json(strong.block.columns)},
             {"value", json_number(strong.mean)},
             {"times_uniform",
              json_number(strong.mean * static_cast<double>(snapshot.factors->tokens()))},
             {"strength", json_number(strong.strength)},
             {"row_words", words(*snapshot.dataset, strong.block.rows)},
             {"column_words", words(*snapshot.dataset, strong.block.columns)},
             {"splats", std::move(splats)}});
    }
    return answer;
}

}  // namespace hsa
