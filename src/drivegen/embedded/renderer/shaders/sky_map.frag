// The upper half of the sky, once for each weather: the formulas of sky.py, finely.
layout(location = 0) out vec4 o_light;
uniform sampler2D clear_table;
uniform vec2 table_size;
uniform float map_size;
uniform float light_scale;
uniform vec3 to_sun;
uniform vec4 cover;      // cloudiness, closed, threshold of the noise, fade
uniform vec4 layer;      // added height, pitch, edge, added height of mist
uniform vec2 shade_step;
uniform vec3 sunlit;
uniform vec3 shaded;
uniform vec3 grey;
uniform vec3 night;
uniform vec3 glow;
uniform vec4 mist;       // rgb light, optical depth straight up

float fractal(vec2 p, int octaves) {
    float total = 0.0, weight = 0.0, amplitude = 1.0;
    for (int k = 0; k < octaves; k++) {
        total += amplitude * noise(p);
        weight += amplitude;
        amplitude *= 0.5;
        p = vec2(1.6 * p.x + 1.2 * p.y + 17.3, 1.6 * p.y - 1.2 * p.x + 5.1);
    }
    return total / weight;
}

void main() {
    vec2 c = gl_FragCoord.xy / map_size * 2.0 - 1.0;
    vec3 d = vec3(c.x + c.y, c.x - c.y, 0.0) * 0.5;
    d.z = 1.0 - abs(d.x) - abs(d.y);
    d = normalize(d);
    float z = max(d.z, 0.0);
    float elevation = asin(min(z, 1.0));
    vec2 heading = to_sun.xy / max(length(to_sun.xy), 1e-9);
    float azimuth = acos(clamp(dot(d.xy, heading) / max(length(d.xy), 1e-9), -1.0, 1.0));
    vec2 at = vec2(pow(azimuth / 3.14159265, 2.0 / 3.0), sqrt(elevation / 1.57079633)) * (table_size - 1.0) + 0.5;
    vec3 light = texture(clear_table, at / table_size).rgb;
    if (cover.x > 0.0) {
        vec2 p = d.xy / (z + layer.x) * layer.y;
        float n = fractal(p, 6);
        // The eye sees more detail than the sum of light needs: wisps at the borders.
        float wisps = noise(p * 39.0) * 0.6 + noise(p * 87.0) * 0.4 - 0.5;
        float towards = fractal(p + shade_step * layer.y, 3);
        float thick = clamp((n + 0.035 * wisps - cover.z) / layer.z, 0.0, 1.0);
        float alpha = thick * thick * (3.0 - 2.0 * thick) * exp(-0.02 / (z + 0.02)) * cover.w;
        float shade = clamp((towards - cover.z) / 0.3, 0.0, 1.0) * 0.7 + 0.3 * thick;
        vec3 body = mix(sunlit, shaded, clamp(shade, 0.0, 1.0));
        float facing = clamp(dot(d, to_sun), 0.0, 1.0);
        facing *= facing; facing *= facing; facing *= facing;
        body += sunlit * (facing * (1.0 - thick) * 0.8);
        light = mix(light, body, alpha);
        float pattern = 1.0 + 0.5 * (n - 0.5) + 0.35 * (towards - 0.5);
        light = mix(light, grey * (((1.0 + 2.0 * z) / 3.0) * 1.28 * pattern), cover.y);
    }
    light += night + glow * exp(-5.0 * z);
    if (mist.w > 0.0) {
        light = mix(light, mist.rgb, 1.0 - exp(-mist.w / (z + layer.w)));
    }
    o_light = vec4(sqrt(clamp(light / light_scale, 0.0, 1.0)), 1.0);
}
