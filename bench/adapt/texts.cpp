#include "bench/adapt/texts.h"

#include "bench/adapt/problem.h"
#include "engine/adapt/controller.h"
#include "engine/adapt/initialise.h"
#include "engine/adapt/rows.h"
#include "engine/attention/cells.h"
#include "engine/attention/factors.h"
#include "engine/attention/row_kl.h"
#include "engine/compute/backend.h"
#include "engine/embed/cooccurrence.h"
#include "engine/embed/coordinates.h"
#include "engine/embed/words.h"
#include "engine/io/file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>

namespace hsa_bench {
namespace {

using namespace hsa;

constexpr std::size_t kLevels = 4;
constexpr std::size_t kCycles = 40;
constexpr std::size_t kTimedTokens = 4096;
constexpr std::size_t kTimedCycles = 8;
constexpr std::size_t kAllTokens = std::numeric_limits<std::size_t>::max();

const char* mark(bool good) { return good ? "reached" : "MISSED"; }

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Text {
    Dataset dataset;
    Coordinates coordinates;
    std::shared_ptr<const Target> target;
    std::shared_ptr<const SplatRegistry> registry;
};

// The recipe of defaults.md on the first words of a text, with its counts or these.
Text text_of(Backend& backend, const std::string& path, std::size_t tokens,
             const std::vector<std::size_t>& counts) {
    Text text;
    const auto bytes = std::make_shared<const std::string>(read_file(path));
    text.dataset = split_words(path, bytes, Work{});
    if (text.dataset.size() > tokens)
        text.dataset = split_words(path,
                                   std::make_shared<const std::string>(
                                       bytes->substr(0, text.dataset.tokens[tokens - 1].end)),
                                   Work{});
    text.dataset.embeddings = embed_cooccurrence(text.dataset, Work{});
    const Hierarchy hierarchy = make_hierarchy(kLevels, text.dataset.size());
    text.coordinates = estimate_coordinates(text.dataset, hierarchy, {}, Work{});
    text.target = make_target(text.dataset, text.coordinates, {});
    InitSettings init;
    init.counts = counts;
    text.registry = std::make_shared<const SplatRegistry>(
        initialise(backend, text.dataset, text.coordinates, hierarchy, init, {}, Work{}).registry);
    return text;
}

AdaptInput input_of(const Text& text, const AdaptSettings& settings) {
    return {text.dataset, text.coordinates, text.target, settings, 1, 1.0};
}

// Row-KL of the joint attention on V, as W is measured.
double probe_kl(const Text& text, const AdaptSettings& settings, const CycleResult& result) {
    const RowSets sets = row_sets(text.dataset.size(), settings.probe_rows, 1);
    const std::vector<double> kl = rows_kl(*result.factors, *text.target, sets.probe, Work{});
    double sum = 0.0;
    for (const double value : kl) sum += value;
    return sum / static_cast<double>(kl.size());
}

void overfitting(Backend& backend, const std::string& path) {
    const Text text = text_of(backend, path, kAllTokens, {});
    for (const bool events : {true, false}) {
        AdaptSettings settings = preset(Preset::story);
        if (!events)
            settings.rate_death = settings.rate_merge = settings.rate_mitosis =
                settings.rate_birth = 0;
        const AdaptInput input = input_of(text, settings);
        const double from = seconds();
        CycleResult result = begin_adaptation(backend, input, text.registry, Work{});
        const double first = result.measures.row_kl;
        for (std::size_t cycle = 0; cycle < kCycles; ++cycle)
            result = adapt_cycle(backend, input, result.state, Work{});
        const double w = result.measures.row_kl;
        const double v = probe_kl(text, settings, result);
        fmt::print(
            "   {}, {} tokens, {} cycles{}: k {} -> {}, W {:.4f} -> {:.4f}, V {:.4f}, W / V "
            "{:.3f}, {:.0f} s  {}\n",
            path, text.dataset.size(), kCycles, events ? "" : " without events",
            text.registry->size(), result.state.registry->size(), first, w, v, w / v,
            seconds() - from, events ? mark(w / v <= 1.3) : "");
    }
}

void passes(Backend& backend, const std::string& path) {
    const Text text = text_of(backend, path, kTimedTokens, {73, 36, 15, 4});
    const AdaptInput input = input_of(text, preset(Preset::story));
    std::vector<double> pass;
    std::vector<double> cycle;
    CycleResult result = begin_adaptation(backend, input, text.registry, Work{});
    for (std::size_t c = 0; c < kTimedCycles; ++c) {
        const double from = seconds();
        const Factors factors =
            compute_factors(backend, *text.registry, text.coordinates, {}, Work{});
        (void)attend(factors, text.coordinates.base->view());
        const double between = seconds();
        result = adapt_cycle(backend, input, result.state, Work{});
        pass.push_back(between - from);
        cycle.push_back(seconds() - between);
    }
    const double ratio = median(cycle) / median(pass);
    fmt::print(
        "   {}, the first {} tokens, k {} in four levels: a cycle {:.3f} s, a forward pass {:.4f} "
        "s (medians): {:.0f} passes  {}\n",
        path, text.dataset.size(), text.registry->size(), median(cycle), median(pass), ratio,
        mark(ratio <= 40.0));
}

}  // namespace

void texts_table(const std::vector<std::string>& files) {
    fmt::print(
        "7. texts, the recipe, story: W / V <= 1.3 after {} cycles; a cycle at most 40 forward "
        "passes at n = 4096, k = 128\n",
        kCycles);
    std::vector<std::string> notes;
    const std::unique_ptr<Backend> backend = make_backend("auto", notes);
    for (const std::string& file : files) {
        passes(*backend, file);
        overfitting(*backend, file);
    }
}

}  // namespace hsa_bench
