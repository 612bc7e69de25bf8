#include "engine/head_table.h"

#include "engine/core/error.h"
#include "engine/core/json_number.h"
#include "engine/core/parallel.h"
#include "engine/embed/head.h"
#include "engine/explain/answer_parts.h"
#include "engine/model/heads.h"

#include <memory>

namespace hsa {

std::shared_ptr<const Target> head_target(const Dataset& dataset,
                                          const std::shared_ptr<const HeadRows>& head,
                                          const HeadReading& reading) {
    Dataset one;
    one.source = dataset.source;
    one.head = head;
    Coordinates coordinates = head_coordinates(one, 1);
    coordinates.masked = reading.masked;
    TargetSettings scores;
    scores.scale = reading.target.scale;
    return make_target(one, coordinates, scores, reading.causal);
}

std::vector<HeadRow> head_table(const Dataset& dataset, const HeadReading& reading,
                                const Work& work) {
    if (head_count(dataset) == 0)
        fail("{} holds no heads of a model: open a .npz with 'queries' and 'keys'.",
             dataset.source);
    std::vector<HeadRow> rows(head_count(dataset));
    for_layers(dataset, [&](std::size_t begin, std::size_t end) {
        parallel_for(end - begin, [&](std::size_t h) {
            work.check();
            const HeadIndex at = head_at(dataset, begin + h);
            const auto head = dataset.heads ? dataset.heads->rows(at.layer, at.head) : dataset.head;
            rows[begin + h] = {at.layer, at.head,
                               head_numbers(*head_target(dataset, head, reading))};
        });
    });
    return rows;
}

nlohmann::json answer_heads(const Dataset& dataset, const HeadReading& reading, const Work& work) {
    const std::vector<HeadRow> table = head_table(dataset, reading, work);
    const std::size_t rows = table.front().numbers.rows;
    nlohmann::json answer =
        result_json("heads", rows < dataset.size() ? Mark::approximate : Mark::exact);
    answer["tokens"] = dataset.size();
    answer["rows"] = rows;
    answer["heads"] = nlohmann::json::array();
    for (const HeadRow& row : table)
        answer["heads"].push_back({{"layer", row.layer},
                                   {"head", row.head},
                                   {"row_entropy", json_number(row.numbers.row_entropy)},
                                   {"sink_share", json_number(row.numbers.sink_share)},
                                   {"sink", row.numbers.sink},
                                   {"near_share", json_number(row.numbers.near_share)},
                                   {"splats", row.numbers.splats},
                                   {"splats_near", row.numbers.splats_near}});
    return answer;
}

}  // namespace hsa
