#include "engine/core_choice.h"

#include "engine/attention/cells.h"
#include "engine/fit/row_entropy.h"

#include <nlohmann/json.hpp>

#include <string>

namespace hsa {

Outputs outputs_through_core(const Factors& factors, const Target& target,
                             MatrixView<const float> values, std::uint64_t seed, const Work& work) {
    const std::size_t n = factors.tokens() - target.masked().size();
    const double entropy = mean_row_entropy(target);
    nlohmann::json core = {{"used", false}, {"entropy_share", entropy_share(entropy, n)}};
    Outputs outputs;
    const bool diffuse = is_diffuse(entropy, n);
    const std::string why = diffuse ? why_no_core(factors) : "";
    if (!why.empty()) core["why"] = why;
    if (diffuse && why.empty()) {
        const SignedCore fitted = fit_signed_core(factors, target, values, seed, work);
        core["used"] = fitted.used;
        core["error_plain"] = fitted.error_plain;
        core["error_core"] = fitted.error_core;
        core["rows"] = fitted.held_out;
        outputs.with_core = fitted.used;
        if (fitted.used) outputs.values = attend(fitted, factors, values);
    }
    if (!outputs.with_core) outputs.values = attend(factors, values);
    outputs.core = std::make_unique<const nlohmann::json>(std::move(core));
    return outputs;
}

}  // namespace hsa
