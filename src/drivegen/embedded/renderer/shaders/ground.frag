void main() {
    vec2 p = f_place.xy;
    vec2 uv = f_place.zw;
    uint material = f_kind.x;
    float depth = 1.0 / gl_FragCoord.w;
    bool asphalt = material == 5u;
    bool marking = material == 6u;
    bool paved = material == 7u;
    bool grass = material == 8u;
    // Detail fades where it would be smaller than a pixel.
    float fine_seen = clamp(1.25 - depth * 0.07, 0.0, 1.0);
    float middle_seen = clamp(1.2 - depth * 0.012, 0.0, 1.0);
    float fine = (noise(p * (grass ? 17.0 : 41.0)) - 0.5) * fine_seen;
    float middle = (noise(p * 2.3) - 0.5) * middle_seen;
    float broad = noise(p * 0.11 + 7.3) - 0.5;
    vec3 base = f_ambient.rgb;

    float grain = asphalt ? 1.0 + fine * 0.5 + middle * 0.14 + broad * 0.3 : 1.0 + fine * 0.25 + middle * 0.12;
    grain = grass ? 1.0 + fine * 0.9 + middle * 0.55 + broad * 0.5 : grain;
    vec3 surface = base * grain;
    surface.r = grass ? surface.r * (1.0 + broad * 0.5) : surface.r;
    // Paint is worn off where tyres and weather were at it.
    float worn = clamp((middle + fine * 0.5 + broad * 0.7 - 0.1) * 2.2, 0.0, 0.6);
    surface = marking ? mix(base * (1.0 + middle * 0.1), vec3(0.06), worn) : surface;
    // Paving stones of 0.4 m x 0.2 m, in running bond.
    vec2 stone = p * vec2(2.5, 5.0);
    stone.x += mod(floor(stone.y), 2.0) * 0.5;
    vec2 cell = floor(stone);
    vec2 edge = abs(stone - cell - 0.5);
    float joint = clamp((max(edge.x - 0.475, edge.y - 0.45)) * 40.0, 0.0, 1.0);
    float stones_seen = clamp(1.25 - depth * 0.035, 0.0, 1.0);
    float stone_shade = 1.0 + ((hashed(ivec2(cell)) - 0.5) * 0.22 - joint * 0.4) * stones_seen;
    surface *= paved ? stone_shade : 1.0;

    float shine = sunshine();
    vec3 lamps = lamp_glow();
#ifdef WET
    // Puddles stand where the broad unevenness is low; the finer one frays their edges.
    float level = broad + middle * 0.3 + (noise(p * 0.47 + 3.1) - 0.5) * 0.5 + 0.5;
    float pool = clamp((view.wet.y * 0.62 - level) * 9.0, 0.0, 1.0);
    pool *= asphalt || marking ? 1.0 : (paved ? 0.4 : 0.0);
    float film = max(view.wet.x, pool) * (grass ? 0.2 : 1.0);
    surface *= 1.0 - 0.55 * film;
    vec3 v = normalize(f_relative);
    vec3 n = normalize(vec3(vec2(fine, middle * 0.6) * (0.04 * (1.0 - pool)), 1.0));
    float cosine = clamp(-dot(v, n), 0.0, 1.0);
    float graze = 1.0 - cosine;
    float graze2 = graze * graze;
    float mirror = (0.02 + 0.98 * graze2 * graze2 * graze) * film * mix(0.5, 1.0, pool);
    vec3 r = v + 2.0 * cosine * n;
    vec3 seen = mix(view.horizon.rgb * 0.4, sky_light(r), clamp(r.z * 4.0, 0.0, 1.0));
    float s = max(dot(r, view.sun.xyz), 0.0);
    s *= s; s *= s; s *= s; s *= s; s *= s;
    seen += view.sun_light.rgb * (shine * s * 3.0);
#endif
    vec3 light = surface * (f_sun.rgb + view.sun_light.rgb * (f_ambient.a * shine) + lamps);
#ifdef WET
    light = light * (1.0 - mirror) + (seen + lamps * 0.6) * mirror;
#endif
    finish(light);
}
