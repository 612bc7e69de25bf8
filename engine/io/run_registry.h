#pragma once

#include "engine/io/bytes.h"
#include "engine/model/history.h"

#include <memory>
#include <string>
#include <vector>

namespace hsa {

// Coordinates are shared by all registries of a run: each recipe is written where it occurs first
// and by its number after that.
class RecipeWriter {
  public:
    void put(ByteWriter& out, const std::shared_ptr<const CoordinateRecipe>& recipe);

  private:
    std::vector<std::shared_ptr<const CoordinateRecipe>> known_;
};
class RecipeReader {
  public:
    [[nodiscard]] std::shared_ptr<const CoordinateRecipe> get(ByteReader& in);

  private:
    std::vector<std::shared_ptr<const CoordinateRecipe>> known_;
};

// A whole registry, bit for bit; reading checks every rule of a splat file.
void put_registry(ByteWriter& out, const SplatRegistry& registry, RecipeWriter& recipes);
[[nodiscard]] std::shared_ptr<const SplatRegistry> get_registry(ByteReader& in,
                                                                RecipeReader& recipes);

// Applies every change of a history that came from a file, checking ids and lengths before each one
// and the hash after each cycle. Hashes of version 1 left out kinds, form and kappa, those of
// version 2 the levels' coordinates: they are held against that rule and replaced by today's;
// events and measures get the names of their levels. Throws Error naming the cycle.
void check_replay(const std::string& path, std::uint32_t version,
                  const std::vector<std::shared_ptr<Cycle>>& cycles);

}  // namespace hsa
