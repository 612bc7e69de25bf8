#include "app/runner.h"
#include "app/runner_stop.h"
#include "app/runner_told.h"
#include "engine/core/error.h"
#include "engine/io/file.h"
#include "engine/io/json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <utility>

// What the runner asks of lanes beside work: questions, searches, what the views want to see.
namespace splatscope {

bool Runner::Asked::ready() const {
    const auto is_ready = [](const auto& future) {
        return future.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    };
    return found.valid() ? is_ready(found) : is_ready(answer);
}

bool Runner::searching() const {
    return std::any_of(asked_.begin(), asked_.end(),
                       [](const Asked& asked) { return asked.found.valid(); });
}

Outcome Runner::outcome_of(Asked asked) {
    return told(asked.line, [&](Outcome& outcome) {
        if (asked.found.valid()) {
            const Found found = asked.found.get();
            if (asked.sources != session_.document.sources)
                hsa::fail("{}: other data were opened meanwhile.", asked.line);
            if (asked.row->kind != CommandKind::change) {  // follows from what no line chose
                found(session_);
                return;
            }
            Session changed = session_;
            found(changed);
            adopt(std::move(changed), *asked.row, asked.line);
            return;
        }
        outcome.output = asked.answer.get();
        if (asked.row->copies && copy_ && !outcome.output.empty()) {
            copy_(outcome.output + "\n");
            std::size_t rows = 0;  // below the line of names; a cell in quotes may have lines
            bool quoted = false;
            for (const char c : outcome.output) {
                if (c == '"') quoted = !quoted;
                if (c == '\n' && !quoted) ++rows;
            }
            outcome.output = fmt::format("Copied {} row{}.", rows, rows == 1 ? "" : "s");
        }
        if (asked.row->after) asked.row->after(session_, asked.args);
    });
}

// Runs on the look lane, as questions do; what it finds is done to the Session of the moment it is
// there.
void Runner::search(const CommandRow& row, const Args& args, const std::string& line) {
    const auto answer = std::make_shared<std::promise<Found>>();
    asked_.push_back({line, &row, args, {}, answer->get_future(), session_.document.sources});
    engine_->ask([answer, stop = asked_.back().stop, &row, args,
                  session = std::make_shared<const Session>(session_), reader = read_sample_,
                  snapshot = snapshot_](hsa::Backend& backend, const hsa::Work& lane) {
        try {
            const StoppedToo both(lane, stop);
            const hsa::Work& work = both.work();
            answer->set_value(row.search({*session, *snapshot, backend, work, reader}, args));
        } catch (...) {
            answer->set_exception(std::current_exception());
        }
    });
}

// Questions run on the look lane or, those that take long, on one of their own, on the Session and
// the snapshot of this moment: both are kept for it.
void Runner::ask(const CommandRow& row, Args args, const std::string& line) {
    if (!snapshot_->error.empty() && !snapshot_->dataset)
        throw hsa::Error(static_cast<hsa::ErrorKind>(snapshot_->error_code), snapshot_->error);
    const bool is_file = row.kind == CommandKind::file;
    const bool overwrite = take_overwrite(args);
    const std::string path = is_file ? std::string() : take_path(args);
    const auto answer = std::make_shared<std::promise<std::string>>();
    asked_.push_back({line, &row, args, answer->get_future(), {}, {}});
    auto question = [answer, stop = asked_.back().stop, &row, args = std::move(args), path,
                     overwrite, is_file, session = std::make_shared<const Session>(session_),
                     reader = read_sample_, snapshot = snapshot_,
                     second = std::make_shared<const OtherState>(other_.state())](
                        hsa::Backend& backend, const hsa::Work& lane) {
        try {
            const StoppedToo both(lane, stop);
            const hsa::Work& work = both.work();
            const QuestionContext context{*session, *snapshot, backend, work, reader, second.get()};
            const nlohmann::json result =
                is_file ? row.file(context, args, overwrite) : row.question(context, args);
            std::string text = result.is_null() ? std::string()
                               : row.copies     ? result.get<std::string>()
                                                : hsa::json_text(result);
            if (!path.empty()) {
                hsa::write_file(path, (row.copies ? text : hsa::json_text(result, 2)) + "\n",
                                overwrite ? hsa::Existing::replace : hsa::Existing::refuse);
                text.clear();
            }
            answer->set_value(std::move(text));
        } catch (...) {
            answer->set_exception(std::current_exception());
        }
    };
    if (row.apart) engine_->ask_apart(std::move(question));
    else engine_->ask(std::move(question));
}

// What the line would do if it was sent now, in a Session that nobody keeps.
std::optional<hsa::PreviewWanted> Runner::preview_of(const std::string& line) {
    if (line.empty()) {
        // The exact earlier state is there at once.
        if (previewing_ && look_->previewed && previewing_->before->of == snapshot_)
            look_ = previewing_->before;
        previewing_.reset();
        return std::nullopt;
    }
    if (!previewing_) previewing_ = Previewing{"", std::nullopt, look_};
    if (previewing_->line != line) {
        previewing_->line = line;
        previewing_->edit.reset();
        try {
            const std::vector<std::string> words = split_words(line);
            const CommandRow& row = find_command(words.at(0));
            Session changed = session_;
            if (row.change)
                row.change({changed, *snapshot_, read_sample_, now_},
                           Args(words.begin() + 1, words.end()));
            const std::vector<hsa::HistoryEntry>& entries = changed.document.timeline.entries;
            if (!entries.empty() && entries.back().edit &&
                changed.document.timeline.entries != session_.document.timeline.entries)
                previewing_->edit = entries.back().edit;
        } catch (const hsa::Error&) {
            // The line itself will say so when it is sent.
        }
    }
    if (!previewing_->edit || !snapshot_->complete) return std::nullopt;
    hsa::PreviewWanted wanted{*previewing_->edit, false};
    // At rest: what was had while it moved is there, and nothing changed since.
    const bool is_there = preview() != nullptr && look_->preview->edit == wanted.edit;
    wanted.exact = is_there;
    return wanted;
}

bool Runner::want(const hsa::Wanted& wanted, const std::string& preview) {
    hsa::LookRequest request;
    request.snapshot = snapshot_;
    request.wanted = wanted;
    request.wanted.preview = preview_of(preview);
    request.other = other_.state().snapshot;
    request.attention = session_.document.attention;
    request.selection = session_.document.selection;
    request.time_limit = session_.document.compute.time_limit;
    const auto same = [&](const hsa::LookRequest& other) {
        return other.snapshot == request.snapshot && other.other == request.other &&
               other.wanted == request.wanted && other.attention == request.attention &&
               other.selection == request.selection && other.time_limit == request.time_limit;
    };
    const bool there = look_->id == look_id_;
    // Fits come a few heads at a time, so that everything else stays quick.
    const bool more_fits = there && wanted.heads && wanted.heads->fits && look_->heads &&
                           look_->heads->fitted < look_->heads->thumbnails.size();
    if (same(look_requested_) && !more_fits) return there;
    request.id = ++look_id_;
    request.asked = std::make_shared<const hsa::Request>(requested_);
    request.previous = look_;
    look_requested_ = request;
    engine_->look(std::move(request));
    return false;
}

void Runner::wait_look(const hsa::Wanted& wanted) {
    while (!want(wanted)) {
        wait_a_little();
        take_news();
    }
}

}  // namespace splatscope
