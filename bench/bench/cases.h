#pragma once

#include <span>

namespace hsa_bench {

// One table, or a few that belong together.
struct BenchCase {
    const char* name;
    const char* help;
    void (*run)();
};
[[nodiscard]] std::span<const BenchCase> bench_cases();

void machine_case();
void exact_case();
void scale_case();
void near_case();
void peers_case();
void diffuse_case();
void select_case();
void bits_case();
void finite_case();
void files_case();
void explain_case();

}  // namespace hsa_bench
