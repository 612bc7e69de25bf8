#include "engine/compute/cuda/cuda_backend.h"

#include "engine/compute/card/card_backend.h"
#include "engine/compute/cuda/calls.h"
#include "engine/compute/cuda/cuda_card.h"
#include "engine/compute/sharded_backend.h"
#include "engine/core/error.h"

#include <fmt/core.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hsa {
namespace {

// Where there is no card to compute on.
std::string what_to_do() {
    cuda::Versions found;
    cuda::tell_versions(found);
    const auto version = [](int number) {
        return fmt::format("{}.{}", number / 1000, number % 1000 / 10);
    };
    if (found.driver == 0)
        return fmt::format(
            "There is no driver; this program needs one for CUDA {}, or an OpenGL or CPU backend.",
            version(found.runtime));
    if (found.driver < found.runtime)
        return fmt::format(
            "The driver offers CUDA {} and this program needs {}: install a newer driver, or let "
            "OpenGL or the CPU compute.",
            version(found.driver), version(found.runtime));
    return fmt::format(
        "The driver is there (CUDA {}): is a card built in, and shown to this program "
        "(CUDA_VISIBLE_DEVICES)?",
        version(found.driver));
}

}  // namespace

std::unique_ptr<Backend> make_cuda_backend(const CudaOptions& options) {
    int count = 0;
    if (const cuda::Problem problem = cuda::count_devices(count))
        fail("CUDA cannot compute here: {}. {}", problem, what_to_do());
    std::vector<std::unique_ptr<Backend>> cards;
    std::string first_reason;
    for (int index = 0; index < count; ++index) {
        try {
            cards.push_back(make_card_backend(std::make_unique<CudaCard>(options, index),
                                              options.before_operation, options.checked));
        } catch (const Error& reason) {
            if (first_reason.empty()) first_reason = reason.what();
        }
    }
    if (cards.empty()) fail("{}", first_reason);
    if (count == 1) return std::move(cards.front());
    const auto others = static_cast<std::size_t>(count) - cards.size();
    std::string without;
    if (others > 0)
        without = fmt::format("without {} of {} cards: {}", others, count, first_reason);
    return make_sharded_backend(std::move(cards), std::move(without));
}

BackendEntry cuda_entry() {
    return {"cuda", [](bool) { return make_cuda_backend({}); }};
}

}  // namespace hsa
