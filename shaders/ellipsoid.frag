#version 330 core
in vec3 eye_position;
in vec3 eye_normal;
in vec4 base;
in float rim;
uniform vec3 accent;
uniform bool perspective;
out vec4 pixel;
void main() {
    vec3 normal = normalize(eye_normal);
    vec3 to_eye = perspective ? normalize(-eye_position) : vec3(0.0, 0.0, 1.0);
    float facing = clamp(dot(normal, to_eye), 0.0, 1.0);
    vec3 light = normalize(vec3(-0.35, 0.7, 0.65));
    float shade = 0.42 + 0.58 * clamp(dot(normal, light), 0.0, 1.0);
    float edge = pow(1.0 - facing, 2.5);
    vec3 colour = base.rgb * shade + 0.10 * pow(clamp(dot(reflect(-light, normal), to_eye), 0.0, 1.0), 24.0);
    // A translucent body reads as a shell: thicker where it is seen edge on.
    float alpha = base.a >= 0.99 ? 1.0 : clamp(base.a + edge * 0.55 * (1.0 - base.a), 0.0, 1.0);
    float ring = rim * smoothstep(0.55, 0.85, 1.0 - facing);
    colour = mix(colour, accent, ring);
    alpha = max(alpha, ring);
    pixel = vec4(colour * alpha, alpha);
}
