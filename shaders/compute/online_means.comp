// Both passes of O = A V without a number of P or K in the card's memory. A group has 16 numbers
// (splats, or rows that ask) and goes through their terms (rows of keys, or splats), 16 at a time:
// log kernels, exponentials over what has been summed so far, their product with the terms' values
// added to means that are rescaled. Thread (x, y) has number y and columns x, x + 16, x + 32, x + 48
// of its group of 64. Of each chunk of terms by itself: `count` of its terms from `skip` on, from
// nothing or on from what `state` has.
layout(std430, binding = 3) readonly buffer Adds { float add[]; };        // [terms], added to ell
layout(std430, binding = 4) readonly buffer Values { float values[]; };   // [terms, columns]
// Means [chunks, numbers, columns], then, at from_at and to_at, the largest logits [chunks,
// numbers] and the sums of exp(logit - largest) [chunks, numbers].
layout(std430, binding = 7) buffer States { float state[]; };
uniform uint of_keys;        // 1: numbers are splats and terms rows; 0: the other way round
uniform uint added;          // whether `add` counts
uniform uint chunk;          // terms
uniform uint skip;
uniform uint count;
uniform uint first_chunk;
uniform uint chunks;
uniform uint columns;
uniform uint column_groups;  // at least 1
uniform uint value_at;       // before the values of the first term
uniform uint known;          // whether it goes on from from_at
uniform uint from_at;
uniform uint to_at;

shared float logit[16][17];
shared float right[16][65];

const float kLowest = -3.402823466e38;

void main() {
    uint lane = gl_LocalInvocationID.x;
    uint own = gl_LocalInvocationID.y;
    uint numbers = of_keys != 0u ? splats : rows;
    uint terms = of_keys != 0u ? rows : splats;
    uint first = gl_WorkGroupID.x * 16u;
    uint own_chunk = gl_WorkGroupID.y / column_groups;
    uint first_column = (gl_WorkGroupID.y % column_groups) * 64u;
    uint from = own_chunk * chunk + skip;
    uint to = min(terms, own_chunk * chunk + min(chunk, skip + count));
    uint number = first + own;
    bool here = number < numbers;
    uint at = (first_chunk + own_chunk) * numbers + number;
    uint sums = chunks * numbers;  // from a largest logit to its sum

    float most = kLowest;
    float sum = 0.0;
    float mean[4] = float[4](0.0, 0.0, 0.0, 0.0);
    if (known != 0u && here) {
        most = state[from_at + at];
        sum = state[from_at + sums + at];
        for (uint c = 0u; c < 4u; ++c)
            if (first_column + lane + c * 16u < columns)
                mean[c] = state[at * columns + first_column + lane + c * 16u];
    }
    for (uint begin = from; begin < to; begin += 16u) {
        float ell = of_keys != 0u ? log_kernel_of(begin, lane, first, own)
                                  : log_kernel_of(first, own, begin, lane);
        uint term = begin + lane;
        if (term < to && added != 0u) ell += add[term];
        logit[own][lane] = ell;
        uint other = begin + own;
        for (uint c = 0u; c < 4u; ++c) {
            uint column = first_column + lane + c * 16u;
            right[own][lane + c * 16u] =
                other < to && column < columns ? values[value_at + other * columns + column] : 0.0;
        }
        barrier();
        uint some = min(16u, to - begin);
        float greatest = most;
        for (uint e = 0u; e < some; ++e) greatest = max(greatest, logit[own][e]);
        // Each thread of a number forms one exponential of it.
        float power = term < to ? exp_of(ell - greatest) : 0.0;
        barrier();
        logit[own][lane] = power;
        barrier();
        float left = sum * exp_of(most - greatest);
        sum = left;
        for (uint e = 0u; e < some; ++e) sum += logit[own][e];
        most = greatest;
        float share = sum > 0.0 ? 1.0 / sum : 0.0;
        for (uint c = 0u; c < 4u; ++c) mean[c] *= left * share;
        for (uint e = 0u; e < some; ++e) {
            float weight = logit[own][e] * share;
            for (uint c = 0u; c < 4u; ++c) mean[c] += weight * right[e][lane + c * 16u];
        }
        barrier();
    }
    if (!here) return;
    for (uint c = 0u; c < 4u; ++c)
        if (first_column + lane + c * 16u < columns)
            state[at * columns + first_column + lane + c * 16u] = mean[c];
    if (lane == 0u && first_column == 0u) {
        state[to_at + at] = most;
        state[to_at + sums + at] = sum;
    }
}
