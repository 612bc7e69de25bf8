#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hsa_bench {

// An exact attention of others, run by a script of bench/peers.
struct OutsidePeer {
    std::string name;
    double seconds = 0.0;  // of `rows` rows
    std::size_t rows = 0;
};

// What bench/peers/setup has installed: seconds of `rows` query rows against n keys, d = v. Prints
// a line for each that was left out, with the reason. Looks for build/peers from the folder that
// the program was started in.
[[nodiscard]] std::vector<OutsidePeer> outside_peers(std::size_t tokens, std::size_t dimension);

}  // namespace hsa_bench
