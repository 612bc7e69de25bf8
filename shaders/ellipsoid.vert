#version 330 core
// A hull around the unit sphere, carried to a splat's ellipsoid: view (centre + L u).
layout(location = 0) in vec3 hull;
layout(location = 1) in vec3 centre;
layout(location = 2) in vec3 lower_x;   // xx, yx, zx of L
layout(location = 3) in vec3 lower_yz;  // yy, zy, zz
layout(location = 4) in vec4 colour;
layout(location = 5) in float side;

uniform mat4 view;
uniform mat4 projection;
uniform bool perspective;

out vec3 on_hull;      // where the splat is the unit sphere
out vec3 place;        // in the space of the eye
flat out vec3 eye;     // where the splat is the unit sphere; without perspective the way towards it
flat out vec4 base;
flat out float shell;
flat out vec3 lower0;
flat out vec3 lower1;

vec3 stretched(vec3 u) {
    return vec3(lower_x.x * u.x, lower_x.y * u.x + lower_yz.x * u.y,
                lower_x.z * u.x + lower_yz.y * u.y + lower_yz.z * u.z);
}

vec3 unstretched(vec3 v) {
    float x = v.x / lower_x.x;
    float y = (v.y - lower_x.y * x) / lower_yz.x;
    return vec3(x, y, (v.z - lower_x.z * x - lower_yz.y * y) / lower_yz.z);
}

void main() {
    // Turned inside out the hull keeps its far side where culling keeps the near one otherwise.
    on_hull = side * hull;
    vec4 in_eye_space = view * vec4(centre + stretched(on_hull), 1.0);
    place = in_eye_space.xyz;
    gl_Position = projection * in_eye_space;
    mat3 back = transpose(mat3(view));
    eye = unstretched(perspective ? -(back * view[3].xyz) - centre : back[2]);
    base = colour;
    shell = side;
    lower0 = lower_x;
    lower1 = lower_yz;
}
