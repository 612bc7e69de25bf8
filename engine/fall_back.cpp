#include "engine/fall_back.h"

#include "engine/core/error.h"

#include <fmt/core.h>

#include <cstddef>

namespace hsa {
namespace {

constexpr std::size_t kDenseUpTo = 4096;  // all pairs of more are no picture's business

std::string sentence_of(const RecoverSettings& recover, double row_kl, bool dense) {
    const std::string what =
        dense ? std::string("exact attention over all pairs")
              : fmt::format("exact attention over {} tokens on either side", recover.window);
    const char* many = !dense && recover.fallback == Fallback::dense
                           ? " (there are too many tokens for all pairs)"
                           : "";
    if (recover.bound > 0.0)
        return fmt::format(
            "{} in the place of the splats{}: their row-KL {:.3g} is above recover.bound {:.3g}",
            what, many, row_kl, recover.bound);
    return fmt::format("{} in the place of the splats{}, as recover.fallback asks", what, many);
}

}  // namespace

std::string fall_back(const RecoverSettings& recover, const Snapshot& snapshot, double row_kl,
                      LookKey& looked) {
    if (recover.fallback == Fallback::none) return "";
    if (recover.bound > 0.0 && !(row_kl > recover.bound)) return "";
    if (!snapshot.target)
        fail(
            "recover.fallback: exact scores are the target's, and target.source is none: set "
            "target.source scores.");
    const std::size_t n = snapshot.coordinates->size();
    const bool dense = recover.fallback == Fallback::dense && n <= kDenseUpTo;
    looked.exact = {};
    looked.exact.window = dense ? n : recover.window;
    looked.exact.blend = 0.0;
    looked.target = snapshot.target;
    looked.splats_per_token = 0;
    looked.mode = AttentionMode::dense;
    looked.storage = Storage::float32;
    return sentence_of(recover, row_kl, dense);
}

}  // namespace hsa
