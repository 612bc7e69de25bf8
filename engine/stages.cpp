#include "engine/stages.h"

#include "engine/adapt/faults.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/level_settings.h"
#include "engine/attention/packed_factors.h"
#include "engine/attention/sparse_rows.h"
#include "engine/core/error.h"
#include "engine/core/free_memory.h"
#include "engine/core/parallel.h"
#include "engine/corpus.h"
#include "engine/embed/cooccurrence.h"
#include "engine/embed/coordinates.h"
#include "engine/embed/head.h"
#include "engine/explain/axes.h"
#include "engine/explain/layout.h"
#include "engine/explain/names.h"
#include "engine/io/mapped_file.h"
#include "engine/mask.h"
#include "engine/model/heads.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace hsa {
namespace {

constexpr std::size_t kNameWords = 4;
constexpr std::size_t kBlockShare = 32;      // of the memory that one block of tokens may take
constexpr std::size_t kMostBlock = 65536;    // tokens
constexpr std::size_t kSplatsPerToken = 16;  // of sparse factors where nothing is set

// Tokens whose P, K and coordinates are formed together.
std::size_t tokens_at_once(const SplatRegistry& registry, const Coordinates& coordinates,
                           std::size_t budget) {
    const std::size_t numbers =
        2 * (registry.size() + 1) + (coordinates.levels.size() + 1) * coordinates.dimension();
    const std::size_t fit = budget / kBlockShare / (numbers * sizeof(float));
    return std::clamp(fit / kChunkRows, std::size_t{1}, kMostBlock / kChunkRows) * kChunkRows;
}

}  // namespace

CycleSettings settings_at(const Request& request, std::int32_t cycle) {
    CycleSettings settings = request.first_settings;
    for (const HistoryEntry& entry : request.entries)
        if (entry.settings && entry.cycle <= cycle) settings = *entry.settings;
    return settings;
}

namespace {

// The states of a layer, or a head's queries, keys and values.
std::shared_ptr<const Dataset> embedded_by_model(const std::shared_ptr<const Dataset>& words,
                                                 const EmbedSettings& settings, Models& models,
                                                 const Work& work) {
    const std::shared_ptr<const ModelText> text = models.text(words, settings, work);
    const std::size_t last = text->heads()->layers() - 1;
    const HeadIndex at{settings.layer.value_or(last), settings.head.value_or(0)};
    Dataset named;  // what check_head says it of
    named.source = text->model().folder;
    named.heads = text->heads();
    check_head(named, at);
    if (!settings.head) return text->with_states(at.layer, work);
    (void)text->head_states().after(at.layer, work);  // where it can be told to stop
    auto with_heads = std::make_shared<Dataset>(*words);
    with_heads->heads = text->heads();
    with_heads->embedding_id = fmt::format("model:{:016x}", text->model().transformer->hash);
    with_heads->dtype = "float32";
    return head_data(with_heads, at);
}

}  // namespace

std::shared_ptr<const Dataset> stage_embed(const std::shared_ptr<const Dataset>& loaded,
                                           const EmbedSettings& settings, Models& models,
                                           const Work& work) {
    if (model_embeds(*loaded, settings)) return embedded_by_model(loaded, settings, models, work);
    if (settings.method == EmbedMethod::model)
        fail("{} {}, and embed.method is model: open a text alone, or set embed.method auto.",
             loaded->source, loaded->text ? "has vectors of its own" : "holds no text");
    std::shared_ptr<const Dataset> dataset = with_head(loaded, settings);
    const bool from_file = !dataset->embeddings.rows.empty();
    if (from_file && settings.method != EmbedMethod::cooccurrence) return dataset;
    if (settings.method == EmbedMethod::file)
        fail(
            "{} holds no vectors, and embed.method is file: open a file of vectors beside it, or "
            "set embed.method auto.",
            dataset->source);
    auto embedded = std::make_shared<Dataset>(*dataset);
    embedded->embeddings = embed_cooccurrence(*dataset, work);
    embedded->embedding_id = fmt::format("cooccurrence:{:016x}", loaded->hash);
    embedded->dtype = "float32";
    return embedded;
}

void add_embed_notes(const Dataset& dataset, const Models& models,
                     std::vector<std::string>& notes) {
    if (const auto place = head_place(dataset)) notes.push_back(head_sentence(*place));
    if (std::string sentence = models.sentence(dataset); !sentence.empty())
        notes.push_back(std::move(sentence));
    if (dataset.embedding_id.starts_with("cooccurrence"))
        notes.emplace_back("words are embedded by their co-occurrence in this text");
}

namespace {

Coordinates made_coordinates(const Dataset& dataset, Form form, const SplatRegistry* from_file,
                             std::size_t levels, const CoordinateSettings& settings,
                             const Work& work) {
    if (form != Form::token)
        return head_coordinates(dataset, from_file != nullptr ? from_file->hierarchy.size() : 1);
    if (from_file == nullptr)
        return estimate_coordinates(dataset, make_hierarchy(levels, dataset.size()), settings,
                                    work);
    return from_file->coordinates ? apply_coordinates(dataset, from_file->coordinates, work)
                                  : raw_coordinates(dataset, from_file->hierarchy.size());
}

}  // namespace

Coordinates stage_coordinates(const Dataset& dataset, Form form, const SplatRegistry* from_file,
                              std::size_t levels, const CoordinateSettings& settings,
                              const Work& work) {
    Coordinates made = made_coordinates(dataset, form, from_file, levels, settings, work);
    finish_reading(dataset.embeddings.owner);
    return made;
}

void add_embedding_note(const Dataset& dataset, const SplatRegistry* from_file,
                        std::vector<std::string>& notes) {
    if (from_file == nullptr || !from_file->coordinates ||
        from_file->coordinates->embedding == dataset.embedding_id)
        return;
    const bool corpus = from_file->coordinates->embedding.starts_with(kCorpusEmbedding);
    if (corpus && dataset.embedding_id.starts_with("cooccurrence"))
        fail(
            "{} has vectors of its own words' co-occurrence, and the splats are of a corpus of a "
            "model's vectors, which mean something else: open such vectors of this text.",
            dataset.source);
    notes.emplace_back(corpus ? "the splats are a corpus's: splats made for these data are better"
                              : "the splats were made with other embeddings than these");
}

void check_data(const RunFile& run, const std::string& path, const Dataset& dataset) {
    if (run.dataset_hash != dataset.hash)
        fail("{}: this run belongs to other data ({}) than {}: open the data it was made with.",
             path, run.source, dataset.source);
}

void check_dimension(const SplatRegistry& from_file, const std::string& path,
                     const Dataset& dataset, const Coordinates& coordinates) {
    if (from_file.dimension != coordinates.dimension())
        fail("{}: the splats have {} dimensions and {} has {}: open the data they were made for.",
             path, from_file.dimension, dataset.source, coordinates.dimension());
}

std::string calibration_sentence(const Calibration& calibration) {
    return fmt::format(
        "a splat's usage at cycle 0 is {:.0f} % from its share, wanted {:.0f}: the best of {} "
        "rounds",
        100.0 * calibration.largest_deviation, 100.0 * Calibration::kClose, calibration.rounds);
}

std::vector<std::string> row_sentences(const Coordinates& coordinates, bool causal) {
    std::vector<std::string> sentences;
    const CoordinateRecipe* recipe = coordinates.recipe.get();
    const bool looks_ahead =  // a level is smoothed both ways
        recipe != nullptr && !recipe->trailing &&
        std::any_of(recipe->levels.begin(), recipe->levels.end(),
                    [](const LevelCoordinates& level) { return level.h > 0.0; });
    if (causal && looks_ahead)
        sentences.emplace_back(
            "attention is causal, but its coordinates are smoothed over tokens that follow: set "
            "coordinates.smoothing trailing");
    if (!coordinates.masked.empty()) sentences.push_back(mask_sentence(coordinates, causal));
    return sentences;
}

void add_time(const std::string& name, double ms, bool cached, std::size_t hits,
              std::vector<StageTime>& times) {
    auto time = std::find_if(times.begin(), times.end(),
                             [&](const StageTime& t) { return t.name == name; });
    if (time == times.end()) time = times.insert(time, {name, 0.0, true, 0});
    time->ms += ms;
    time->cached = time->cached && cached;
    time->hits = hits;
}

std::shared_ptr<const SplatRegistry> with_level_temperatures(const SplatRegistry& registry,
                                                             const LevelMask& mask) {
    auto warmed = std::make_shared<SplatRegistry>(registry);
    bool any = false;
    for (const auto& [name, temperature] : mask.temperature) {
        const std::optional<std::size_t> level = registry.hierarchy.index_of(name);
        if (!level) continue;
        any = true;
        for (const std::size_t row : registry.rows_of_level(*level))
            warmed->beta[row] =
                static_cast<float>(static_cast<double>(warmed->beta[row]) / temperature);
    }
    if (!any) return nullptr;
    return warmed;
}

std::size_t memory_budget(const ComputeSettings& compute) {
    constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;
    return compute.memory > 0.0 ? static_cast<std::size_t>(compute.memory * kGiB)
                                : machine_memory() / 2;
}

std::size_t factor_budget(const ComputeSettings& compute) { return memory_budget(compute) / 4; }

std::size_t bytes_of(const LookedAt& looked) {
    const Factors& factors = *looked.factors;
    std::size_t bytes = factors.p.bytes() + factors.k.bytes();
    bytes += (looked.sums->p.size() + looked.sums->k.size()) * sizeof(double);
    if (factors.causal) bytes += factors.causal->weight.bytes();
    return bytes;
}

void check_combination(const Request& request, const ExactPairs& exact) {
    const AttentionSettings& asked = request.attention;
    const ComputeSettings& compute = request.compute;
    const bool causal =
        request.first_settings.causal ||
        std::any_of(request.entries.begin(), request.entries.end(), [](const HistoryEntry& entry) {
            return entry.settings && entry.settings->causal;
        });
    const char* mode = asked.mode == AttentionMode::sparse ? "sparse" : "spatial";
    if (asked.mode != AttentionMode::dense && causal)
        fail(
            "attention.mode {}: sparse factors have no sums over the past: set attention.causal "
            "false, or attention.mode dense.",
            mode);
    if (asked.mode != AttentionMode::dense && exact.any())
        fail(
            "attention.mode {}: exact pairs stand beside all splats of a token: set "
            "attention.window, attention.near and attention.anchors to 0, or attention.mode dense.",
            mode);
    if (compute.storage != Storage::float32 && causal)
        fail(
            "compute.storage: causal attention weighs every splat by sums over the past, which few "
            "bits would spoil: set compute.storage float32, or attention.causal false.");
    if (compute.storage != Storage::float32 && exact.any())
        fail(
            "compute.storage: the far part beside exact pairs needs all its digits: set "
            "compute.storage float32, or attention.window, attention.near and attention.anchors to "
            "0.");
}

LookedAt stage_attention(Backend& backend, const LookKey& key, std::shared_ptr<const Factors> known,
                         std::size_t budget, const Work& work) {
    LookedAt made;
    const std::shared_ptr<const SplatRegistry> warmed =
        with_level_temperatures(*key.registry, key.mask);
    const SplatRegistry& registry = warmed ? *warmed : *key.registry;
    if (key.mode != AttentionMode::dense) {
        SparseOptions options;
        options.splats = key.splats_per_token == 0 ? kSplatsPerToken : key.splats_per_token;
        options.spatial = key.mode == AttentionMode::spatial;
        options.temperature = key.temperature;
        options.mask = key.mask;
        const auto sparse = std::make_shared<const SparseFactors>(
            compute_sparse_factors(backend, registry, *key.coordinates, options, work));
        made.factors = std::make_shared<const Factors>(factors_of(sparse));
        made.note = sparse_sentence(*sparse);
    } else {
        FactorOptions options = key.options();
        options.tokens_at_once = tokens_at_once(*key.registry, *key.coordinates, budget);
        if (!known)
            known = std::make_shared<const Factors>(with_exact_pairs(
                key.exact, registry, *key.coordinates, key.target.get(),
                compute_factors(backend, registry, *key.coordinates, options, work), work));
        made.factors = std::move(known);
        if (key.exact.any())
            made.note = exact_pairs_sentence(key.exact, *made.factors, *key.registry);
        else if (made.factors->packing) made.note = packing_sentence(*made.factors);
    }
    made.sums = std::make_shared<const TileSums>(tile_sums(*made.factors, work));
    return made;
}

MeasureOptions measure_options(const Request& request, std::int32_t cycle,
                               const SplatRegistry& registry) {
    const CycleSettings settings = settings_at(request, cycle);
    MeasureOptions options;
    options.seed = settings.adapt.seed.value_or(request.splats.seed);
    options.probe_rows = settings.adapt.probe_rows;
    options.lambda = level_lambdas(settings.adapt, registry.hierarchy);
    options.temperature = settings.temperature;
    options.fit_seed = request.splats.seed;
    return options;
}

std::vector<std::string> stage_names(const Dataset& dataset, const Factors& factors) {
    return splat_names(dataset, factors, kNameWords);
}

std::shared_ptr<const std::vector<std::string>> with_given_names(
    const std::shared_ptr<const std::vector<std::string>>& made,
    const std::map<SplatId, std::string>& given, const SplatRegistry& registry) {
    if (given.empty()) return made;
    auto names = std::make_shared<std::vector<std::string>>(*made);
    for (const auto& [splat, name] : given)
        if (const auto row = registry.find(splat); row && *row < names->size())
            (*names)[*row] = name;
    return names;
}

std::vector<float> stage_parent_share(Backend& backend, const Coordinates& coordinates,
                                      const SplatRegistry& registry, const Work& work) {
    return parent_overlap(backend, coordinates, registry, work).own;
}

Layout stage_layout(const Coordinates& coordinates, const SplatRegistry& registry,
                    const SplatRegistry& first, std::vector<double> usage, const FactorMatrix* keys,
                    const Work& work, const AxesChoice& axes, Backend* backend) {
    std::string refused;
    if (axes.kind != AxesKind::splats) {
        try {
            return projected(chosen_axes(axes, coordinates, registry.hierarchy, work), coordinates,
                             registry, work, keys, backend);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::input) throw;
            refused = error.what();
        }
    }
    std::optional<Layout> reference;
    if (keys == nullptr)
        reference = splat_layout({}, first, std::vector<double>(first.size(), 1.0), nullptr, work);
    Layout layout = splat_layout(coordinates, registry, usage, reference ? &*reference : nullptr,
                                 work, keys, backend);
    layout.facts.choice = axes;
    layout.facts.note = refused;
    layout.facts.refused = !refused.empty();
    return layout;
}

}  // namespace hsa
