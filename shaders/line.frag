#version 330 core
in vec4 base;
out vec4 pixel;
void main() { pixel = vec4(base.rgb * base.a, base.a); }
