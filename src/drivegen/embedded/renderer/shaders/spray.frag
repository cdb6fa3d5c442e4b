in vec2 f_at;
flat in vec4 f_light;
flat in float f_seed;
layout(location = 0) out vec4 o_bgra;

void main() {
    float body = max(1.0 - dot(f_at, f_at), 0.0);
    float torn = 0.45 + 0.8 * noise(f_at * 2.3 + f_seed);
    float a = f_light.a * body * min(body * torn * 1.6, 1.0);
    o_bgra = vec4(f_light.rgb * a, a);
}
