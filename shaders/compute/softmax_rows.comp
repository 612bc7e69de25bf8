// Rows of logits become softmax over their columns; far[i] = 1 where the largest is below far_logit.
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Logits { float p[]; };                // [rows, columns]
layout(std430, binding = 1) writeonly buffer Fars { uint far[]; };       // [rows]
uniform uint rows;
uniform uint columns;
uniform float far_logit;

shared float part[64];

void main() {
    uint i = gl_WorkGroupID.y;
    uint lane = gl_LocalInvocationID.x;
    uint begin = i * columns;
    float greatest = -3.402823466e38;
    for (uint s = lane; s < columns; s += 64u) greatest = max(greatest, p[begin + s]);
    part[lane] = greatest;
    barrier();
    for (uint step = 32u; step > 0u; step /= 2u) {
        if (lane < step) part[lane] = max(part[lane], part[lane + step]);
        barrier();
    }
    greatest = part[0];
    barrier();
    float sum = 0.0;
    for (uint s = lane; s < columns; s += 64u) {
        float e = exp_of(p[begin + s] - greatest);
        p[begin + s] = e;
        sum += e;
    }
    part[lane] = sum;
    barrier();
    for (uint step = 32u; step > 0u; step /= 2u) {
        if (lane < step) part[lane] += part[lane + step];
        barrier();
    }
    float scale = 1.0 / part[0];
    for (uint s = lane; s < columns; s += 64u) p[begin + s] *= scale;
    if (lane == 0u) far[i] = greatest >= far_logit ? 0u : 1u;
}
