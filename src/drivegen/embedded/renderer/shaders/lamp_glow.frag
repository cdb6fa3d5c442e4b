in vec2 f_at;
flat in vec3 f_color;
layout(location = 0) out vec4 o_bgra;

void main() {
    float r2 = dot(f_at, f_at);
    float g = max(1.0 - r2, 0.0);
    float halo = g * g * (0.28 + 0.72 * g * g * g * g);
    o_bgra = vec4(f_color.bgr * halo, 0.0);
}
