// Of each tile of `tile` rows and each splat: most = the largest ell + log row weight, ell becomes
// exp(ell + weight - most), sum that of these in float64.
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Kernels { float ell[]; };                     // [rows, k]
layout(std430, binding = 1) readonly buffer Weights { float log_row_weight[]; };  // [rows]
layout(std430, binding = 2) writeonly buffer Mosts { float most[]; };            // [tiles, k]
layout(std430, binding = 3) writeonly buffer Sums { double sums[]; };            // [tiles, k]
uniform uint rows;
uniform uint splats;
uniform uint tile;
uniform uint weighed;

void main() {
    uint s = gl_GlobalInvocationID.x;
    uint t = gl_WorkGroupID.y;
    if (s >= splats) return;
    uint begin = t * tile;
    uint end = min(rows, begin + tile);
    float greatest = -3.402823466e38;
    for (uint i = begin; i < end; ++i) {
        float value = ell[i * splats + s] + (weighed != 0u ? log_row_weight[i] : 0.0);
        greatest = max(greatest, value);
    }
    double sum = 0.0LF;
    for (uint i = begin; i < end; ++i) {
        float value = ell[i * splats + s] + (weighed != 0u ? log_row_weight[i] : 0.0);
        float e = exp_of(value - greatest);
        ell[i * splats + s] = e;
        sum += double(e);
    }
    most[t * splats + s] = greatest;
    sums[t * splats + s] = sum;
}
