#include "app/session.h"

#include "app/setting_values.h"
#include "app/tour_limit.h"

#include <fmt/core.h>

#include <algorithm>

namespace splatscope {

hsa::Request request_of(const Session& session) {
    const Document& document = session.document;
    hsa::Request request;
    request.sources = document.sources;
    request.embed = document.embed;
    request.coordinates = document.coordinates;
    request.init = document.init;
    request.splats = document.splats;
    request.run = document.run;
    request.run_settings = document.run_timeline.first;
    request.run_entries = document.run_timeline.entries;
    request.first_settings = document.timeline.first;
    request.entries = document.timeline.entries;
    request.last_cycle = document.timeline.last;
    request.until_quiet = document.timeline.until_quiet;
    request.until_events = document.timeline.until_events;
    request.run_from = document.timeline.run_from;
    request.cursor = document.timeline.cursor;
    request.attention = document.attention;
    request.mask = document.mask;
    request.compute = document.compute;
    request.backend = {choice_names<BackendName>()[static_cast<std::size_t>(session.desk.backend)],
                       session.desk.backend_asked};
    request.recover = document.recover;
    request.names = document.names;
    request.axes = document.axes;
    return request;
}

bool is_touring(const Session& session) {
    return session.document.axes.kind == hsa::AxesKind::tour && session.desk.splats.touring;
}

double tour_second(const Session& session, double now) {
    const SplatsDesk& desk = session.desk.splats;
    const double passed = is_touring(session) ? std::max(now - desk.tour_started, 0.0) : 0.0;
    return std::min(session.document.axes.second + desk.tour_speed * passed, kLongestTour);
}

std::string describe(const hsa::Selection& selection) {
    std::string text;
    const auto add = [&text](const std::string& part) {
        if (!text.empty()) text += ", ";
        text += part;
    };
    if (selection.block)
        add(fmt::format("block {} x {}", selection.block->rows.size(),
                        selection.block->columns.size()));
    if (!selection.splats.empty())
        add(fmt::format("{} splat{}", selection.splats.size(),
                        selection.splats.size() == 1 ? "" : "s"));
    if (const std::size_t tokens = hsa::total_size(selection.tokens); tokens > 0)
        add(fmt::format("{} token{}", tokens, tokens == 1 ? "" : "s"));
    if (selection.event) add(fmt::format("event {}", *selection.event));
    return text;
}

}  // namespace splatscope
