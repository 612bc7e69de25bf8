#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 colour;
uniform mat4 view;
uniform mat4 projection;
uniform float size;        // pixels at the pivot
uniform float distance_to_pivot;
out vec4 base;
void main() {
    vec4 eye = view * vec4(position, 1.0);
    gl_Position = projection * eye;
    base = colour;
    float near = distance_to_pivot > 0.0 ? distance_to_pivot / max(-eye.z, 1e-4) : 1.0;
    gl_PointSize = clamp(size * near, 1.5, 4.0 * size);
}
