#include "engine/compute/key_sums.h"

#include "engine/core/parallel.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hsa {
namespace {

// Chunks whose sums are held at once: a power of two, so that the tree over all of them does not
// depend on it; fewer where a chunk's sums are large.
constexpr std::size_t kMostAtOnce = 32;
constexpr std::size_t kLeastAtOnce = 4;
constexpr std::size_t kBytesAtOnce = std::size_t{1} << 24U;
constexpr std::size_t kSplatsAtOnce = 64;  // that one thread joins

std::size_t chunks_at_once(std::size_t splats, std::size_t columns) {
    std::size_t count = kMostAtOnce;
    while (count > kLeastAtOnce && count * splats * columns * sizeof(double) > kBytesAtOnce)
        count /= 2;
    return count;
}

// In pieces of a fixed width, which the compiler turns into vectors.
void add_row(double* to, double keep, const double* from, double times, std::size_t count) {
    constexpr std::size_t kWidth = 8;
    std::size_t c = 0;
    for (; c + kWidth <= count; c += kWidth, to += kWidth, from += kWidth)
        for (std::size_t e = 0; e < kWidth; ++e) to[e] = to[e] * keep + from[e] * times;
    for (std::size_t e = 0; c < count; ++c, ++e) to[e] = to[e] * keep + from[e] * times;
}

// Adds the splats [first, last) of one to the other.
void join(KeySums& into, const KeySums& from, std::size_t first, std::size_t last) {
    for (std::size_t s = first; s < last; ++s) {
        if (!(from.mass.sum[s] > 0.0)) continue;
        const float most = std::max(into.mass.most[s], from.mass.most[s]);
        const auto share = [most](const LogSums& mass, std::size_t row) {
            return mass.sum[row] > 0.0
                       ? std::exp(static_cast<double>(mass.most[row]) - static_cast<double>(most))
                       : 0.0;
        };
        const double keep = share(into.mass, s);
        const double times = share(from.mass, s);
        into.mass.sum[s] = into.mass.sum[s] * keep + from.mass.sum[s] * times;
        into.mass.most[s] = most;
        add_row(into.values.row(s).data(), keep, from.values.row(s).data(), times,
                into.values.cols());
    }
}

}  // namespace

void add_key_sums(KeySums& into, const KeySums& from) {
    parallel_blocks(into.mass.sum.size(), kSplatsAtOnce,
                    [&](std::size_t first, std::size_t last) { join(into, from, first, last); });
}

KeySums::KeySums(std::size_t splats, std::size_t columns) : values(splats, columns, 0.0) {
    mass.most.assign(splats, -std::numeric_limits<float>::infinity());
    mass.sum.assign(splats, 0.0);
}

Matrix<float> KeySums::means() const {
    Matrix<float> means(values.rows(), values.cols());
    for (std::size_t s = 0; s < means.rows(); ++s) {
        const double share = mass.sum[s] > 0.0 ? 1.0 / mass.sum[s] : 0.0;
        for (std::size_t c = 0; c < means.cols(); ++c)
            means(s, c) = static_cast<float>(values(s, c) * share);
    }
    return means;
}

KeySums sum_over_keys(
    std::size_t rows, std::size_t splats, std::size_t columns,
    const std::function<void(std::size_t begin, std::size_t end, std::span<KeySums> out)>& group) {
    const std::size_t chunks = (rows + kChunkRows - 1) / kChunkRows;
    const std::size_t at_once = std::min(chunks, chunks_at_once(splats, columns));
    std::vector<KeySums> parts(at_once, KeySums(splats, columns));
    // Sums of 1, 2, 4 ... whole groups of chunks, as the digits of a binary counter.
    std::vector<KeySums> digits;
    std::vector<bool> filled;
    for (std::size_t first = 0; first < chunks; first += at_once) {
        const std::size_t count = std::min(at_once, chunks - first);
        group(first * kChunkRows, std::min(rows, (first + count) * kChunkRows),
              std::span(parts).first(count));
        parallel_blocks(splats, kSplatsAtOnce, [&](std::size_t begin, std::size_t end) {
            for (std::size_t step = 1; step < count; step *= 2)
                for (std::size_t left = 0; left + step < count; left += 2 * step)
                    join(parts[left], parts[left + step], begin, end);
        });
        std::size_t digit = 0;
        for (; digit < digits.size() && filled[digit]; ++digit) {
            add_key_sums(digits[digit], parts[0]);
            std::swap(digits[digit], parts[0]);
            filled[digit] = false;
        }
        if (digit == digits.size()) {
            digits.emplace_back(splats, columns);
            filled.push_back(false);
        }
        std::swap(digits[digit], parts[0]);
        filled[digit] = true;
    }
    KeySums total(splats, columns);
    for (std::size_t digit = 0; digit < digits.size(); ++digit)
        if (filled[digit]) add_key_sums(total, digits[digit]);
    return total;
}

}  // namespace hsa
