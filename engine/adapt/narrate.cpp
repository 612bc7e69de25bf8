#include "engine/adapt/narrate.h"

#include "engine/adapt/moments.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

namespace hsa {
namespace {

std::string id_list(const std::vector<SplatId>& ids) {
    std::string list;
    for (std::size_t i = 0; i < ids.size(); ++i)
        list += fmt::format("{}{}", i == 0 ? "" : i + 1 == ids.size() ? " and " : ", ", ids[i]);
    return list;
}

std::string done(const Event& event, const std::string& level) {
    const std::string before = id_list(event.before);
    const std::string after = id_list(event.after);
    switch (event.kind) {
        case EventKind::mitosis:
            return fmt::format("Splat {} of {} split into {}", before, level, after);
        case EventKind::merge:
            return fmt::format("Splats {} of {} became {}", before, level, after);
        case EventKind::birth: return fmt::format("Splat {} was born in {}", after, level);
        default: return fmt::format("Splat {} of {} was removed", before, level);
    }
}

std::string left(const Event& event, const std::string& level) {
    const std::string before = id_list(event.before);
    switch (event.kind) {
        case EventKind::mitosis: return fmt::format("Splat {} of {} was not split", before, level);
        case EventKind::merge: return fmt::format("Splats {} of {} were not merged", before, level);
        case EventKind::birth: return fmt::format("A birth in {} was refused", level);
        default: return fmt::format("Splat {} of {} was kept", before, level);
    }
}

std::string reasons(const std::vector<Reason>& decided_by, std::size_t count) {
    std::string text;
    for (std::size_t r = 0; r < std::min(count, decided_by.size()); ++r) {
        std::string name = decided_by[r].name;
        std::replace(name.begin(), name.end(), '_', ' ');
        text += fmt::format("{}{} {:.3g} against {:.3g}", r == 0 ? "" : ", ", name,
                            decided_by[r].value, decided_by[r].threshold);
    }
    return text;
}

}  // namespace

std::string words_of(const Dataset& dataset, std::span<const std::uint32_t> tokens,
                     std::size_t count) {
    std::vector<std::string> words;
    for (const std::uint32_t token : tokens) {
        if (token >= dataset.size()) continue;
        std::string word = dataset.token_text(token);
        if (word.empty() || std::find(words.begin(), words.end(), word) != words.end()) continue;
        words.push_back(std::move(word));
        if (words.size() == count) break;
    }
    std::string text;
    for (const std::string& word : words)
        text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", word);
    return text;
}

std::string trial_sentence(const Dataset& dataset, const std::string& level, const Event& event,
                           const TrialOutcome& outcome, CovarianceKind kind, const char* measure) {
    const std::size_t ranked = event.decided_by.size() - (outcome.probed ? 2 : 1);
    std::string text = event.accepted ? done(event, level) : left(event, level);
    const std::string words = words_of(dataset, event.tokens);
    if (!words.empty()) text += fmt::format(" (around {})", words);
    text += fmt::format(": {}; the trial changed {} by {:+.3g} +- {:.2g}, limit {:+.3g}",
                        reasons(event.decided_by, ranked), measure, outcome.d, outcome.se,
                        outcome.threshold);
    if (outcome.probed)
        text += fmt::format(", and by {:+.3g} on the probe rows, limit {:+.3g}",
                            outcome.probe_change, outcome.probe_threshold);
    if (event.accepted && (event.kind == EventKind::mitosis || event.kind == EventKind::merge))
        text += fmt::format("; {}", restriction_note(kind));
    return text + ".";
}

std::string adjust_sentence(const std::string& level, const AdjustedLevel& adjusted) {
    if (adjusted.kept)
        return fmt::format(
            "The {} splats of {} took ten steps of {:.3g}: row-KL on the probe rows went "
            "from {:.4g} to {:.4g}.",
            adjusted.splats.size(), level, adjusted.rate, adjusted.before, adjusted.after);
    return fmt::format(
        "Ten steps of {:.3g} at {} were undone: row-KL on the probe rows went from {:.4g} to "
        "{:.4g}; the next steps are of {:.3g}.",
        adjusted.rate, level, adjusted.before, adjusted.after, adjusted.next_rate);
}

std::string bookkeeping_sentence(const std::string& level, std::optional<double> offset) {
    if (!offset) return fmt::format("The splats of {} are a cycle older.", level);
    return fmt::format("{} keeps its share of attention: its weights shift by {:+.3g} in ln w.",
                       level, *offset);
}

}  // namespace hsa
