// Rows of A = weight keys^T + background against a target: T / A, or that times its logarithm, in
// columns [columns, rows], and of every row and group of columns sum T ln(T / A).
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Weights { float weight[]; };          // [rows, splats]
layout(std430, binding = 1) readonly buffer Keys { float key[]; };                // [columns, splats]
layout(std430, binding = 2) readonly buffer Targets { float target[]; };          // [rows, columns]
layout(std430, binding = 3) readonly buffer Backgrounds { float background[]; };  // [rows]
layout(std430, binding = 4) readonly buffer Seens { uint seen[]; };               // [rows]
layout(std430, binding = 5) writeonly buffer Ratios { float ratio[]; };           // [columns, rows]
layout(std430, binding = 6) writeonly buffer Parts { float part[]; };             // [rows, groups]
uniform uint rows;
uniform uint columns;
uniform uint splats;
uniform uint has_background;
uniform uint has_seen;
uniform uint times_log;

const float kLeastCell = 1e-30;  // as attention/divergence.cpp

shared float left[16][17];
shared float right[16][17];

void main() {
    uint lane_x = gl_LocalInvocationID.x;
    uint lane_y = gl_LocalInvocationID.y;
    uint row = gl_GlobalInvocationID.x;
    uint column = gl_GlobalInvocationID.y;
    uint own_row = gl_WorkGroupID.x * 16u + lane_y;
    float cell = 0.0;
    for (uint begin = 0u; begin < splats; begin += 16u) {
        uint s = begin + lane_x;
        left[lane_y][lane_x] = own_row < rows && s < splats ? weight[own_row * splats + s] : 0.0;
        right[lane_y][lane_x] = column < columns && s < splats ? key[column * splats + s] : 0.0;
        barrier();
        for (uint e = 0u; e < 16u; ++e) cell += left[lane_x][e] * right[lane_y][e];
        barrier();
    }
    float own = 0.0;
    if (row < rows && column < columns) {
        if (has_background != 0u) cell += background[row];
        if (has_seen != 0u && column >= seen[row]) cell = 0.0;
        float wanted = target[row * columns + column];
        float share = wanted / max(cell, kLeastCell);
        float logarithm = log(max(share, kLeastCell));
        ratio[column * rows + row] = times_log != 0u ? share * logarithm : share;
        own = wanted * logarithm;
    }
    left[lane_x][lane_y] = own;
    barrier();
    if (lane_y != 0u || row >= rows) return;
    float sum = 0.0;
    for (uint e = 0u; e < 16u; ++e) sum += left[lane_x][e];
    part[row * gl_NumWorkGroups.y + gl_WorkGroupID.y] = sum;
}
