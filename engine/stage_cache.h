#pragma once

#include "engine/adapt/initialise.h"
#include "engine/cycles.h"
#include "engine/engine.h"
#include "engine/fit/distil.h"
#include "engine/io/run.h"
#include "engine/memo.h"
#include "engine/models.h"
#include "engine/snapshot.h"
#include "engine/stages.h"
#include "engine/warm_up.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace hsa {

struct Measured {
    std::shared_ptr<const Measures> measures;
    std::shared_ptr<const std::vector<std::string>> names;
    std::shared_ptr<const std::vector<float>> parent_share;
};

struct StageCache::Impl {
    Memo<std::pair<std::vector<Source>, std::string>, Dataset> loaded;  // and tokenizer_stamp()
    Memo<std::pair<std::shared_ptr<const Dataset>, EmbedSettings>, Dataset> embedded;
    Models models;
    Memo<std::string, SplatRegistry> files;
    Memo<std::tuple<std::shared_ptr<const Dataset>, CoordinateSettings, std::size_t,
                    std::shared_ptr<const SplatRegistry>, Form>,
         Coordinates>
        coordinates;
    // Copies whose address later results are remembered by: of a mask, of a precision.
    Memo<std::tuple<std::shared_ptr<const Coordinates>, std::vector<Range>, Precision>, Coordinates>
        apart;
    Memo<std::tuple<std::shared_ptr<const Coordinates>, InitSettings, SplatSettings>, Start>
        initial;
    Memo<std::tuple<std::shared_ptr<const SplatRegistry>, std::shared_ptr<const Coordinates>,
                    WarmUp>,
         SplatRegistry>
        warmed;
    Memo<std::tuple<std::shared_ptr<const Coordinates>, InitSettings, SplatSettings, TargetSettings,
                    EmbedSettings, Form, NearOptions>,
         Distilled>
        fits;
    Memo<std::string, RunFile> runs;
    std::deque<std::unique_ptr<CycleCache>> timelines;
    Memo<std::uint64_t, SplatRegistry> registries{16};
    Memo<LookKey, LookedAt> attention{16};
    Memo<std::tuple<std::shared_ptr<const Factors>, std::shared_ptr<const Target>, std::uint64_t>,
         Measured>
        measured{6};
    Memo<
        std::tuple<std::shared_ptr<const Measures>, std::shared_ptr<const Coordinates>, AxesChoice>,
        Layout>
        layouts{6};
    // Of what the exact map on screen is.
    std::weak_ptr<const Coordinates> exact_of;
    std::weak_ptr<const SplatRegistry> exact_splats;
    std::size_t exact_entries = 0;            // of its timeline
    std::map<std::string, std::size_t> hits;  // by name of the stage
    std::uint64_t generation = 0;
    std::unique_ptr<Backend> twofold;  // of compute.precision double, once it was asked for

    [[nodiscard]] Backend& backend_for(const ComputeSettings& compute, Backend& single);
};

}  // namespace hsa
