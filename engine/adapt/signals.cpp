#include "engine/adapt/signals.h"

namespace hsa {
namespace {

constexpr std::size_t kTexts = 10;
constexpr double kUnused = 0.25;  // of an even share

}  // namespace

double Signals::blended(SplatId id, double now, float SplatSignal::*member) const {
    if (past_ == nullptr || !(smoothing_ > 0.0)) return now;
    const auto found = past_->find(id);
    if (found == past_->end() || found->second.texts.empty()) return now;
    double sum = 0.0;
    double weights = 0.0;
    double weight = 1.0;
    const std::vector<SplatSignal>& texts = found->second.texts;
    for (std::size_t text = texts.size(); text-- > 0;) {
        sum += weight * static_cast<double>(texts[text].*member);
        weights += weight;
        weight *= smoothing_;
    }
    return (1.0 - smoothing_) * now + smoothing_ * sum / weights;
}

double Signals::usage(SplatId id, double now) const {
    return blended(id, now, &SplatSignal::usage);
}

double Signals::error_share(SplatId id, double now) const {
    return blended(id, now, &SplatSignal::error_share);
}

bool Signals::dormant(SplatId id, double now, double even) const {
    return now < kUnused * even && usage(id, now) >= kUnused * even;
}

void note_signals(std::span<const SplatId> ids, std::span<const double> usage,
                  std::span<const double> error_share, double smoothing, AdaptState& state) {
    if (!(smoothing > 0.0)) return;
    for (std::size_t s = 0; s < ids.size(); ++s) {
        SplatSignal signal;
        signal.usage = static_cast<float>(usage[s]);
        if (s < error_share.size()) signal.error_share = static_cast<float>(error_share[s]);
        state.signals[ids[s]].now = signal;
    }
}

void end_of_text(AdaptState& state) {
    for (auto& [id, past] : state.signals) {
        if (!past.now) continue;
        past.texts.push_back(*past.now);
        past.now.reset();
        if (past.texts.size() > kTexts) past.texts.erase(past.texts.begin());
    }
}

}  // namespace hsa
