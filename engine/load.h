#pragma once

#include "engine/attention/target.h"
#include "engine/engine.h"
#include "engine/io/run.h"
#include "engine/model/dataset.h"

#include <cstdint>
#include <memory>
#include <string>

namespace hsa {

// Reads the sources of a request: a text, vectors, or both matched by their counts, metadata of
// their rows, and a parse of their words (io/conllu.h). Two of one kind are refused. A text is cut
// into tokens as the settings say (embed/tokenizer.h), unless its source is read as lines. A
// float32 .npy in C order or tensor is never copied, and mapped when its file is larger than
// `map_above` bytes. Throws Error for every fault of a file (engine/io), naming it.
[[nodiscard]] std::shared_ptr<const Dataset> load_dataset(const std::vector<Source>& sources,
                                                          const EmbedSettings& settings,
                                                          const SampleReader& read_sample,
                                                          std::uint64_t map_above,
                                                          const Work& work);

// What of the settings load_dataset() depends on, a file's stamp included.
[[nodiscard]] std::string tokenizer_stamp(const EmbedSettings& settings);

// The vectors of one file, of several heads those of the one that the settings name. Throws Error
// for a text, whose words have vectors of their own alone, and for every fault of the file.
[[nodiscard]] std::shared_ptr<const Dataset> load_vectors(const std::string& path,
                                                          const EmbedSettings& settings,
                                                          const SampleReader& read_sample);

// A stored history, from a file or a sample.
[[nodiscard]] std::shared_ptr<const RunFile> load_run(const std::string& path,
                                                      const SampleReader& read_sample);

// The splats of a file, JSON or binary.
[[nodiscard]] std::shared_ptr<const SplatRegistry> load_splats(const std::string& path);

// What attention is held against: the scores of the data, or a file (n x n, rows that sum to 1; of
// several heads the one that `embed` names, 0 and 0 by themselves); null with target.source none.
// Throws Error when the file is no target.
[[nodiscard]] std::shared_ptr<const Target> find_target(const Dataset& dataset,
                                                        const Coordinates& coordinates,
                                                        const TargetSettings& settings,
                                                        const EmbedSettings& embed, bool causal);

}  // namespace hsa
