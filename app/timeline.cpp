#include "app/timeline.h"

#include "engine/core/error.h"

#include <algorithm>
#include <utility>

namespace splatscope {
namespace {

constexpr std::int32_t kMostCycles = 1000;  // of one run

// Leaves the cycles after the cursor to a branch, so that what follows starts there.
void branch_at_cursor(Session& session) {
    Timeline& timeline = session.document.timeline;
    if (timeline.cursor >= timeline.last) return;
    session.document.branches.push_back(timeline);
    const std::int32_t cursor = timeline.cursor;
    std::erase_if(timeline.entries,
                  [cursor](const hsa::HistoryEntry& entry) { return entry.cycle > cursor; });
    timeline.last = cursor;
    timeline.until_quiet = false;
    timeline.until_events.clear();
    timeline.marks.erase(timeline.marks.upper_bound(cursor), timeline.marks.end());
}

}  // namespace

hsa::CycleSettings cycle_settings(const Session& session) {
    return {session.document.adapt, session.document.target, session.document.attention.temperature,
            session.document.attention.causal};
}

void adopt_cycle_settings(Session& session) {
    Document& document = session.document;
    hsa::CycleSettings now = document.timeline.first;
    for (const hsa::HistoryEntry& entry : document.timeline.entries)
        if (entry.settings) now = *entry.settings;
    document.adapt = now.adapt;
    document.target = now.target;
    document.attention.temperature = now.temperature;
    document.attention.causal = now.causal;
}

void add_edit(Session& session, hsa::Edit edit) {
    branch_at_cursor(session);
    Timeline& timeline = session.document.timeline;
    hsa::HistoryEntry entry;
    entry.cycle = timeline.last;
    entry.edit = std::move(edit);
    timeline.entries.push_back(std::move(entry));
}

void settings_changed(Session& session) {
    Timeline& timeline = session.document.timeline;
    const hsa::CycleSettings now = cycle_settings(session);
    if (timeline.last == 0 && timeline.entries.empty()) {
        timeline.first = now;
        return;
    }
    branch_at_cursor(session);
    if (!timeline.entries.empty() && timeline.entries.back().settings &&
        timeline.entries.back().cycle == timeline.last) {
        timeline.entries.back().settings = now;  // several changes at one cycle are one entry
        return;
    }
    hsa::HistoryEntry entry;
    entry.cycle = timeline.last;
    entry.settings = now;
    timeline.entries.push_back(std::move(entry));
}

void restart(Session& session) {
    Timeline& timeline = session.document.timeline;
    if (timeline.last > 0 || !timeline.entries.empty())
        session.document.branches.push_back(timeline);
    timeline = Timeline{};
    timeline.first = cycle_settings(session);
    // Splats and events are others now.
    session.document.names.clear();
    for (auto& [name, kept] : session.document.kept) {
        kept.splats.clear();
        kept.event.reset();
    }
    std::erase_if(session.document.kept, [](const auto& each) { return each.second.empty(); });
}

void step(Session& session, std::int32_t count) {
    Timeline& timeline = session.document.timeline;
    timeline.cursor = std::min(timeline.cursor, timeline.last) + count;
    timeline.last = std::max(timeline.last, timeline.cursor);
}

void run(Session& session, std::int32_t count) {
    Timeline& timeline = session.document.timeline;
    timeline.until_quiet = count == 0;
    timeline.until_events.clear();
    timeline.run_from = timeline.last;
    timeline.last += count == 0 ? kMostCycles : count;
    timeline.cursor = timeline.last;
}

void run_to(Session& session, std::vector<hsa::EventKind> kinds) {
    run(session, 0);
    session.document.timeline.until_events = std::move(kinds);
}

void mark(Session& session, std::int32_t cycle, const std::string& text) {
    Timeline& timeline = session.document.timeline;
    if (cycle < 0 || cycle > timeline.last)
        hsa::fail("There is no cycle {} to mark: the timeline has cycles 0 to {}.", cycle,
                  timeline.last);
    if (text.empty()) timeline.marks.erase(cycle);
    else timeline.marks[cycle] = text;
}

void go_to(Session& session, std::int32_t cycle) {
    Timeline& timeline = session.document.timeline;
    if (cycle < 0 || cycle > timeline.last)
        hsa::fail(
            "adapt.goto: there is no cycle {}: the timeline has cycles 0 to {}; run more with "
            "adapt.step or adapt.run.",
            cycle, timeline.last);
    timeline.cursor = cycle;
}

void pause_at(Session& session, std::int32_t finished) {
    Timeline& timeline = session.document.timeline;
    timeline.until_quiet = false;
    timeline.until_events.clear();
    timeline.run_from = 0;
    timeline.last = std::min(timeline.last, std::max(finished, 0));
    timeline.cursor = std::min(timeline.cursor, timeline.last);
    timeline.marks.erase(timeline.marks.upper_bound(timeline.last), timeline.marks.end());
    std::erase_if(timeline.entries,
                  [&](const hsa::HistoryEntry& entry) { return entry.cycle > timeline.last; });
}

}  // namespace splatscope
