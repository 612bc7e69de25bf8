#include "engine/io/run_adaptation.h"

#include <optional>

namespace hsa {
namespace {

constexpr std::size_t kTexts = 10;

void put_number(ByteWriter& out, const std::optional<double>& value) {
    out.put_truth(value.has_value());
    if (value) out.put(*value);
}

std::optional<double> get_number(ByteReader& in) {
    if (!in.get_truth()) return std::nullopt;
    return in.get<double>();
}

void put_signal(ByteWriter& out, const SplatSignal& signal) {
    out.put(signal.usage);
    out.put(signal.error_share);
}

SplatSignal get_signal(ByteReader& in) {
    SplatSignal signal;
    signal.usage = in.get<float>();
    signal.error_share = in.get<float>();
    return signal;
}

}  // namespace

void put_adaptation(ByteWriter& out, const AdaptState& state) {
    out.put<std::uint64_t>(state.seen.levels.size());
    for (const Covered& covered : state.seen.levels) {
        out.put(covered.mean);
        out.put(covered.error);
    }
    out.put_list(state.seen.drift);
    out.put_list(state.seen.variance);
    out.put(state.seen.registry_hash);
    out.put(state.seen.temperature);
    out.put(state.structure_at);
    out.put(state.shift_at);
    for (const double factor : state.thresholds.factor) out.put(factor);
    for (const std::optional<double>& accepted : state.thresholds.accepted)
        put_number(out, accepted);
    out.put<std::uint64_t>(state.signals.size());
    for (const auto& [id, past] : state.signals) {
        out.put(id);
        out.put<std::uint64_t>(past.texts.size());
        for (const SplatSignal& signal : past.texts) put_signal(out, signal);
        out.put_truth(past.now.has_value());
        if (past.now) put_signal(out, *past.now);
    }
}

void get_adaptation(ByteReader& in, AdaptState& state) {
    const std::size_t levels = in.get_count(2 * sizeof(double));
    for (std::size_t l = 0; l < levels; ++l) {
        Covered covered;
        covered.mean = in.get<double>();
        covered.error = in.get<double>();
        state.seen.levels.push_back(covered);
    }
    state.seen.drift = in.get_list<double>();
    state.seen.variance = in.get_list<double>();
    state.seen.registry_hash = in.get<std::uint64_t>();
    state.seen.temperature = in.get<double>();
    state.structure_at = in.get<std::int32_t>();
    state.shift_at = in.get<std::int32_t>();
    for (double& factor : state.thresholds.factor) {
        factor = in.get<double>();
        if (!(factor > 0.0)) in.damaged("a threshold that is not above 0");
    }
    for (std::optional<double>& accepted : state.thresholds.accepted) accepted = get_number(in);
    const std::size_t signals = in.get_count(13);
    for (std::size_t i = 0; i < signals; ++i) {
        const auto id = in.get<SplatId>();
        if (!state.registry->find(id)) in.damaged("signals of a splat that is not there");
        PastSignals past;
        const std::size_t texts = in.get_count(2 * sizeof(float));
        if (texts > kTexts) in.damaged("signals of too many texts");
        for (std::size_t t = 0; t < texts; ++t) past.texts.push_back(get_signal(in));
        if (in.get_truth()) past.now = get_signal(in);
        state.signals.insert_or_assign(id, std::move(past));
    }
}

void put_paths(ByteWriter& out, const AdaptState& state) {
    out.put<std::uint64_t>(state.paths.size());
    for (const auto& [id, path] : state.paths) {
        out.put(id);
        out.put<std::uint64_t>(path.size());
        for (const PathShare& one : path) {
            out.put(one.parent);
            out.put(one.share);
        }
    }
}

void get_paths(ByteReader& in, AdaptState& state) {
    const std::size_t children = in.get_count(sizeof(SplatId) + sizeof(std::uint64_t));
    for (std::size_t c = 0; c < children; ++c) {
        const auto id = in.get<SplatId>();
        if (!state.registry->find(id)) in.damaged("the path of a splat that is not there");
        std::vector<PathShare> path;
        const std::size_t parents = in.get_count(sizeof(SplatId) + sizeof(float));
        for (std::size_t t = 0; t < parents; ++t) {
            PathShare one;
            one.parent = in.get<SplatId>();
            one.share = in.get<float>();
            if (!(one.share >= 0.0F && one.share <= 1.0F)) in.damaged("a path's share beyond 0..1");
            path.push_back(one);
        }
        state.paths.insert_or_assign(id, std::move(path));
    }
}

void put_held_parents(ByteWriter& out, const AdaptState& state) {
    out.put<std::uint64_t>(state.held_parents.size());
    for (const auto& [child, parent] : state.held_parents) {
        out.put(child);
        out.put(parent);
    }
}

void get_held_parents(ByteReader& in, AdaptState& state) {
    const SplatRegistry& registry = *state.registry;
    const std::size_t held = in.get_count(2 * sizeof(SplatId));
    for (std::size_t i = 0; i < held; ++i) {
        const auto child = in.get<SplatId>();
        const auto parent = in.get<SplatId>();
        if (!registry.find(child) || !registry.find(parent))
            in.damaged("a parent by hand that is not there");
        state.held_parents.insert_or_assign(child, parent);
    }
}

void put_schedule(ByteWriter& out, const CycleMeasures& measures) {
    put_number(out, measures.shift);
    out.put_truth(measures.structure);
}

void get_schedule(ByteReader& in, CycleMeasures& measures) {
    measures.shift = get_number(in);
    measures.structure = in.get_truth();
}

}  // namespace hsa
