#include "app/runner.h"
#include "engine/core/error.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

// What runs and what waits, how far it is, and its end before its time.
namespace splatscope {

hsa::Progress Runner::progress() const {
    hsa::Progress now = engine_->progress();
    const OtherState& second = other_.state();
    if (now.step.empty() && !second.settled() && !second.progress.step.empty()) {
        now = second.progress;
        now.step = fmt::format("{}: {}", second.name, now.step);
    }
    return now;
}

std::vector<Job> Runner::jobs() const {
    std::vector<Job> jobs;
    hsa::Progress now = engine_->progress();
    if (!complete()) {
        jobs.push_back({now.step.empty() ? "begins" : now.step, now.fraction, false, "work"});
        now = {};
    }
    const OtherState& second = other_.state();
    if (second.stage == OtherState::Stage::coming && other_.has_lanes())
        jobs.push_back({fmt::format("{}: {}", second.name, second.progress.step),
                        second.progress.fraction, false, "compare"});
    if (sequence_)
        jobs.push_back(
            {sequence_->line,
             static_cast<double>(sequence_->made) / static_cast<double>(sequence_->asked.frames),
             false, "sequence"});
    bool asked[2] = {false, false};  // of each lane for questions the first runs
    for (const Asked& each : asked_) {
        const bool waits = std::exchange(asked[each.row->apart ? 1 : 0], true);
        // What the engine tells of beside the work is a question that runs.
        const double fraction = waits || now.step.empty() ? -1.0 : now.fraction;
        if (!waits) now = {};
        jobs.push_back({each.line, fraction, waits, each.line});
    }
    for (const std::string& line : lines_) jobs.push_back({line, -1.0, true, line});
    return jobs;
}

// The job of that name alone, or all that runs. A line that waits is as if it had not been given.
void Runner::cancel(const std::string& job) {
    if (job.empty()) {
        engine_->cancel();
        other_.cancel();
        return;
    }
    const auto asked = std::find_if(asked_.begin(), asked_.end(), [&](const Asked& each) {
        return each.line == job && !each.stop.stop_requested();
    });
    const auto line = std::find(lines_.begin(), lines_.end(), job);
    if (asked != asked_.end()) {
        asked->stop.request_stop();
    } else if (line != lines_.end()) {
        if (sequence_ && static_cast<std::size_t>(line - lines_.begin()) < sequence_->before)
            --sequence_->before;
        lines_.erase(line);
        notices_.push_back({job, "", fmt::format("Cancelled: {}", job), 1});
    } else if (job == "work" && !complete()) {
        engine_->cancel_work();
    } else if (job == "compare" && other_.has_lanes() &&
               other_.state().stage == OtherState::Stage::coming) {
        other_.cancel();
    } else if (job == "sequence" && sequence_) {
        notices_.push_back({sequence_->line, "", fmt::format("Cancelled: {}", sequence_->line), 1});
        leave_sequence();
    } else {
        hsa::fail("cancel {}: no such job runs or waits (window.jobs lists them).", job);
    }
}

}  // namespace splatscope
