#pragma once

#include "engine/compute/backend.h"
#include "engine/core/matrix.h"
#include "engine/core/work.h"
#include "engine/embed/model_text.h"
#include "engine/engine.h"
#include "engine/model/dataset.h"
#include "engine/model/settings.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Splats in the place of a model's heads: the model is run again with their attention, and what
// becomes of its states and of its sentences is measured.
namespace hsa {

struct ReplacedHead {
    HeadIndex at;
    double blend = 1.0;  // share of the splats
    bool operator==(const ReplacedHead&) const = default;
};

// "all", "LAYER", "LAYER:HEAD", each with "=BLEND", parted by commas: the last that names a head
// counts. Layer by layer; heads with a blend of 0 are left out. Throws Error (usage) for anything
// else, and for heads that are not there.
[[nodiscard]] std::vector<ReplacedHead> replaced_heads(const ReplaceSettings& settings,
                                                       std::size_t layers, std::size_t heads);

// What came of one head, over the windows that were run.
struct ReplacedReport {
    ReplacedHead head;
    double row_kl = 0.0;        // of the fits, on rows that they never drew, a mean
    double output_error = 0.0;  // of the fits
    std::size_t splats = 0;     // a window, at most
    std::size_t kept = 0;  // windows in which the head kept its own attention: beyond the bound
};

struct ReplaceReport {
    ReplaceMode mode = ReplaceMode::hybrid;
    std::size_t windows = 0;  // run, of all
    std::size_t of_windows = 0;
    std::size_t rows = 0;
    std::vector<ReplacedReport> heads;
    std::vector<double> layer_error;  // [layers] |h' - h| / |h| over all rows
    std::size_t sentences = 0;        // of mean states after the last layer, without special tokens
    double cosine_mean = 1.0;         // against the model's own
    double cosine_least = 1.0;
    double rank_correlation =
        1.0;  // Spearman's, of all pairs' cosines; 1 for fewer than 3 sentences
};

// At most this many windows are run, evenly spread.
inline constexpr std::size_t kReplaceWindows = 8;

// Fits splats to the heads in every window (in mode outside: to the whole text, for what lies
// outside the row's window), with the settings of the request as fit_head() does, and runs the
// windows with
//   full     O = splats                  hybrid   O = (1 - r) own + r splats
//   added    O = own + r splats          outside  own pairs of the window and r times the masses of
//                                                 the splats beyond it in one normaliser
// Queries, keys and values are those that the replaced layers before give. With blend 0, or where
// every head keeps its own attention, states are bit for bit the model's.
[[nodiscard]] ReplaceReport replace_heads(Backend& backend, const ModelText& text,
                                          const Dataset& words, const Request& request,
                                          const ReplaceSettings& settings, const Work& work);

// A row that belongs to no sentence.
inline constexpr std::uint32_t kNoSentence = 0xffffffffU;
// Fills in what becomes of the sentences: states [rows, hidden] before and after, the sentence of
// every row.
void add_sentences(const Matrix<float>& own, const Matrix<float>& got,
                   std::span<const std::uint32_t> sentence, ReplaceReport& report);

// The report as the result `replace.report`.
[[nodiscard]] nlohmann::json replace_json(const ReplaceReport& report);

}  // namespace hsa
