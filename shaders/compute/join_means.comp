// One mean of those of chunks, by their sums. A thread has one column of one number (x: columns) and
// goes through the chunks in their order; `states` is what online_means.comp leaves.
layout(local_size_x = 16, local_size_y = 4) in;
layout(std430, binding = 0) readonly buffer States { float state[]; };
layout(std430, binding = 1) writeonly buffer Mosts { float joined_most[]; };   // [numbers]
layout(std430, binding = 2) writeonly buffer Sums { double joined_sum[]; };    // [numbers]
layout(std430, binding = 3) writeonly buffer Means { float joined[]; };        // [numbers, columns]
uniform uint chunks;
uniform uint numbers;
uniform uint columns;
uniform uint most_at;

void main() {
    uint column = gl_GlobalInvocationID.x;
    uint number = gl_GlobalInvocationID.y;
    if (number >= numbers) return;
    uint sums = chunks * numbers;
    float greatest = -3.402823466e38;
    for (uint c = 0u; c < chunks; ++c)
        greatest = max(greatest, state[most_at + c * numbers + number]);
    double total = 0.0LF;
    double value = 0.0LF;
    for (uint c = 0u; c < chunks; ++c) {
        uint at = c * numbers + number;
        double share = double(state[most_at + sums + at] * exp_of(state[most_at + at] - greatest));
        total += share;
        if (column < columns) value += share * double(state[at * columns + column]);
    }
    if (column < columns)
        joined[number * columns + column] = total > 0.0LF ? float(value / total) : 0.0;
    if (column > 0u) return;
    joined_most[number] = greatest;
    joined_sum[number] = total;
}
