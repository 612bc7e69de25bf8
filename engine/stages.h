#pragma once

#include "engine/adapt/measures.h"
#include "engine/attention/factors.h"
#include "engine/attention/target.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/engine.h"
#include "engine/exact_pairs.h"
#include "engine/io/run.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/factors.h"
#include "engine/model/layout.h"
#include "engine/model/measures.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"
#include "engine/models.h"
#include "engine/snapshot.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

// What single stages of evaluate() do, without what is remembered of them.
namespace hsa {

// The settings in force at a cycle, for temperature and the objective.
[[nodiscard]] CycleSettings settings_at(const Request& request, std::int32_t cycle);

// The data with the head that is asked for and with vectors: their own, of a model, or of
// co-occurrence. Throws Error where there are none of the kind asked for (embed/head.h).
[[nodiscard]] std::shared_ptr<const Dataset> stage_embed(
    const std::shared_ptr<const Dataset>& loaded, const EmbedSettings& settings, Models& models,
    const Work& work);

// What the screen says of where the vectors come from.
void add_embed_notes(const Dataset& dataset, const Models& models, std::vector<std::string>& notes);

// The coordinates of a form: of a file's splats (null: of splats to be made) or of `levels` levels.
[[nodiscard]] Coordinates stage_coordinates(const Dataset& dataset, Form form,
                                            const SplatRegistry* from_file, std::size_t levels,
                                            const CoordinateSettings& settings, const Work& work);

// Says that a file's splats (null: none) were made with other embeddings than the data's. Throws
// Error for those of a corpus on a text's own co-occurrence.
void add_embedding_note(const Dataset& dataset, const SplatRegistry* from_file,
                        std::vector<std::string>& notes);

// Throws Error where the run of the file `path` was made with other data.
void check_data(const RunFile& run, const std::string& path, const Dataset& dataset);

// Throws Error where splats of the file `path` do not lie in the coordinates of the data.
void check_dimension(const SplatRegistry& from_file, const std::string& path,
                     const Dataset& dataset, const Coordinates& coordinates);

// What the screen says of a calibration that did not meet its shares.
[[nodiscard]] std::string calibration_sentence(const Calibration& calibration);

// What the screen says of the tokens that rows see, causal or not, in the order they are noted.
[[nodiscard]] std::vector<std::string> row_sentences(const Coordinates& coordinates, bool causal);

// One run of a stage more; `hits` of its remembered results so far.
void add_time(const std::string& name, double ms, bool cached, std::size_t hits,
              std::vector<StageTime>& times);

// The registry as it is looked at: betas over the temperatures of their levels (null: as it is).
[[nodiscard]] std::shared_ptr<const SplatRegistry> with_level_temperatures(
    const SplatRegistry& registry, const LevelMask& mask);

// What of the request the looked-at factors depend on beside the registry.
struct LookKey {
    std::shared_ptr<const SplatRegistry> registry;
    std::shared_ptr<const Coordinates> coordinates;
    double temperature = 1.0;
    std::size_t splats_per_token = 0;
    LevelMask mask;
    bool causal = false;
    AttentionMode mode = AttentionMode::dense;
    Storage storage = Storage::float32;              // of dense factors
    ExactPairs exact = {};                           // its near set is causal as this is
    std::shared_ptr<const Target> target = nullptr;  // of the exact scores, where there are pairs
    std::string backend = {};                        // that forms them

    [[nodiscard]] FactorOptions options() const {
        return {temperature, splats_per_token, mask, causal && !exact.near.any(), storage};
    }
    // The factors that cycles are measured with.
    [[nodiscard]] bool plain() const {
        return exact.window == 0 && splats_per_token == 0 && mask == LevelMask{} &&
               mode == AttentionMode::dense;
    }
    bool operator==(const LookKey&) const = default;
};

struct LookedAt {
    std::shared_ptr<const Factors> factors;
    std::shared_ptr<const TileSums> sums;
    std::string note;  // for the screen: what is left out or approximate
};

// Bytes that the settings allow, and what of them remembered factors may take.
[[nodiscard]] std::size_t memory_budget(const ComputeSettings& compute);
[[nodiscard]] std::size_t factor_budget(const ComputeSettings& compute);
[[nodiscard]] std::size_t bytes_of(const LookedAt& looked);

// Throws Error for what the request combines and no A has.
void check_combination(const Request& request, const ExactPairs& exact);

// The factors in the mode and storage of the key, and their sums. `known`: null, or the key's
// factors where they are at hand. `budget`: bytes, by which tokens are formed together.
[[nodiscard]] LookedAt stage_attention(Backend& backend, const LookKey& key,
                                       std::shared_ptr<const Factors> known, std::size_t budget,
                                       const Work& work);

// What a registry is measured with at a cycle.
[[nodiscard]] MeasureOptions measure_options(const Request& request, std::int32_t cycle,
                                             const SplatRegistry& registry);

// Names of the columns, and of every splat the share that its parent covers (NaN where overlap
// would give it another parent).
[[nodiscard]] std::vector<std::string> stage_names(const Dataset& dataset, const Factors& factors);
// The names with those given by hand in their places.
[[nodiscard]] std::shared_ptr<const std::vector<std::string>> with_given_names(
    const std::shared_ptr<const std::vector<std::string>>& made,
    const std::map<SplatId, std::string>& given, const SplatRegistry& registry);
[[nodiscard]] std::vector<float> stage_parent_share(Backend& backend,
                                                    const Coordinates& coordinates,
                                                    const SplatRegistry& registry,
                                                    const Work& work);

// The picture's places. Axes follow those of cycle 0 (unweighted), never those that happened to be
// on screen: the same registry gives the same picture. `keys`: K of splats that were fitted to
// queries and keys, null in the form token. Axes that these data do not give (classes without a
// token) are those of the splats, with a note.
[[nodiscard]] Layout stage_layout(const Coordinates& coordinates, const SplatRegistry& registry,
                                  const SplatRegistry& first, std::vector<double> usage,
                                  const FactorMatrix* keys, const Work& work,
                                  const AxesChoice& axes = {}, Backend* backend = nullptr);

[[nodiscard]] inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace hsa
