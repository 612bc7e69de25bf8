// The program with --watch, from outside.
#include "tests/catch.h"
#include "tests/unit/app/program.h"
#include "tests/unit/engine/io/io_test.h"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <thread>

using nlohmann::json;

namespace {

std::string text(std::size_t words) {
    std::string all;
    for (std::size_t w = 0; w < words; ++w)
        all += fmt::format("word{}{}", (w * 7 + w / 5) % 19, w % 12 == 11 ? ".\n" : " ");
    return all;
}

}  // namespace

TEST_CASE("without a window --watch answers anew at every change until it is interrupted",
          "[app][watch][program]") {
    const io_test::Folder folder;
    const std::string path = folder.at("text.txt");
    io_test::put_file(path, text(60));
    program_test::Run run;
    run.words = {path, "--headless", "--watch", "--quiet", "-c", "print dataset"};
    run.interrupt_after = 2.0;
    std::jthread writer([&path] {
        std::this_thread::sleep_for(std::chrono::milliseconds(900));
        io_test::put_file(path, text(60) + "and some more");
    });
    const program_test::Result result = program_test::run(run);
    INFO(result.out << result.error);
    CHECK(result.code == 130);
    const std::size_t end = result.out.find('\n');
    REQUIRE(end != std::string::npos);
    REQUIRE(end + 1 < result.out.size());
    const std::size_t before = json::parse(result.out.substr(0, end))["tokens"];
    const std::size_t after = json::parse(result.out.substr(end + 1))["tokens"];
    CHECK(after == before + 3);
    CHECK(result.error.find("reloaded: ") != std::string::npos);
    // What cannot change cannot be watched.
    const program_test::Result sample =
        program_test::run({"sample:creatures", "--headless", "--watch", "--quiet"});
    CHECK(sample.code == 2);
    CHECK(sample.error.find("--watch") != std::string::npos);
}
