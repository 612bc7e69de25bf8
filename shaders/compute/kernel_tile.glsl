// ell[i, s] = -1/2 (beta_s / T) |W_s (x_i - centre_s)|^2 of spherical and diagonal splats, by
// differences: W is `rate`, which holds the root of beta_s / 2 T too. What log_kernel.comp and
// online_means.comp begin with; kernel_tile_mixed.glsl has the same function for the other splats.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Rows { float x[]; };            // [rows, d]
layout(std430, binding = 1) readonly buffer Centres { float centre[]; };    // [k, d]
layout(std430, binding = 2) readonly buffer Rates { float rate[]; };        // [k, d]
uniform uint rows;
uniform uint splats;
uniform uint dimension;

shared float x_part[16][17];
shared float centre_part[16][17];
shared float rate_part[16][17];

// ell of row first_row + row_in and splat first_splat + splat_in, both below 16. Every thread of the
// group calls it; pairs beyond the end are not to be used.
float log_kernel_of(uint first_row, uint row_in, uint first_splat, uint splat_in) {
    uint lane_x = gl_LocalInvocationID.x;
    uint lane_y = gl_LocalInvocationID.y;
    precise float sum = 0.0;
    for (uint begin = 0u; begin < dimension; begin += 16u) {
        uint a = begin + lane_x;
        uint i = first_row + lane_y;
        uint s = first_splat + lane_y;
        bool inside = a < dimension;
        x_part[lane_y][lane_x] = inside && i < rows ? x[i * dimension + a] : 0.0;
        centre_part[lane_y][lane_x] = inside && s < splats ? centre[s * dimension + a] : 0.0;
        rate_part[lane_y][lane_x] = inside && s < splats ? rate[s * dimension + a] : 0.0;
        barrier();
        uint count = min(16u, dimension - begin);
        for (uint a_in = 0u; a_in < count; ++a_in) {
            precise float t = rate_part[splat_in][a_in] *
                              (x_part[row_in][a_in] - centre_part[splat_in][a_in]);
            sum = sum + t * t;
        }
        barrier();
    }
    return max(-sum, kLeastLogKernel);
}
