// A letter of a text that hangs at a point of the world: as large at any distance.
in vec4 row_a;   // anchor; place on the sheet
in vec4 row_b;   // offset to the right and down, in heights of a line; shift in pixels; colour 0xRRGGBB
flat out vec3 f_color;
noperspective out vec2 f_sheet;

const vec2 CELL = vec2(40.0, 56.0);
const float COLUMNS = 16.0;
const float ROWS = 6.0;

void main() {
    vec4 p = view.clip_relative * vec4(row_a.xyz - view.eye.xyz, 1.0);
    uint color = uint(row_b.w);
    f_color = vec3(color >> 16u, (color >> 8u) & 255u, color & 255u) / 255.0;
    vec2 corner = vec2(gl_VertexID & 1, (gl_VertexID & 2) >> 1);
    vec2 cell = vec2(mod(row_a.w, COLUMNS), floor(row_a.w / COLUMNS));
    f_sheet = (cell + corner) / vec2(COLUMNS, ROWS);
    if (p.w < 0.05) {
        gl_Position = vec4(2.0, 2.0, 0.5, 1.0);
        return;
    }
    mat4 c = view.clip_relative;
    float focal = 1.0 / length(view.ray_dx.xyz);
    vec2 half_px = focal / vec2(length(vec3(c[0].x, c[1].x, c[2].x)), length(vec3(c[0].y, c[1].y, c[2].y)));
    float line = max(28.0, half_px.y / 11.0);
    // Clip y points down, as the image's rows do. Whole pixels keep letters crisp.
    vec2 at = floor(p.xy / p.w * half_px) + floor(row_b.xy * line) + vec2(row_b.z);
    at += corner * CELL / CELL.y * line;
    gl_Position = vec4(at / half_px, 0.5, 1.0);
}
