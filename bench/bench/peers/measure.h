#pragma once

#include "bench/bench/peers/quality.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace hsa_bench {

enum class Method : std::uint8_t {
    favor,      // the best form of kFavorForms
    linear,     // the best of five scales; d columns, not k
    window,     // the best of three shares of window and chunks
    clustered,  // k cells of queries
    improved,   // the same and 32 exact keys a query more
    nystrom,    // the best of both forms, seven ridges and, for KL, six floors
    closed,     // splats, closed form of paired
    unseen,     // splats fitted without the rows that are measured
    core,       // the same with a signed core where it has gains on rows to stop by
    fitted,     // splats fitted, any row may be drawn
    near,       // splats fitted beside at most 32 exact pairs a row
    least       // KL-NMF of the whole target
};
inline constexpr std::size_t kMethods = 12;
[[nodiscard]] const char* name_of(Method method);

struct PeerProblem {
    std::string world;
    std::size_t tokens = 1024;
    std::size_t columns = 64;  // splats, features, landmarks, clusters
    double sharpness = 1.0;
    std::uint64_t seed = 1;
};

// Infinity where a method was left out.
struct Measured {
    std::array<Quality, kMethods> all;
    double entropy = 0.0;  // mean of the rows, nats

    [[nodiscard]] Quality& of(Method method) { return all[static_cast<std::size_t>(method)]; }
    [[nodiscard]] const Quality& of(Method method) const {
        return all[static_cast<std::size_t>(method)];
    }
};
// All methods on the same 256 rows. What a peer is free to choose is chosen by these very rows and
// for each number by itself; form, near set and output weight of
// the splats by the 64 rows that a fit stops by. KL-NMF, the most costly, only on demand.
[[nodiscard]] Measured measure(const PeerProblem& problem, bool with_least);
// Those that rows without a focus are about: Nystrom, the closed form, the fits and the core.
[[nodiscard]] Measured measure_diffuse(const PeerProblem& problem);

}  // namespace hsa_bench
