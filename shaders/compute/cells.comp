// out [rows, keys] = p [rows, columns] k^T with k [keys, columns]: 16 x 16 numbers a group.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Left { float p[]; };
layout(std430, binding = 1) readonly buffer Right { float k[]; };
layout(std430, binding = 2) writeonly buffer Product { float cell[]; };
uniform uint rows;
uniform uint keys;
uniform uint columns;

shared float left[16][17];
shared float right[16][17];

void main() {
    uint key = gl_GlobalInvocationID.x;
    uint row = gl_GlobalInvocationID.y;
    uint lane_x = gl_LocalInvocationID.x;
    uint lane_y = gl_LocalInvocationID.y;
    uint other = gl_WorkGroupID.x * 16u + lane_y;
    float sum = 0.0;
    for (uint begin = 0u; begin < columns; begin += 16u) {
        uint column = begin + lane_x;
        left[lane_y][lane_x] = row < rows && column < columns ? p[row * columns + column] : 0.0;
        right[lane_y][lane_x] = other < keys && column < columns ? k[other * columns + column] : 0.0;
        barrier();
        for (uint e = 0u; e < 16u; ++e) sum += left[lane_y][e] * right[lane_x][e];
        barrier();
    }
    if (row < rows && key < keys) cell[row * keys + key] = sum;
}
