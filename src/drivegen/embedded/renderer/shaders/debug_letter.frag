flat in vec3 f_color;
noperspective in vec2 f_sheet;
uniform sampler2D letters;
layout(location = 0) out vec4 o_bgra;

void main() {
    float ink = texture(letters, f_sheet).r;
    o_bgra = vec4(f_color.bgr, clamp(1.35 * ink, 0.0, 1.0));
}
