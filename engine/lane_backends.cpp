#include "engine/lane_backends.h"

#include "engine/core/error.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace hsa {
namespace {

CardMemory memory_of(const Backend& backend) {
    const auto* card = dynamic_cast<const SaysCardMemory*>(&backend);
    return card == nullptr ? CardMemory{} : card->card_memory();
}

}  // namespace

LaneBackends::LaneBackends(const BackendChoice& choice, std::vector<BackendEntry> offered,
                           bool must)
    : offered_(std::move(offered)), resolved_for_(choice), wanted_(choice) {
    Seat& first = seats_.front();
    std::string why;
    try {
        first.backend = make(choice.name, notes_);
    } catch (const Error& error) {
        if (must) throw;
        why = error.what();
        first.backend = make("auto", notes_);
    }
    tell(*first.backend, choice, why);
    resolved_ = state_.info.name;
    for (Seat& seat : seats_) {
        seat.choice = choice;
        if (!seat.backend) seat.backend = make_alike(why.empty() ? choice.name : "auto", notes_);
    }
}

std::unique_ptr<Backend> LaneBackends::make(const std::string& name,
                                            std::vector<std::string>& notes) const {
    return make_backend(name, notes, offered_);
}

// As the lane before found it, without trying again what it passed over.
std::unique_ptr<Backend> LaneBackends::make_alike(const std::string& name,
                                                  std::vector<std::string>& notes) const {
    std::vector<std::string> repeated;
    try {
        return make(resolved_, repeated);
    } catch (const Error& why) {
        if (name != "auto" || resolved_ == "cpu") throw;
        notes.emplace_back(why.what());
        return make("cpu", repeated);
    }
}

void LaneBackends::want(const BackendChoice& choice) {
    const std::lock_guard lock(mutex_);
    wanted_ = choice;
}

BackendState LaneBackends::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

BackendChoice LaneBackends::wanted() const {
    const std::lock_guard lock(mutex_);
    return wanted_;
}

Backend& LaneBackends::of(std::size_t lane) {
    Seat& seat = seats_.at(lane);
    if (!(seat.choice == wanted())) take_up(seat);
    return *seat.backend;
}

void LaneBackends::take_up(Seat& seat) {
    const std::lock_guard making(making_);
    const BackendChoice choice = wanted();
    const bool first = !(resolved_for_ == choice);
    const BackendInfo before = seat.backend->info();
    seat.choice = choice;
    std::string why;
    // One that is named, at work and well is what was asked for.
    if (before.name != choice.name || !before.note.empty()) {
        std::vector<std::string> passed;
        try {
            seat.backend = first ? make(choice.name, passed) : make_alike(choice.name, passed);
        } catch (const std::exception& error) {  // a thread or memory that cannot be had, too
            why = error.what();
        }
        if (!first && why.empty() && !passed.empty() && seat.backend->info().name != resolved_) {
            const std::lock_guard lock(mutex_);
            if (state_.choice == choice && state_.info.note.empty())
                state_.info.note = passed.back();
        }
    }
    if (first) {
        resolved_for_ = choice;
        resolved_ = why.empty() ? seat.backend->info().name : choice.name;
    }
    if (first || !why.empty()) tell(*seat.backend, choice, why);
}

void LaneBackends::tell(const Backend& backend, const BackendChoice& choice,
                        const std::string& why) {
    BackendState now{backend.info(), {}, choice, memory_of(backend)};
    if (!why.empty())
        now.refusal =
            fmt::format("{} cannot be had ({}); {} goes on.", choice.name, why, now.info.name);
    const std::lock_guard lock(mutex_);
    state_ = std::move(now);
}

void LaneBackends::hear(std::size_t lane) {
    const Seat& seat = seats_.at(lane);
    BackendInfo info = seat.backend->info();
    const CardMemory memory = memory_of(*seat.backend);
    const std::lock_guard lock(mutex_);
    if (!(state_.choice == seat.choice) || !state_.info.note.empty()) return;
    state_.memory = memory;
    // What any lane left since the choice: lanes differ in the room their cards had.
    std::vector<std::string>& left = state_.info.on_cpu;
    for (const std::string& words : info.on_cpu)
        if (std::find(left.begin(), left.end(), words) == left.end()) left.push_back(words);
    if (!info.note.empty()) state_.info = std::move(info);
}

}  // namespace hsa
