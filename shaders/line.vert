#version 330 core
layout(location = 0) in vec2 corner;  // 0 or 1 along the line, -1 or 1 across it
layout(location = 1) in vec3 from;
layout(location = 2) in vec3 to;
layout(location = 3) in vec4 from_colour;
layout(location = 4) in vec4 to_colour;
layout(location = 5) in float width;  // pixels

uniform mat4 view;
uniform mat4 projection;
uniform int perspective;
uniform float nearest;  // distance from the eye at which lines are cut
uniform vec3 fade;      // near, far, most
uniform vec3 ground;
uniform vec2 viewport;  // pixels

noperspective out vec4 colour;
noperspective out float across;        // pixels from the middle of the line
flat out float half_width;

vec4 seen(vec4 a, vec4 b) {
    // The part of the line behind the eye is left out: a moves towards b.
    if (perspective == 0 || -a.z >= nearest || -b.z <= nearest) return a;
    return mix(a, b, (nearest + a.z) / (a.z - b.z));
}

void main() {
    vec4 begin = view * vec4(from, 1.0);
    vec4 end = view * vec4(to, 1.0);
    vec4 a = projection * seen(begin, end);
    vec4 b = projection * seen(end, begin);
    vec2 along = (b.xy / b.w - a.xy / a.w) * viewport;
    float reach = length(along);
    vec2 side = reach > 0.0 ? vec2(-along.y, along.x) / reach : vec2(1.0, 0.0);
    half_width = 0.5 * width;
    across = corner.y * (half_width + 1.0);
    vec4 place = corner.x < 0.5 ? a : b;
    place.xy += side * across * 2.0 / viewport * place.w;
    gl_Position = perspective != 0 && -begin.z < nearest && -end.z < nearest
                      ? vec4(2.0, 2.0, 2.0, 1.0)
                      : place;
    vec4 own = corner.x < 0.5 ? from_colour : to_colour;
    float depth = corner.x < 0.5 ? -begin.z : -end.z;
    colour = vec4(mix(own.rgb, ground, fade.z * smoothstep(fade.x, fade.y, depth)), own.a);
}
