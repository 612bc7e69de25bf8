#include "engine/attention/heads.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

#include <fmt/core.h>

namespace hsa {

void for_heads(std::size_t heads, const std::function<void(std::size_t)>& task) {
    parallel_for(heads, [&](std::size_t h) {
        try {
            task(h);
        } catch (const Error& error) {
            throw Error(error.kind(), fmt::format("Head {}: {}", h, error.what()));
        }
    });
}

std::vector<Factors> compute_factors(Backend& backend, std::span<const HeadSplats> heads,
                                     const FactorOptions& options, const Work& work) {
    std::vector<Factors> factors(heads.size());
    for_heads(heads.size(), [&](std::size_t h) {
        factors[h] =
            compute_factors(backend, heads[h].registry, heads[h].coordinates, options, work);
    });
    return factors;
}

std::vector<Matrix<float>> attend_heads(std::span<const HeadValues> heads) {
    std::vector<Matrix<float>> outputs(heads.size());
    for_heads(heads.size(), [&](std::size_t h) {
        if (heads[h].values.rows != heads[h].factors.tokens())
            fail("the values have {} rows and the head {} tokens: one row a token.",
                 heads[h].values.rows, heads[h].factors.tokens());
        outputs[h] = attend(heads[h].factors, heads[h].values);
    });
    return outputs;
}

std::vector<AttendGradient> attend_gradients(std::span<const HeadSlopes> heads, double temperature,
                                             const Work& work) {
    std::vector<AttendGradient> gradients(heads.size());
    for_heads(heads.size(), [&](std::size_t h) {
        const HeadSlopes& head = heads[h];
        gradients[h] = attend_gradient(head.registry, head.coordinates, head.factors, temperature,
                                       head.values, head.d_outputs, work);
    });
    return gradients;
}

}  // namespace hsa
