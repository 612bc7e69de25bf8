#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/engine.h"
#include "engine/model/coordinates.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hsa {

// What splats are warmed up on, and everything that the cycles depend on beside them.
struct WarmUp {
    std::vector<std::string> files;
    std::vector<std::string> stamps;  // of the files, so that a changed one is told apart
    std::size_t cycles = 0;           // on each file
    EmbedSettings embed;              // the head of files with several
    CycleSettings settings;           // a target from a file is of other data: scores in its place
    std::uint64_t seed = 1;           // where settings.adapt names none
    bool operator==(const WarmUp&) const = default;
};
// Of a request whose splats have this form. Throws Error for others than token.
[[nodiscard]] WarmUp warm_up_of(const Request& request, Form form);

// The splats of cycle 0 after adaptation to each file in turn, in the coordinates of `coordinates`
// made of the file's rows. Each file has a fresh state, but for what is remembered of the texts
// before: how the splats covered the last one (adapt/shift.h), adaptive thresholds, and what each
// splat was to them (adapt/signals.h). Ids rise on, ages and histories of usage
// are those of starting splats, and the level shares of splats made here hold on the open data
// again. Same files, settings and seed: same bits, for any number of threads. Throws Error for a
// text (load_vectors), also where the open vectors are of a text's co-occurrence, and for rows of
// another length than the open data's.
[[nodiscard]] std::shared_ptr<const SplatRegistry> warmed_up(
    Backend& backend, const Dataset& dataset, const Coordinates& coordinates,
    const std::shared_ptr<const SplatRegistry>& first, const WarmUp& warm_up,
    const SampleReader& read_sample, const Work& work);

// "warmed up on 3 files, 10 cycles each: 58 splats".
[[nodiscard]] std::string warm_up_sentence(const WarmUp& warm_up, const SplatRegistry& registry);

}  // namespace hsa
