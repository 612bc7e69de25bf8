#version 330 core
flat in vec4 base;
flat in float radius;
flat in vec2 centre;

uniform int part;  // 1 the inside, which leaves its depth; 2 the smooth edge

out vec4 pixel;

void main() {
    float from_centre = distance(gl_FragCoord.xy, centre);
    float cover = clamp(radius - from_centre + 0.5, 0.0, 1.0);
    if (cover <= 0.0 || (part == 1 && cover < 0.5) || (part == 2 && cover >= 0.5)) discard;
    float alpha = base.a * cover;
    pixel = vec4(base.rgb * alpha, alpha);
}
