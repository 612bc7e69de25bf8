#version 330 core
in vec4 base;
out vec4 pixel;
void main() {
    vec2 from_centre = 2.0 * gl_PointCoord - 1.0;
    float radius = length(from_centre);
    float width = fwidth(radius);
    float cover = 1.0 - smoothstep(1.0 - width, 1.0, radius);
    if (cover <= 0.0) discard;
    float alpha = base.a * cover;
    pixel = vec4(base.rgb * alpha, alpha);
}
