#version 330 core
// One unit sphere a splat, carried to its ellipsoid by `shape`.
layout(location = 0) in vec3 sphere;
layout(location = 1) in vec3 centre;
layout(location = 2) in vec3 shape0;
layout(location = 3) in vec3 shape1;
layout(location = 4) in vec3 shape2;
layout(location = 5) in vec4 colour;
layout(location = 6) in float lit;
uniform mat4 view;
uniform mat4 projection;
out vec3 eye_position;
out vec3 eye_normal;
out vec4 base;
out float rim;
void main() {
    mat3 shape = mat3(shape0, shape1, shape2);
    vec4 eye = view * vec4(centre + shape * sphere, 1.0);
    eye_position = eye.xyz;
    eye_normal = mat3(view) * (transpose(inverse(shape)) * sphere);
    base = colour;
    rim = lit;
    gl_Position = projection * eye;
}
