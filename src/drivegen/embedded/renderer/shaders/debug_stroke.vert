// A stroke between two points: a quad that faces the eye.
in vec4 row_a;   // begin; width in m, below 0 in pixels
in vec4 row_b;   // end; colour 0xRRGGBB
flat out vec3 f_color;
noperspective out vec2 f_across;   // pixels from the middle line; half the width

const float NEAR = 0.05;

void main() {
    vec4 p = view.clip_relative * vec4(row_a.xyz - view.eye.xyz, 1.0);
    vec4 q = view.clip_relative * vec4(row_b.xyz - view.eye.xyz, 1.0);
    uint color = uint(row_b.w);
    f_color = vec3(color >> 16u, (color >> 8u) & 255u, color & 255u) / 255.0;
    f_across = vec2(0.0);
    if (max(p.w, q.w) < NEAR) {
        gl_Position = vec4(2.0, 2.0, 0.5, 1.0);
        return;
    }
    // Clip does not matter for what lies behind the eye, but the screen's coordinates do.
    if (p.w < NEAR) p = mix(p, q, (NEAR - p.w) / (q.w - p.w));
    if (q.w < NEAR) q = mix(q, p, (NEAR - q.w) / (p.w - q.w));
    mat4 c = view.clip_relative;
    float focal = 1.0 / length(view.ray_dx.xyz);
    vec2 half_px = focal / vec2(length(vec3(c[0].x, c[1].x, c[2].x)), length(vec3(c[0].y, c[1].y, c[2].y)));
    vec2 along = (q.xy / q.w - p.xy / p.w) * half_px;
    along = length(along) > 1e-3 ? normalize(along) : vec2(1.0, 0.0);
    bool last = (gl_VertexID & 1) == 1;
    float side = float(gl_VertexID & 2) - 1.0;
    vec4 at = last ? q : p;
    float half_width = row_a.w < 0.0 ? -0.5 * row_a.w : 0.5 * row_a.w * focal / at.w;
    half_width = max(half_width, 0.5);
    f_across = vec2(side * (half_width + 1.0), half_width);
    vec2 offset = vec2(-along.y, along.x) * f_across.x + along * (last ? half_width : -half_width);
    gl_Position = at + vec4(offset / half_px * at.w, 0.0, 0.0);
}
