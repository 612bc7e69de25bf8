// ell[i, s] = -1/2 (beta_s / T) |W_s (x_i - centre_s)|^2 of spherical and diagonal splats, by
// differences: W is `rate`, which holds the root of beta_s / 2 T too. A group makes 16 x 16 numbers.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Rows { float x[]; };            // [rows, d]
layout(std430, binding = 1) readonly buffer Centres { float centre[]; };    // [k, d]
layout(std430, binding = 2) readonly buffer Rates { float rate[]; };        // [k, d]
layout(std430, binding = 3) readonly buffer Shifts { float shift[]; };      // [k], added to ell
layout(std430, binding = 4) writeonly buffer Kernels { float ell[]; };      // [rows, stride]
uniform uint rows;
uniform uint splats;
uniform uint dimension;
uniform uint stride;  // of a row of ell
uniform uint first;   // its first column
uniform uint shifted;

shared float x_part[16][17];
shared float centre_part[16][17];
shared float rate_part[16][17];

void main() {
    uint s = gl_GlobalInvocationID.x;
    uint i = gl_GlobalInvocationID.y;
    uint column = gl_LocalInvocationID.x;
    uint row = gl_LocalInvocationID.y;
    uint load_splat = gl_WorkGroupID.x * 16u + row;
    precise float sum = 0.0;
    for (uint begin = 0u; begin < dimension; begin += 16u) {
        uint a = begin + column;
        bool inside = a < dimension;
        x_part[row][column] = inside && i < rows ? x[i * dimension + a] : 0.0;
        centre_part[row][column] =
            inside && load_splat < splats ? centre[load_splat * dimension + a] : 0.0;
        rate_part[row][column] =
            inside && load_splat < splats ? rate[load_splat * dimension + a] : 0.0;
        barrier();
        uint count = min(16u, dimension - begin);
        for (uint a_in = 0u; a_in < count; ++a_in) {
            precise float t = rate_part[column][a_in] *
                              (x_part[row][a_in] - centre_part[column][a_in]);
            sum = sum + t * t;
        }
        barrier();
    }
    if (i < rows && s < splats)
        ell[i * stride + first + s] =
            max(-sum, kLeastLogKernel) + (shifted != 0u ? shift[s] : 0.0);
}
