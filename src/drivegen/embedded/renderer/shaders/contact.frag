in vec2 f_at;
flat in vec3 f_half;
layout(location = 0) out vec4 o_bgra;

void main() {
    vec2 inset = min(f_half.xy * 0.5, vec2(0.35));
    float d = length(max(abs(f_at) - f_half.xy + inset, vec2(0.0))) / (0.55 + max(inset.x, inset.y));
    float dark = max(1.0 - d, 0.0);
    o_bgra = vec4(0.0, 0.0, 0.0, dark * dark * (3.0 - 2.0 * dark) * f_half.z);
}
