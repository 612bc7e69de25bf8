#include "engine/look.h"

#include "engine/attention/finish.h"
#include "engine/attention/target_picture.h"
#include "engine/check.h"
#include "engine/core/error.h"
#include "engine/core/time_limit.h"
#include "engine/explain/axes.h"
#include "engine/look_moments.h"
#include "engine/model/heads.h"

#include <algorithm>
#include <utility>

namespace hsa {
namespace {

// The picked block inside the tokens, or nothing.
std::optional<Block> block_of(const Selection& selection, std::size_t n) {
    if (!selection.block) return std::nullopt;
    Block block = *selection.block;
    block.rows.end = std::min(block.rows.end, n);
    block.columns.end = std::min(block.columns.end, n);
    if (block.rows.empty() || block.columns.empty()) return std::nullopt;
    return block;
}

// What the waterfall explains.
std::shared_ptr<const CellParts> parts_of(const Snapshot& snapshot, const Block& block) {
    if (block.rows.size() == 1 && block.columns.size() == 1)
        return std::make_shared<CellParts>(
            cell_parts(*snapshot.factors, block.rows.begin, block.columns.begin));
    return std::make_shared<CellParts>(block_parts(*snapshot.factors, *snapshot.sums, block));
}

// Far links are looked for where they are found at once: by counts, the same on every machine.
constexpr std::size_t kLinkNumbers = std::size_t{1} << 28U;  // tokens x splats ...
constexpr std::size_t kLinkSums = std::size_t{1} << 33U;     // ... x picked tokens

// What the picked tokens attend to and what attends to them: nothing where none is left.
// `at_once`: while a hand moves, far links are left out.
std::shared_ptr<const Asked> asked_of(const std::vector<Range>& picked, const Factors& factors,
                                      bool at_once, const Work& work) {
    std::vector<Range> tokens;
    for (const Range& range : picked)
        if (range.begin < factors.tokens())
            tokens.push_back({range.begin, std::min(range.end, factors.tokens())});
    if (total_size(tokens) == 0) return nullptr;
    const std::size_t numbers = factors.tokens() * factors.columns();
    AskWanted wanted;
    if (at_once || numbers > kLinkNumbers || total_size(tokens) > kLinkSums / numbers)
        wanted.links = 0;
    return std::make_shared<const Asked>(ask(factors, tokens, wanted, work));
}

// Traits of the tokens, those of `previous` where these are the same.
void add_traits(const LookRequest& request, LookResult& result) {
    if (result.traits) return;
    const LookResult* previous = request.previous.get();
    if (previous != nullptr && previous->traits && previous->of &&
        previous->of->dataset == request.snapshot->dataset)
        result.traits = previous->traits;
    else result.traits = std::make_shared<Traits>(token_traits(*request.snapshot->dataset));
}

// Of one column: taken from that of all, where these are known.
void add_what_it_does(const LookRequest& request, std::size_t column, const Work& work,
                      LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    if (result.specialisations && column < result.specialisations->splats.size()) {
        result.does = std::make_shared<SplatSpecialisation>(result.specialisations->splats[column]);
        return;
    }
    add_traits(request, result);
    Specialisations one = specialisations(*snapshot.dataset, *result.traits, *snapshot.factors,
                                          std::span(&column, 1), work);
    result.does = std::make_shared<SplatSpecialisation>(std::move(one.splats.front()));
}

void add_specialisations(const LookRequest& request, bool same_factors, const Work& work,
                         LookResult& result) {
    constexpr std::size_t kMost = std::size_t{1} << 28U;
    const Snapshot& snapshot = *request.snapshot;
    if (same_factors) result.specialisations = request.previous->specialisations;
    if (result.specialisations || !request.wanted.specialisations ||
        snapshot.factors->tokens() * snapshot.factors->columns() > kMost)
        return;
    add_traits(request, result);
    result.specialisations = std::make_shared<Specialisations>(
        specialisations(*snapshot.dataset, *result.traits, *snapshot.factors, work));
}

// Kept while nobody looks at it, as long as it is of the same attention and target.
void add_flow(const LookRequest& request, bool same_factors, const Work& work, LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    if (same_factors && request.previous->of->target == snapshot.target)
        result.flow = request.previous->flow;
    if (result.flow || !request.wanted.flow) return;
    result.flow = std::make_shared<Flow>(
        attention_flow(*snapshot.dataset, *snapshot.factors, *snapshot.sums,
                       snapshot.registry->hierarchy, snapshot.target.get(), work));
}

// Kept as the flow of attention is.
void add_levels(const LookRequest& request, bool same_factors, const Work& work,
                LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    if (same_factors && request.previous->of->registry == snapshot.registry)
        result.levels = request.previous->levels;
    if (request.previous && request.previous->of == request.snapshot)
        result.advice = request.previous->advice;
    if (!request.wanted.levels) return;
    if (!result.levels)
        result.levels =
            std::make_shared<LevelFlow>(level_flow(*snapshot.factors, *snapshot.registry, work));
    if (!result.advice && snapshot.complete && snapshot.factors_exact)
        result.advice = std::make_shared<const LevelAdvice>(level_advice(snapshot, work));
}

void add_paths(const LookRequest& request, LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    const std::vector<Range>& tokens = request.selection.tokens;
    if (!result.levels || !request.wanted.levels || tokens.empty() ||
        tokens.front().begin >= snapshot.factors->tokens())
        return;
    result.paths = std::make_shared<TokenPaths>(
        token_paths(*snapshot.factors, *snapshot.registry, *result.levels, tokens.front().begin));
}

void add_selection(const LookRequest& request, Backend& backend, const Work& work,
                   LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    const Selection& selection = request.selection;
    const std::size_t n = snapshot.factors->tokens();
    auto lit =
        std::make_shared<Linked>(linked(selection, *snapshot.factors, *snapshot.sums,
                                        *snapshot.registry, *snapshot.history, snapshot.cycle));
    result.asked =
        asked_of(selection.tokens, *snapshot.factors, snapshot.preview == PreviewKind::coarse,
                 in_time(work, request.time_limit));
    if (result.asked) light(*lit, answering_tokens(*result.asked));
    result.linked = std::move(lit);
    if (const std::optional<Block> block = block_of(selection, n)) {
        result.block = parts_of(snapshot, *block);
        result.finished = finished_mean(*snapshot.factors, *block, request.attention, work);
    }
    if (!selection.tokens.empty() && selection.tokens.front().begin < n) {
        const std::size_t token = selection.tokens.front().begin;
        result.token = std::make_shared<TokenCard>(token_card(*snapshot.factors, token));
        if (const Values values = values_of(*snapshot.dataset); values.rows.rows == n)
            result.output = std::make_shared<OutputChain>(
                output_chain(*snapshot.factors, values.rows, token, std::nullopt, false));
    }
    if (!selection.splats.empty() && snapshot.measures &&
        snapshot.registry->find(selection.splats.front())) {
        result.splat = std::make_shared<SplatCard>(
            splat_card(*snapshot.factors, *snapshot.registry, *snapshot.measures, *snapshot.history,
                       snapshot.cycle, selection.splats.front()));
        if (snapshot.preview == PreviewKind::none)
            add_what_it_does(request, snapshot.registry->row(selection.splats.front()), work,
                             result);
    }
    if (snapshot.preview != PreviewKind::none || !has_event(request)) return;
    const bool at_hand =
        result.event_factors != nullptr && result.event_factors->index == *selection.event;
    result.event = std::make_shared<EventCard>(event_card(
        snapshot,
        at_hand ? *result.event_factors : event_factors(snapshot, *selection.event, backend, work),
        work));
}

// Rows that tell how far both sides are apart: fewer of long texts, none of those where even they
// would take long.
std::size_t compared_rows(std::size_t n) {
    constexpr std::size_t kMostCells = std::size_t{1} << 20U;
    constexpr std::size_t kFewest = 8;
    const std::size_t rows = std::min(kComparedRows, kMostCells / std::max<std::size_t>(n, 1));
    return rows < kFewest ? 0 : rows;
}

// Pictures of the other side, in its own tokens, and how far it is from what is shown.
void add_other(const LookRequest& request, bool same_factors, Backend& backend, const Work& work,
               LookResult& result) {
    if (!request.other) return;
    const Snapshot& other = *request.other;
    if (!other.factors || !other.sums || !other.factors_exact) return;
    result.other = request.other;
    const LookResult* const previous = request.previous.get();
    const bool same = previous != nullptr && previous->other &&
                      previous->other->factors == other.factors &&
                      previous->attention == request.attention;
    for (const PictureRequest& wanted : request.wanted.others) {
        std::shared_ptr<const Picture> picture;
        for (const auto& old : same ? previous->others : result.others)
            if (old->request == wanted) picture = old;
        if (!picture)
            picture = std::make_shared<Picture>(
                attention_picture(*other.factors, *other.sums, wanted, request.attention,
                                  in_time(work, request.time_limit), &backend));
        result.others.push_back(std::move(picture));
    }
    const Snapshot& first = *request.snapshot;
    const std::size_t rows = compared_rows(first.factors->tokens());
    if (!first.factors_exact || rows == 0 || first.factors->tokens() != other.factors->tokens())
        return;
    if (same && same_factors) result.comparison = previous->comparison;
    if (!result.comparison && request.wanted.comparison)
        result.comparison = std::make_shared<const Comparison>(
            compare(*first.factors, first.registry->hierarchy, *other.factors,
                    other.registry->hierarchy, work, rows));
}

// The heads of the snapshot's data, those of `previous` and the next fits where these are wanted.
void add_heads(const LookRequest& request, Backend& backend, const Work& work, LookResult& result) {
    // While nobody looks at them they are kept: fits take their time.
    if (request.previous) result.heads = request.previous->heads;
    if (!request.wanted.heads || !request.snapshot->dataset || !request.asked) return;
    HeadGridRequest heads;
    heads.dataset = request.snapshot->dataset;
    if (head_count(*heads.dataset) == 0) return;
    heads.request = *request.asked;
    heads.reading.target = heads.request.first_settings.target;
    heads.reading.causal = heads.request.first_settings.causal;
    if (request.snapshot->coordinates && request.snapshot->dataset->head)
        heads.reading.masked = request.snapshot->coordinates->masked;
    heads.pixels = request.wanted.heads->pixels;
    heads.fits = request.wanted.heads->fits;
    result.heads =
        head_grid(backend, heads, request.previous ? request.previous->heads.get() : nullptr, work);
}

// Kept while the same blocks of the same attention are wanted.
void add_strongest(const LookRequest& request, bool same_factors, const Work& work,
                   LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    if (!request.wanted.strongest) return;
    if (same_factors && request.previous->strongest &&
        request.previous->strongest->wanted == *request.wanted.strongest)
        result.strongest = request.previous->strongest;
    else
        result.strongest = std::make_shared<const StrongestBlocks>(
            strongest_blocks(*snapshot.factors, *snapshot.sums, *request.wanted.strongest, work));
}

// What is wrong with a complete snapshot: once for each.
void add_health(const LookRequest& request, Backend& backend, const Work& work,
                LookResult& result) {
    if (!request.wanted.health || !request.asked || !request.snapshot->complete) return;
    if (request.previous && request.previous->health && request.previous->of == request.snapshot)
        result.health = request.previous->health;
    else
        result.health = std::make_shared<const HealthReport>(
            check_health(*request.snapshot, *request.asked, backend, work));
}

// Kept while the same rows of the same snapshot are wanted.
void add_listing(const LookRequest& request, const Work& work, LookResult& result) {
    if (!request.wanted.listing || !request.snapshot->dataset) return;
    const Listing* previous = request.previous ? request.previous->listing.get() : nullptr;
    const bool same = previous != nullptr && previous->of == request.snapshot;
    if (same && previous->wanted == *request.wanted.listing) {
        result.listing = request.previous->listing;
        return;
    }
    result.listing = std::make_shared<const Listing>(
        make_listing(request.snapshot, *request.wanted.listing, previous, work));
    compute_columns(*result.listing, work);
}

// Kept part by part, as long as it is of the same attention and data.
void add_text(const LookRequest& request, bool same_factors, const Work& work, LookResult& result) {
    if (!request.wanted.text || !request.snapshot->dataset) return;
    const bool same = same_factors && request.previous->of->dataset == request.snapshot->dataset;
    result.text = std::make_shared<const TextLook>(
        text_look(*request.snapshot, *request.wanted.text,
                  same ? request.previous->text.get() : nullptr, work));
}

// Kept while the same splats stand among the same coordinates.
void add_tour(const LookRequest& request, const Work& work, LookResult& result) {
    const Snapshot& snapshot = *request.snapshot;
    if (!request.wanted.tour || !snapshot.layout || !snapshot.coordinates ||
        request.wanted.tour->level >= snapshot.coordinates->levels.size())
        return;
    const LookResult* previous = request.previous.get();
    const bool by_keys = snapshot.registry->form != Form::token;
    if (previous != nullptr && previous->tour && previous->of &&
        previous->tour->wanted == *request.wanted.tour &&
        previous->of->coordinates == snapshot.coordinates &&
        previous->of->registry == snapshot.registry &&
        previous->of->layout->facts.choice.level == snapshot.layout->facts.choice.level &&
        (!by_keys || previous->of->factors == snapshot.factors)) {
        result.tour = previous->tour;
        return;
    }
    result.tour = std::make_shared<const TourSpace>(tour_space(
        *snapshot.coordinates,
        axes_level(snapshot.registry->hierarchy, snapshot.layout->facts.choice.level),
        *snapshot.registry, by_keys ? &snapshot.factors->k : nullptr, *request.wanted.tour, work));
}

}  // namespace

namespace {

// What is slow and not what a hand at a splat is after stays as it was until the gesture ends.
void keep_while_previewed(const LookResult& previous, LookResult& result) {
    if (previous.selection == result.selection) {
        result.does = previous.does;
        result.event = previous.event;
    }
    result.heads = previous.heads;
    result.health = previous.health;
    result.listing = previous.listing;
    result.specialisations = previous.specialisations;
    result.flow = previous.flow;
    result.levels = previous.levels;
    result.advice = previous.advice;
    result.paths = previous.paths;
    result.second = previous.second;
    result.seconds = previous.seconds;
    result.event_factors = previous.event_factors;
    result.before = previous.before;
    result.after = previous.after;
    result.tour = previous.tour;
}

// The request of the preview of its snapshot; the request itself where there is none to be shown.
LookRequest preview_request(LookRequest request, Backend& backend, const Work& work) {
    const LookResult* const previous = request.previous.get();
    if (previous != nullptr && previous->previewed == request.snapshot &&
        previous->preview == request.wanted.preview) {
        request.snapshot = previous->of;
        return request;
    }
    try {
        if (auto preview = preview_of(*request.snapshot, *request.asked, *request.wanted.preview,
                                      backend, work))
            request.snapshot = std::move(preview);
    } catch (const Cancelled&) {
        throw;
    } catch (const std::exception&) {
        // It cannot be done, or there is no memory for it: the command will say why. Until then all
        // stays as it is, or as it was had while the hand moved.
        if (previous != nullptr && previous->previewed == request.snapshot && previous->preview &&
            previous->preview->edit == request.wanted.preview->edit)
            request.snapshot = previous->of;
    }
    return request;
}

// `real` is the snapshot of the request or, of a preview, the one that it is of.
std::shared_ptr<LookResult> look_at(const LookRequest& request, const Snapshot* real,
                                    Backend& backend, const Work& work) {
    auto result = std::make_shared<LookResult>();
    result->id = request.id;
    result->of = request.snapshot;
    result->selection = request.selection;
    const Snapshot& snapshot = *request.snapshot;
    const bool is_preview = snapshot.preview != PreviewKind::none;
    const LookResult* previous = request.previous.get();
    const auto snapshot_of = [](const LookResult& of) {
        return of.previewed ? of.previewed.get() : of.of.get();
    };
    if (is_preview && previous != nullptr && snapshot_of(*previous) == real) {
        keep_while_previewed(*previous, *result);
    } else if (!is_preview) {
        add_heads(request, backend, work, *result);
        add_health(request, backend, work, *result);
        add_listing(request, work, *result);
    }
    const bool same_factors =
        previous != nullptr && previous->of && previous->of->factors == snapshot.factors;
    add_text(request, same_factors, work, *result);
    if (!snapshot.factors || !snapshot.sums) return result;

    for (const PictureRequest& wanted : request.wanted.pictures) {
        std::shared_ptr<const Picture> picture;
        if (same_factors && previous->attention == request.attention) {
            for (const auto& old : previous->pictures)
                if (old->request == wanted &&
                    (old->missing_rows == 0 || previous->time_limit == request.time_limit))
                    picture = old;
        }
        if (!picture)
            picture = std::make_shared<Picture>(
                attention_picture(*snapshot.factors, *snapshot.sums, wanted, request.attention,
                                  in_time(work, request.time_limit), &backend));
        result->pictures.push_back(std::move(picture));
    }
    result->attention = request.attention;
    result->time_limit = request.time_limit;
    const bool same_target =
        previous != nullptr && previous->of && previous->of->target == snapshot.target;
    for (const PictureRequest& wanted : request.wanted.targets) {
        if (!snapshot.target) break;
        std::shared_ptr<const Picture> picture;
        for (const auto& old : previous != nullptr ? previous->targets : result->targets)
            if (same_target && old->request == wanted) picture = old;
        if (!picture)
            picture = std::make_shared<Picture>(target_picture(*snapshot.target, wanted, work));
        result->targets.push_back(std::move(picture));
    }
    add_other(request, same_factors, backend, work, *result);
    if (!snapshot.factors_exact) return result;  // rows of a sample are no tokens
    if (!is_preview) {
        add_tour(request, work, *result);
        add_specialisations(request, same_factors, work, *result);
        add_flow(request, same_factors, work, *result);
        add_levels(request, same_factors, work, *result);
        add_paths(request, *result);
        add_changes(request, backend, work, *result);
        add_second(request, backend, work, *result);
        add_peek(request, backend, work, *result);
    }
    add_strongest(request, same_factors, work, *result);

    const bool same_selection = same_factors && previous->selection == request.selection &&
                                previous->attention == request.attention &&
                                previous->of->history == snapshot.history && previous->linked;
    if (same_selection) {
        result->linked = previous->linked;
        result->block = previous->block;
        result->finished = previous->finished;
        result->asked = previous->asked;
        result->token = previous->token;
        result->output = previous->output;
        result->splat = previous->splat;
        result->does = previous->does;
        result->event = previous->event;
    } else {
        add_selection(request, backend, work, *result);
    }
    return result;
}

}  // namespace

std::shared_ptr<const LookResult> look(const LookRequest& request, Backend& backend,
                                       const Work& work) {
    if (!request.wanted.preview || !request.asked)
        return look_at(request, request.snapshot.get(), backend, work);
    const LookRequest preview = preview_request(request, backend, work);
    std::shared_ptr<LookResult> result = look_at(preview, request.snapshot.get(), backend, work);
    if (preview.snapshot != request.snapshot) {
        result->previewed = request.snapshot;
        result->preview = request.wanted.preview;
    }
    return result;
}

}  // namespace hsa
