#include "engine/io/events_jsonl.h"

#include "engine/io/json.h"
#include "engine/model/trigger.h"

#include <utility>

namespace hsa {
namespace {

using nlohmann::ordered_json;

void append_line(std::string& out, const ordered_json& value) {
    out += value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    out += '\n';
}

ordered_json number_at(const std::vector<std::uint32_t>& column, std::size_t index) {
    return index < column.size() ? ordered_json(column[index]) : ordered_json(nullptr);
}

}  // namespace

ordered_json event_json(const Event& event) {
    ordered_json reasons = ordered_json::array();
    for (const Reason& reason : event.decided_by) {
        reasons.push_back({{"name", reason.name},
                           {"value", json_number(reason.value)},
                           {"threshold", json_number(reason.threshold)}});
    }
    ordered_json line = {{"cycle", event.cycle}, {"level", nullptr}};
    if (!event.level_name.empty()) line["level"] = event.level_name;
    line["kind"] = name_of(event.kind);
    line["by"] = name_of(event.by);
    line["before"] = event.before;
    line["after"] = event.after;
    line["decided_by"] = std::move(reasons);
    line["d"] = json_number(event.d);
    line["se"] = json_number(event.se);
    line["objective_before"] = json_number(event.objective_before);
    line["objective_after"] = json_number(event.objective_after);
    line["accepted"] = event.accepted;
    line["tokens"] = event.tokens;
    line["text"] = event.text;
    line["trigger"] = trigger_of(event);
    return line;
}

std::string write_events(const History& history) {
    std::string out;
    for (const auto& cycle : history.cycles) {
        for (const Event& event : cycle->events) append_line(out, event_json(event));
    }
    return out;
}

std::string write_tokens(const Dataset& dataset) {
    std::string out;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        ordered_json line = {{"index", i}, {"text", dataset.token_text(i)}};
        const bool placed = dataset.text && i < dataset.tokens.size();
        line["begin"] = placed ? ordered_json(dataset.tokens[i].begin) : ordered_json(nullptr);
        line["end"] = placed ? ordered_json(dataset.tokens[i].end) : ordered_json(nullptr);
        line["sentence"] = number_at(dataset.structure.sentence, i);
        line["paragraph"] = number_at(dataset.structure.paragraph, i);
        line["section"] = number_at(dataset.structure.section, i);
        append_line(out, line);
    }
    return out;
}

}  // namespace hsa
