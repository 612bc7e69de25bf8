#include "engine/adapt/measures.h"
#include "engine/attention/factors.h"
#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/embed/head.h"
#include "engine/fall_back.h"
#include "engine/first_picture.h"
#include "engine/fit/distil.h"
#include "engine/io/file.h"
#include "engine/load.h"
#include "engine/mask.h"
#include "engine/preview.h"
#include "engine/stage_cache.h"
#include "engine/stages.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <tuple>
#include <utility>

namespace hsa {
namespace {

constexpr std::size_t kTimelines = 4;  // bases whose cycles are remembered
constexpr double kLiveEvery = 0.25;    // seconds between pictures of a run in progress

using Clock = std::chrono::steady_clock;

// One run of evaluate(): the request, what is remembered, and the snapshot as it grows.
class Evaluation {
  public:
    Evaluation(const Request& request, StageCache::Impl& cache, Backend& backend,
               const EvaluateHooks& hooks, const Work& work)
        : request_(request),
          cache_(cache),
          backend_(cache.backend_for(request.compute, backend)),
          hooks_(hooks),
          work_(work) {
        snapshot_.request_id = request.id;
        snapshot_.backend = backend_.info().name;
    }

    void run() {
        if (request_.sources.empty()) {
            snapshot_.complete = true;
            publish();
            return;
        }
        load();
        embed();
        find_coordinates();
        show_sketch();
        const std::shared_ptr<const SplatRegistry> first = initial_registry();
        if (!run_ && snapshot_.coordinates->size() > kCoarseFrom &&
            find_timeline(first) == nullptr) {
            show_beginning(backend_, request_, first, snapshot_, work_);
            begun_ = true;
            publish();
        }
        adapt(first);
        show(*snapshot_.history, work_, true);
        snapshot_.complete = true;
        publish();
    }

  private:
    // Runs one stage: takes the remembered result or makes and remembers it; notes the time.
    template <class M, class Key, class Make>
    auto stage(Stage which, M& memo, Key key, Make make) {
        hooks_.entering(which);
        if (auto known = memo.find(key)) {
            note(which, 0.0, true);
            return known;
        }
        const Clock::time_point start = Clock::now();
        auto made = memo.put(std::move(key), make());
        note(which, 1e3 * seconds_since(start), false);
        return made;
    }

    void note(Stage which, double ms, bool cached) {
        const std::string name = name_of(which);
        add_time(name, ms, cached, cache_.hits[name] += cached ? 1 : 0, snapshot_.stages);
    }

    void publish() {
        snapshot_.generation = ++cache_.generation;
        snapshot_.remembered_bytes = cache_.attention.bytes(bytes_of);
        snapshot_.budget_bytes = factor_budget(request_.compute);
        hooks_.publish(std::make_shared<const Snapshot>(snapshot_));
    }

    void load() {
        const auto key = std::make_pair(request_.sources, tokenizer_stamp(request_.embed));
        const bool known = cache_.loaded.find(key) != nullptr;
        snapshot_.dataset = stage(Stage::load, cache_.loaded, key, [&] {
            return load_dataset(request_.sources, request_.embed, hooks_.read_sample,
                                memory_budget(request_.compute) / 4, work_);
        });
        // The text is on screen while the rest is computed. Which of several heads it is goes with
        // what tells the data apart, so that they come with the head.
        if (!known && !snapshot_.dataset->heads) publish();
    }

    void embed() {
        const std::shared_ptr<const Dataset> loaded = snapshot_.dataset;
        snapshot_.dataset =
            stage(Stage::embed, cache_.embedded, std::make_pair(loaded, request_.embed),
                  [&] { return stage_embed(loaded, request_.embed, cache_.models, work_); });
        add_embed_notes(*snapshot_.dataset, cache_.models, snapshot_.notes);
    }

    std::size_t level_count() const {
        constexpr std::size_t kLevels = 4;
        return request_.init.counts.empty() ? kLevels : request_.init.counts.size();
    }

    void find_coordinates() {
        if (!request_.run.empty()) {
            run_ = stage(Stage::coordinates, cache_.runs, stamp_of(request_.run),
                         [&] { return load_run(request_.run, hooks_.read_sample); });
            check_data(*run_, request_.run, *snapshot_.dataset);
            from_file_ = run_->history.cycles.front()->state->registry;
        } else if (request_.init.method == InitMethod::file)
            from_file_ = stage(Stage::coordinates, cache_.files, stamp_of(request_.init.path),
                               [&] { return load_splats(request_.init.path); });
        find_form();
        // Attention that is causal from the start gets coordinates that look back only.
        CoordinateSettings settings = request_.coordinates;
        if (settings.smoothing == Smoothing::automatic && request_.first_settings.causal)
            settings.smoothing = Smoothing::trailing;
        snapshot_.coordinates = stage(
            Stage::coordinates, cache_.coordinates,
            std::make_tuple(snapshot_.dataset, settings, level_count(), from_file_, form_), [&] {
                return std::make_shared<const Coordinates>(stage_coordinates(
                    *snapshot_.dataset, form_, from_file_.get(), level_count(), settings, work_));
            });
        const std::vector<Range>& mask = request_.attention.mask;
        const Precision precision = request_.compute.precision;
        if (!mask.empty() || !snapshot_.dataset->masked.empty() || precision != Precision::single)
            snapshot_.coordinates =
                stage(Stage::coordinates, cache_.apart,
                      std::make_tuple(snapshot_.coordinates, mask, precision),
                      [&] { return with_mask(*snapshot_.coordinates, *snapshot_.dataset, mask); });
        add_embedding_note(*snapshot_.dataset, from_file_.get(), snapshot_.notes);
        if (snapshot_.coordinates->recipe && snapshot_.coordinates->recipe->trailing)
            snapshot_.notes.emplace_back("coordinates look back only");
    }

    // Splats of a file have a form; others get the one asked for.
    void find_form() {
        const Dataset& dataset = *snapshot_.dataset;
        form_ = from_file_ ? from_file_->form : form_of(dataset, request_.attention);
        if (from_file_ && request_.attention.form.value_or(form_) != form_)
            fail(
                "attention.form {}: the splats of the file have the form {}: splats.init makes "
                "others, reset attention.form takes theirs.",
                name_of(*request_.attention.form), name_of(form_));
        if (form_ == Form::token && dataset.head)
            snapshot_.notes.emplace_back(
                "attention.form token explores the vectors: it is not this head's attention");
        if (form_ != Form::token && !dataset.head)
            snapshot_.notes.emplace_back(
                "the vectors, centred and of one length, serve as queries and as keys");
        exact_ = exact_pairs_of(request_.attention, form_, from_file_.get(), snapshot_.notes);
        check_combination(request_, exact_);
    }

    std::shared_ptr<const SplatRegistry> fitted_registry() {
        const TargetSettings& settings = request_.first_settings.target;
        NearOptions near = exact_.near;
        near.causal = request_.first_settings.causal;  // what a row sees is what is fitted
        const std::shared_ptr<const Distilled> fit = stage(
            Stage::initialise, cache_.fits,
            std::make_tuple(snapshot_.coordinates, request_.init, request_.splats, settings,
                            request_.embed, form_, near),
            [&] {
                const std::shared_ptr<const Target> target =
                    find_target(*snapshot_.dataset, *snapshot_.coordinates, settings,
                                request_.embed, near.causal);
                if (!target)
                    fail(
                        "target.source none: splats of the form {} are fitted to a target: set "
                        "target.source scores, or attention.form token.",
                        name_of(form_));
                return std::make_shared<const Distilled>(
                    distil(backend_, *snapshot_.dataset, *snapshot_.coordinates, *target, form_,
                           request_.init, request_.splats, near, work_));
            });
        snapshot_.notes.push_back(fit_sentence(*fit));
        return {fit, &fit->fit.registry};
    }

    // However they are made, after what they are warmed up on; a run has done both.
    std::shared_ptr<const SplatRegistry> initial_registry() {
        if (run_ || request_.init.warm_up.empty()) return cold_registry();
        const WarmUp warm_up = warm_up_of(request_, form_);
        const std::shared_ptr<const SplatRegistry> cold = cold_registry();
        auto warmed =
            stage(Stage::initialise, cache_.warmed,
                  std::make_tuple(cold, snapshot_.coordinates, warm_up), [&] {
                      return warmed_up(backend_, *snapshot_.dataset, *snapshot_.coordinates, cold,
                                       warm_up, hooks_.read_sample, work_);
                  });
        snapshot_.notes.push_back(warm_up_sentence(warm_up, *warmed));
        return warmed;
    }

    // Of the splats before any warm-up.
    auto initial_key() const {
        InitSettings init;
        init.method = request_.init.method;
        init.counts = request_.init.counts;
        return std::make_tuple(snapshot_.coordinates, init, request_.splats);
    }

    // Of many tokens that were not on screen yet, while the splats of cycle 0 are made. None before
    // a warm-up: one that fails leaves no splats, by which it is known to be taken back.
    void show_sketch() {
        const auto key = initial_key();
        if (from_file_ || form_ != Form::token || request_.init.method == InitMethod::distil ||
            !request_.init.warm_up.empty() || snapshot_.coordinates->size() <= kSketchFrom ||
            cache_.initial.find(key) || cache_.exact_of.lock() == snapshot_.coordinates)
            return;
        show_beginning(backend_, request_,
                       sketch_splats(backend_, *snapshot_.dataset, *snapshot_.coordinates,
                                     std::get<InitSettings>(key), request_.splats, work_),
                       snapshot_, work_);
        publish();
    }

    std::shared_ptr<const SplatRegistry> cold_registry() {
        if (from_file_) {
            check_dimension(*from_file_, request_.init.path, *snapshot_.dataset,
                            *snapshot_.coordinates);
            return from_file_;
        }
        if (form_ != Form::token) return fitted_registry();
        if (request_.init.method == InitMethod::distil)
            fail(
                "splats.init distil fits splats of the forms shared and paired: set attention.form "
                "shared first.");
        const auto key = initial_key();
        const std::shared_ptr<const Start> start =
            stage(Stage::initialise, cache_.initial, key, [&] {
                return std::make_shared<const Start>(
                    initialise(backend_, *snapshot_.dataset, *snapshot_.coordinates,
                               make_hierarchy(level_count(), snapshot_.dataset->size()),
                               std::get<InitSettings>(key), request_.splats, work_));
            });
        std::shared_ptr<const SplatRegistry> registry(start, &start->registry);
        if (!request_.init.warm_up.empty()) return registry;  // not the splats that are shown
        snapshot_.calibration = start->calibration;
        if (!start->calibration.met())
            snapshot_.notes.push_back(calibration_sentence(start->calibration));
        return registry;
    }

    CycleBase base_of(const std::shared_ptr<const SplatRegistry>& first) const {
        return {snapshot_.dataset,
                snapshot_.coordinates,
                first,
                exact_.near,
                request_.compute.storage,
                request_.embed,
                run_ ? edits_at_start(request_.run_entries) : 0};
    }

    // Moved to the front; null when none is remembered.
    CycleCache* find_timeline(const std::shared_ptr<const SplatRegistry>& first) {
        const CycleBase base = base_of(first);
        auto& timelines = cache_.timelines;
        for (auto place = timelines.begin(); place != timelines.end(); ++place) {
            if (!((*place)->base() == base)) continue;
            std::rotate(timelines.begin(), place, place + 1);
            return timelines.front().get();
        }
        return nullptr;
    }

    CycleCache& timeline(const std::shared_ptr<const SplatRegistry>& first) {
        if (CycleCache* known = find_timeline(first)) return *known;
        auto& timelines = cache_.timelines;
        timelines.push_front(std::make_unique<CycleCache>(base_of(first)));
        if (run_)
            timelines.front()->adopt(run_->history, run_->last, request_.run_settings,
                                     request_.run_entries, request_.splats.seed);
        if (timelines.size() > kTimelines) timelines.pop_back();
        return *timelines.front();
    }

    void adapt(const std::shared_ptr<const SplatRegistry>& first) {
        hooks_.entering(Stage::adapt);
        const Clock::time_point start = Clock::now();
        Clock::time_point shown = start;
        cycles_ = &timeline(first);
        bool computed = false;
        const CycleCache::Result result =
            cycles_->run(backend_, request_, work_, [&](const History& history) {
                computed = true;
                if (history.last() == 0 || history.last() == request_.last_cycle ||
                    seconds_since(shown) < kLiveEvery)
                    return;
                shown = Clock::now();
                snapshot_.history = std::make_shared<const History>(history);
                show(history, work_, false);
                publish();
            });
        note(Stage::adapt, 1e3 * seconds_since(start), !computed);
        snapshot_.history = result.history;
        snapshot_.run_settled = result.settled;
        stopped_ = result.cancelled;
    }

    // The factors, measures and layout of the cycle at the cursor.
    void show(const History& history, const Work& given, bool enter) {
        // After a stop the finished cycles are shown whole: that takes a moment and is not stopped
        // again.
        const Work work = stopped_ ? Work{} : given;
        const auto entering = [&](Stage which) {
            if (enter) hooks_.entering(which);
        };
        snapshot_.cycle = std::min(request_.cursor, history.last());
        const Cycle& cycle = *history.cycles[static_cast<std::size_t>(snapshot_.cycle)];
        const std::uint64_t hash = cycle.registry_hash;
        const std::uint64_t key = random_key(hash, snapshot_.cycle);
        snapshot_.registry = cache_.registries.find(key);
        if (!snapshot_.registry)
            snapshot_.registry = cache_.registries.put(key, registry_at(history, snapshot_.cycle));
        snapshot_.coordinates = cycles_->coordinates_for(*snapshot_.registry, work);

        entering(Stage::factor);
        const CycleSettings settings = settings_at(request_, snapshot_.cycle);
        LookKey plain{snapshot_.registry, snapshot_.coordinates, settings.temperature, 0, {},
                      settings.causal};
        plain.storage = request_.compute.storage;
        plain.backend = snapshot_.backend;
        snapshot_.target = cycles_->target_for(settings);
        plain.exact.near = exact_.near;
        plain.exact.near.causal = exact_.near.any() && settings.causal;
        if (exact_.near.any()) plain.target = snapshot_.target;
        LookKey looked = plain;
        looked.exact.window = exact_.window;
        looked.exact.blend = exact_.blend;
        if (exact_.any()) looked.target = snapshot_.target;
        looked.splats_per_token = request_.attention.splats_per_token;
        looked.mode = request_.attention.mode;
        looked.mask = request_.mask;
        std::string instead = fall_back(request_.recover, snapshot_, cycle.measures.row_kl, looked);
        if (!instead.empty()) note_first(std::move(instead));
        fresh_ = cycles_->fresh(hash, settings, snapshot_.backend);
        const bool coarse_first = enter && request_.last_cycle == 0 && !begun_ &&
                                  snapshot_.coordinates->size() > kCoarseFrom &&
                                  !cache_.attention.find(looked) && !was_previewed();
        if (coarse_first) {
            show_sample(sample_factors(backend_, looked, work), snapshot_);
            publish();
        }
        const std::shared_ptr<const LookedAt> whole = attention(plain, work);
        const std::shared_ptr<const LookedAt> seen =
            looked == plain ? whole : attention(looked, work);
        snapshot_.temperature = settings.temperature;
        snapshot_.causal = settings.causal;
        snapshot_.near = plain.exact.near;
        for (std::string& sentence : row_sentences(*snapshot_.coordinates, settings.causal))
            note_first(std::move(sentence));
        snapshot_.factors = seen->factors;
        if (!seen->note.empty()) note_first(seen->note);
        snapshot_.sums = seen->sums;
        snapshot_.factors_exact = true;
        cache_.exact_of = snapshot_.coordinates;
        cache_.exact_splats = snapshot_.registry;
        cache_.exact_entries = request_.entries.size();
        if (coarse_first || begun_) publish();  // the exact map, before measures and layout

        entering(Stage::measure);
        measure_registry(*whole, work);
        entering(Stage::layout);
        find_layout(*whole, work);
    }

    // An edit that was previewed (no undo to there): what is seen stays until it is done.
    bool was_previewed() const {
        const std::vector<HistoryEntry>& entries = request_.entries;
        return request_.previewed &&
               entries.size() >= std::max<std::size_t>(cache_.exact_entries, 1) &&
               entries.back().edit && follows_a_hand(entries.back().edit->kind) &&
               cache_.exact_of.lock() == snapshot_.coordinates &&
               cache_.exact_splats.lock() != snapshot_.registry;
    }

    std::uint64_t random_key(std::uint64_t hash, std::int32_t cycle) const {
        const std::array<std::uint64_t, 3> parts = {
            hash, static_cast<std::uint64_t>(cycle),
            reinterpret_cast<std::uintptr_t>(cycles_->base().coordinates.get())};
        return hash_values(std::span<const std::uint64_t>(parts));
    }

    std::shared_ptr<const LookedAt> attention(const LookKey& key, const Work& work) {
        if (auto known = cache_.attention.find(key)) {
            note(Stage::factor, 0.0, true);
            return known;
        }
        const Clock::time_point start = Clock::now();
        auto made = std::make_shared<LookedAt>(
            stage_attention(backend_, key, key.plain() ? fresh_.factors : nullptr,
                            memory_budget(request_.compute), work));
        note(Stage::factor, 1e3 * seconds_since(start), false);
        std::shared_ptr<const LookedAt> kept = cache_.attention.put(key, std::move(made));
        // What cycles are measured with and what is looked at are both needed.
        cache_.measured.limit(
            cache_.attention.keep_within(factor_budget(request_.compute), 2, bytes_of));
        return kept;
    }

    // Ahead of the other notes, once: that is what the status line shows.
    void note_first(std::string sentence) {
        std::vector<std::string>& notes = snapshot_.notes;
        if (std::find(notes.begin(), notes.end(), sentence) == notes.end())
            notes.insert(notes.begin(), std::move(sentence));
    }

    void measure_registry(const LookedAt& whole, const Work& work) {
        const MeasureOptions options =
            measure_options(request_, snapshot_.cycle, *snapshot_.registry);
        const std::string text = fmt::format("{} {} {} {}", options.seed, options.fit_seed,
                                             options.probe_rows, fmt::join(options.lambda, " "));
        const auto key = std::make_tuple(whole.factors, snapshot_.target, hash_text(text));
        std::shared_ptr<const Measured> known = cache_.measured.find(key);
        if (known) {
            note(Stage::measure, 0.0, true);
        } else {
            const Clock::time_point start = Clock::now();
            auto made = std::make_shared<Measured>();
            made->measures = fresh_.measures;
            if (!made->measures)
                made->measures = std::make_shared<const Measures>(
                    measure(*whole.factors, *snapshot_.registry, backend_, *snapshot_.coordinates,
                            snapshot_.target.get(), options, work));
            made->names = std::make_shared<const std::vector<std::string>>(
                stage_names(*snapshot_.dataset, *whole.factors));
            made->parent_share = std::make_shared<const std::vector<float>>(
                stage_parent_share(backend_, *snapshot_.coordinates, *snapshot_.registry, work));
            note(Stage::measure, 1e3 * seconds_since(start), false);
            known = cache_.measured.put(key, std::move(made));
        }
        snapshot_.measures = known->measures;
        snapshot_.names = with_given_names(known->names, request_.names, *snapshot_.registry);
        snapshot_.parent_share = known->parent_share;
    }

    void find_layout(const LookedAt& whole, const Work& work) {
        const auto key = std::make_tuple(snapshot_.measures, snapshot_.coordinates, request_.axes);
        std::shared_ptr<const Layout> known = cache_.layouts.find(key);
        if (known) {
            note(Stage::layout, 0.0, true);
        } else {
            const Clock::time_point start = Clock::now();
            const bool by_keys = snapshot_.registry->form != Form::token;
            known = cache_.layouts.put(
                key, std::make_shared<const Layout>(stage_layout(
                         *snapshot_.coordinates, *snapshot_.registry, *cycles_->base().registry,
                         snapshot_.measures->usage, by_keys ? &whole.factors->k : nullptr, work,
                         request_.axes, &backend_)));
            note(Stage::layout, 1e3 * seconds_since(start), false);
        }
        snapshot_.layout = known;
    }

    const Request& request_;
    StageCache::Impl& cache_;
    Backend& backend_;
    const EvaluateHooks& hooks_;
    const Work& work_;
    Snapshot snapshot_;
    std::shared_ptr<const SplatRegistry> from_file_;
    std::shared_ptr<const RunFile> run_;
    Form form_ = Form::token;
    ExactPairs exact_;
    CycleCache::Fresh fresh_;
    bool begun_ = false;  // the splats of cycle 0 are on screen
    CycleCache* cycles_ = nullptr;
    bool stopped_ = false;
};

}  // namespace

void evaluate(const Request& request, StageCache& cache, Backend& backend,
              const EvaluateHooks& hooks, const Work& work) {
    Evaluation(request, cache.impl(), backend, hooks, work).run();
}

}  // namespace hsa
