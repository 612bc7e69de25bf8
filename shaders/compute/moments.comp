// out [numbers, columns] = weight^T beside over rows [skip, skip + count): float32 inside a chunk of
// rows, float64 over chunks; on from what `total` has where it is known.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Weights { float weight[]; };  // [rows, numbers]
layout(std430, binding = 1) readonly buffer Besides { float beside[]; };  // [rows, columns]
layout(std430, binding = 2) buffer Totals { double total[]; };            // [numbers, columns]
uniform uint rows;
uniform uint numbers;
uniform uint columns;
uniform uint chunk;
uniform uint skip;
uniform uint count;
uniform uint known;

shared float left[16][17];
shared float right[16][17];

void main() {
    uint lane_x = gl_LocalInvocationID.x;
    uint lane_y = gl_LocalInvocationID.y;
    uint column = gl_GlobalInvocationID.x;
    uint number = gl_GlobalInvocationID.y;
    uint own = gl_WorkGroupID.y * 16u + lane_x;
    bool here = number < numbers && column < columns;
    double sum = known != 0u && here ? total[number * columns + column] : 0.0LF;
    uint end = min(rows, skip + count);
    for (uint first = skip; first < end; first += chunk) {
        uint last = min(end, first + chunk);
        float part = 0.0;
        for (uint begin = first; begin < last; begin += 16u) {
            uint i = begin + lane_y;
            left[lane_y][lane_x] = i < last && own < numbers ? weight[i * numbers + own] : 0.0;
            right[lane_y][lane_x] = i < last && column < columns ? beside[i * columns + column] : 0.0;
            barrier();
            for (uint e = 0u; e < 16u; ++e) part += left[e][lane_y] * right[e][lane_x];
            barrier();
        }
        sum += double(part);
    }
    if (here) total[number * columns + column] = sum;
}
