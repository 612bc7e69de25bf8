// What the engine takes of the machine: its matrix products, exponentials and memory, measured in
// the same run.
#include "bench/bench/cases.h"
#include "bench/bench/table.h"
#include "bench/bench/timing.h"
#include "bench/bench/workload.h"
#include "engine/attention/factors.h"
#include "engine/attention/outputs.h"
#include "engine/attention/picture.h"
#include "engine/compute/backend.h"
#include "engine/compute/cpu/forward_lanes.h"
#include "engine/core/exponential.h"
#include "engine/core/parallel.h"
#include "engine/core/products.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hsa_bench {
namespace {

using hsa::Matrix;

constexpr std::size_t kTokens = 65536;
constexpr std::size_t kPixels = 1024;
constexpr std::size_t kRounds = 5;

std::size_t threads() { return std::max(1U, std::thread::hardware_concurrency()); }

// Square products, one a thread at the same time: GFLOP/s of all.
class Products {
  public:
    explicit Products(std::size_t size)
        : a_(size, size, 0.5F), b_(size, size, 0.25F), out_(threads(), Matrix<float>(size, size)) {}

    [[nodiscard]] double flops() const {
        const auto size = static_cast<double>(a_.rows());
        return 2.0 * size * size * size * static_cast<double>(out_.size());
    }
    void eigen() {
        hsa::parallel_for(out_.size(), [this](std::size_t t) {
            hsa::multiply(a_.view(), b_.view(), out_[t].view());
        });
    }
    // The inner loop of the fused forward, which adds to what is there.
    void own() {
        hsa::parallel_for(out_.size(), [this](std::size_t t) {
            hsa::add_products(a_.data(), a_.cols(), 1, b_.view(), out_[t].view());
        });
    }

  private:
    const Matrix<float> a_;
    const Matrix<float> b_;
    std::vector<Matrix<float>> out_;
};

double exponentials_a_second() {
    constexpr std::size_t kEach = 1U << 14U;
    std::vector<Matrix<float>> values(threads(), Matrix<float>(1, kEach, -1.0F));
    const double seconds = best_seconds(kRounds, 0.1, [&] {
        hsa::parallel_for(values.size(), [&](std::size_t t) {
            (void)hsa::exp_shifted(values[t].row(0), 0.0F);
            std::fill_n(values[t].data(), kEach, -1.0F);
        });
    });
    return static_cast<double>(kEach * values.size()) / seconds;
}

// Bytes read and written a second by copies of blocks far larger than the caches.
double copied_bytes_a_second() {
    constexpr std::size_t kFloats = std::size_t{1} << 26U;
    const Matrix<float> from(1, kFloats, 1.0F);
    Matrix<float> to(1, kFloats, 0.0F);
    const double seconds = best_seconds(kRounds, 0.1, [&] {
        hsa::parallel_blocks(kFloats, kFloats / 16, [&](std::size_t begin, std::size_t end) {
            std::memcpy(to.data() + begin, from.data() + begin, (end - begin) * sizeof(float));
        });
    });
    return 2.0 * static_cast<double>(kFloats * sizeof(float)) / seconds;
}

std::string share(double part, double whole) { return fmt::format("{:.2f}", part / whole); }

void forward_table(hsa::Backend& backend, const Workload& data) {
    Table table({"n = 65,536, d = v = 64, k = 1,024", "ms", "GFLOP/s", "of the best product",
                 "with its recomputation"});
    std::vector<Products> products;
    for (const std::size_t size : {256U, 512U, 1024U}) products.emplace_back(size);
    const hsa::SplatRegistry diagonal = workload_splats(hsa::CovarianceKind::diagonal);
    // Each product several times a turn, so that all turns are of a length.
    constexpr double kFlopsOfTurn = 4e10;
    std::vector<std::function<void()>> works;
    for (Products& product : products)
        for (const bool own : {false, true})
            works.emplace_back([&product, own] {
                for (double done = 0.0; done < kFlopsOfTurn; done += product.flops())
                    own ? product.own() : product.eigen();
            });
    for (const hsa::SplatRegistry* registry : {&data.registry, &diagonal})
        works.emplace_back([&backend, &data, registry] {
            (void)compute_outputs(backend, *registry, data.coordinates, data.values.view(), {}, {});
        });
    for (const hsa::SplatRegistry* registry : {&data.registry, &diagonal})
        works.emplace_back([&backend, &data, registry] {
            (void)compute_factors(backend, *registry, data.coordinates, {}, {});
        });
    const std::vector<double> times = medians(kRounds, works);
    double best = 0.0;
    std::size_t at = 0;
    for (const Products& product : products)
        for (std::size_t own = 0; own < 2; ++own, ++at) {
            double flops = 0.0;
            while (flops < kFlopsOfTurn) flops += product.flops();
            best = std::max(best, flops / times[at]);
        }
    const double pairs = static_cast<double>(kTokens) * static_cast<double>(kSplats);
    const auto line = [&](const std::string& what, double seconds, double useful, double done) {
        table.row({what, fmt::format("{:.0f}", 1e3 * seconds),
                   fmt::format("{:.0f}", pairs * useful / seconds * 1e-9),
                   share(pairs * useful / seconds, best), share(pairs * done / seconds, best)});
    };
    table.row({"best float matrix product", "", fmt::format("{:.0f}", best * 1e-9), "1.00"});
    const auto d = static_cast<double>(kDimension);
    const auto v = static_cast<double>(kValues);
    line("outputs without factors, spherical", times[at], 2.0 * (d + 2.0 * v), 4.0 * (d + v));
    line("outputs without factors, diagonal", times[at + 1], 2.0 * (2.0 * d + 2.0 * v),
         2.0 * (4.0 * d + 2.0 * v));
    line("P and K, spherical", times[at + 2], 2.0 * d, 2.0 * d);
    line("P and K, diagonal", times[at + 3], 4.0 * d, 4.0 * d);
    table.print();
    fmt::print(
        "Useful work of the outputs: 2 n k (d + 2 v), the log kernel once; diagonal splats need "
        "two\n"
        "products an axis, 2 n k (2 d + 2 v). The last column counts the log kernel of both "
        "passes.\n"
        "P and K are two n x k matrices to write: 0.5 GB here.\n\n");
}

}  // namespace

void machine_case() {
    std::vector<std::string> notes;
    const auto backend = hsa::make_backend("auto", notes);
    fmt::print("backend {} ({})\n\n", backend->info().name, backend->info().device);
    const Workload data = make_workload(kTokens, hsa::CovarianceKind::spherical);
    forward_table(*backend, data);

    const double exponentials = exponentials_a_second();
    const double bytes = copied_bytes_a_second();
    const hsa::Factors factors = compute_factors(*backend, data.registry, data.coordinates, {}, {});
    const hsa::TileSums sums = tile_sums(factors);
    const hsa::PictureRequest request{{0, kTokens}, {0, kTokens}, kPixels, kPixels};
    const double picture =
        medians(kRounds, {[&] { (void)attention_picture(factors, sums, request, {}, {}); }})[0];
    const auto dense = static_cast<double>(2 * factors.p.size() * sizeof(float));
    const auto stored = static_cast<double>(2 * sums.p.size() * sizeof(double));
    Table table({"machine", "measured", "unit"});
    table.row({"exponentials", fmt::format("{:.2f}", exponentials * 1e-9), "10^9 a second"});
    table.row({"memory, read and written", fmt::format("{:.1f}", bytes * 1e-9), "GB/s"});
    table.row({"picture 1,024 x 1,024 of n = 65,536", fmt::format("{:.1f}", 1e3 * picture), "ms"});
    table.row({"stored sums / dense P and K", fmt::format("1 / {:.0f}", dense / stored), ""});
    table.print();
    fmt::print(
        "A picture whose borders are snapped is made of sums alone: its time depends on k\n"
        "and the pixels, not on n.\n\n");
}

}  // namespace hsa_bench
