#pragma once

#include "engine/core/range.h"
#include "engine/model/splat_registry.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

// How splats are asked: all of them, each token's best, or these found through cells.
enum class AttentionMode : std::uint8_t { dense, sparse, spatial };
enum class Normalise : std::uint8_t { row, softmax, softmax_linear };
enum class Smoothing : std::uint8_t { automatic, off, trailing, factor };
enum class Preset : std::uint8_t { story, fast };
enum class TargetSource : std::uint8_t { scores, none, file };
enum class EmbedMethod : std::uint8_t { automatic, model, cooccurrence, file };

// Which pairs a row keeps exactly (rulings.md "Near set"); all zero: none.
struct NearOptions {
    std::size_t window = 0;       // |i - j| <= window, itself included; 0 = none
    std::size_t near = 0;         // the tokens of the row's so many best splats ...
    std::size_t near_limit = 64;  // ... at most so many of each
    std::size_t anchors = 0;      // columns that every row keeps
    bool causal = false;          // only pairs j <= i, near and far
    bool operator==(const NearOptions&) const = default;

    // Whether A is anything but P K.
    [[nodiscard]] bool any() const { return window > 0 || near > 0 || anchors > 0 || causal; }
};

// How attention is read from a registry (maths.md "Settings, exactly").
struct AttentionSettings {
    std::optional<Form> form;  // default: shared for a head, else token (embed/head.h)
    AttentionMode mode = AttentionMode::dense;
    double temperature = 1.0;  // > 0
    Normalise normalise = Normalise::row;
    double tau = 1.0;                  // > 0, of Normalise::softmax
    std::size_t top_k = 0;             // 0 = all
    double threshold = 0.0;            // 0..1
    std::size_t splats_per_token = 0;  // 0 = all
    bool causal = false;               // row i attends to tokens 0 .. i alone
    std::size_t window = 0;            // of exact scores about the token; 0 = none
    // Weight of the splats beside the window's softmax; default: in the form token 1/2 with a
    // window, else one normaliser for both.
    std::optional<double> blend;
    std::size_t near = 0, near_limit = 64, anchors = 0;  // NearOptions
    std::vector<Range> mask;  // tokens that no row attends to: sorted, apart
    bool operator==(const AttentionSettings&) const = default;
};

// What a person switches off, or warms and cools, to look: never reaches adaptation.
struct LevelMask {
    std::vector<std::string> muted;             // sorted names
    std::vector<std::string> solo;              // sorted; when not empty only these are heard
    std::map<std::string, double> temperature;  // by level, > 0: divides its Gaussian parts further
    bool operator==(const LevelMask&) const = default;
};

struct SplatSettings {
    std::optional<CovarianceKind> kernel;  // default: spherical; fitted to a head: diagonal
    std::uint64_t seed = 1;
    bool background = true;
    bool operator==(const SplatSettings&) const = default;
};

struct CoordinateSettings {
    Smoothing smoothing = Smoothing::automatic;
    double smoothing_factor = 1.0;  // with Smoothing::factor: every h times this
    double position = 0.0;          // 0..0.3
    bool operator==(const CoordinateSettings&) const = default;
};

struct TargetSettings {
    TargetSource source = TargetSource::scores;
    std::string path;             // with TargetSource::file
    std::optional<double> scale;  // default 1 / sqrt(length of y)
    bool operator==(const TargetSettings&) const = default;
};

// Where the vectors, and the tokens, of a text come from, and which head of a model is read.
struct EmbedSettings {
    EmbedMethod method = EmbedMethod::automatic;
    std::string model = "minilm";  // a name or a folder
    std::string tokenizer =
        "auto";  // the model's, or words; words, characters, bytes, lines, a path
    // Default: of a file with heads 0 and 0; of a model the states after its last layer. A head
    // without a layer is one of the last.
    std::optional<std::size_t> layer, head;
    std::size_t window = 256,
                stride = 128;  // tokens that a model reads at once, from one to the next
    bool operator==(const EmbedSettings&) const = default;
};

// What is put into a model's place.
enum class ReplaceMode : std::uint8_t { full, hybrid, added, outside };
struct ReplaceSettings {
    std::string heads;  // "all", "LAYER", "LAYER:HEAD", each with "=BLEND", by commas
    ReplaceMode mode = ReplaceMode::hybrid;
    double blend = 1.0;  // 0..1, share of the splats where a head names none
    double bound = 0.1;  // row-KL above which a head keeps its own attention
    bool operator==(const ReplaceSettings&) const = default;
};

// What is put right between cycles by itself: nothing; what breaks a rule of splats; whatever
// adapt/repair.h can put right.
enum class AutomaticRepair : std::uint8_t { off, faults, all };

// What a level has of its own in the place of what all levels have in common.
struct LevelAdapt {
    std::optional<int> rate_death, rate_merge, rate_mitosis, rate_birth;
    std::optional<int> max_events;
    std::optional<double> lambda, learning_rate;
    std::optional<int> cooldown;
    bool operator==(const LevelAdapt&) const = default;
};

// Whether what a trial must pass follows how many pass (adapt/thresholds.h).
enum class Thresholds : std::uint8_t { fixed, adaptive };

// Accepted events a cycle by kind, and what a trial must pass (adaptation.md).
struct AdaptSettings {
    Preset preset = Preset::story;
    std::optional<int> rate_death, rate_merge, rate_mitosis, rate_birth;  // default: the preset's
    std::optional<int> max_events;                                        // default: 4, fast 6
    double lambda = 1e-3;  // x KL(T | uniform) a splat
    std::size_t trial_rows = 96;
    std::size_t probe_rows = 128;
    double learning_rate = 0.02;
    int cooldown = 4;
    std::optional<std::uint64_t> seed;  // default: splats.seed
    AutomaticRepair repair = AutomaticRepair::faults;
    std::size_t every = 1;  // structure is tried every so many cycles ...
    double sparser = 0.0;   // ... and later by so many more a cycle of age (adapt/schedule.h)
    double shift = 6.0;     // |z| at which data are others (adapt/shift.h); 0 = no test
    Thresholds thresholds = Thresholds::fixed;
    // Accepted events wanted a cycle of trials; default: a quarter of the rate.
    std::optional<double> target_death, target_merge, target_mitosis, target_birth;
    double smoothing = 0.0;  // share of former texts in usage and error share
    // How levels hold each other (adapt/level_strengths.h).
    double from_children = 0.0;  // 0..1: of the way of a parent to the merge of its children
    double from_parent = 0.0;    // tokens that the parent of a splat is worth as its prior
    double path_memory = 0.0;    // share of the cycles before in the paths (adapt/paths.h)
    // Nats a token that a dense region lacks, at which structure is tried at once
    // (adapt/density.h).
    double density = 0.0;
    std::map<std::string, LevelAdapt> level;  // by name
    bool operator==(const AdaptSettings&) const = default;
};

// What is shown where the splats' attention is too far from the target: exact scores, of a window
// or of all pairs.
enum class Fallback : std::uint8_t { none, local, dense };
struct RecoverSettings {
    Fallback fallback = Fallback::none;
    double bound = 0.0;       // row-KL above which it is shown; 0 = always
    std::size_t window = 64;  // of Fallback::local: tokens on either side
    bool operator==(const RecoverSettings&) const = default;
};

enum class Precision : std::uint8_t { single, twofold };              // twofold: float64
enum class Storage : std::uint8_t { float32, float16, logarithmic };  // 8 bits of the logarithm

// How numbers are computed and kept.
struct ComputeSettings {
    Precision precision = Precision::single;
    Storage storage = Storage::float32;  // of P and K
    double memory = 0.0;                 // GiB that results may take; 0 = half of the machine's
    double time_limit = 0.0;             // seconds that a picture may take; 0 = as long as it takes
    bool operator==(const ComputeSettings&) const = default;
};

// How the splats at cycle 0 are made.
// levels: the recipe, or distil where the form is not token. distil: fitted to the target.
enum class InitMethod : std::uint8_t { levels, kmeans, pca, random, distil, file };
struct InitSettings {
    InitMethod method = InitMethod::levels;
    std::vector<std::size_t> counts;  // one a level, finest first; empty = the recipe's
    std::string path;                 // with InitMethod::file
    // Adapted to each of these in turn before they are used, so many cycles each.
    std::vector<std::string> warm_up;
    std::size_t warm_up_cycles = 10;
    bool operator==(const InitSettings&) const = default;
};

}  // namespace hsa
