#include "bench/bench/cases.h"

#include <array>

namespace hsa_bench {

std::span<const BenchCase> bench_cases() {
    static constexpr std::array kCases = {
        BenchCase{"machine", "against the machine's products, exponentials and memory",
                  machine_case},
        BenchCase{"exact", "against exact attention at a million tokens", exact_case},
        BenchCase{"scale", "cost against the number of tokens", scale_case},
        BenchCase{"near", "exact pairs beside the splats on peaked heads", near_case},
        BenchCase{"peers", "against other approximations of the same attention at equal k",
                  peers_case},
        BenchCase{"diffuse", "a signed core between P and K of heads without a focus",
                  diffuse_case},
        BenchCase{"select", "the best splats of every token through cells against scoring all",
                  select_case},
        BenchCase{"bits", "factors and parameters in few bits", bits_case},
        BenchCase{"files", "reading files: MB a second, and how soon a large .npy is open",
                  files_case},
        BenchCase{"explain", "what a click, the strongest pairs and the levels' answers take",
                  explain_case},
        BenchCase{"finite", "a million random cases at any scale", finite_case},
    };
    return kCases;
}

}  // namespace hsa_bench
