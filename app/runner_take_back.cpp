#include "app/runner.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace splatscope {

// A file that cannot be used, or work that was cancelled, leaves the session as it was before it
// was asked for. A run of cycles keeps those it finished (settle_run).
void Runner::give_up(std::vector<Outcome>& outcomes) {
    if (!cause_ || !complete()) return;
    const Cause cause = *std::exchange(cause_, std::nullopt);
    if (cause.step == 0 || undo_.newest() != cause.step) return;
    const bool useless =
        (cause.data && !snapshot_->dataset) || (cause.splats && !snapshot_->registry);
    if (useless && !snapshot_->error.empty())
        outcomes.push_back({cause.line, "", snapshot_->error, snapshot_->error_code});
    else if (snapshot_->cancelled && (!cause.line.starts_with("adapt.") || !snapshot_->history))
        outcomes.push_back({cause.line, "", "Cancelled: " + cause.line, 1});
    else return;
    take_back(cause.step);
}

// The lines of this step and of those after it, which are then as if they had never been.
std::vector<std::string> Runner::take_back(std::uint64_t step) {
    std::vector<std::string> lines = undo_.take_back(session_.document, step);
    const std::vector<std::string> newest_first(lines.rbegin(), lines.rend());
    for (const std::string& line : newest_first) {
        const auto told = std::find(log_.rbegin(), log_.rend(), line);
        if (told != log_.rend()) log_.erase(std::next(told).base());
    }
    request_if_needed();
    return lines;
}

// The step of the edit by hand that made the evaluation at hand fail; 0 where none did.
std::uint64_t Runner::failed_edit() const {
    if (const std::optional<std::size_t> entry = engine_->failed_edit(requested_.id))
        return edits_.step_of(*entry);
    // It was done, and what followed from it failed.
    const bool last = cause_ && cause_->step != 0 && edits_.newest() == cause_->step &&
                      undo_.newest() == cause_->step;
    return last ? cause_->step : 0;
}

// An edit that cannot be evaluated would stand in the way of everything after it: the session goes
// back to before it, and one notice says so.
void Runner::drop_failed_edit() {
    if (snapshot_->error.empty()) {
        if (!snapshot_->cancelled) edits_.evaluated(undo_);
        return;
    }
    const std::uint64_t step = failed_edit();
    if (step == 0) return;
    const std::string why = snapshot_->error;
    const int code = snapshot_->error_code;
    const std::vector<std::string> lines = take_back(step);
    if (lines.empty()) return;
    edits_.forget_from(step);
    cause_.reset();
    const std::vector<std::string> after(lines.begin() + 1, lines.end());
    notices_.push_back(
        {lines.front(), "",
         fmt::format("{} failed and was taken back{}: {}", lines.front(),
                     after.empty() ? "" : fmt::format(", with {}", fmt::join(after, ", ")), why),
         code});
}

}  // namespace splatscope
