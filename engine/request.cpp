#include "engine/embed/tokenizer.h"
#include "engine/engine.h"

#include <optional>
#include <tuple>

namespace hsa {

const char* name_of(Stage stage) {
    switch (stage) {
        case Stage::load: return "load";
        case Stage::embed: return "embed";
        case Stage::coordinates: return "coordinates";
        case Stage::initialise: return "initialise";
        case Stage::adapt: return "adapt";
        case Stage::factor: return "factor";
        case Stage::measure: return "measure";
        case Stage::layout: return "layout";
        case Stage::done: return "done";
    }
    return "";
}

namespace {

std::tuple<std::size_t, std::optional<double>, std::size_t, std::size_t, std::size_t> exact_pairs(
    const AttentionSettings& settings) {
    return {settings.window, settings.blend, settings.near, settings.near_limit, settings.anchors};
}

}  // namespace

Stage first_difference(const Request& a, const Request& b) {
    if (a.sources != b.sources || tokenizer_of(a.embed) != tokenizer_of(b.embed))
        return Stage::load;
    if (a.embed != b.embed) return Stage::embed;
    if (a.coordinates != b.coordinates || a.init.counts.size() != b.init.counts.size() ||
        a.init.path != b.init.path || a.attention.form != b.attention.form ||
        a.attention.mask != b.attention.mask || a.compute.precision != b.compute.precision ||
        a.first_settings.causal != b.first_settings.causal || a.run != b.run ||
        a.run_entries != b.run_entries)
        return Stage::coordinates;
    if (a.init != b.init || a.splats != b.splats || a.backend != b.backend ||
        a.first_settings.target != b.first_settings.target ||  // a fit is to a target
        exact_pairs(a.attention) != exact_pairs(b.attention))  // ... and to what these leave
        return Stage::initialise;
    if (a.first_settings != b.first_settings && !a.init.warm_up.empty()) return Stage::initialise;
    if (a.first_settings != b.first_settings || a.entries != b.entries ||
        a.compute.storage != b.compute.storage || a.last_cycle != b.last_cycle ||
        a.until_quiet != b.until_quiet || a.until_events != b.until_events ||
        a.run_from != b.run_from)
        return Stage::adapt;
    if (a.cursor != b.cursor || a.recover != b.recover || a.mask != b.mask ||
        a.attention.temperature != b.attention.temperature ||
        a.attention.causal != b.attention.causal || a.attention.mode != b.attention.mode ||
        a.attention.splats_per_token != b.attention.splats_per_token)
        return Stage::factor;
    if (a.names != b.names) return Stage::measure;
    if (a.axes != b.axes) return Stage::layout;
    return Stage::done;
}

// Row top-k and threshold are for the look lane alone: they ask no stage for anything.
bool Request::same_work(const Request& other) const {
    return first_difference(*this, other) == Stage::done;
}

}  // namespace hsa
