// out [columns, splats] = key o sum over the rows that see a column of (1 - ratio) share.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Ratios { float ratio[]; };  // [columns, rows]
layout(std430, binding = 1) readonly buffer Shares { float share[]; };  // [rows, splats]
layout(std430, binding = 2) readonly buffer Keys { float key[]; };      // [columns, splats]
layout(std430, binding = 3) readonly buffer Seens { uint seen[]; };     // [rows]
layout(std430, binding = 4) writeonly buffer Slopes { float slope[]; };
uniform uint rows;
uniform uint columns;
uniform uint splats;
uniform uint has_seen;

shared float left[16][17];
shared float right[16][17];

void main() {
    uint lane_x = gl_LocalInvocationID.x;
    uint lane_y = gl_LocalInvocationID.y;
    uint splat = gl_GlobalInvocationID.x;
    uint column = gl_GlobalInvocationID.y;
    float sum = 0.0;
    for (uint begin = 0u; begin < rows; begin += 16u) {
        uint i = begin + lane_x;
        float own = 0.0;
        if (i < rows && column < columns)
            own = (has_seen == 0u || column < seen[i] ? 1.0 : 0.0) - ratio[column * rows + i];
        left[lane_y][lane_x] = own;
        uint term = begin + lane_y;
        right[lane_y][lane_x] = term < rows && splat < splats ? share[term * splats + splat] : 0.0;
        barrier();
        for (uint e = 0u; e < 16u; ++e) sum += left[lane_y][e] * right[e][lane_x];
        barrier();
    }
    if (column >= columns || splat >= splats) return;
    uint place = column * splats + splat;
    slope[place] = key[place] * sum;
}
