// Speed and quality beside others as ratios inside one run. Usage: bench --case NAME | --all |
// --list.
#include "bench/bench/cases.h"
#include "bench/guarded.h"
#include "engine/core/error.h"

#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <vector>

namespace {

void list() {
    for (const hsa_bench::BenchCase& one : hsa_bench::bench_cases())
        fmt::print("{:<10} {}\n", one.name, one.help);
}

void run(const hsa_bench::BenchCase& one) {
    fmt::print("## {}: {}\n\n", one.name, one.help);
    std::fflush(stdout);
    one.run();
}

void run_named(const std::string& name) {
    std::string known;
    for (const hsa_bench::BenchCase& one : hsa_bench::bench_cases()) {
        if (name == one.name) return run(one);
        known += (known.empty() ? "" : ", ") + std::string(one.name);
    }
    hsa::fail("There is no case '{}': the cases are {}.", name, known);
}

}  // namespace

int main(int argc, char** argv) {
    return guarded("bench", [&] {
        const std::vector<std::string> args(argv + 1, argv + argc);
        if (args.size() == 1 && args[0] == "--list") return list();
        if (args.size() == 2 && args[0] == "--case") return run_named(args[1]);
        if (args.size() == 1 && args[0] == "--all") {
            for (const hsa_bench::BenchCase& one : hsa_bench::bench_cases()) run(one);
            return;
        }
        hsa::fail("Usage: bench --case NAME, bench --all or bench --list.");
    });
}
