#pragma once

#include "engine/compute/backend.h"
#include "engine/core/work.h"
#include "engine/engine.h"
#include "engine/model/settings.h"
#include "engine/model/splat_registry.h"

#include <cstddef>
#include <span>
#include <string>

namespace hsa {

// How the embedding of a corpus begins in CoordinateRecipe::embedding.
inline constexpr const char* kCorpusEmbedding = "corpus:";

// The settings that splats of a corpus are made with.
struct CorpusOptions {
    InitSettings init;  // method and counts; a file and a fit to a head give the recipe's
    SplatSettings splats;
    CoordinateSettings coordinates;  // rows of a pool have no order: no smoothing, no position
    EmbedSettings embed;             // the head of files with several
    std::size_t most_rows = std::size_t{1} << 18U;
};

struct Corpus {
    SplatRegistry registry;  // with its coordinates, for any data of that dimension
    std::size_t files = 0;
    std::size_t rows = 0;       // of all files, without masked ones
    std::size_t dimension = 0;  // of a row
    std::size_t rows_used = 0;  // of the pool
};

// Splats of many files of vectors of one model: their unmasked rows in one pool, of at most
// `most_rows` (one drawn from each of so many equal stretches of all rows, file by file), the
// coordinates estimated on it (defaults.md 1-3 for rows without an order) and splats initialised on
// these. Same files, settings and seed: same bits, for any number of threads. Files that do not fit
// into the pool together are read twice, so that memory holds the pool and one file. Throws Error
// for a text (load_vectors) and for rows of other lengths, naming both files.
[[nodiscard]] Corpus corpus_splats(Backend& backend, std::span<const std::string> files,
                                   const CorpusOptions& options, const SampleReader& read_sample,
                                   const Work& work);

}  // namespace hsa
