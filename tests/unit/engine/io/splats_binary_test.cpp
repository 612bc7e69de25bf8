#include "engine/io/splats_binary.h"

#include "engine/core/hash.h"
#include "engine/model/eight_bits.h"
#include "tests/unit/engine/io/io_test.h"
#include "tests/unit/engine/io/registries.h"

#include <cstring>

using hsa::read_splats_binary;
using hsa::SplatRegistry;
using hsa::write_splats_binary;
using io_test::check_fails;

namespace {

// The checksum of a file that was changed on purpose.
std::string with_new_hash(std::string bytes) {
    bytes.resize(bytes.size() - 8);
    const std::uint64_t hash = hsa::hash_text(bytes);
    bytes.append(reinterpret_cast<const char*>(&hash), 8);
    return bytes;
}

}  // namespace

TEST_CASE("a .splats file gives the registry back bit for bit", "[io][splats]") {
    SplatRegistry registry = io_test::make_registry();
    registry.coordinates = io_test::make_recipe(7, 3);
    CHECK(hsa::same_bits(read_splats_binary("s", write_splats_binary(registry)), registry));
    const SplatRegistry paired = io_test::make_paired_registry();
    CHECK(hsa::same_bits(read_splats_binary("s", write_splats_binary(paired)), paired));
    CHECK(write_splats_binary(registry) == write_splats_binary(registry));
}

TEST_CASE("a .splats file of 8 bits gives back what 8 bits hold, in fewer bytes", "[io][splats]") {
    const auto coded = [](const SplatRegistry& registry) {
        return write_splats_binary(registry, hsa::Parameters::bits8);
    };
    std::vector<SplatRegistry> registries = {io_test::make_registry(),
                                             io_test::make_paired_registry()};
    for (const std::size_t dimension : {1U, 3U, 9U})
        registries.push_back(io_test::make_shaped_registry(dimension));
    for (const SplatRegistry& registry : registries) {
        const std::string bytes = coded(registry);
        const SplatRegistry read = read_splats_binary("s", bytes);
        CHECK(hsa::same_bits(read, hsa::in_eight_bits(registry)));
        CHECK_FALSE(hsa::same_bits(read, registry));
        for (std::size_t size = 0; size + 24 < bytes.size(); size += 7)
            check_fails(
                [&] { (void)read_splats_binary("s", with_new_hash(bytes.substr(0, size + 24))); },
                {"s"});
    }
    SplatRegistry wide;
    wide.hierarchy.levels = {{"Token", 1.0}};
    wide.dimension = 200;
    for (std::size_t s = 0; s < 40; ++s)
        wide.add(io_test::make_splat(200, 0, hsa::kNoSplat, 2 * s));
    CHECK(coded(wide).size() < write_splats_binary(wide).size() / 3);
    const std::string bytes = coded(io_test::make_registry());
    std::string strange = bytes;
    strange.replace(strange.find(R"("parameters":"8bit")"), 19, R"("parameters":"9bit")");
    check_fails([&] { (void)read_splats_binary("s", with_new_hash(strange)); }, {"9bit"});
}

TEST_CASE("a truncated or changed .splats file is refused", "[io][splats]") {
    const std::string bytes = write_splats_binary(io_test::make_registry());
    for (std::size_t size = 0; size < bytes.size(); size += 5) {
        check_fails([&] { (void)read_splats_binary("s.splats", bytes.substr(0, size)); },
                    {"s.splats"});
    }
    for (std::size_t at = 8; at < bytes.size(); at += 11) {
        std::string flipped = bytes;
        flipped[at] = static_cast<char>(flipped[at] ^ 1);
        check_fails([&] { (void)read_splats_binary("s.splats", flipped); }, {"s.splats"});
    }
    check_fails([&] { (void)read_splats_binary("s.splats", bytes.substr(0, bytes.size() - 1)); },
                {"truncated or damaged", "checksum"});
    check_fails([] { (void)read_splats_binary("s.splats", "hello"); }, {"not a .splats file"});
    std::string newer = bytes;
    newer[8] = 2;
    check_fails([&] { (void)read_splats_binary("s.splats", newer); },
                {"version 2", "reads version 1"});
}

TEST_CASE("a .splats file holds splats of every kind", "[io][splats]") {
    for (const std::size_t dimension : {1U, 2U, 3U, 9U}) {
        const SplatRegistry registry = io_test::make_shaped_registry(dimension);
        CHECK(hsa::same_bits(read_splats_binary("s", write_splats_binary(registry)), registry));
    }
}

TEST_CASE("a .splats file with a right checksum is still checked", "[io][splats]") {
    SplatRegistry registry = io_test::make_registry();
    registry.gaussians.variance(1, 0) = -1.0F;
    check_fails([&] { (void)read_splats_binary("s.splats", write_splats_binary(registry)); },
                {"splat 4", "not positive definite"});
    registry = io_test::make_registry();
    registry.gaussians.kind[0] = hsa::CovarianceKind::full;
    check_fails([&] { (void)read_splats_binary("s.splats", write_splats_binary(registry)); },
                {"splat 3", "full", "0 numbers"});
    registry = io_test::make_shaped_registry();
    registry.gaussians.shape[2] = {5.0F, 0.0F, 0.0F};
    check_fails([&] { (void)read_splats_binary("s.splats", write_splats_binary(registry)); },
                {"splat 17", "not positive definite"});
    registry = io_test::make_registry();
    registry.parent[1] = 99;
    check_fails([&] { (void)read_splats_binary("s.splats", write_splats_binary(registry)); },
                {"splat 4", "parent 99"});
    // Columns that end too early.
    std::string cut = write_splats_binary(io_test::make_registry());
    cut.erase(cut.size() - 12, 4);
    check_fails([&] { (void)read_splats_binary("s.splats", with_new_hash(cut)); },
                {"s.splats", "past the end"});
    std::string longer = write_splats_binary(io_test::make_registry());
    longer.insert(longer.size() - 8, "1234");
    check_fails([&] { (void)read_splats_binary("s.splats", with_new_hash(longer)); },
                {"s.splats", "left over"});
}
