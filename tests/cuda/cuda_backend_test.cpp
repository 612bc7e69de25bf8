#include "engine/compute/cuda/cuda_backend.h"

#include "engine/attention/outputs.h"
#include "engine/compute/card/card_memory.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/cuda/on_cpu/cuda_runtime.h"
#include "tests/reference/cases.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace {

// What the card has, and what of it is whose, as it was before.
struct CardAsItWas {
    CardAsItWas() = default;
    ~CardAsItWas() {
        cuda_on_cpu::card_bytes = std::size_t{1} << 32U;
        cuda_on_cpu::bytes_of_others = 0;
        cuda_on_cpu::fail_with = 0;
        cuda_on_cpu::fail_after = 0;
        cuda_on_cpu::driver_version = 12060;
        cuda_on_cpu::devices = 1;
        cuda_on_cpu::idle_device = -1;
    }
    CardAsItWas(const CardAsItWas&) = delete;
    CardAsItWas& operator=(const CardAsItWas&) = delete;
};

// Its check, which other cases are about, takes longer here than what many cards are made for.
std::unique_ptr<hsa::Backend> trusted_card() {
    hsa::CudaOptions options;
    options.checked = false;
    return hsa::make_cuda_backend(options);
}

reference::Case case_of(std::size_t tokens) {
    reference::Shape shape;
    shape.tokens = tokens;
    shape.dimension = 6;
    shape.splats = {33, 3};
    return reference::random_case(shape, 5);
}

hsa::Matrix<float> values_of(std::size_t rows) {
    hsa::Matrix<float> values(rows, 3);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(e % 13) - 6.0F;
    return values;
}

hsa::Matrix<float> outputs_of(hsa::Backend& backend, const reference::Case& data) {
    return hsa::compute_outputs(backend, data.registry, data.coordinates,
                                values_of(data.coordinates.size()).view(), {}, {});
}

void check_near(const hsa::Matrix<float>& found, const hsa::Matrix<float>& wanted) {
    REQUIRE(found.size() == wanted.size());
    for (std::size_t e = 0; e < wanted.size(); ++e)
        REQUIRE(found.data()[e] == Approx(wanted.data()[e]).margin(2e-4));
}

}  // namespace

TEST_CASE("cuda: without a card it says why and auto goes on", "[cuda]") {
    const CardAsItWas after;
    cuda_on_cpu::fail_with = cudaErrorNoDevice;
    CHECK_THROWS_WITH(hsa::make_cuda_backend({}),
                      Catch::Contains("no CUDA-capable device is detected") &&
                          Catch::Contains("CUDA_VISIBLE_DEVICES"));
    cuda_on_cpu::fail_with = cudaErrorNoDevice;
    const std::vector<hsa::BackendEntry> offered = {hsa::cuda_entry()};
    std::vector<std::string> notes;
    CHECK(hsa::make_backend("auto", notes, offered)->info().name == "cpu");
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes.front(), Catch::Contains("cuda was passed over"));
}

TEST_CASE("cuda: without a driver, or with one that is too old, it says what is needed", "[cuda]") {
    const CardAsItWas after;
    cuda_on_cpu::driver_version = 0;
    cuda_on_cpu::fail_with = cudaErrorNoDevice;
    CHECK_THROWS_WITH(hsa::make_cuda_backend({}),
                      Catch::Contains("There is no driver") && Catch::Contains("CUDA 12.4"));
    cuda_on_cpu::driver_version = 11020;
    cuda_on_cpu::fail_with = cudaErrorInsufficientDriver;
    CHECK_THROWS_WITH(hsa::make_cuda_backend({}),
                      Catch::Contains("The driver offers CUDA 11.2 and this program needs 12.4") &&
                          Catch::Contains("install a newer driver"));
}

TEST_CASE("cuda: an error of any call hands over to the CPU, and nothing is lost", "[cuda]") {
    const CardAsItWas after;
    const reference::Case data = case_of(300);
    const hsa::Matrix<float> wanted = outputs_of(*reference::cpu(), data);
    int calls = 0;
    for (bool failed = true; failed; ++calls) {
        INFO("after " << calls << " calls");
        {
            const auto backend = trusted_card();
            cuda_on_cpu::fail_after = calls;
            cuda_on_cpu::fail_with = cudaErrorLaunchFailure;
            check_near(outputs_of(*backend, data), wanted);
            failed = cuda_on_cpu::fail_with == 0;
            cuda_on_cpu::fail_with = 0;
            const hsa::BackendInfo info = backend->info();
            CHECK(info.name == (failed ? "cpu" : "cuda"));
            if (failed)
                CHECK_THAT(info.note, Catch::Contains("unspecified launch failure") &&
                                          Catch::Contains("the CPU goes on") &&
                                          Catch::Contains("set compute.backend cuda"));
            // What follows is computed, too.
            check_near(outputs_of(*backend, data), wanted);
        }
        CHECK(cuda_on_cpu::bytes_held() == 0);
    }
    CHECK(calls > 20);
}

TEST_CASE("cuda: an allocation that fails half-way is tried again in smaller blocks", "[cuda]") {
    const CardAsItWas after;
    const reference::Case data = case_of(4100);
    const hsa::Matrix<float> wanted = outputs_of(*hsa::make_cuda_backend({}), data);
    // Of every call, whether it asks for memory or not: where it does, the card goes on.
    int on_card = 0;
    for (int calls = 0; calls < 16; ++calls) {
        const auto backend = trusted_card();
        cuda_on_cpu::fail_after = calls;
        cuda_on_cpu::fail_with = cudaErrorMemoryAllocation;
        const hsa::Matrix<float> found = outputs_of(*backend, data);
        cuda_on_cpu::fail_with = 0;
        check_near(found, wanted);
        if (backend->info().name != "cuda") continue;
        ++on_card;
        CHECK(found == wanted);  // blocks of any size give the same bits
        CHECK(backend->info().note.empty());
    }
    CHECK(on_card >= 6);
}

TEST_CASE("cuda: a picture with no room for its rows is the CPU's, and the card goes on",
          "[cuda]") {
    const CardAsItWas after;
    const hsa::Matrix<float> rows(300, 5, 0.5F);
    const hsa::Matrix<float> keys = rows;
    hsa::Matrix<double> before(6, 5, 0.0);
    for (std::size_t t = 1; t < 6; ++t)
        for (std::size_t s = 0; s < 5; ++s)
            before(t, s) = 0.5 * static_cast<double>(t < 5 ? t * 64 : std::size_t{300});
    const std::vector<hsa::RowRange> ranges = {{0, 300, 300}, {3, 10, 7}};
    const std::vector<std::uint32_t> chosen = {1, 4};
    const hsa::Matrix<float> wanted(2, 2, 0.5F);
    int refused = 0;
    for (int calls = 0; calls < 24; ++calls) {
        INFO("after " << calls << " calls");
        const auto owner = std::make_shared<int>(0);
        const auto backend = trusted_card();
        const hsa::RangesOfRows of{{owner, rows.view(), before.view(), 64}, ranges};
        const hsa::RangesOfRows by{{owner, keys.view(), before.view(), 64}, ranges};
        hsa::Matrix<float> out(2, 2);
        const auto ask = [&] { return backend->rectangle_means(of, by, chosen, out.view(), {}); };
        CHECK_FALSE(ask());
        cuda_on_cpu::fail_after = calls;
        cuda_on_cpu::fail_with = cudaErrorMemoryAllocation;
        const bool made = ask();
        cuda_on_cpu::fail_with = 0;
        if (backend->info().name != "cuda") continue;
        if (!made) ++refused;
        const std::vector<std::string> left = backend->info().on_cpu;
        CHECK(std::any_of(left.begin(), left.end(), [](const std::string& words) {
                  return words.find("no room") != std::string::npos;
              }) == !made);
        CHECK(backend->info().note.empty());
        REQUIRE(ask());
        CHECK(out == wanted);
    }
    CHECK(refused > 0);
}

TEST_CASE("cuda: tokens go in chunks through a card that is too small for them", "[cuda]") {
    const CardAsItWas after;
    const reference::Case data = case_of(9000);
    const hsa::Matrix<float> wanted = outputs_of(*hsa::make_cuda_backend({}), data);
    (void)cuda_on_cpu::most_held();
    cuda_on_cpu::card_bytes = 300000;
    const auto small = hsa::make_cuda_backend({});
    CHECK(outputs_of(*small, data) == wanted);
    CHECK(small->info().name == "cuda");
    CHECK(small->info().memory_bytes == cuda_on_cpu::card_bytes);
    // All of it at once would have been more.
    CHECK(cuda_on_cpu::most_held() <= cuda_on_cpu::card_bytes);
    CHECK(9000 * (6 + 3 + 3) * sizeof(float) > cuda_on_cpu::card_bytes);
}

TEST_CASE("cuda: a card with too little memory for one chunk leaves it to the CPU", "[cuda]") {
    const CardAsItWas after;
    const reference::Case data = case_of(3000);
    const hsa::Matrix<float> wanted = outputs_of(*reference::cpu(), data);
    cuda_on_cpu::card_bytes = 60000;
    const auto tiny = trusted_card();
    check_near(outputs_of(*tiny, data), wanted);
    CHECK(tiny->info().name == "cpu");
    CHECK_THAT(tiny->info().note, Catch::Contains("out of memory") &&
                                      Catch::Contains("MB were asked for") &&
                                      Catch::Contains("the CPU goes on"));
    cuda_on_cpu::card_bytes = 100;
    CHECK_THROWS_WITH(hsa::make_cuda_backend({}), Catch::Contains("is not used"));
}

TEST_CASE("cuda: two programs on one card share it", "[cuda]") {
    const CardAsItWas after;
    const reference::Case data = case_of(4100);
    cuda_on_cpu::card_bytes = 8000000;
    const auto backend = hsa::make_cuda_backend({});
    const hsa::Matrix<float> wanted = outputs_of(*backend, data);
    const auto& says = dynamic_cast<const hsa::SaysCardMemory&>(*backend);
    CHECK(says.card_memory().free <= 8000000);
    // The other takes nearly all of what is left, and then gives it back.
    cuda_on_cpu::bytes_of_others = 8000000 - cuda_on_cpu::bytes_held() - 1000;
    CHECK(outputs_of(*backend, data) == wanted);
    cuda_on_cpu::bytes_of_others = 0;
    const auto second = hsa::make_cuda_backend({});
    CHECK(outputs_of(*second, data) == wanted);
    CHECK(outputs_of(*backend, data) == wanted);
    CHECK(backend->info().note.empty());
    CHECK(second->info().note.empty());
}

TEST_CASE("cuda: rows are shared out to all cards that there are", "[cuda]") {
    reference::Shape shape;
    shape.tokens = 2500;
    shape.dimension = 4;
    shape.splats = {9, 2};
    shape.background = true;
    const reference::Case data = reference::random_case(shape, 6);
    hsa::Matrix<float> values(2500, 3);
    for (std::size_t e = 0; e < values.size(); ++e)
        values.data()[e] = static_cast<float>(e % 7) - 3.0F;
    const auto outputs = [&](hsa::Backend& backend) {
        return hsa::compute_outputs(backend, data.registry, data.coordinates, values.view(), {},
                                    {});
    };
    const hsa::Matrix<float> wanted = outputs(*hsa::make_cuda_backend({}));
    cuda_on_cpu::devices = 2;
    const auto two = hsa::make_cuda_backend({});
    cuda_on_cpu::devices = 1;
    CHECK(two->info().device == "2 x the CPU as a card");
    const hsa::Matrix<float> found = outputs(*two);
    CHECK(reference::largest_difference(reference::widened(found), reference::widened(wanted)) <
          1e-5);
    CHECK(found == outputs(*two));
}

TEST_CASE("cuda: of several cards those that fail their check are left out", "[cuda]") {
    const CardAsItWas after;
    const reference::Case data = case_of(2100);
    const hsa::Matrix<float> wanted = outputs_of(*hsa::make_cuda_backend({}), data);
    cuda_on_cpu::devices = 3;
    cuda_on_cpu::idle_device = 1;
    const auto two = hsa::make_cuda_backend({});
    CHECK_THAT(two->info().device, Catch::Contains("2 x the CPU as a card") &&
                                       Catch::Contains("without 1 of 3 cards") &&
                                       Catch::Contains("wrong numbers"));
    CHECK(two->info().note.empty());
    check_near(outputs_of(*two, data), wanted);
    // With none left it says why.
    cuda_on_cpu::devices = 1;
    cuda_on_cpu::idle_device = 0;
    CHECK_THROWS_WITH(hsa::make_cuda_backend({}), Catch::Contains("is not used"));
}
