in vec2 f_at;
flat in vec4 f_light;
layout(location = 0) out vec4 o_bgra;

void main() {
    float a = f_light.a * (1.0 - f_at.x * f_at.x) * (1.0 - f_at.y * f_at.y);
    o_bgra = vec4(f_light.rgb * a, a);
}
