flat in vec3 f_color;
noperspective in vec2 f_across;
layout(location = 0) out vec4 o_bgra;

void main() {
    o_bgra = vec4(f_color.bgr, clamp(f_across.y - abs(f_across.x) + 0.5, 0.0, 1.0));
}
