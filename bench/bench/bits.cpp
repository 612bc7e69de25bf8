// What keeping factors and parameters in few bits does to the attention that they give.
#include "bench/bench/cases.h"
#include "bench/bench/peers/worlds.h"
#include "bench/bench/table.h"
#include "engine/attention/cells.h"
#include "engine/attention/divergence.h"
#include "engine/attention/factors.h"
#include "engine/compute/backend.h"
#include "engine/fit/fit.h"
#include "engine/model/eight_bits.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace hsa_bench {
namespace {

constexpr std::size_t kTokens = 1024;
constexpr std::size_t kSplats = 64;
constexpr std::uint64_t kSeed = 1;

double row_kl(hsa::Backend& backend, const hsa::Head& head, const hsa::ExactRows& exact,
              const hsa::SplatRegistry& registry, hsa::Storage storage) {
    hsa::FactorOptions options;
    options.storage = storage;
    const hsa::Factors factors =
        hsa::compute_factors(backend, registry, head.coordinates, options, {});
    hsa::Matrix<float> rows(exact.rows.size(), head.tokens());
    hsa::attention_rows(factors, exact.rows, {}, rows.view());
    double sum = 0.0;
    for (std::size_t r = 0; r < rows.rows(); ++r)
        sum += hsa::divergence(exact.target.row(r), rows.row(r));
    return sum / static_cast<double>(rows.rows());
}

}  // namespace

void bits_case() {
    fmt::print(
        "Row-KL to the exact attention on 256 rows, n = {}, k = {} splats fitted in the form "
        "shared, and how much\nlarger it is with fewer bits; to reach: 1 %.\n\n",
        kTokens, kSplats);
    std::vector<std::string> notes;
    const std::unique_ptr<hsa::Backend> backend = hsa::make_backend("auto", notes);
    Table table({"world", "logits x", "float32", "factors float16", "factors 8 bit",
                 "parameters 8 bit", "both 8 bit"});
    double worst = 0.0;
    for (const char* world : kWorlds)
        for (const double sharpness : {1.0, 2.0, 4.0}) {
            const auto made = make_world(world, kTokens, sharpness, kSeed);
            const hsa::Head head = made.head();
            hsa::FitOptions options;
            options.start.splats = kSplats;
            const hsa::SplatRegistry registry = hsa::fit(*backend, head, options, {}).registry;
            const hsa::SplatRegistry few = hsa::in_eight_bits(registry);
            const hsa::ExactRows exact =
                hsa::exact_rows(head, hsa::fit_rows(kTokens, true, kSeed).report);
            const auto kl = [&](const hsa::SplatRegistry& of, hsa::Storage storage) {
                return row_kl(*backend, head, exact, of, storage);
            };
            const double plain = kl(registry, hsa::Storage::float32);
            const auto more = [&](double other) {
                worst = std::max(worst, other / plain - 1.0);
                return fmt::format("{:+.2f} %", 100.0 * (other / plain - 1.0));
            };
            table.row({world, fmt::format("{}", sharpness), fmt::format("{:.4f}", plain),
                       more(kl(registry, hsa::Storage::float16)),
                       more(kl(registry, hsa::Storage::logarithmic)),
                       more(kl(few, hsa::Storage::float32)),
                       more(kl(few, hsa::Storage::logarithmic))});
        }
    table.print();
    fmt::print("\nLargest: {:+.2f} %\n", 100.0 * worst);
}

}  // namespace hsa_bench
