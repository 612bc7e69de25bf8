#include "engine/io/splats_parts.h"

#include "engine/core/error.h"
#include "engine/io/coordinates_json.h"
#include "engine/io/json.h"
#include "engine/io/json_fields.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kMostDimensions = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kMostTokens = std::int64_t{1} << 53;
constexpr std::size_t kMostLevels = 1000;
constexpr double kWorstCondition = 1e12;

Form read_form(const JsonFields& file) {
    const std::string name = file.text("form");
    for (const Form form : {Form::token, Form::shared, Form::paired}) {
        if (name == name_of(form)) return form;
    }
    fail("{}: the form is '{}'; expected token, shared or paired", file.where(), name);
}

Hierarchy read_levels(const std::string& path, const JsonFields& file) {
    Hierarchy hierarchy;
    const json& list = file.array("levels");
    if (list.empty() || list.size() > kMostLevels) {
        fail("{}: there are {} levels; expected 1 to {}", path, list.size(), kMostLevels);
    }
    double sum = 0.0;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const JsonFields fields(path, fmt::format("level {} (from 0)", i), list[i]);
        Level level{fields.text("name"), fields.has("weight") ? fields.number("weight") : 1.0};
        if (level.name.empty()) fail("{}: its name is empty; give it one", fields.where());
        if (hierarchy.index_of(level.name)) {
            fail("{}: the name '{}' is used twice; every level needs its own", fields.where(),
                 level.name);
        }
        if (level.weight < 0.0) {
            fail("{}: '{}' has the weight {}; expected 0 or above", fields.where(), level.name,
                 level.weight);
        }
        sum += level.weight;
        hierarchy.levels.push_back(std::move(level));
    }
    if (!(sum > 0.0)) {
        fail("{}: the weights of all levels are zero; give one of them a weight above 0", path);
    }
    if (!std::isfinite(sum)) fail("{}: the level weights are too large to be added", path);
    return hierarchy;
}

FittedWith read_fitted_with(const JsonFields& fields) {
    FittedWith fitted;
    const auto count = [&](const char* key, std::size_t& value) {
        if (fields.has(key)) value = static_cast<std::size_t>(fields.integer(key, 0, kMostTokens));
    };
    count("window", fitted.window);
    count("anchors", fitted.anchors);
    count("near", fitted.near);
    count("near_limit", fitted.near_limit);
    if (fields.has("temperature")) fitted.temperature = fields.number("temperature");
    if (!(fitted.temperature > 0.0)) {
        fail("{}: the temperature is {}; expected above 0", fields.where(), fitted.temperature);
    }
    if (fields.has("causal")) fitted.causal = fields.truth("causal");
    return fitted;
}

std::string place(const std::string& path, SplatId id) {
    return fmt::format("{}: splat {}", path, id);
}

void check_gaussian(const std::string& where, std::size_t dimension,
                    const std::vector<float>& centre, const CovarianceView& covariance) {
    if (centre.size() != dimension || covariance.dimension() != dimension) {
        fail("{} has {} coordinates and {} variances; expected {} of each", where, centre.size(),
             covariance.dimension(), dimension);
    }
    for (const float value : centre) {
        if (!std::isfinite(value)) fail("{}: its centre is not finite; expected numbers", where);
    }
    for (const float value : covariance.variance) {
        if (!(value > 0.0F) || !std::isfinite(value)) {
            fail(
                "{}: its covariance is not positive definite (a variance is {}); every variance "
                "must be above 0 and finite",
                where, value);
        }
    }
    if (!covariance.fits()) {
        fail("{}: its covariance is {}, but has {} numbers beside its {} variances", where,
             name_of(covariance.kind), covariance.shape.size(), dimension);
    }
    for (const float value : covariance.shape) {
        if (!std::isfinite(value)) {
            fail("{}: its covariance is not finite; expected numbers", where);
        }
    }
    if (condition_at_most(covariance, kWorstCondition)) return;
    const double condition = condition_of(covariance);
    if (std::isinf(condition)) {
        fail("{}: its covariance is not positive definite; every eigenvalue must be above 0",
             where);
    }
    fail(
        "{}: its covariance has a condition above 1e12 ({:.3g}); bring its widths closer "
        "together",
        where, condition);
}

void check_splat(const std::string& path, const SplatRegistry& head, const FileSplat& item) {
    const Splat& splat = item.splat;
    const std::string where = place(path, splat.id);
    check_gaussian(where, head.dimension, splat.centre, splat.covariance());
    if (head.form == Form::paired) {
        if (!item.query_kind) {
            fail(
                "{}: the form is paired, but it has no query side; add query_centre and "
                "query_covariance",
                where);
        }
        check_gaussian(where + ", query side", head.dimension, item.query_centre,
                       {*item.query_kind, item.query_variance, item.query_shape});
    } else if (item.query_kind) {
        fail(
            "{}: it has a query side, but the form is {}; leave query_centre and query_covariance "
            "out, or set the form to paired",
            where, name_of(head.form));
    }
    if (!(splat.beta > 0.0F) || !std::isfinite(splat.beta)) {
        fail("{}: beta is {}; expected above 0 and finite", where, splat.beta);
    }
    if (std::isnan(splat.log_amplitude) ||
        splat.log_amplitude == std::numeric_limits<float>::infinity()) {
        fail("{}: its log amplitude is {}; expected a finite number", where, splat.log_amplitude);
    }
    if (splat.age < 0) fail("{}: its age is {}; expected 0 or above", where, splat.age);
    if (splat.level >= head.hierarchy.size()) {
        fail("{}: its level is number {}; expected one of the {} levels", where, splat.level,
             head.hierarchy.size());
    }
}

// Splats are sorted by id.
const FileSplat* find(const std::vector<FileSplat>& splats, SplatId id) {
    const auto found = std::lower_bound(
        splats.begin(), splats.end(), id,
        [](const FileSplat& item, SplatId wanted) { return item.splat.id < wanted; });
    return found != splats.end() && found->splat.id == id ? &*found : nullptr;
}

// True when the parents of `start` lead back to it: Brent's method, no memory and no long walks.
bool leads_back(const std::vector<FileSplat>& splats, const FileSplat& start) {
    const FileSplat* tortoise = &start;
    const FileSplat* hare = &start;
    std::size_t power = 1;
    std::size_t steps = 0;
    while (hare->splat.parent != kNoSplat) {
        hare = find(splats, hare->splat.parent);
        if (hare == nullptr) return false;
        if (hare == &start) return true;
        if (hare == tortoise) return false;  // a cycle further up: named by its own members
        if (++steps == power) {
            tortoise = hare;
            power *= 2;
            steps = 0;
        }
    }
    return false;
}

void check_parents(const std::string& path, const SplatRegistry& head,
                   const std::vector<FileSplat>& splats) {
    for (const FileSplat& item : splats) {
        const Splat& splat = item.splat;
        if (splat.parent == kNoSplat) continue;
        const FileSplat* parent = find(splats, splat.parent);
        if (parent == nullptr) {
            fail(
                "{}: its parent {} is not in the file; expected the id of a splat one level up, or "
                "null",
                place(path, splat.id), splat.parent);
        }
        if (parent->splat.level == splat.level + 1) continue;
        if (leads_back(splats, item)) {
            fail(
                "{}: its parents form a cycle that comes back to it; a parent must lie one level "
                "up",
                place(path, splat.id));
        }
        fail(
            "{}: it is of level '{}', but its parent {} is of level '{}'; expected a parent "
            "exactly "
            "one level up",
            place(path, splat.id), head.hierarchy.levels[splat.level].name, splat.parent,
            head.hierarchy.levels[parent->splat.level].name);
    }
}

void append(SplatRegistry& registry, FileSplat& item) {
    const Splat& splat = item.splat;
    registry.id.push_back(splat.id);
    registry.level.push_back(splat.level);
    registry.parent.push_back(splat.parent);
    registry.gaussians.append(splat.centre, splat.kind, splat.variance, splat.shape);
    if (item.query_kind)
        registry.query_gaussians->append(item.query_centre, *item.query_kind, item.query_variance,
                                         item.query_shape);
    registry.log_amplitude.push_back(splat.log_amplitude);
    registry.beta.push_back(splat.beta);
    registry.age.push_back(splat.age);
    registry.usage_history.push_back(splat.usage);
}

// What the splats covered where they were saved, a number a level.
std::vector<Covered> read_covered(const JsonFields& fields, std::size_t levels) {
    const std::vector<double> mean = fields.numbers("mean", levels);
    const std::vector<double> error = fields.numbers("error", levels);
    std::vector<Covered> covered;
    for (std::size_t l = 0; l < levels; ++l) {
        if (error[l] < 0.0) {
            fail("{}: an 'error' is {}; expected 0 or above", fields.where(), error[l]);
        }
        covered.push_back({mean[l], error[l]});
    }
    return covered;
}

}  // namespace

ordered_json head_json(const SplatRegistry& registry) {
    ordered_json head = {{"format", "splatscope-splats"},
                         {"version", 1},
                         {"dimension", registry.dimension},
                         {"form", name_of(registry.form)},
                         {"kappa", registry.kappa}};
    if (registry.kappa_query) head["kappa_query"] = *registry.kappa_query;
    if (!registry.query_quadratic.empty()) {
        head["query_quadratic"] = json_numbers(registry.query_quadratic);
    }
    if (registry.offset) head["offset"] = *registry.offset;
    if (registry.background_log_weight) {
        head["background"] = {{"log_weight", json_number(*registry.background_log_weight)}};
    }
    if (registry.fitted_with) {
        const FittedWith& fitted = *registry.fitted_with;
        head["fitted_with"] = {{"window", fitted.window},
                               {"anchors", fitted.anchors},
                               {"near", fitted.near},
                               {"near_limit", fitted.near_limit},
                               {"temperature", fitted.temperature},
                               {"causal", fitted.causal}};
    }
    if (!registry.id.empty() && registry.next_id != registry.id.back() + 1) {
        head["next_id"] = registry.next_id;
    }
    ordered_json levels = ordered_json::array();
    for (const Level& level : registry.hierarchy.levels) {
        levels.push_back({{"name", level.name}, {"weight", level.weight}});
    }
    head["levels"] = std::move(levels);
    if (registry.covered.size() == registry.hierarchy.size()) {
        ordered_json mean = ordered_json::array();
        ordered_json error = ordered_json::array();
        for (const Covered& covered : registry.covered) {
            mean.emplace_back(json_number(covered.mean));
            error.emplace_back(json_number(covered.error));
        }
        head["log_coverage"] = {{"mean", std::move(mean)}, {"error", std::move(error)}};
    }
    if (registry.coordinates) head["coordinates"] = coordinates_json(*registry.coordinates);
    return head;
}

SplatRegistry read_head(const std::string& path, const json& value) {
    const JsonFields file(path, "", value);
    if (!file.has("format") || value["format"] != "splatscope-splats") {
        fail("{}: not a splat file: 'format' is {}; expected \"splatscope-splats\"", path,
             file.has("format") ? shown(value["format"]) : "missing");
    }
    if (!file.has("version") || value["version"] != 1) {
        fail("{}: 'version' is {}; this program reads version 1: save the splats again", path,
             file.has("version") ? shown(value["version"]) : "missing");
    }
    SplatRegistry head;
    head.dimension = static_cast<std::size_t>(file.integer("dimension", 1, kMostDimensions));
    if (file.has("form")) head.form = read_form(file);
    head.kappa = file.optional_number("kappa").value_or(1.0);
    head.kappa_query = file.optional_number("kappa_query");
    head.offset = file.optional_number("offset");
    if (file.has("query_quadratic")) {
        head.query_quadratic = file.numbers("query_quadratic", head.dimension);
    }
    if (file.has("background") && !value["background"].is_null()) {
        const JsonFields background = file.object("background");
        (void)background.at("log_weight");
        head.background_log_weight = background.optional_number("log_weight")
                                         .value_or(-std::numeric_limits<double>::infinity());
    }
    if (file.has("fitted_with")) head.fitted_with = read_fitted_with(file.object("fitted_with"));
    if (file.has("next_id")) {
        head.next_id = static_cast<SplatId>(file.integer("next_id", 0, kNoSplat));
    }
    head.hierarchy = read_levels(path, file);
    if (file.has("log_coverage") && !value["log_coverage"].is_null()) {
        head.covered = read_covered(file.object("log_coverage"), head.hierarchy.size());
    }
    if (file.has("coordinates") && !value["coordinates"].is_null()) {
        auto recipe = read_coordinates(path, file.object("coordinates"), head.hierarchy);
        if (recipe.dimension() != head.dimension) {
            fail("{}: 'coordinates' make {} dimensions, but 'dimension' is {}; they must agree",
                 path, recipe.dimension(), head.dimension);
        }
        head.coordinates = std::make_shared<const CoordinateRecipe>(std::move(recipe));
    }
    return head;
}

SplatRegistry assemble(const std::string& path, SplatRegistry head, std::vector<FileSplat> splats) {
    if (splats.empty()) fail("{}: 'splats' is empty; expected at least one splat", path);
    std::stable_sort(splats.begin(), splats.end(), [](const FileSplat& a, const FileSplat& b) {
        return a.splat.id < b.splat.id;
    });
    for (std::size_t i = 1; i < splats.size(); ++i) {
        if (splats[i].splat.id == splats[i - 1].splat.id) {
            fail("{}: the id occurs twice; every splat needs its own",
                 place(path, splats[i].splat.id));
        }
    }
    std::vector<std::size_t> count(head.hierarchy.size(), 0);
    for (const FileSplat& item : splats) {
        check_splat(path, head, item);
        ++count[item.splat.level];
    }
    check_parents(path, head, splats);
    for (std::size_t level = 0; level < count.size(); ++level) {
        if (count[level] == 0) {
            fail("{}: the level '{}' has no splat; leave the level out or give it one", path,
                 head.hierarchy.levels[level].name);
        }
    }
    const SplatId next = splats.back().splat.id + 1;
    if (head.next_id != 0 && head.next_id < next) {
        fail("{}: 'next_id' is {}; expected above the largest id {}", path, head.next_id, next - 1);
    }
    SplatRegistry registry = std::move(head);
    registry.next_id = std::max(registry.next_id, next);
    if (registry.form == Form::paired) registry.query_gaussians.emplace();
    for (FileSplat& item : splats) append(registry, item);
    return registry;
}

}  // namespace hsa
