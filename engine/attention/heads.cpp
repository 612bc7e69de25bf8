#include "engine/attention/heads.h"

#include "engine/attention/cells.h"
#include "engine/core/error.h"
#include "engine/core/parallel.h"

namespace hsa {

std::vector<Matrix<float>> attend_heads(std::span<const HeadValues> heads) {
    for (std::size_t h = 0; h < heads.size(); ++h)
        if (heads[h].values.rows != heads[h].factors.tokens())
            fail("Head {}: the values have {} rows and the head {} tokens: one row a token.", h,
                 heads[h].values.rows, heads[h].factors.tokens());
    std::vector<Matrix<float>> outputs(heads.size());
    parallel_for(heads.size(),
                 [&](std::size_t h) { outputs[h] = attend(heads[h].factors, heads[h].values); });
    return outputs;
}

}  // namespace hsa
