#include "app/runner.h"

#include "app/runner_told.h"
#include "app/samples.h"
#include "app/settings.h"
#include "app/timeline.h"
#include "engine/core/error.h"
#include "engine/io/cut_short.h"
#include "engine/io/file.h"
#include "engine/io/json.h"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <mutex>
#include <utility>

namespace splatscope {
namespace {

// Samples, and standard input, which can be read once and is wanted by who detects and who loads.
hsa::SampleReader make_reader() {
    struct Input {
        std::mutex mutex;
        std::optional<std::string> bytes;
    };
    return [input = std::make_shared<Input>()](const std::string& name) {
        if (name != "-") return read_sample(name);
        const std::lock_guard lock(input->mutex);
        if (!input->bytes) input->bytes = hsa::read_file("-");
        return *input->bytes;
    };
}

}  // namespace

Runner::Runner(Options options)
    : options_(std::move(options)),
      session_(options_.start),
      snapshot_(std::make_shared<hsa::Snapshot>()),
      look_(std::make_shared<hsa::LookResult>()),
      read_sample_(make_reader()) {
    if (!options_.backend.empty()) set_setting(session_, "compute.backend", options_.backend);
    hsa::Engine::Options engine;
    engine.backend.name = get_setting(session_, "compute.backend");
    engine.backend_must = !options_.backend.empty();
    engine.offered = options_.offered;
    engine.read_sample = read_sample_;
    engine.on_news = options_.on_news;
    engine_ = std::make_unique<hsa::Engine>(std::move(engine));
    other_.begin({read_sample_, options_.on_news, options_.offered});
    for (const std::string& note : engine_->notes()) options_.log(LogLevel::info, note);
    session_.document.timeline.first = cycle_settings(session_);
}

Runner::~Runner() = default;

Session Runner::session_to_keep() const {
    Session kept = session_;
    if (!options_.backend.empty() && kept.desk.backend_asked == 0)
        kept.desk.backend = options_.start.desk.backend;
    return kept;
}

void Runner::submit(const std::string& line) {
    if (!options_.accepts || options_.accepts(line)) lines_.push_back(line);
}

std::vector<Outcome> Runner::poll() {
    take_news();
    watch_files();
    std::vector<Outcome> outcomes = std::exchange(notices_, {});
    give_up(outcomes);
    if (std::optional<Outcome> outcome = poll_sequence()) outcomes.push_back(std::move(*outcome));
    while (!lines_.empty() && !sequence_ && !searching()) {
        const std::string line = lines_.front();
        bool ready = true;
        try {
            const std::vector<std::string> words = split_words(line);
            if (!words.empty()) ready = ready_for(find_command(words[0]), words);
        } catch (const hsa::Error&) {
            // execute() meets the same error and reports it.
        }
        if (!ready) break;
        lines_.pop_front();
        std::optional<Outcome> outcome = execute(line);
        if (outcome && !sequence_) outcomes.push_back(std::move(*outcome));
    }
    if (!lines_.empty() && !sequence_) stop_at_once(outcomes);
    // A lane answers in order: of each the first that is not ready ends the search.
    bool waits[2] = {false, false};  // for the look lane, for questions that take long
    for (auto asked = asked_.begin(); asked != asked_.end();) {
        bool& wait = waits[asked->row->apart ? 1 : 0];
        wait = wait || !asked->ready();
        if (wait) {
            ++asked;
            continue;
        }
        Asked answered = std::move(*asked);
        asked = asked_.erase(asked);
        outcomes.push_back(outcome_of(std::move(answered)));
    }
    return outcomes;
}

// What stops the work does not wait behind lines that wait for it.
void Runner::stop_at_once(std::vector<Outcome>& outcomes) {
    const auto stop = std::find_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
        return line == "cancel" || line.starts_with("cancel ") || line == "adapt.pause";
    });
    if (stop == lines_.end()) return;
    const std::string line = *stop;
    lines_.erase(stop);
    if (std::optional<Outcome> outcome = execute(line)) outcomes.push_back(std::move(*outcome));
}

Outcome Runner::run(const std::string& line) {
    try {
        const std::vector<std::string> words = split_words(line);
        if (!words.empty() && !ready_for(find_command(words[0]), words)) {
            wait_complete();
            while (waits_for_other(find_command(words[0]), words) && !other_.state().settled()) {
                wait_a_little(other_.has_lanes());
                take_news();
            }
        }
    } catch (const hsa::Error&) {
        // execute() meets the same error and reports it.
    }
    const auto failed = std::find_if(notices_.begin(), notices_.end(),
                                     [](const Outcome& notice) { return notice.exit_code != 0; });
    if (failed != notices_.end()) {
        Outcome outcome = std::move(*failed);
        notices_.erase(failed);
        return outcome;
    }
    // What was selected goes on to the words of a file that was read again.
    while (searching()) {
        const auto at = std::find_if(asked_.begin(), asked_.end(),
                                     [](const Asked& asked) { return asked.found.valid(); });
        while (!at->ready()) wait_a_little();
        Asked found = std::move(*at);
        asked_.erase(at);
        if (Outcome outcome = outcome_of(std::move(found)); outcome.exit_code != 0) return outcome;
    }
    if (std::optional<Outcome> outcome = execute(line)) {
        while (sequence_) {
            wait_complete();
            if (std::optional<Outcome> end = continue_sequence()) return std::move(*end);
        }
        return std::move(*outcome);
    }
    Asked asked = std::move(asked_.back());
    asked_.pop_back();
    while (!asked.ready()) wait_a_little();
    return outcome_of(std::move(asked));
}

// Pictures, and what is asked of both sides.
bool Runner::waits_for_other(const CommandRow& row, const std::vector<std::string>& words) const {
    const bool prints = row.name == "print" || row.name == "expect";
    constexpr std::array<std::string_view, 5> kDraw = {
        "view.export", "view.sequence", "view.copy_picture", "view.compare", "report.save"};
    return row.needs_other || std::find(kDraw.begin(), kDraw.end(), row.name) != kDraw.end() ||
           (prints && words.size() > 1 && words[1].starts_with("compare"));
}

bool Runner::ready_for(const CommandRow& row, const std::vector<std::string>& words) const {
    if (waits_for_other(row, words) && !other_.state().settled()) return false;
    if (row.kind == CommandKind::change && !row.needs_data) return true;
    constexpr std::array<std::string_view, 5> kDraw = {
        "view.export", "view.sequence", "view.copy_picture", "view.compare", "report.save"};
    if (row.kind == CommandKind::control &&
        std::find(kDraw.begin(), kDraw.end(), row.name) == kDraw.end())
        return true;
    return complete();
}

std::optional<Outcome> Runner::execute(const std::string& line) {
    const auto began = std::chrono::steady_clock::now();
    bool waits = false;
    Outcome outcome = told(line, [&](Outcome& made) {
        std::vector<std::string> words = split_words(line);
        if (words.empty()) return;
        const CommandRow& row = find_command(words[0]);
        const Args args(words.begin() + 1, words.end());
        switch (row.kind) {
            case CommandKind::change:
                if (row.search) {
                    search(row, args, line);
                    waits = true;
                } else {
                    change(row, args, line);
                }
                break;
            case CommandKind::control:
                row.control(control(row.name, line, made), session_, args);
                break;
            case CommandKind::question:
            case CommandKind::file:
                ask(row, args, line);
                waits = true;
                break;
        }
    });
    if (options_.log.tells(LogLevel::info)) {
        const std::chrono::duration<double, std::milli> ms =
            std::chrono::steady_clock::now() - began;
        options_.log(LogLevel::info, fmt::format("{}  ({:.1f} ms)", line, ms.count()));
    }
    if (waits) return std::nullopt;
    return outcome;
}

void Runner::change(const CommandRow& row, const Args& args, const std::string& line) {
    Session changed = session_;
    row.change({changed, *snapshot_, read_sample_, now_}, args);
    adopt(std::move(changed), row, line);
}

void Runner::adopt(Session changed, const CommandRow& row, const std::string& line) {
    if (changed == session_) return;
    const Document& then = session_.document;
    const Document& now = changed.document;
    Cause cause{line, 0, now.sources != then.sources,
                now.init.path != then.init.path || now.init.warm_up != then.init.warm_up ||
                    now.run != then.run};
    if (row.undoable && !(now == then)) {
        cause.step = undo_.remember(then, line);
        edits_.note(cause.step, then.timeline.entries, now.timeline.entries);
    }
    session_ = std::move(changed);
    log_.push_back(line);
    if (request_if_needed()) cause_ = std::move(cause);
}

// True when there was something new to ask for.
bool Runner::request_if_needed() {
    know_files();
    other_.follow(session_, snapshot_, *engine_);
    hsa::Request request = request_of(session_);
    if (other_.has_lanes()) share_memory(request);
    if (request.same_work(requested_)) return false;
    request.id = next_id_++;
    request.previewed = preview() != nullptr && previewing_->edit && !request.entries.empty() &&
                        request.entries != requested_.entries &&
                        request.entries.back().edit == previewing_->edit;
    // Other data are asked for: what was read again is not waited for any more.
    const auto same_files = [](const hsa::Source& a, const hsa::Source& b) {
        return a.path == b.path && a.as == b.as;
    };
    if (reload_ && !std::equal(request.sources.begin(), request.sources.end(),
                               reload_->requested.sources.begin(), reload_->requested.sources.end(),
                               same_files))
        reload_.reset();
    requested_ = request;
    engine_->request(std::move(request));
    return true;
}

// The same once more: files that it names have other contents.
void Runner::request_again() {
    requested_.id = next_id_++;
    know_files();
    engine_->request(requested_);
}

void Runner::take_news() {
    std::shared_ptr<const hsa::Snapshot> fresh = engine_->take_snapshot();
    if (fresh && !hold_back(*fresh)) {
        const std::shared_ptr<const hsa::Snapshot> before = std::exchange(snapshot_, fresh);
        if (reload_ && before == reload_->shown) end_reload(*fresh);
        other_.follow(session_, snapshot_, *engine_);
        if (complete()) {
            settle_run();
            tell_stages();
            drop_failed_edit();
        }
    }
    tell_backend();
    tell_cut_file();
    if (const std::string fault = other_.take_news(); !fault.empty()) {
        options_.log(LogLevel::warning, fault);
        notices_.push_back({"", "", fault, 0});
    }
    compare_data();
    std::shared_ptr<const hsa::LookResult> answered = engine_->take_look();
    // The last preview of a gesture that has ended says nothing any more.
    if (answered && (previewing_ || !answered->previewed)) look_ = std::move(answered);
}

// A run that came to rest, or was stopped, asked for more cycles than there are: the Session then
// says how many there are. It is the same step of undo as the run.
void Runner::settle_run() {
    if (!snapshot_->history) return;
    Timeline& timeline = session_.document.timeline;
    const std::int32_t finished = snapshot_->history->last();
    const bool may_end = timeline.until_quiet || !timeline.until_events.empty();
    if (finished >= timeline.last && !may_end) return;
    if (!snapshot_->error.empty()) return;
    pause_at(session_, finished);
    hsa::Request request = request_of(session_);
    request.id = requested_.id;  // the snapshot at hand is the answer to this as well
    requested_ = request;
}

bool Runner::complete() const {
    if (session_.document.sources.empty()) return true;
    return snapshot_->request_id == requested_.id && (snapshot_->complete || snapshot_->cancelled);
}

void Runner::wait_complete() {
    while (!complete()) {
        wait_a_little();
        take_news();
    }
}

// Told once a choice: a card that failed, what it was to compute is there all the same; and one
// that cannot be had, which is an error where it was asked for in this run.
void Runner::tell_backend() {
    const hsa::BackendState state = engine_->backend_state();
    if (!told_backend_ || told_backend_->choice != state.choice)
        told_backend_ = hsa::BackendState{{}, {}, state.choice};
    const auto tell = [this](std::string& told, const std::string& now, Outcome outcome) {
        if (now.empty() || !told.empty()) return;
        told = now;
        options_.log(LogLevel::warning, now);
        outcome.error = now;
        notices_.push_back(std::move(outcome));
    };
    const bool asked = state.choice.asked > 0;
    tell(told_backend_->refusal, state.refusal,
         {asked ? "set compute.backend " + state.choice.name : "", "", "", asked ? 1 : 0});
    tell(told_backend_->info.note, state.info.note, {});
    if (told_backend_->info.on_cpu != state.info.on_cpu) {
        told_backend_->info.on_cpu = state.info.on_cpu;
        if (!state.info.on_cpu.empty())
            options_.log(LogLevel::info, fmt::format("{} leaves to the CPU: {}", state.info.name,
                                                     fmt::join(state.info.on_cpu, ", ")));
    }
}

// What is missing of a file that is used where it lies reads as zeros: told once, and the program
// goes on.
void Runner::tell_cut_file() {
    if (!snapshot_->dataset) return;
    const std::string sentence = hsa::cut_short(snapshot_->dataset->embeddings.owner);
    if (sentence.empty() || sentence == told_cut_) return;
    told_cut_ = sentence;
    options_.log(LogLevel::warning, sentence);
    notices_.push_back({"", "", sentence + "; what it lacks counts as zeros until then.", 0});
}

// A session tells which data it was saved with: others are shown, but not in silence.
void Runner::compare_data() {
    const auto tell = [this](std::uint64_t wanted, const hsa::Dataset* dataset,
                             std::uint64_t& compared) {
        if (wanted == 0 || dataset == nullptr || dataset->hash == wanted ||
            dataset->hash == compared)
            return;
        compared = dataset->hash;
        const std::string sentence = fmt::format(
            "{} is not what it was when this session was saved: selections and cycles may not fit "
            "it.",
            dataset->source);
        options_.log(LogLevel::warning, sentence);
        notices_.push_back({"", "", sentence, 0});
    };
    if (complete()) tell(session_.document.data_hash, snapshot_->dataset.get(), compared_);
    const OtherState& second = other_.state();
    if (second.stage == OtherState::Stage::ready && second.snapshot)
        tell(session_.document.compare.data_hash, second.snapshot->dataset.get(), compared_other_);
}

void Runner::wait_a_little(bool for_second) {
    if (options_.interrupted && options_.interrupted()) {
        engine_->cancel();
        other_.cancel();
        throw Interrupted();
    }
    if (for_second) other_.wait_news();
    else engine_->wait_news();
    if (options_.on_wait) options_.on_wait(progress());
}

void Runner::tell_stages() const {
    if (options_.log.tells(LogLevel::info))
        for (const std::string& note : snapshot_->notes) options_.log(LogLevel::info, note);
    if (!options_.log.tells(LogLevel::debug)) return;
    for (const hsa::StageTime& stage : snapshot_->stages)
        options_.log(LogLevel::debug,
                     fmt::format("{}: {}", stage.name,
                                 stage.cached ? std::string("known already")
                                              : fmt::format("{:.1f} ms", stage.ms)));
}

ProgramControl Runner::control(const std::string& command, const std::string& line, Outcome& made) {
    ProgramControl program;
    program.undo = [this] {
        if (!undo_.undo(session_.document)) hsa::fail("There is nothing to undo.");
        request_if_needed();
    };
    program.redo = [this] {
        if (!undo_.redo(session_.document)) hsa::fail("There is nothing to redo.");
        request_if_needed();
    };
    program.quit = [this] {
        if (options_.quit) options_.quit();
    };
    program.pause = [this] { engine_->cancel(); };
    program.cancel = [this](const std::string& job) { cancel(job); };
    program.reload = [this](const std::string& path) { reload(path); };
    program.run = [this](const std::string& line) {
        const std::optional<Outcome> outcome = execute(line);
        if (outcome && !outcome->error.empty())
            throw hsa::Error(static_cast<hsa::ErrorKind>(outcome->exit_code), outcome->error);
    };
    program.window = [this, command](WindowAction action) {
        if (!window_)
            hsa::fail("{} needs a window: start the program without --headless.", command);
        window_(action);
    };
    program.export_view = [this](const PictureAsked& asked) { draw_into(asked); };
    program.copy_picture = [this, &made](const PictureAsked& asked) {
        made.output = copy_picture(asked);
    };
    program.compare_picture = [this, &made](PictureAsked asked, const PictureBound& bound) {
        made.output = compare_picture(std::move(asked), bound);
    };
    program.sequence = [this, line](PictureSequence asked) {
        begin_sequence(std::move(asked), line);
    };
    program.save_report = [this, &made](const std::string& path, bool overwrite) {
        made.output = save_report(path, overwrite);
    };
    return program;
}

}  // namespace splatscope
