// Share of a pixel of width w that lies above the edge e.
float above(float x, float e, float w) { return clamp((x - e) / w + 0.5, 0.0, 1.0); }

void main() {
    vec3 p = f_place.xyz;
    uint material = f_kind.x;
    vec3 n = normalize(f_normal);
    float depth = 1.0 / gl_FragCoord.w;
    float w = depth * 0.0016 + 0.002;
    bool brick = material == 37u;
    bool roof = material == 39u;
    bool bark = material == 40u;
    // Along the wall, and up it.
    vec2 side = n.xy * inversesqrt(dot(n.xy, n.xy) + 1e-6);
    float along = dot(p.xy, vec2(-side.y, side.x));
    float up = roof ? dot(p.xy, side) * 1.15 : p.z;
    float stain = noise(vec2(along * 1.1, up * 0.22) + 3.0) - 0.5;
    float spots = noise(vec2(along, up) * 4.7) - 0.5;
    float near = clamp(1.2 - depth * 0.03, 0.0, 1.0);
    float shade = 1.0 + stain * 0.22 + spots * 0.10 * near;
    // Bricks of 0.25 m x 0.07 m, tiles of 0.2 m x 0.3 m.
    vec2 unit = roof ? vec2(0.2, 0.3) : vec2(0.25, 0.075);
    vec2 grid = vec2(along, up) / unit;
    grid.x += mod(floor(grid.y), 2.0) * 0.5;
    vec2 cell = floor(grid);
    vec2 at = (grid - cell) * unit;
    float luck = hashed(ivec2(cell)) - 0.5;
    float seen = clamp(0.05 / w - 0.6, 0.0, 1.0);
    float joint = 1.0 - min(above(at.x, 0.011, w), above(at.y, 0.011, w));
    float ridge = abs(at.x / unit.x - 0.5) * 2.0;
    float tile = 1.0 + luck * 0.2 - ridge * ridge * 0.35 - (1.0 - above(at.y, 0.03, w)) * 0.3;
    bool flat_top = roof && n.z > 0.97;
    shade *= brick ? 1.0 + (luck * 0.34 - joint * 0.1) * seen : 1.0;
    shade *= roof && !flat_top ? mix(0.85, tile, seen) : 1.0;
    float furrow = bark ? noise(vec2(along * 34.0, p.z * 3.2)) * 0.6 + noise(vec2(along * 13.0 + p.x * 7.0, p.z * 1.6)) * 0.4 : 0.5;
    shade *= bark ? 0.62 + 0.76 * mix(0.5, furrow, near) : 1.0;
    vec3 base = mix(f_ambient.rgb, vec3(0.36, 0.34, 0.31), brick ? joint * seen * 0.8 : 0.0);
    // Rain leaves streaks, splashes dirt on the foot.
    float foot = clamp(1.15 - (p.z - view.lamp_map.w) * 1.4, 0.0, 1.0);
    shade *= bark || roof ? 1.0 : 1.0 - 0.22 * foot * foot;
    finish(base * shade * (f_sun.rgb + view.sun_light.rgb * (f_ambient.a * sunshine()) + lamp_glow()));
}
