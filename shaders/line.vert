#version 330 core
layout(location = 0) in vec3 position;
layout(location = 1) in vec4 colour;
uniform mat4 view;
uniform mat4 projection;
out vec4 base;
void main() {
    gl_Position = projection * view * vec4(position, 1.0);
    base = colour;
}
