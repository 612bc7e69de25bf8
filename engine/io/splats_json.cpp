#include "engine/io/splats_json.h"

#include "engine/core/error.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"
#include "engine/io/splats_parts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace hsa {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kLargestId = static_cast<std::int64_t>(kNoSplat) - 1;

struct Shape {
    CovarianceKind kind = CovarianceKind::spherical;
    Covariance covariance;
};

Covariance read_lowrank(const JsonFields& covariance, std::size_t dimension) {
    Covariance value;
    value.variance = covariance.small_numbers("diagonal", dimension);
    for (const auto& row : covariance.small_rows("factor", dimension, std::nullopt))
        value.shape.insert(value.shape.end(), row.begin(), row.end());
    return value;
}

Covariance read_full(const JsonFields& covariance, std::size_t dimension) {
    const auto rows = covariance.small_rows("matrix", dimension, dimension);
    Covariance value;
    for (std::size_t a = 0; a < dimension; ++a) {
        value.variance.push_back(rows[a][a]);
        for (std::size_t b = 0; b < a; ++b) {
            if (rows[a][b] != rows[b][a]) {
                fail("{}: 'matrix' is not symmetric: [{}][{}] is {} and [{}][{}] is {}",
                     covariance.where(), a, b, rows[a][b], b, a, rows[b][a]);
            }
            value.shape.push_back(rows[a][b]);
        }
    }
    return value;
}

Shape read_covariance(const JsonFields& splat, const char* key, std::size_t dimension) {
    const JsonFields covariance = splat.object(key);
    const std::string kind = covariance.text("kind");
    if (kind == name_of(CovarianceKind::spherical)) {
        const float variance = covariance.small_number("variance");
        return {CovarianceKind::spherical, {std::vector<float>(dimension, variance), {}}};
    }
    if (kind == name_of(CovarianceKind::diagonal)) {
        return {CovarianceKind::diagonal, {covariance.small_numbers("variance", dimension), {}}};
    }
    if (kind == name_of(CovarianceKind::lowrank)) {
        return {CovarianceKind::lowrank, read_lowrank(covariance, dimension)};
    }
    if (kind == name_of(CovarianceKind::full)) {
        return {CovarianceKind::full, read_full(covariance, dimension)};
    }
    fail("{}: the kind is '{}'; expected spherical, diagonal, lowrank or full", covariance.where(),
         kind);
}

float read_log_amplitude(const JsonFields& splat) {
    if (splat.has("log_amplitude")) return splat.small_number("log_amplitude");
    if (!splat.has("amplitude")) return 0.0F;
    const double amplitude = splat.number("amplitude");
    if (amplitude < 0.0) {
        fail("{}: its amplitude is {}; expected 0 or above", splat.where(), amplitude);
    }
    return static_cast<float>(std::log(amplitude));
}

UsageHistory read_usage(const JsonFields& splat) {
    UsageHistory history;
    const json& list = splat.array("usage_history");
    if (list.size() > history.values.size()) {
        fail("{}: 'usage_history' has {} numbers; expected at most {}", splat.where(), list.size(),
             history.values.size());
    }
    for (const float usage : splat.small_numbers("usage_history", list.size())) history.push(usage);
    return history;
}

// The id comes first: every later message names it.
SplatId read_id(const std::string& path, std::size_t position, const json& value) {
    const JsonFields fields(path, fmt::format("splat at position {} (from 0)", position), value);
    return static_cast<SplatId>(fields.integer("id", 0, kLargestId));
}

FileSplat read_splat(const std::string& path, std::size_t position, const json& value,
                     const SplatRegistry& head) {
    FileSplat item;
    Splat& splat = item.splat;
    splat.id = read_id(path, position, value);
    const JsonFields fields(path, fmt::format("splat {}", splat.id), value);
    const std::string level = fields.text("level");
    const auto index = head.hierarchy.index_of(level);
    if (!index) {
        fail("{}: its level '{}' is not in 'levels'; add the level or correct the name",
             fields.where(), level);
    }
    splat.level = static_cast<std::uint16_t>(*index);
    if (fields.has("parent") && !value["parent"].is_null()) {
        splat.parent = static_cast<SplatId>(fields.integer("parent", 0, kLargestId));
    }
    splat.centre = fields.small_numbers("centre", head.dimension);
    Shape shape = read_covariance(fields, "covariance", head.dimension);
    splat.kind = shape.kind;
    splat.variance = std::move(shape.covariance.variance);
    splat.shape = std::move(shape.covariance.shape);
    if (fields.has("query_centre") || fields.has("query_covariance")) {
        item.query_centre = fields.small_numbers("query_centre", head.dimension);
        Shape query = read_covariance(fields, "query_covariance", head.dimension);
        item.query_kind = query.kind;
        item.query_variance = std::move(query.covariance.variance);
        item.query_shape = std::move(query.covariance.shape);
    }
    splat.log_amplitude = read_log_amplitude(fields);
    if (fields.has("beta")) splat.beta = fields.small_number("beta");
    if (fields.has("age")) {
        splat.age = static_cast<std::int32_t>(
            fields.integer("age", 0, std::numeric_limits<std::int32_t>::max()));
    }
    if (fields.has("usage_history")) splat.usage = read_usage(fields);
    return item;
}

ordered_json covariance_json(const GaussianColumns& side, std::size_t row) {
    const CovarianceView covariance = side.covariance(row);
    const std::size_t d = covariance.dimension();
    ordered_json value = {{"kind", name_of(covariance.kind)}};
    switch (covariance.kind) {
        case CovarianceKind::spherical:
            value["variance"] = json_number(covariance.variance[0]);
            break;
        case CovarianceKind::diagonal: value["variance"] = json_numbers(covariance.variance); break;
        case CovarianceKind::lowrank: {
            value["diagonal"] = json_numbers(covariance.variance);
            ordered_json factor = ordered_json::array();
            const std::size_t rank = covariance.rank();
            for (std::size_t a = 0; a < d; ++a)
                factor.emplace_back(json_numbers(covariance.shape.subspan(a * rank, rank)));
            value["factor"] = std::move(factor);
            break;
        }
        case CovarianceKind::full: {
            ordered_json matrix = ordered_json::array();
            const auto below = [&](std::size_t a, std::size_t b) {
                return covariance.shape[a * (a - 1) / 2 + b];
            };
            std::vector<float> line(d);
            for (std::size_t a = 0; a < d; ++a) {
                for (std::size_t b = 0; b < d; ++b)
                    line[b] = a == b ? covariance.variance[a] : b < a ? below(a, b) : below(b, a);
                matrix.emplace_back(json_numbers(line));
            }
            value["matrix"] = std::move(matrix);
            break;
        }
    }
    return value;
}

ordered_json splat_json(const SplatRegistry& registry, std::size_t row) {
    ordered_json value = {{"id", registry.id[row]},
                          {"level", registry.hierarchy.levels[registry.level[row]].name},
                          {"parent", nullptr},
                          {"centre", json_numbers(registry.gaussians.centre.row(row))},
                          {"covariance", covariance_json(registry.gaussians, row)}};
    if (registry.parent[row] != kNoSplat) value["parent"] = registry.parent[row];
    if (registry.query_gaussians) {
        value["query_centre"] = json_numbers(registry.query_gaussians->centre.row(row));
        value["query_covariance"] = covariance_json(*registry.query_gaussians, row);
    }
    // Amplitude 0 has no finite logarithm.
    if (std::isfinite(registry.log_amplitude[row])) {
        value["log_amplitude"] = json_number(registry.log_amplitude[row]);
    } else {
        value["amplitude"] = 0;
    }
    value["beta"] = json_number(registry.beta[row]);
    value["age"] = registry.age[row];
    if (registry.usage_history[row].count > 0) {
        value["usage_history"] = json_numbers(registry.usage_history[row].recent());
    }
    return value;
}

std::string one_line(const ordered_json& value) {
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

SplatRegistry read_splats_json(const std::string& path, std::string_view bytes) {
    const json file = parse_json(path, bytes);
    SplatRegistry head = read_head(path, file);
    const JsonFields fields(path, "", file);
    const json& list = fields.array("splats");
    std::vector<FileSplat> splats;
    splats.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        splats.push_back(read_splat(path, i, list[i], head));
    }
    return assemble(path, std::move(head), std::move(splats));
}

std::string write_splats_json(const SplatRegistry& registry) {
    std::string out = "{\n";
    const ordered_json head = head_json(registry);
    for (const auto& entry : head.items()) {
        out += fmt::format("  \"{}\": {},\n", entry.key(), one_line(entry.value()));
    }
    out += "  \"splats\": [\n";
    for (std::size_t row = 0; row < registry.size(); ++row) {
        out += fmt::format("    {}{}\n", one_line(splat_json(registry, row)),
                           row + 1 < registry.size() ? "," : "");
    }
    return out + "  ]\n}\n";
}

bool looks_like_splats_json(std::string_view bytes) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (bytes.substr(0, kMark.size()) == kMark) bytes.remove_prefix(kMark.size());
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || bytes[first] != '{') return false;
    constexpr std::size_t kLook = 4096;
    return bytes.substr(first, kLook).find("\"splatscope-splats\"") != std::string_view::npos;
}

}  // namespace hsa
