#pragma once

#include "engine/model/splat_registry.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hsa {

enum class Normalise : std::uint8_t { row, softmax, softmax_linear };
enum class Smoothing : std::uint8_t { automatic, off, trailing, factor };
enum class Preset : std::uint8_t { story, fast };
enum class TargetSource : std::uint8_t { scores, none, file };
enum class EmbedMethod : std::uint8_t { automatic, cooccurrence, file };

// How attention is read from a registry (maths.md "Settings, exactly").
struct AttentionSettings {
    std::optional<Form> form;  // default: shared for a head, else token (embed/head.h)
    double temperature = 1.0;  // > 0
    Normalise normalise = Normalise::row;
    double tau = 1.0;                  // > 0, of Normalise::softmax
    std::size_t top_k = 0;             // 0 = all
    double threshold = 0.0;            // 0..1
    std::size_t splats_per_token = 0;  // 0 = all
    bool causal = false;               // row i attends to tokens 0 .. i alone
    bool operator==(const AttentionSettings&) const = default;
};

// What a person switches off to look: never reaches adaptation.
struct LevelMask {
    std::vector<std::string> muted;  // sorted names
    std::vector<std::string> solo;   // sorted; when not empty only these are heard
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

struct EmbedSettings {
    EmbedMethod method = EmbedMethod::automatic;
    bool operator==(const EmbedSettings&) const = default;
};

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
    bool operator==(const AdaptSettings&) const = default;
};

// How the splats at cycle 0 are made.
// levels: the recipe, or distil where the form is not token. distil: fitted to the target.
enum class InitMethod : std::uint8_t { levels, kmeans, pca, random, distil, file };
struct InitSettings {
    InitMethod method = InitMethod::levels;
    std::vector<std::size_t> counts;  // one a level, finest first; empty = the recipe's
    std::string path;                 // with InitMethod::file
    bool operator==(const InitSettings&) const = default;
};

}  // namespace hsa
