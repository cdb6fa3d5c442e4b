// Share of a pixel of width w that lies above the edge e.
float above(float x, float e, float w) { return clamp((x - e) / w + 0.5, 0.0, 1.0); }

void main() {
    vec2 uv = f_place.xy;
    uint seed = f_kind.y;
    vec2 w = max(fwidth(uv), vec2(1e-4));
    float style = float(seed & 3u);
    float pitch = 2.7 + 0.3 * style;
    const float STOREY = 3.2;
    bool shop = uv.y < 4.2;
    vec2 size = shop ? vec2(pitch * 2.0, 4.2) : vec2(pitch, STOREY);
    vec2 at = shop ? uv : vec2(uv.x, uv.y - 4.2);
    vec2 grid = at / size;
    vec2 cell = floor(grid);
    vec2 in_cell = (grid - cell) * size;
    float margin = shop ? 0.35 : (0.42 + 0.1 * style);
    float sill = shop ? 0.45 : 0.85;
    float top = shop ? 3.3 : 2.6;
    float left = above(in_cell.x, margin, w.x) - above(in_cell.x, size.x - margin, w.x);
    float rows = above(in_cell.y, sill, w.y) - above(in_cell.y, top, w.y);
    float pane = clamp(left * rows, 0.0, 1.0);
    // A frame inside the opening and a bar in its middle.
    float bar = 1.0 - clamp((abs(in_cell.x - size.x * 0.5) - 0.03) / w.x + 0.5, 0.0, 1.0);
    float inner = (above(in_cell.x, margin + 0.07, w.x) - above(in_cell.x, size.x - margin - 0.07, w.x))
        * (above(in_cell.y, sill + 0.07, w.y) - above(in_cell.y, top - 0.07, w.y));
    float glass = clamp(inner, 0.0, 1.0) * (1.0 - bar);
    // Beyond half a cell to the pixel only the average is left.
    float blur = clamp(max(w.x / size.x, w.y / size.y) * 2.5 - 0.8, 0.0, 1.0);
    pane = mix(pane, 0.45, blur);
    glass = mix(glass, 0.38, blur);
    float luck = mix(hashed(ivec2(cell) + ivec2(int(seed & 1023u) * 7, int(seed >> 10) & 1023)), 0.5, blur);
    float luck2 = fract(luck * 37.7);

    float ledge = shop ? above(in_cell.y, 3.75, w.y) : 1.0 - above(in_cell.y, 0.18, w.y);
    ledge = mix(ledge, 0.1, blur);
    float grime = (noise(uv * vec2(1.3, 0.25)) - 0.5) * 0.16 + (noise(uv * 0.21) - 0.5) * 0.18;
    float foot = clamp(uv.y * 0.35 + 0.5, 0.0, 1.0);
    vec3 wall = f_ambient.rgb * ((1.0 + grime) * (1.0 - 0.22 * ledge));
    wall = mix(wall, wall * 0.45 + 0.02, clamp(pane - glass, 0.0, 1.0));

    float shine = sunshine();
    vec3 lamps = lamp_glow();
    vec3 lit = f_sun.rgb * foot + view.sun_light.rgb * (f_ambient.a * shine) + lamps;
    vec3 n = normalize(f_normal);
    vec3 v = normalize(f_relative);
    float cosine = dot(n, v);
    vec3 r = v - 2.0 * cosine * n;
    float graze = 1.0 - min(abs(cosine), 1.0);
    float mirror = 0.1 + 0.85 * graze * graze * graze;
    // Panes hang a little askew: each shows another piece of the sky and the houses opposite.
    vec3 seen = street_light(r + vec3(0.0, 0.0, (luck - 0.5) * 0.16 * (1.0 - blur)));
    vec3 room = vec3(0.035, 0.04, 0.045) + vec3(0.16, 0.15, 0.13) * (luck2 > 0.6 ? luck2 - 0.4 : 0.0);
    vec3 window = room * lit + seen * mirror;
    float on = luck < view.zenith.w * (shop ? 1.6 : 1.0) ? 1.0 : 0.0;
    on = mix(on, view.zenith.w, blur);
    vec3 warm = mix(vec3(1.0, 0.62, 0.28), vec3(0.85, 0.9, 1.0), step(0.72, luck2));
    window += warm * (on * (0.05 + 0.26 * luck2 * luck2) * view.haze_sun.w);
    finish(mix(wall * lit, window, glass));
}
