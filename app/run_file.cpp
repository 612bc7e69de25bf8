#include "app/run_file.h"

#include "app/history_lines.h"
#include "app/timeline.h"
#include "engine/core/error.h"

#include <utility>

namespace splatscope {

hsa::RunFile make_run(const Session& session, const hsa::Snapshot& snapshot) {
    if (!snapshot.history || snapshot.history->cycles.empty())
        hsa::fail("There is no history to save yet: open a text or an embedding file first.");
    hsa::RunFile run;
    run.source = session.document.sources.empty() ? "" : session.document.sources.front().path;
    run.dataset_hash = snapshot.dataset->hash;
    run.settings = write_cycle_settings(session.document.timeline.first);
    run.history = *snapshot.history;
    run.history.cycles.resize(static_cast<std::size_t>(hsa::last_whole(run.history)) + 1);
    for (const hsa::HistoryEntry& entry : session.document.timeline.entries)
        if (entry.cycle <= run.history.last())
            run.edits.emplace_back(entry.cycle, write_entry(entry));
    const auto& state = run.history.cycles.back()->state;
    if (!state) hsa::fault("no cycle has a whole state");
    run.last = *state;
    return run;
}

void open_run(Session& session, const std::string& path, std::string_view bytes) {
    const hsa::RunHead run = hsa::read_run_head(path, bytes);
    Timeline timeline;
    timeline.first = read_cycle_settings(run.settings);
    for (const auto& [cycle, line] : run.edits) timeline.entries.push_back(read_entry(cycle, line));
    timeline.last = run.last_cycle;
    timeline.cursor = timeline.last;
    Document& document = session.document;
    if (document.sources.empty() && !run.source.empty()) document.sources = {{run.source, "", 0}};
    restart(session);
    document.init = {};
    document.run = path;
    document.run_timeline = timeline;
    document.timeline = std::move(timeline);
    adopt_cycle_settings(session);
    document.selection = {};
}

}  // namespace splatscope
