#version 330 core
// A Gaussian without a surface: its greatest value along the line of sight, where the splat is the
// unit Gaussian.
in vec3 on_hull;
in vec3 place;
flat in vec3 eye;
flat in vec4 base;

uniform mat4 projection;
uniform bool perspective;
uniform vec3 fade;    // near, far, most
uniform vec3 ground;

out vec4 pixel;

void main() {
    vec3 along = normalize(perspective ? on_hull - eye : -eye);
    float back = dot(on_hull, along);  // from the hull to the place nearest to the centre
    vec3 peak = on_hull - back * along;
    vec3 peak_place = place;
    if (perspective) {
        float far = length(on_hull - eye);
        float reached = clamp((far - back) / far, 0.0, 1.0);  // never behind the eye
        peak = mix(eye, on_hull, reached);
        peak_place *= reached;
    } else {
        peak_place.z += back / length(eye);
    }
    float alpha = base.a * exp(-0.5 * dot(peak, peak));
    if (alpha < 1.0 / 510.0) discard;
    // Tokens stand before or behind a splat where it is densest.
    vec4 clip = projection * vec4(peak_place, 1.0);
    gl_FragDepth = clamp(0.5 * clip.z / max(clip.w, 1e-9) + 0.5, 0.0, 1.0);
    vec3 colour = mix(base.rgb, ground, fade.z * smoothstep(fade.x, fade.y, -peak_place.z));
    pixel = vec4(colour * alpha, alpha);
}
