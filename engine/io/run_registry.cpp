#include "engine/io/run_registry.h"

#include "engine/core/error.h"
#include "engine/core/hash.h"
#include "engine/io/splats_binary.h"

#include <algorithm>
#include <cmath>

namespace hsa {
namespace {

constexpr std::uint32_t kNoRecipe = 0xffffffffU;

void put_recipe(ByteWriter& out, const CoordinateRecipe& recipe) {
    out.put_text(recipe.embedding);
    out.put<std::uint64_t>(recipe.input_dimension);
    out.put_list(recipe.mean);
    out.put<std::uint64_t>(recipe.axes.rows());
    out.put<std::uint64_t>(recipe.axes.cols());
    out.put_all(std::span<const double>(recipe.axes.data(), recipe.axes.size()));
    out.put_truth(recipe.unit_norm);
    out.put(recipe.scale);
    out.put(recipe.token_weight_a);
    out.put(recipe.position);
    out.put_truth(recipe.trailing);
    out.put<std::uint64_t>(recipe.levels.size());
    for (std::size_t i = 0; i < recipe.levels.size(); ++i) {
        const LevelCoordinates& level = recipe.levels[i];
        out.put_text(i < recipe.level_names.size() ? recipe.level_names[i] : std::string());
        out.put(level.h);
        out.put_list(level.mean);
        out.put(level.scale_before);
        out.put(level.soft);
        out.put(level.scale_after);
    }
}

CoordinateRecipe get_recipe(ByteReader& in) {
    CoordinateRecipe recipe;
    recipe.embedding = in.get_text();
    recipe.input_dimension = in.get<std::uint64_t>();
    recipe.mean = in.get_list<double>();
    if (recipe.mean.size() != recipe.input_dimension) in.damaged("a mean of a wrong length");
    const auto rows = in.get<std::uint64_t>();
    const auto cols = in.get<std::uint64_t>();
    if (cols != recipe.input_dimension || rows == 0 || cols == 0 ||
        rows > in.left() / sizeof(double) / cols) {
        in.damaged("axes of a wrong shape");
    }
    recipe.axes = Matrix<double>(rows, cols);
    const auto axes = in.get_all<double>(rows * cols);
    std::copy(axes.begin(), axes.end(), recipe.axes.data());
    recipe.unit_norm = in.get_truth();
    recipe.scale = in.get<double>();
    recipe.token_weight_a = in.get<double>();
    recipe.position = in.get<double>();
    recipe.trailing = in.get_truth();
    const std::size_t levels = in.get_count(48);
    for (std::size_t i = 0; i < levels; ++i) {
        recipe.level_names.push_back(in.get_text());
        LevelCoordinates level;
        level.h = in.get<double>();
        level.mean = in.get_list<double>();
        level.scale_before = in.get<double>();
        level.soft = in.get<double>();
        level.scale_after = in.get<double>();
        if (level.mean.size() != recipe.dimension()) in.damaged("a level mean of a wrong length");
        recipe.levels.push_back(std::move(level));
    }
    return recipe;
}

// True when `registry` can take the change without reaching outside its columns.
bool fits(const RegistryDelta& delta, const SplatRegistry& registry) {
    const std::size_t levels =
        delta.hierarchy ? delta.hierarchy->size() : registry.hierarchy.size();
    const auto fitting_query = [&](const std::optional<QueryGaussian>& query) {
        if (query.has_value() != registry.query_gaussians.has_value()) return false;
        return !query ||
               (query->centre.size() == registry.dimension &&
                query->variance.size() == registry.dimension && query->covariance().fits());
    };
    const auto fitting = [&](const Splat& splat) {
        return splat.id != kNoSplat && splat.level < levels &&
               splat.centre.size() == registry.dimension &&
               splat.variance.size() == registry.dimension && splat.covariance().fits() &&
               fitting_query(splat.query);
    };
    if (delta.head && !delta.head->query_quadratic.empty() &&
        delta.head->query_quadratic.size() != registry.dimension)
        return false;
    const CoordinateRecipe* recipe =
        delta.coordinates ? delta.coordinates.get() : registry.coordinates.get();
    if (delta.coordinates && (!registry.coordinates || recipe->dimension() != registry.dimension))
        return false;
    if ((delta.coordinates || levels != registry.hierarchy.size()) && recipe != nullptr &&
        recipe->levels.size() != levels)
        return false;
    const std::vector<Splat> written = delta.written.unpack();
    return levels > 0 && std::all_of(written.begin(), written.end(), fitting);
}

void apply_event(const std::string& path, std::uint32_t version, const Event& event,
                 SplatRegistry& registry) {
    if (event.delta.empty()) return;
    if (version < 5 && registry.query_gaussians)
        fail(
            "{}: cycle {}: it changes splats of the form paired, whose query side files of version "
            "{} do not hold; open it with the program that saved it",
            path, event.cycle, version);
    if (!fits(event.delta, registry)) {
        fail(
            "{}: damaged: cycle {}: a changed splat does not fit the registry; copy the file again",
            path, event.cycle);
    }
    try {
        apply(event.delta, registry);
        check_invariants(registry);
    } catch (const Error& error) {
        fail("{}: damaged: cycle {}: {}", path, event.cycle, error.what());
    }
}

// hash_splats as the program had it when .run files were of version 1.
std::uint64_t hash_of_version_1(const SplatRegistry& r) {
    const auto floats = [](const Matrix<float>& m) {
        return std::span<const float>(m.data(), m.size());
    };
    std::uint64_t h = 0;
    for (const Level& level : r.hierarchy.levels) {
        h = hash_text(level.name, h);
        h = hash_values(std::span<const double>(&level.weight, 1), h);
    }
    h = hash_values(std::span<const SplatId>(r.id), h);
    h = hash_values(std::span<const std::uint16_t>(r.level), h);
    h = hash_values(std::span<const SplatId>(r.parent), h);
    h = hash_values(floats(r.gaussians.centre), h);
    h = hash_values(floats(r.gaussians.variance), h);
    if (r.query_gaussians) {
        h = hash_values(floats(r.query_gaussians->centre), h);
        h = hash_values(floats(r.query_gaussians->variance), h);
    }
    h = hash_values(std::span<const float>(r.log_amplitude), h);
    h = hash_values(std::span<const float>(r.beta), h);
    h = hash_values(std::span<const std::int32_t>(r.age), h);
    for (const UsageHistory& usage : r.usage_history) h = hash_values(usage.recent(), h);
    if (r.background_log_weight)
        h = hash_values(std::span<const double>(&*r.background_log_weight, 1), h);
    return hash_values(std::span<const SplatId>(&r.next_id, 1), h);
}

// Levels stayed what they were until version 3.
void name_level(const Hierarchy& hierarchy, Event& event) {
    if (event.level < hierarchy.size()) event.level_name = hierarchy.levels[event.level].name;
}

void check_cycle(const std::string& path, std::uint32_t version, std::int32_t number, Cycle& cycle,
                 std::optional<SplatRegistry>& registry) {
    if (cycle.number != number) {
        fail("{}: damaged: cycle {} stands at the place of cycle {}", path, cycle.number, number);
    }
    for (Event& event : cycle.events) {
        if (event.cycle != number) {
            fail("{}: damaged: cycle {} holds an event of cycle {}", path, number, event.cycle);
        }
        if (number > 0 && event.accepted) apply_event(path, version, event, *registry);
        if (version <= 2)
            name_level(registry ? registry->hierarchy : cycle.state->registry->hierarchy, event);
    }
    if (cycle.state) {
        if (cycle.state->cycle != number) {
            fail("{}: damaged: cycle {} holds the state of cycle {}", path, number,
                 cycle.state->cycle);
        }
        if (registry && !same_bits(*registry, *cycle.state->registry)) {
            fail(
                "{}: damaged: cycle {}: the changes before it do not give the splats stored for it",
                path, number);
        }
        registry = *cycle.state->registry;
    }
    const std::uint64_t hash = hash_registry(*registry);
    const std::uint64_t wanted = version == 1   ? hash_of_version_1(*registry)
                                 : version == 2 ? hash_splats(*registry)
                                                : hash;
    if (cycle.registry_hash != wanted) {
        fail("{}: damaged: cycle {}: its splats do not have the hash stored for them", path,
             number);
    }
    cycle.registry_hash = hash;
    if (version <= 2)
        for (const Level& level : registry->hierarchy.levels)
            cycle.measures.level_names.push_back(level.name);
}

}  // namespace

void RecipeWriter::put(ByteWriter& out, const std::shared_ptr<const CoordinateRecipe>& recipe) {
    if (!recipe) {
        out.put(kNoRecipe);
        return;
    }
    const auto same = [&](const auto& other) { return other == recipe || *other == *recipe; };
    const auto found = std::find_if(known_.begin(), known_.end(), same);
    out.put(static_cast<std::uint32_t>(found - known_.begin()));
    if (found != known_.end()) return;
    put_recipe(out, *recipe);
    known_.push_back(recipe);
}

std::shared_ptr<const CoordinateRecipe> RecipeReader::get(ByteReader& in) {
    const auto number = in.get<std::uint32_t>();
    if (number == kNoRecipe) return nullptr;
    if (number < known_.size()) return known_[number];
    if (number > known_.size()) in.damaged("coordinates that are not there");
    known_.push_back(std::make_shared<const CoordinateRecipe>(get_recipe(in)));
    return known_.back();
}

void put_registry(ByteWriter& out, const SplatRegistry& registry, RecipeWriter& recipes) {
    SplatRegistry plain = registry;
    plain.coordinates.reset();
    out.put_text(write_splats_binary(plain));
    out.put_truth(registry.made_here);
    recipes.put(out, registry.coordinates);
}

std::shared_ptr<const SplatRegistry> get_registry(ByteReader& in, RecipeReader& recipes) {
    const std::string bytes = in.get_text();
    SplatRegistry registry = read_splats_binary(in.path(), bytes);
    registry.made_here = in.get_truth();
    registry.coordinates = recipes.get(in);
    if (registry.coordinates && registry.coordinates->dimension() != registry.dimension) {
        in.damaged("coordinates of another dimension");
    }
    return std::make_shared<const SplatRegistry>(std::move(registry));
}

void check_replay(const std::string& path, std::uint32_t version,
                  const std::vector<std::shared_ptr<Cycle>>& cycles) {
    if (cycles.empty() || !cycles.front()->state || !cycles.back()->state) {
        fail("{}: damaged: its first or last cycle is not whole; copy the file again", path);
    }
    std::optional<SplatRegistry> registry;
    for (std::size_t i = 0; i < cycles.size(); ++i) {
        check_cycle(path, version, static_cast<std::int32_t>(i), *cycles[i], registry);
    }
}

}  // namespace hsa
