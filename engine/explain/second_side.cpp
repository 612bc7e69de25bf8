#include "engine/explain/second_side.h"

#include "engine/attention/factors.h"
#include "engine/attention/near_factors.h"
#include "engine/core/error.h"
#include "engine/model/history.h"
#include "engine/model/level_coordinates.h"

#include <span>

namespace hsa {
namespace {

constexpr std::uint16_t kNoLevel = kAllLevels - 1;  // of no splat

}  // namespace

SecondSide second_side(const Snapshot& snapshot, std::int32_t cycle, Backend& backend,
                       const Work& work) {
    const History& history = *snapshot.history;
    if (cycle < 0 || cycle > history.last())
        fault("the second side is cycle {} of {}", cycle, history.last());
    SecondSide side;
    side.cycle = cycle;
    side.registry = registry_at(history, cycle);
    FactorOptions options;
    options.temperature = snapshot.temperature;
    options.causal = snapshot.causal;
    const Coordinates its =
        coordinates_for(std::span(&snapshot.coordinates, 1), *side.registry, work);
    side.factors = std::make_shared<const Factors>(factors_beside(
        backend, *side.registry, its, options, snapshot.target.get(), snapshot.near, work));
    side.sums = std::make_shared<const TileSums>(tile_sums(*side.factors, work));
    return side;
}

Picture second_picture(const SecondSide& side, const Hierarchy& shown,
                       const PictureRequest& request, const Work& work) {
    PictureRequest its = request;
    if (request.part.splats.empty() && request.part.level != kAllLevels) {
        const auto level =
            request.part.level < shown.levels.size()
                ? side.registry->hierarchy.index_of(shown.levels[request.part.level].name)
                : std::nullopt;
        its.part.level = level ? static_cast<std::uint16_t>(*level) : kNoLevel;
    }
    Picture picture = attention_picture(*side.factors, *side.sums, its, AttentionSettings{}, work);
    picture.request = request;
    return picture;
}

}  // namespace hsa
