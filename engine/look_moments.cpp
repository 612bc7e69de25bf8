#include "engine/look_moments.h"

#include "engine/attention/picture.h"
#include "engine/core/time_limit.h"

#include <memory>
#include <utility>

namespace hsa {

bool has_event(const LookRequest& request) {
    const History& history = *request.snapshot->history;
    return request.selection.event &&
           *request.selection.event < history.event_count(history.last());
}

// What the selected event found and left, kept while pictures of it are wanted.
void add_changes(const LookRequest& request, Backend& backend, const Work& work,
                 LookResult& result) {
    if (request.wanted.changes.empty() || !has_event(request)) return;
    const Snapshot& snapshot = *request.snapshot;
    const LookResult* const previous = request.previous.get();
    const bool same = previous != nullptr && previous->event_factors && previous->of &&
                      previous->event_factors->index == *request.selection.event &&
                      previous->of->history == snapshot.history &&
                      previous->of->coordinates == snapshot.coordinates &&
                      previous->of->temperature == snapshot.temperature &&
                      previous->of->causal == snapshot.causal;
    if (same) {
        result.event_factors = previous->event_factors;
    } else {
        EventFactors made = event_factors(snapshot, *request.selection.event, backend, work);
        add_event_sums(made);
        result.event_factors = std::make_shared<const EventFactors>(std::move(made));
    }
    const EventFactors& factors = *result.event_factors;
    if (!factors.any()) return;
    for (const PictureRequest& wanted : request.wanted.changes) {
        const auto known = [&](const std::vector<std::shared_ptr<const Picture>>& pictures) {
            std::shared_ptr<const Picture> found;
            for (const auto& old : pictures)
                if (same && old->request == wanted) found = old;
            return found;
        };
        const auto picture = [&](const Factors& of, const TileSums& sums,
                                 std::shared_ptr<const Picture> old) {
            if (old) return old;
            return std::shared_ptr<const Picture>(std::make_shared<Picture>(
                attention_picture(of, sums, wanted, AttentionSettings{}, work, &backend)));
        };
        result.before.push_back(picture(*factors.before, *factors.sums_before,
                                        previous ? known(previous->before) : nullptr));
        result.after.push_back(picture(*factors.after, *factors.sums_after,
                                       previous ? known(previous->after) : nullptr));
    }
}

// Of the event last peeked at everything is kept, of the selected one its factors.
void add_peek(const LookRequest& request, Backend& backend, const Work& work, LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    if (!request.wanted.peek || !snapshot.history) return;
    const PeekWanted& wanted = *request.wanted.peek;
    if (wanted.event >= snapshot.history->event_count(snapshot.history->last())) return;
    const LookResult* const previous = request.previous.get();
    const Peek* known = nullptr;
    if (previous != nullptr && previous->peek && previous->of &&
        previous->of->history == snapshot.history &&
        previous->of->coordinates == snapshot.coordinates &&
        previous->of->temperature == snapshot.temperature &&
        previous->of->causal == snapshot.causal && previous->peek->wanted.event == wanted.event)
        known = previous->peek.get();
    if (known != nullptr && known->wanted == wanted) {
        result.peek = previous->peek;
        return;
    }
    auto peek = std::make_shared<Peek>();
    peek->wanted = wanted;
    if (known != nullptr) {
        peek->factors = known->factors;
    } else if (result.event_factors && result.event_factors->index == wanted.event) {
        peek->factors = result.event_factors;
    } else {
        EventFactors made = event_factors(snapshot, wanted.event, backend, work);
        add_event_sums(made);
        peek->factors = std::make_shared<const EventFactors>(std::move(made));
    }
    const EventFactors& factors = *peek->factors;
    if (factors.any()) {
        peek->before = std::make_shared<const Picture>(
            attention_picture(*factors.before, *factors.sums_before, wanted.picture,
                              AttentionSettings{}, work, &backend));
        peek->after = std::make_shared<const Picture>(
            attention_picture(*factors.after, *factors.sums_after, wanted.picture,
                              AttentionSettings{}, work, &backend));
    }
    result.peek = std::move(peek);
}

// The second side, kept while pictures of it are wanted.
void add_second(const LookRequest& request, Backend& backend, const Work& work,
                LookResult& result) {
    const std::optional<std::int32_t> cycle = request.wanted.second_cycle;
    const Snapshot& snapshot = *request.snapshot;
    if (!cycle || request.wanted.seconds.empty() || *cycle < 0 || *cycle > snapshot.history->last())
        return;
    const LookResult* const previous = request.previous.get();
    const bool same = previous != nullptr && previous->second && previous->of &&
                      previous->second->cycle == *cycle &&
                      previous->of->history == snapshot.history &&
                      previous->of->coordinates == snapshot.coordinates &&
                      previous->of->temperature == snapshot.temperature &&
                      previous->of->causal == snapshot.causal &&
                      previous->of->registry->hierarchy == snapshot.registry->hierarchy;
    result.second =
        same ? previous->second
             : std::make_shared<const SecondSide>(second_side(snapshot, *cycle, backend, work));
    for (const PictureRequest& wanted : request.wanted.seconds) {
        std::shared_ptr<const Picture> picture;
        if (same)
            for (const auto& old : previous->seconds)
                if (old->request == wanted) picture = old;
        if (!picture)
            picture = std::make_shared<const Picture>(
                second_picture(*result.second, snapshot.registry->hierarchy, wanted,
                               in_time(work, request.time_limit)));
        result.seconds.push_back(std::move(picture));
    }
}

}  // namespace hsa
