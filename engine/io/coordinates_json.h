#pragma once

#include "engine/io/json_fields.h"
#include "engine/model/coordinates.h"
#include "engine/model/hierarchy.h"

namespace hsa {

// The key "coordinates" of a splat file (rulings.md "Splats as JSON: further keys").
[[nodiscard]] nlohmann::ordered_json coordinates_json(const CoordinateRecipe& recipe);

// Level order is that of `hierarchy`, further levels follow by name. Throws Error when a key is
// missing or of the wrong kind or length, a scale is not positive, or a level of the file has no
// entry.
[[nodiscard]] CoordinateRecipe read_coordinates(const std::string& path, const JsonFields& fields,
                                                const Hierarchy& hierarchy);

}  // namespace hsa
