in vec2 f_at;
in vec2 f_world;
flat in vec3 f_color;
layout(location = 0) out vec4 o_bgra;

void main() {
    float x = max(1.0 - f_at.x * f_at.x, 0.0);
    // Brightest at the mirror's image, a third of the way.
    float y = f_at.y + 0.3;
    y = y < 0.0 ? y / 0.7 : y / 1.3;
    float g = max(1.0 - y * y, 0.0);
    float broken = 0.55 + 0.45 * noise(f_world * 2.6);
    o_bgra = vec4(min(f_color, vec3(1.0)).bgr * (x * x * g * g * broken), 0.0);
}
