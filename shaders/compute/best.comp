// Of each row of ell [rows, columns] the `wanted` largest ell + shift, ties to the lower column; one
// row a group, and each of its 64 threads has a stretch of columns. The bits of the smallest that is
// kept are found from the highest on, by counting.
layout(local_size_x = 64) in;
layout(std430, binding = 0) readonly buffer Kernels { float ell[]; };
layout(std430, binding = 1) readonly buffer Shifts { float shift[]; };       // [columns]
layout(std430, binding = 2) writeonly buffer Chosen { uint chosen[]; };      // [rows, wanted], rising
layout(std430, binding = 3) writeonly buffer Kept { float kept[]; };         // [rows, wanted] their ell
layout(std430, binding = 4) writeonly buffer Totals { float total[]; };      // [rows, 2]
uniform uint columns;
uniform uint wanted;
uniform uint totals;  // whether total = most and sum of exp(ell + shift - most) over all columns

shared uint counted;
shared uint above_of[64];
shared uint equal_of[64];
shared float part[64];

// Unsigned numbers in the order of floats; -0 is 0.
uint order_of(float score) {
    uint bits = score == 0.0 ? 0u : floatBitsToUint(score);
    return (bits >> 31u) != 0u ? ~bits : bits | 0x80000000u;
}

void main() {
    uint row = gl_WorkGroupID.y;
    uint lane = gl_LocalInvocationID.x;
    uint at = row * columns;
    uint stretch = (columns + 63u) / 64u;
    uint begin = min(columns, lane * stretch);
    uint end = min(columns, begin + stretch);
    uint least = 0u;
    for (int bit = 31; bit >= 0; --bit) {
        uint tried = least | (1u << uint(bit));
        if (lane == 0u) counted = 0u;
        barrier();
        uint count = 0u;
        for (uint s = begin; s < end; ++s) count += order_of(ell[at + s] + shift[s]) >= tried ? 1u : 0u;
        atomicAdd(counted, count);
        barrier();
        if (counted >= wanted) least = tried;
        barrier();
    }
    uint above = 0u;
    uint equal = 0u;
    for (uint s = begin; s < end; ++s) {
        uint order = order_of(ell[at + s] + shift[s]);
        above += order > least ? 1u : 0u;
        equal += order == least ? 1u : 0u;
    }
    above_of[lane] = above;
    equal_of[lane] = equal;
    barrier();
    uint all_above = 0u;
    uint above_before = 0u;
    uint equal_before = 0u;
    for (uint other = 0u; other < 64u; ++other) {
        all_above += above_of[other];
        if (other < lane) {
            above_before += above_of[other];
            equal_before += equal_of[other];
        }
    }
    uint room = wanted - all_above;  // for those that equal the smallest
    uint place = row * wanted + above_before + min(equal_before, room);
    uint met = equal_before;
    for (uint s = begin; s < end; ++s) {
        uint order = order_of(ell[at + s] + shift[s]);
        bool keeps = order > least || (order == least && met < room);
        if (order == least) ++met;
        if (!keeps) continue;
        chosen[place] = s;
        kept[place] = ell[at + s];
        ++place;
    }
    if (totals == 0u) return;
    float greatest = -3.402823466e38;
    for (uint s = lane; s < columns; s += 64u) greatest = max(greatest, ell[at + s] + shift[s]);
    part[lane] = greatest;
    barrier();
    for (uint other = 0u; other < 64u; ++other) greatest = max(greatest, part[other]);
    barrier();
    float sum = 0.0;
    for (uint s = lane; s < columns; s += 64u) sum += exp_of(ell[at + s] + shift[s] - greatest);
    part[lane] = sum;
    barrier();
    if (lane > 0u) return;
    sum = 0.0;
    for (uint other = 0u; other < 64u; ++other) sum += part[other];
    total[2u * row] = greatest;
    total[2u * row + 1u] = sum;
}
