#pragma once

#include "engine/adapt/edits.h"
#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/model/axes.h"
#include "engine/model/settings.h"
#include "engine/snapshot.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// One file or folder as the user named it. `as` forces a kind ("text", "latin1", "lines",
// "embeddings", "tensor", "metadata") and, behind a colon, names a part of the file (io/detect.h);
// empty = by content.
struct Source {
    std::string path;  // or "sample:NAME", or "-"
    std::string as;
    std::uint64_t version = 0;  // raised to read the file again
    bool operator==(const Source&) const = default;
};

// The settings that cycles depend on beside the registry they start from.
struct CycleSettings {
    AdaptSettings adapt;
    TargetSettings target;
    double temperature = 1.0;
    bool causal = false;
    bool operator==(const CycleSettings&) const = default;
};

// Something that later cycles depend on: it takes effect after the cycle it names, in list order.
struct HistoryEntry {
    std::int32_t cycle = 0;
    std::optional<Edit> edit;
    std::optional<CycleSettings> settings;
    bool operator==(const HistoryEntry&) const = default;
};

// Which backend computes, by name or "auto". It is where numbers are computed, not what is wanted:
// splats and cycles stay whoever made them, what is looked at is formed anew.
struct BackendChoice {
    std::string name = "auto";
    std::uint64_t asked = 0;  // raised to try the same again
    bool operator==(const BackendChoice&) const = default;
};

// What a Session asks the engine for: all inputs of all stages.
struct Request {
    std::uint64_t id = 0;
    std::vector<Source> sources;  // a text, an embedding file, or both
    EmbedSettings embed;
    CoordinateSettings coordinates;
    InitSettings init;
    SplatSettings splats;
    std::string run;             // go on with the stored history of this .run; empty = initialise
    CycleSettings run_settings;  // the settings at its cycle 0 and its entries, as it was saved
    std::vector<HistoryEntry> run_entries;
    CycleSettings first_settings;  // in force from cycle 0
    std::vector<HistoryEntry> entries;
    std::int32_t last_cycle = 0;  // cycles asked for
    bool until_quiet = false;  // stop earlier, after 10 cycles without an accepted structural event
    std::vector<EventKind> until_events;  // stop earlier, after a cycle that accepted one of these
    std::int32_t run_from = 0;            // the cycle after which all these are counted
    std::int32_t cursor = 0;              // cycle shown; beyond the last finished one: that one
    AttentionSettings attention;  // for looking: temperature, causal come from the cycle's settings
    LevelMask mask;
    ComputeSettings compute;
    BackendChoice backend;
    RecoverSettings recover;
    std::map<SplatId, std::string> names;  // given by hand, in place of those made here
    AxesChoice axes;                       // of the layout
    bool previewed = false;                // the last entry ends a gesture that showed it

    // Equal but for the id and what was seen before.
    [[nodiscard]] bool same_work(const Request& other) const;
};

// The stages in their order.
enum class Stage : std::uint8_t {
    load,
    embed,
    coordinates,
    initialise,
    adapt,
    factor,
    measure,
    layout,
    done
};
[[nodiscard]] const char* name_of(Stage stage);

// The earliest stage whose inputs differ; Stage::done when none does.
[[nodiscard]] Stage first_difference(const Request& a, const Request& b);

// Reads the bytes of a sample by name; the app passes its embedded files. Throws Error listing the
// samples when there is none of that name. "-" is standard input, the same bytes each time.
using SampleReader = std::function<std::string(const std::string& name)>;

// Results of stages, each remembering what it was computed from; kept from request to request.
class StageCache {
  public:
    StageCache();
    ~StageCache();
    StageCache(const StageCache&) = delete;
    StageCache& operator=(const StageCache&) = delete;

    struct Impl;
    [[nodiscard]] Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

struct EvaluateHooks {
    SampleReader read_sample;
    std::function<void(Stage)> entering;  // may throw Cancelled
    std::function<void(std::shared_ptr<const Snapshot>)> publish;
};

// Runs the stages whose inputs changed: load -> embed -> coordinates -> initialise -> adapt ->
// factor
// -> measure -> layout. Publishes what is ready as it goes, the last snapshot complete. Throws
// Error or Cancelled; what was finished, adaptation cycles too, stays in the cache.
void evaluate(const Request& request, StageCache& cache, Backend& backend,
              const EvaluateHooks& hooks, const Work& work);

}  // namespace hsa
