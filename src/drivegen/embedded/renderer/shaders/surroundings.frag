// What paint, glass and water reflect besides what is drawn: the sky above a street's skyline, the ground below.
layout(location = 0) out vec4 o_light;
uniform sampler2D sky_map;
uniform float map_size;
uniform float light_scale;   // of this map
uniform float sky_scale;     // of sky_map
uniform vec3 to_sun;
uniform vec3 sun_light;
uniform vec3 wall_light;     // what a wall gets from the sky
uniform vec3 ground_light;   // what the ground sends up
uniform vec3 horizon;
uniform vec4 lamps;          // light of lit windows (rgb) and the share of windows that are lit

vec3 wall(float azimuth, float height, float cell, float top, vec2 away) {
    float kind = hashed(ivec2(int(cell) * 3 + 1, 77));
    vec3 albedo = mix(vec3(0.30, 0.27, 0.23), mix(vec3(0.22, 0.24, 0.26), vec3(0.34, 0.20, 0.15), step(0.72, kind)), kind);
    float facing = max(dot(to_sun.xy, -away), 0.0);
    vec3 light = albedo * (wall_light + sun_light * facing * 0.8);
    vec2 grid = vec2(azimuth * 3.0, height * 34.0);
    vec2 at = fract(grid);
    float pane = step(0.25, at.x) * step(at.x, 0.8) * step(0.3, at.y) * step(at.y, 0.8);
    float lit = step(1.0 - lamps.w, hashed(ivec2(floor(grid)) + ivec2(31, int(kind * 977.0))));
    vec3 window = mix(horizon * 0.25, lamps.rgb, lit);
    return mix(light, window, pane * 0.85);
}

void main() {
    vec2 e = gl_FragCoord.xy / map_size * 2.0 - 1.0;
    vec3 d = vec3(e, 1.0 - abs(e.x) - abs(e.y));
    d.xy = d.z >= 0.0 ? d.xy : (1.0 - abs(d.yx)) * sign(d.xy);
    d = normalize(d);
    float azimuth = atan(d.y, d.x) * (44.0 / 6.2831853) + 22.0;
    float cell = floor(azimuth);
    float tall = hashed(ivec2(int(cell), 5));
    float top = tall < 0.2 ? 0.05 : 0.10 + 0.28 * tall * tall;
    float trees = 0.05 + 0.06 * noise(vec2(azimuth * 1.7, 3.0)) + 0.015 * noise(vec2(azimuth * 9.0, 8.0));
    vec2 away = d.xy / max(length(d.xy), 1e-4);
    vec3 above = texture(sky_map, sky_coordinates(vec3(d.xy, max(d.z, 0.0)))).rgb;
    vec3 light = above * above * sky_scale;
    light = mix(wall(azimuth - cell, d.z, cell, top, away), light, smoothstep(top - 0.01, top + 0.01, d.z));
    light = mix(vec3(0.045, 0.06, 0.03) * (wall_light * 1.4 + sun_light * 0.4), light, smoothstep(trees - 0.02, trees + 0.02, d.z));
    float below = smoothstep(0.02, -0.04, d.z);
    vec3 ground = ground_light * (0.75 + 0.35 * smoothstep(-0.15, -0.6, d.z));
    light = mix(light, ground, below);
    // The far end of a street lies in haze.
    light = mix(light, horizon, 0.10 * (1.0 - smoothstep(0.0, 0.3, abs(d.z))));
    o_light = vec4(sqrt(clamp(light / light_scale, 0.0, 1.0)), 1.0);
}
