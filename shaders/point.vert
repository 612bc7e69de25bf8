#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 colour;
layout(location = 2) in uint shape;

uniform mat4 view;
uniform mat4 projection;
uniform float size;               // pixels across at the pivot
uniform float distance_to_pivot;  // 0 without perspective: all points are as large
uniform vec3 fade;                // near, far, most
uniform vec3 ground;
uniform vec2 viewport;            // pixels

flat out vec4 base;
flat out float radius;
flat out uint form;
flat out vec2 centre;             // pixels of the target: renderers set sprites up to half a pixel off

void main() {
    vec4 eye = view * vec4(position, 1.0);
    gl_Position = projection * eye;
    float nearer = distance_to_pivot > 0.0 ? distance_to_pivot / max(-eye.z, 1e-6) : 1.0;
    radius = 0.5 * clamp(size * nearer, 0.5 * size, 3.0 * size);
    centre = (0.5 * gl_Position.xy / gl_Position.w + 0.5) * viewport;
    form = shape;
    // Room for corners and the smooth edge.
    gl_PointSize = (shape == 0u ? 2.0 : 2.6) * radius + 2.0;
    base = vec4(mix(colour.rgb, ground, fade.z * smoothstep(fade.x, fade.y, -eye.z)), colour.a);
}
