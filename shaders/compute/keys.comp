// ell [rows, splats] becomes exp(ell - log_mass).
layout(local_size_x = 16, local_size_y = 16) in;
layout(std430, binding = 0) buffer Kernels { float ell[]; };
layout(std430, binding = 1) readonly buffer Masses { float log_mass[]; };
uniform uint rows;
uniform uint splats;

void main() {
    uint splat = gl_GlobalInvocationID.x;
    uint row = gl_GlobalInvocationID.y;
    if (row >= rows || splat >= splats) return;
    uint place = row * splats + splat;
    ell[place] = exp_of(ell[place] - log_mass[splat]);
}
