// Log kernels into columns [first, first + splats) of rows of `stride` numbers, 16 x 16 a group.
layout(std430, binding = 4) writeonly buffer Kernels { float ell[]; };
uniform uint stride;
uniform uint first;

void main() {
    uint s = gl_GlobalInvocationID.x;
    uint i = gl_GlobalInvocationID.y;
    float own = log_kernel_of(gl_WorkGroupID.y * 16u, gl_LocalInvocationID.y,
                              gl_WorkGroupID.x * 16u, gl_LocalInvocationID.x);
    if (i < rows && s < splats) ell[i * stride + first + s] = own;
}
