#version 330 core
// Solves for the splat's surface along the line of sight, where the splat is the unit sphere.
in vec3 on_hull;
in vec3 place;
flat in vec3 eye;
flat in vec4 base;
flat in float shell;
flat in vec3 lower0;
flat in vec3 lower1;

uniform mat4 view;
uniform bool perspective;
uniform int part;     // 0 translucent, 1 the inside of opaque bodies, 2 their edge
uniform vec3 fade;    // near, far, most
uniform vec3 ground;

out vec4 pixel;

const vec3 light = vec3(-0.42, 0.66, 0.62);

// L^-T n: normals go the other way than points.
vec3 carried_normal(vec3 n) {
    float z = n.z / lower1.z;
    float y = (n.y - lower1.y * z) / lower1.x;
    return vec3((n.x - lower0.y * y - lower0.z * z) / lower0.x, y, z);
}

void main() {
    vec3 along = normalize(perspective ? on_hull - eye : -eye);
    vec3 nearest = on_hull - dot(on_hull, along) * along;
    float miss = dot(nearest, nearest);  // squared distance of the line from the centre
    // How many pixels inside the outline, and so how much of this pixel is covered.
    float inside = (1.0 - miss) / max(length(vec2(dFdx(miss), dFdy(miss))), 1e-9);
    float cover = clamp(inside + 0.5, 0.0, 1.0);
    if (cover <= 0.0 || (part == 1 && cover < 1.0) || (part == 2 && cover >= 1.0)) discard;

    vec3 hit = nearest - shell * sqrt(max(1.0 - miss, 0.0)) * along;
    vec3 normal = shell * normalize(mat3(view) * carried_normal(hit));
    vec3 to_eye = perspective ? normalize(-place) : vec3(0.0, 0.0, 1.0);
    float facing = clamp(dot(normal, to_eye), 0.0, 1.0);
    vec3 to_light = normalize(light);
    // Light that wraps half round the body: no side is black.
    float lit = 0.5 + 0.5 * dot(normal, to_light);
    float shine = pow(clamp(dot(normal, normalize(to_light + to_eye)), 0.0, 1.0), 24.0);
    float alpha = base.a;
    vec3 colour;
    if (part == 0) {
        // A shell: thicker where it is seen edge on.
        alpha = 1.0 - pow(1.0 - alpha, 1.0 / max(facing, 0.22));
        colour = base.rgb * (0.62 + 0.5 * lit) + vec3(0.10 * shine);
    } else {
        colour = base.rgb * (0.34 + 0.76 * lit * lit) + vec3(0.16 * shine);
        colour *= 1.0 - 0.45 * pow(1.0 - facing, 3.0);
    }
    colour = mix(colour, ground, fade.z * smoothstep(fade.x, fade.y, -place.z));
    alpha *= cover;
    pixel = vec4(colour * alpha, alpha);
}
