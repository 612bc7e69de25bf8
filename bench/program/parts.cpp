#include "bench/program/parts.h"

#include "engine/core/random.h"
#include "engine/io/file.h"
#include "engine/io/npy.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <system_error>

namespace hsa_bench {
namespace {

// [n, d] rows around 48 centres in 6 groups.
hsa::Matrix<float> rows_of(std::size_t n, std::size_t d) {
    hsa::Matrix<float> rows(n, d);
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint64_t cluster = i * 48 / n;
        hsa::Random random({3, i});
        for (std::size_t a = 0; a < d; ++a) {
            const double group = hsa::Random({4, cluster / 8, a}).normal();
            const double centre = hsa::Random({5, cluster, a}).normal();
            rows(i, a) = static_cast<float>(2.0 * group + centre + 0.5 * random.normal());
        }
    }
    return rows;
}

}  // namespace

double ms_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

double thread_cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

double program_cpu_ms() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

double resident_mib() {
    std::ifstream file("/proc/self/statm");
    double whole = 0.0;
    double resident = 0.0;
    file >> whole >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1024.0 * 1024.0);
}

void line(const std::string& what, double value, const std::string& unit, const std::string& note) {
    fmt::print("{:<52} {:>10.2f} {:<6} {}\n", what, value, unit, note);
    std::fflush(stdout);
}

void Program::must(const std::string& command) {
    const splatscope::Outcome outcome = runner.run(command);
    if (!outcome.error.empty()) {
        fmt::print(stderr, "{}: {}\n", command, outcome.error);
        std::exit(1);
    }
}

void Program::settle() {
    runner.wait_complete();
    for (int shown = 0; shown < 60; ++shown) frame();
}

splatscope::Runner::Options Program::options() {
    splatscope::Runner::Options given;
    given.on_news = [this] { window.wake(); };
    return given;
}

Folder::Folder()
    : path(std::filesystem::temp_directory_path() / fmt::format("splatscope-bench-{}", getpid())) {
    std::filesystem::create_directories(path);
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
}

std::string text_of(std::size_t words) {
    std::string text;
    for (std::uint64_t word = 0; word < words; ++word) {
        const std::uint64_t topic = word / 480 % 7;
        const std::uint64_t of_all = hsa::random_bits({1, word}) % 3;
        const double u = hsa::Random({2, word}).uniform();
        const auto rank = static_cast<std::uint64_t>(300.0 * u * u);
        text += of_all == 0 ? fmt::format("w{} ", rank) : fmt::format("t{}x{} ", topic, rank);
        if (word % 12 == 11) text += word % 60 == 59 ? ".\n\n" : ".\n";
    }
    return text;
}

std::string array_file(const Folder& folder, std::size_t n, std::size_t d) {
    std::string path = (folder.path / fmt::format("{}x{}.npy", n, d)).string();
    hsa::write_file(path, hsa::write_npy(rows_of(n, d).view()), hsa::Existing::replace);
    return path;
}

}  // namespace hsa_bench
