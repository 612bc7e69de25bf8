// out [m, v] = a [m, k] b [k, v], or, of each chunk of `chunk` rows c by itself,
// out [c, k, v] = a[rows of c, k]^T b[rows of c, v]. A group makes 16 x 16 numbers.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Left { float a[]; };
layout(std430, binding = 1) readonly buffer Right { float b[]; };
layout(std430, binding = 2) writeonly buffer Product { float product[]; };
uniform uint rows;      // of the product (of each chunk)
uniform uint inner;     // that are summed over, in all
uniform uint columns;   // of the product
uniform uint stride;    // of a row of a
uniform uint by_chunk;  // 0, or the rows of a chunk: a is transposed
uniform uint row_groups;

shared float left[16][17];
shared float right[16][17];

void main() {
    uint column = gl_GlobalInvocationID.x;
    uint chunk = by_chunk != 0u ? gl_WorkGroupID.y / row_groups : 0u;
    uint group = by_chunk != 0u ? gl_WorkGroupID.y % row_groups : gl_WorkGroupID.y;
    uint x = gl_LocalInvocationID.x;
    uint y = gl_LocalInvocationID.y;
    uint row = group * 16u + y;
    uint from = chunk * by_chunk;
    uint to = by_chunk != 0u ? min(inner, from + by_chunk) : inner;
    float sum = 0.0;
    for (uint begin = from; begin < to; begin += 16u) {
        if (by_chunk != 0u) {
            // Neighbours read neighbours: the block of a is turned on its way.
            uint j = begin + y;
            uint r = group * 16u + x;
            left[x][y] = j < to && r < rows ? a[j * stride + r] : 0.0;
        } else {
            uint j = begin + x;
            left[y][x] = row < rows && j < to ? a[row * stride + j] : 0.0;
        }
        uint j = begin + y;
        right[y][x] = j < to && column < columns ? b[j * columns + column] : 0.0;
        barrier();
        for (uint e = 0u; e < 16u; ++e) sum += left[y][e] * right[e][x];
        barrier();
    }
    if (row < rows && column < columns)
        product[(chunk * rows + row) * columns + column] = sum;
}
