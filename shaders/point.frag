#version 330 core
flat in vec4 base;
flat in float radius;
flat in uint form;
flat in vec2 centre;

uniform int part;  // 1 the inside, which leaves its depth; 2 the smooth edge

out vec4 pixel;

// Pixels from the edge, above 0 inside; p from the middle of the point, upwards. The shapes of
// Canvas::marker, each about as large as the circle of this radius.
float triangle(vec2 p, float h) {
    return min((h - 1.8 * abs(p.x) - p.y) / 2.06, p.y + 0.8 * h);
}

float even_triangle(vec2 p, float h) {
    return min(0.5 * h - 0.87 * abs(p.x) - 0.5 * p.y, p.y + 0.5 * h);
}

// One of the two of a plus.
float bar(vec2 q, float h) {
    return min(1.15 * h - q.x, 0.37 * h - q.y);
}

float inside(vec2 p) {
    vec2 q = abs(p);
    switch (form) {
        case 1u: return 0.89 * radius - max(q.x, q.y);
        case 2u: return (1.25 * radius - q.x - q.y) * 0.71;
        case 3u: return triangle(p, 1.28 * radius);
        case 4u: return triangle(vec2(p.x, -p.y), 1.28 * radius);
        case 5u: return max(bar(q, radius), bar(q.yx, radius));
        case 6u: return max(even_triangle(p, 1.28 * radius),
                            even_triangle(vec2(p.x, -p.y), 1.28 * radius));
        case 12u: {
            float half_width = max(0.5, 0.2 * radius);
            return half_width - abs(length(p) - radius + half_width);
        }
        default: return radius - length(p);
    }
}

void main() {
    float cover = clamp(inside(gl_FragCoord.xy - centre) + 0.5, 0.0, 1.0);
    if (cover <= 0.0 || (part == 1 && cover < 0.5) || (part == 2 && cover >= 0.5)) discard;
    float alpha = base.a * cover;
    pixel = vec4(base.rgb * alpha, alpha);
}
