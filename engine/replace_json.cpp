#include "engine/core/json_number.h"
#include "engine/explain/answer_parts.h"
#include "engine/replace.h"

#include <nlohmann/json.hpp>

namespace hsa {

nlohmann::json replace_json(const ReplaceReport& report) {
    constexpr const char* kModes[] = {"full", "hybrid", "added", "outside"};
    nlohmann::json answer = result_json("replace.report", Mark::approximate);
    answer["mode"] = kModes[static_cast<std::size_t>(report.mode)];
    answer["windows"] = report.windows;
    answer["of_windows"] = report.of_windows;
    answer["tokens"] = report.rows;
    answer["heads"] = nlohmann::json::array();
    for (const ReplacedReport& head : report.heads)
        answer["heads"].push_back({{"layer", head.head.at.layer},
                                   {"head", head.head.at.head},
                                   {"blend", head.head.blend},
                                   {"splats", head.splats},
                                   {"row_kl", json_number(head.row_kl)},
                                   {"output_error", json_number(head.output_error)},
                                   {"kept_own", head.kept}});
    answer["layers"] = nlohmann::json::array();
    for (std::size_t l = 0; l < report.layer_error.size(); ++l)
        answer["layers"].push_back(
            {{"layer", l}, {"relative_error", json_number(report.layer_error[l])}});
    answer["sentences"] = {{"count", report.sentences},
                           {"cosine_mean", json_number(report.cosine_mean)},
                           {"cosine_least", json_number(report.cosine_least)},
                           {"rank_correlation", json_number(report.rank_correlation)}};
    return answer;
}

}  // namespace hsa
