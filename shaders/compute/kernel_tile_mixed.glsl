// The log kernel of splats whose covariance mixes axes, in float64 because a rounding of x - centre
// may grow by the root of its condition. Each splat says where its numbers begin: full, the rows of
// W = L^-1 (lower triangle, [d, d]); lowrank, rate [d], then for each of its axes 1 - (1 - shrink)^2
// and the axis [d]: |t|^2 = |z|^2 - sum_r (1 - (1 - shrink_r)^2) (axis_r . z)^2, z = rate o delta.
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) readonly buffer Rows { float x[]; };
layout(std430, binding = 1) readonly buffer Centres { float centre[]; };
layout(std430, binding = 2) readonly buffer Forms { double form[]; };
layout(std430, binding = 5) readonly buffer Places { uvec4 place[]; };  // begin, full, axes, 0
layout(std430, binding = 6) readonly buffer Halves { double half_beta[]; };
uniform uint rows;
uniform uint splats;
uniform uint dimension;

double delta(uint i, uint s, uint a) {
    return double(x[i * dimension + a]) - double(centre[s * dimension + a]);
}

float log_kernel_of(uint first_row, uint row_in, uint first_splat, uint splat_in) {
    uint i = first_row + row_in;
    uint s = first_splat + splat_in;
    if (i >= rows || s >= splats) return 0.0;
    uint begin = place[s].x;
    double sum = 0.0LF;
    if (place[s].y != 0u) {
        for (uint b = 0u; b < dimension; ++b) {
            double t = 0.0LF;
            for (uint a = 0u; a <= b; ++a)
                t += form[begin + b * dimension + a] * delta(i, s, a);
            sum += t * t;
        }
    } else {
        for (uint a = 0u; a < dimension; ++a) {
            double z = form[begin + a] * delta(i, s, a);
            sum += z * z;
        }
        uint at = begin + dimension;
        for (uint r = 0u; r < place[s].z; ++r) {
            double along = 0.0LF;
            for (uint a = 0u; a < dimension; ++a)
                along += form[at + 1u + a] * form[begin + a] * delta(i, s, a);
            sum -= form[at] * along * along;
            at += 1u + dimension;
        }
    }
    return held_log_kernel(-half_beta[s] * sum);
}
