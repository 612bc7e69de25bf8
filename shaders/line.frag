#version 330 core
noperspective in vec4 colour;
noperspective in float across;
flat in float half_width;

uniform float share;  // of the opacity

out vec4 pixel;

void main() {
    float alpha = share * colour.a * clamp(half_width - abs(across) + 0.5, 0.0, 1.0);
    if (alpha <= 0.0) discard;
    pixel = vec4(colour.rgb * alpha, alpha);
}
