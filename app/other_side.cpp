#include "app/other_side.h"

#include "app/commands/compared.h"
#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/attention/near_factors.h"
#include "engine/core/error.h"
#include "engine/model/level_coordinates.h"
#include "engine/stages.h"

#include <fmt/core.h>

#include <chrono>
#include <span>
#include <utility>

namespace splatscope {
namespace {

constexpr const char* kStays = " What was read before stays.";

using SnapshotPointer = std::shared_ptr<const hsa::Snapshot>;

// What of the Document another side is made from: what was picked and what ran here is not of it.
Document beginnings(const Document& document) {
    Document part = document;
    part.selection = {};
    part.kept.clear();
    part.names.clear();
    part.compare.data_hash = 0;
    part.timeline = {};
    if (part.compare.kind != CompareKind::branch) part.branches.clear();
    return part;
}

// The first side as it was after another cycle.
SnapshotPointer at_cycle(const SnapshotPointer& shown, std::int32_t cycle, hsa::Backend& backend,
                         const hsa::Work& work) {
    auto then = std::make_shared<hsa::Snapshot>(*shown);
    then->cycle = cycle;
    then->registry = hsa::registry_at(*shown->history, cycle);
    // Levels may have come and gone since.
    then->coordinates = std::make_shared<const hsa::Coordinates>(
        hsa::coordinates_for(std::span(&shown->coordinates, 1), *then->registry, work));
    hsa::FactorOptions options;
    options.temperature = shown->temperature;
    options.causal = shown->causal;
    auto factors = std::make_shared<const hsa::Factors>(
        hsa::factors_beside(backend, *then->registry, *then->coordinates, options,
                            shown->target.get(), shown->near, work));
    then->sums = std::make_shared<const hsa::TileSums>(hsa::tile_sums(*factors, work));
    then->factors = std::move(factors);
    return then;
}

}  // namespace

void share_memory(hsa::Request& request) {
    constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
    request.compute.memory =
        static_cast<double>(hsa::memory_budget(request.compute)) / (2.0 * kGiB);
}

void OtherSide::forget() {
    if (engine_)
        // Ending waits for its threads, which is not for the window to do.
        ending_ = std::async(std::launch::async,
                             [before = std::move(ending_), old = std::move(engine_)]() mutable {
                                 old.reset();
                                 if (before.valid()) before.wait();
                             });
    state_ = {};
    followed_.reset();
    requested_.reset();
    last_.reset();
    of_cycle_ = {};
    cycle_ = {};
    again_ = false;
    told_choice_ = {};
    told_note_.clear();
}

// Why a card of these lanes was given up: once for each choice of a backend.
std::string OtherSide::newly_lost() {
    const hsa::BackendState state = engine_->backend_state();
    if (!(state.choice == told_choice_)) {
        told_choice_ = state.choice;
        told_note_.clear();
    }
    if (state.info.note == told_note_) return {};
    told_note_ = state.info.note;
    return told_note_.empty() ? "" : "What is compared with: " + told_note_;
}

void OtherSide::fail(std::string sentence, int code) {
    state_.stage = OtherState::Stage::failed;
    state_.snapshot = nullptr;
    state_.progress = {};
    state_.error = std::move(sentence);
    state_.error_code = code;
}

void OtherSide::follow(const Session& session, const SnapshotPointer& shown, hsa::Engine& lanes) {
    const Document& document = session.document;
    const CompareKind kind = document.compare.kind;
    if (kind == CompareKind::none || document.sources.empty()) {
        if (followed_) forget();
        return;
    }
    const bool other_kind = !followed_ || followed_->compare.kind != kind;
    if (kind == CompareKind::target) {
        if (other_kind) forget();
        followed_ = beginnings(document);
        state_.stage = OtherState::Stage::ready;
        state_.name = compared_name(document.compare);
        return;
    }
    if (kind == CompareKind::cycle) {
        if (other_kind) forget();
        followed_ = beginnings(document);
        follow_cycle(session, shown, lanes);
        return;
    }
    Document now = beginnings(document);
    if (followed_ && now == *followed_ && followed_backend_ == session.desk.backend_asked) return;
    followed_backend_ = session.desk.backend_asked;
    const bool again = followed_ && now.compare.kind == CompareKind::file &&
                       followed_->compare.kind == CompareKind::file &&
                       now.compare.argument == followed_->compare.argument;
    if (other_kind || of_cycle_.shown) forget();
    followed_ = std::move(now);
    state_.name = compared_name(document.compare);
    try {
        ask_lanes(request_of(compared_session(session, options_.read_sample)), again);
    } catch (const hsa::Error& error) {
        // What could not even be begun is told as what failed later.
        requested_.reset();
        unsaid_ = error.what();
        if (again && last_) unsaid_ += kStays;
        else fail(error.what(), error.exit_code());
    }
}

void OtherSide::ask_lanes(hsa::Request request, bool again) {
    share_memory(request);
    if (requested_ && request.same_work(*requested_) &&
        state_.stage != OtherState::Stage::cancelled && state_.stage != OtherState::Stage::failed)
        return;
    if (!engine_) {
        hsa::Engine::Options options;
        options.backend = request.backend;
        options.backend_must = false;
        options.offered = options_.offered;
        options.read_sample = options_.read_sample;
        options.on_news = options_.on_news;
        engine_ = std::make_unique<hsa::Engine>(std::move(options));
    }
    again_ = again && last_ != nullptr;
    if (!again_) {
        last_.reset();
        state_.snapshot.reset();
    }
    request.id = next_id_++;
    requested_ = request;
    state_.stage = OtherState::Stage::coming;
    state_.error.clear();
    state_.error_code = 0;
    engine_->request(std::move(request));
}

void OtherSide::follow_cycle(const Session& session, const SnapshotPointer& shown,
                             hsa::Engine& lanes) {
    if (!shown->complete || !shown->factors || !shown->history || !shown->coordinates) return;
    const std::int32_t cycle = compared_number(session.document.compare);
    state_.name = compared_name(session.document.compare);
    const OfCycle wanted{shown, cycle, session.document.compare.version};
    if (wanted == of_cycle_) return;
    of_cycle_ = wanted;
    if (cycle < 0 || cycle > shown->history->last()) {
        fail(fmt::format("There is no cycle {} to compare with: cycles 0 to {} are there.", cycle,
                         shown->history->last()),
             1);
        return;
    }
    auto made = std::make_shared<std::promise<SnapshotPointer>>();
    cycle_ = made->get_future();
    state_.stage = OtherState::Stage::coming;
    state_.error.clear();
    lanes.ask([made, shown, cycle](hsa::Backend& backend, const hsa::Work& work) {
        try {
            made->set_value(at_cycle(shown, cycle, backend, work));
        } catch (...) {
            made->set_exception(std::current_exception());
        }
    });
}

std::string OtherSide::take_news() {
    if (!unsaid_.empty()) return std::exchange(unsaid_, {});
    if (cycle_.valid() && cycle_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
        try {
            state_.snapshot = cycle_.get();
            state_.stage = OtherState::Stage::ready;
        } catch (const hsa::Cancelled&) {
            state_.stage = OtherState::Stage::cancelled;
        } catch (const hsa::Error& error) {
            fail(error.what(), error.exit_code());
            return state_.error;
        } catch (const std::exception& error) {
            fail(std::string("The program failed at the second side: ") + error.what(), 70);
            return state_.error;
        }
    }
    if (!engine_) return {};
    if (state_.stage == OtherState::Stage::coming) state_.progress = engine_->progress();
    const SnapshotPointer fresh = engine_->take_snapshot();
    std::string lost = newly_lost();
    if (!fresh || !requested_ || fresh->request_id != requested_->id) return lost;
    if (!fresh->error.empty()) {
        std::string why = lost.empty() ? fresh->error : fresh->error + " " + lost;
        if (again_ && !fresh->dataset) {
            state_.snapshot = last_;
            state_.stage = OtherState::Stage::ready;
            state_.progress = {};
            return why + kStays;
        }
        fail(why, fresh->error_code);
        return why;
    }
    if (fresh->cancelled) {
        state_.stage = OtherState::Stage::cancelled;
        state_.progress = {};
        return lost;
    }
    if (!fresh->complete) {
        if (!again_) state_.snapshot = fresh;
        return lost;
    }
    state_.stage = OtherState::Stage::ready;
    state_.progress = {};
    state_.snapshot = last_ = fresh;
    return lost;
}

void OtherSide::cancel() {
    if (engine_ && state_.stage == OtherState::Stage::coming) engine_->cancel();
}

void OtherSide::wait_news() {
    if (engine_) engine_->wait_news();
}

}  // namespace splatscope
