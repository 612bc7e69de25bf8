#include "engine/compute/cuda/cuda_backend.h"

#include "engine/attention/outputs.h"
#include "engine/core/error.h"
#include "tests/catch.h"
#include "tests/cuda/on_cpu/cuda_runtime.h"
#include "tests/reference/cases.h"

#include <string>
#include <vector>

TEST_CASE("cuda: without a card it says why and auto goes on", "[cuda]") {
    cuda_on_cpu::fail_with = cudaErrorNoDevice;
    CHECK_THROWS_WITH(hsa::make_cuda_backend({}),
                      Catch::Contains("no CUDA-capable device is detected"));
    cuda_on_cpu::fail_with = cudaErrorNoDevice;
    const std::vector<hsa::BackendEntry> offered = {hsa::cuda_entry()};
    std::vector<std::string> notes;
    CHECK(hsa::make_backend("auto", notes, offered)->info().name == "cpu");
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes.front(), Catch::Contains("cuda was passed over"));
}

TEST_CASE("cuda: an error of any call hands over to the CPU", "[cuda]") {
    reference::Shape shape;
    shape.tokens = 300;
    shape.dimension = 6;
    shape.splats = {9};
    const reference::Case data = reference::random_case(shape, 5);
    const hsa::Matrix<float> values(300, 2, 1.5F);
    const auto outputs = [&](hsa::Backend& backend) {
        return hsa::compute_outputs(backend, data.registry, data.coordinates, values.view(), {},
                                    {});
    };
    const auto backend = hsa::make_cuda_backend({});
    CHECK(outputs(*backend).size() == 600);
    CHECK(backend->info().note.empty());
    cuda_on_cpu::fail_with = cudaErrorMemoryAllocation;
    const hsa::Matrix<float> found = outputs(*backend);
    CHECK(backend->info().name == "cpu");
    CHECK_THAT(backend->info().note,
               Catch::Contains("out of memory") && Catch::Contains("the CPU goes on"));
    for (std::size_t e = 0; e < found.size(); ++e) CHECK(found.data()[e] == Approx(1.5));
}
