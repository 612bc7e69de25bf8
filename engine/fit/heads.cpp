#include "engine/fit/heads.h"

#include "engine/attention/heads.h"

namespace hsa {

std::vector<Fit> fit_heads(Backend& backend, std::span<const Head> heads, const FitOptions& options,
                           const Work& work) {
    std::vector<Fit> fits(heads.size());
    for_heads(heads.size(),
              [&](std::size_t h) { fits[h] = fit(backend, heads[h], options, work); });
    return fits;
}

std::vector<FitGradient> fit_gradients(Backend& backend, std::span<const HeadAtRows> heads,
                                       double output_weight, const Work& work) {
    std::vector<FitGradient> gradients(heads.size());
    for_heads(heads.size(), [&](std::size_t h) {
        gradients[h] = fit_gradient(backend, heads[h].registry, heads[h].head, heads[h].exact,
                                    output_weight, work);
    });
    return gradients;
}

}  // namespace hsa
