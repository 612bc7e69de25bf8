#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"
#include "engine/explain/answers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

using nlohmann::json;

json agreement_json(const RowAgreement& agreement) {
    return {{"row_kl", json_number(agreement.row_kl)},
            {"js", json_number(agreement.js)},
            {"cosine", json_number(agreement.cosine)},
            {"spearman", json_number(agreement.spearman)},
            {"top8", json_number(agreement.top8)}};
}

json cells_json(const Snapshot& snapshot, const std::vector<CellDifference>& cells) {
    json list = json::array();
    for (const CellDifference& cell : cells)
        list.push_back({{"token", token_json(snapshot, cell.token)},
                        {"shown", json_number(cell.shown)},
                        {"with", json_number(cell.with)}});
    return list;
}

std::string percent(double share) { return fmt::format("{:.3g} %", 100.0 * share); }

std::string quoted(const Snapshot& snapshot, std::size_t token) {
    return "\u201c" + snapshot.dataset->token_text(token) + "\u201d";
}

std::string cell_words(const Snapshot& snapshot, const CellDifference& cell) {
    return fmt::format("{} ({} against {})", quoted(snapshot, cell.token), percent(cell.shown),
                       percent(cell.with));
}

std::string row_words(const Snapshot& snapshot, const RowDifference& row) {
    std::string words = fmt::format("Token {}, {}, row-KL {:.3g} nats", row.row,
                                    quoted(snapshot, row.row), row.agreement.row_kl);
    if (!row.more.empty()) words += ": more to " + cell_words(snapshot, row.more.front());
    if (!row.less.empty())
        words += (row.more.empty() ? ": less to " : ", less to ") +
                 cell_words(snapshot, row.less.front());
    return words + ".";
}

std::string distance_words(const DistanceDifference& distance) {
    const DistanceBin& bin = distance.bin;
    const std::string where = bin.first == 0 ? "to the token itself"
                              : bin.first == bin.last
                                  ? fmt::format("at a distance of {}", bin.first)
                                  : fmt::format("at distances of {} to {}", bin.first, bin.last);
    return fmt::format("By distance they differ most {}: {} of attention against {}.", where,
                       percent(distance.shown), percent(distance.with));
}

std::string level_words(const std::vector<LevelAgreement>& levels) {
    const auto by_kl = [](const LevelAgreement& a, const LevelAgreement& b) {
        return a.agreement.row_kl < b.agreement.row_kl;
    };
    const auto [best, worst] = std::minmax_element(levels.begin(), levels.end(), by_kl);
    return fmt::format(
        "Of the levels alone {} is nearest (row-KL {:.3g} nats) and {} farthest ({:.3g}).",
        best->name, best->agreement.row_kl, worst->name, worst->agreement.row_kl);
}

}  // namespace

std::vector<std::string> comparison_words(const Snapshot& snapshot, const Comparison& comparison) {
    std::vector<std::string> sentences;
    if (snapshot.dataset->ordered && !comparison.by_distance.empty())
        sentences.push_back(distance_words(
            *std::max_element(comparison.by_distance.begin(), comparison.by_distance.end(),
                              [](const DistanceDifference& a, const DistanceDifference& b) {
                                  return std::abs(a.shown - a.with) < std::abs(b.shown - b.with);
                              })));
    if (comparison.by_level.size() > 1) sentences.push_back(level_words(comparison.by_level));
    for (const RowDifference& row : comparison.worst) sentences.push_back(row_words(snapshot, row));
    return sentences;
}

json answer_compare(const Snapshot& snapshot, const std::string& with,
                    const Comparison& comparison) {
    json answer =
        result_json("explain.compare", comparison.exact ? Mark::exact : Mark::approximate);
    answer.update(agreement_json(comparison.whole));
    answer["with"] = with;
    answer["rows"] = comparison.rows;
    answer["by_level"] = json::object();
    for (const LevelAgreement& level : comparison.by_level)
        answer["by_level"][level.name] = agreement_json(level.agreement);
    answer["by_row"] = {{"mean", json_number(comparison.by_row.mean)},
                        {"low", json_number(comparison.by_row.low)},
                        {"median", json_number(comparison.by_row.median)},
                        {"high", json_number(comparison.by_row.high)}};
    answer["by_distance"] = json::array();
    if (snapshot.dataset->ordered)
        for (const DistanceDifference& distance : comparison.by_distance)
            answer["by_distance"].push_back({{"from", distance.bin.first},
                                             {"to", distance.bin.last},
                                             {"shown", json_number(distance.shown)},
                                             {"with", json_number(distance.with)}});
    answer["worst"] = json::array();
    for (const RowDifference& row : comparison.worst) {
        json one = agreement_json(row.agreement);
        one["token"] = token_json(snapshot, row.row);
        one["more"] = cells_json(snapshot, row.more);
        one["less"] = cells_json(snapshot, row.less);
        answer["worst"].push_back(std::move(one));
    }
    answer["in_words"] = comparison_words(snapshot, comparison);
    return answer;
}

}  // namespace hsa
