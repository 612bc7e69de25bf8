#pragma once

#include "engine/model/splat_registry.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace hsa {

// What the two splat files, .json and .splats, share: the keys beside the splats, and the rules.

// One splat as a file gives it; the query side belongs to the form paired.
struct FileSplat {
    Splat splat;
    std::optional<CovarianceKind> query_kind;
    std::vector<float> query_centre;
    std::vector<float> query_variance;
    std::vector<float> query_shape;
};

// Every key of the file but "splats", in reading order.
[[nodiscard]] nlohmann::ordered_json head_json(const SplatRegistry& registry);

// A registry without splats from those keys. Throws Error naming the key.
[[nodiscard]] SplatRegistry read_head(const std::string& path, const nlohmann::json& file);

// Puts the splats into the registry by rising id. Throws Error naming the splat's id for a repeated
// id, an unknown parent, a cycle, a parent that is not exactly one level up, a missing or
// superfluous query side, a covariance that is not positive definite or with condition above 1e12,
// a beta that is not positive, a negative age; and naming the level when one has no splat.
[[nodiscard]] SplatRegistry assemble(const std::string& path, SplatRegistry head,
                                     std::vector<FileSplat> splats);

}  // namespace hsa
