#include "engine/io/coordinates_json.h"

#include "engine/core/error.h"
#include "engine/io/json.h"

#include <algorithm>
#include <limits>

namespace hsa {
namespace {

using nlohmann::json;

constexpr std::int64_t kMostDimensions = std::numeric_limits<std::int32_t>::max();

double positive(const JsonFields& fields, const char* key) {
    const double value = fields.number(key);
    if (!(value > 0.0)) fail("{}: '{}' is {}; expected above 0", fields.where(), key, value);
    return value;
}

double not_negative(const JsonFields& fields, const char* key) {
    const double value = fields.number(key);
    if (!(value >= 0.0)) fail("{}: '{}' is {}; expected 0 or above", fields.where(), key, value);
    return value;
}

Matrix<double> read_axes(const std::string& path, const JsonFields& fields, std::size_t columns) {
    const json& rows = fields.array("axes");
    if (rows.empty()) fail("{}: 'axes' is empty; expected one row a dimension", fields.where());
    Matrix<double> axes;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        // A row is read through an object of its own, so that its number is in the message.
        const json holder{{"axis", rows[r]}};
        const JsonFields row(path, fmt::format("coordinates axes row {}", r), holder);
        axes.append_row(row.numbers("axis", columns));
    }
    return axes;
}

LevelCoordinates read_level(const JsonFields& fields, std::size_t dimension) {
    LevelCoordinates level;
    level.h = not_negative(fields, "h");
    level.mean = fields.numbers("mean", dimension);
    level.scale_before = positive(fields, "scale_before");
    level.soft = not_negative(fields, "soft");
    level.scale_after = positive(fields, "scale_after");
    return level;
}

}  // namespace

nlohmann::ordered_json coordinates_json(const CoordinateRecipe& recipe) {
    nlohmann::ordered_json axes = nlohmann::ordered_json::array();
    for (std::size_t r = 0; r < recipe.axes.rows(); ++r) {
        axes.push_back(nlohmann::ordered_json(json_numbers(recipe.axes.row(r))));
    }
    nlohmann::ordered_json levels = nlohmann::ordered_json::object();
    for (std::size_t l = 0; l < recipe.levels.size() && l < recipe.level_names.size(); ++l) {
        const LevelCoordinates& level = recipe.levels[l];
        levels[recipe.level_names[l]] = {{"h", level.h},
                                         {"mean", json_numbers(level.mean)},
                                         {"scale_before", level.scale_before},
                                         {"soft", level.soft},
                                         {"scale_after", level.scale_after}};
    }
    nlohmann::ordered_json value = {{"embedding", recipe.embedding},
                                    {"input_dimension", recipe.input_dimension},
                                    {"mean", json_numbers(recipe.mean)},
                                    {"axes", std::move(axes)},
                                    {"unit_norm", recipe.unit_norm},
                                    {"scale", recipe.scale},
                                    {"token_weight", {{"a", recipe.token_weight_a}}},
                                    {"position", recipe.position}};
    if (recipe.trailing) value["trailing"] = true;
    value["levels"] = std::move(levels);
    return value;
}

CoordinateRecipe read_coordinates(const std::string& path, const JsonFields& fields,
                                  const Hierarchy& hierarchy) {
    CoordinateRecipe recipe;
    recipe.embedding = fields.text("embedding");
    recipe.input_dimension =
        static_cast<std::size_t>(fields.integer("input_dimension", 1, kMostDimensions));
    recipe.mean = fields.numbers("mean", recipe.input_dimension);
    recipe.axes = read_axes(path, fields, recipe.input_dimension);
    recipe.unit_norm = fields.truth("unit_norm");
    recipe.scale = positive(fields, "scale");
    recipe.token_weight_a = not_negative(fields.object("token_weight"), "a");
    recipe.position = not_negative(fields, "position");
    if (fields.has("trailing")) recipe.trailing = fields.truth("trailing");

    const JsonFields levels = fields.object("levels");
    std::vector<std::string> names;
    for (const Level& level : hierarchy.levels) {
        if (!levels.has(level.name.c_str())) {
            fail("{}: there is no entry for the level '{}'; add one", levels.where(), level.name);
        }
        names.push_back(level.name);
    }
    for (const auto& entry : levels.value().items()) {
        if (!hierarchy.index_of(entry.key())) names.push_back(entry.key());
    }
    for (std::string& name : names) {
        recipe.levels.push_back(read_level(levels.object(name.c_str()), recipe.dimension()));
        recipe.level_names.push_back(std::move(name));
    }
    return recipe;
}

}  // namespace hsa
