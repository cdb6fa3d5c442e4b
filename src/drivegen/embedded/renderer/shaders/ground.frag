#ifdef MIRROR
uniform sampler2D mirror;
#endif

// 1 within `half_width` of 0, fading over a pixel of width w.
float within(float x, float half_width, float w) { return clamp((half_width - abs(x)) / w + 0.5, 0.0, 1.0); }

// Wear of asphalt, as a factor: wheels polish two tracks in each lane, oil drips between them, trenches were
// filled again, seams and cracks were sealed, covers let in. uv: along the lane in metres, share across it.
float worn_asphalt(vec2 p, vec2 uv, float middle, float broad, float depth, float pixel) {
    // A mesh without uv, all 0, is no lane.
    float in_lane = uv.y > 1e-4 && uv.y <= 1.0 ? 1.0 : 0.0;
    float across = uv.y - 0.5;
    float track = clamp(1.0 - abs(abs(across) - 0.25) * 8.0, 0.0, 1.0);
    float drip = clamp(1.0 - abs(across) * 10.0, 0.0, 1.0);
    float shade = 1.0 - in_lane * (track * track * (3.0 - 2.0 * track) * (0.15 + 0.1 * broad)
        + drip * (0.10 + 0.5 * max(middle, 0.0)));
    // A trench across the road, or along part of a lane, filled with younger and darker asphalt.
    float slot = uv.x * (1.0 / 19.0);
    float k = floor(slot);
    float luck = hashed(ivec2(int(k), 91));
    float luck2 = fract(luck * 57.3);
    float from = (slot - k) * 19.0 - 2.0 - 9.0 * luck2;
    float length_m = luck2 < 0.5 ? 1.4 : 5.5;
    float side = luck2 < 0.5 ? 1.0 : clamp((0.56 - uv.y) * 3.5 / pixel + 0.5, 0.0, 1.0);
    float inside = clamp(min(from, length_m - from) / pixel + 0.5, 0.0, 1.0) * side;
    float seam = within(min(abs(from), abs(from - length_m)), 0.035, pixel) * side * step(-0.5, from) * step(from, length_m + 0.5);
    float patched = in_lane * step(0.62, luck);
    shade *= 1.0 - patched * (inside * (0.20 + 0.1 * luck2) + seam * 0.3);
    // Seams across, sealed with tar, and cracks that wander.
    float gap = abs(fract(uv.x * (1.0 / 11.0) + 0.5 + middle * 0.012) - 0.5) * 11.0;
    float sealed = in_lane * within(gap, 0.022, pixel) * step(0.35, hashed(ivec2(int(floor(uv.x / 11.0 + 0.5)), 17)));
    float jagged = noise(p * 6.3);
    float crack = noise(p * 0.55 + 11.0) + middle * 0.14 + (jagged - 0.5) * 0.10;
    float crack_seen = clamp(1.3 - depth * 0.045, 0.0, 1.0) * clamp((broad + middle * 0.5 - 0.02) * 8.0, 0.0, 1.0);
    float cracked = within(crack - 0.5, 0.004 + 0.006 * jagged, 0.006 + pixel * 0.35) * crack_seen;
    shade *= 1.0 - 0.32 * max(sealed * min(1.0, 0.05 / pixel), cracked * min(1.0, 0.05 / pixel));
    // Covers of shafts.
    vec2 grid = p * (1.0 / 27.0);
    ivec2 cell = ivec2(floor(grid));
    vec2 to_middle = (grid - floor(grid) - 0.3 - 0.4 * vec2(hashed(cell), hashed(cell + 57))) * 27.0;
    float away = length(to_middle);
    float cover = clamp((0.36 - away) / pixel + 0.5, 0.0, 1.0);
    float rim = within(away - 0.36, 0.025, pixel);
    return shade * (1.0 - 0.38 * cover * step(0.3, hashed(cell + 7))) * (1.0 - 0.35 * rim * step(0.3, hashed(cell + 7)));
}

void main() {
    vec2 p = f_place.xy;
    vec2 uv = f_place.zw;
    uint material = f_kind.x;
    float depth = 1.0 / gl_FragCoord.w;
    // What a class never is costs nothing: the compiler leaves it out.
    bool asphalt = false, marking = false, paved = false, granite = false, tactile = false, grass = false, earth = false;
#if defined(ROAD)
    asphalt = material == 5u;
    marking = !asphalt;
#elif defined(PAVED)
    granite = material == 41u;
    tactile = material == 42u;
    paved = !granite && !tactile;
#else
    grass = material == 8u;
    earth = !grass;
#endif
    // Metres that a pixel covers along the view on flat ground, about.
    float lift = max(-f_relative.z, 0.05);
    float pixel = depth * depth * abs(view.ray_dy.z) / lift + depth * 0.0008 + 0.004;
    // Detail fades where it would be smaller than a pixel.
    float fine_seen = clamp(1.25 - depth * 0.07, 0.0, 1.0);
    float middle_seen = clamp(1.2 - depth * 0.012, 0.0, 1.0);
    vec2 turned = vec2(0.8 * p.x + 0.6 * p.y, 0.8 * p.y - 0.6 * p.x);
    float fine = (noise(turned * (grass ? 23.0 : 53.0)) - 0.5) * fine_seen;
    float grit = (noise(p * 117.0) - 0.5) * clamp(1.3 - depth * 0.16, 0.0, 1.0);
    float middle = (noise(turned * 2.3) - 0.5) * middle_seen;
    float broad = noise(turned * 0.11 + 7.3) * 0.65 + noise(p * 0.37 + 3.1) * 0.35 - 0.5;
    // Sun and tyres bleach bitumen to the grey of its stones.
    vec3 base = f_ambient.rgb * (asphalt ? vec3(1.52, 1.50, 1.46) : vec3(1.0));

    float grain = 1.0 + fine * 0.22 + middle * 0.14 + broad * 0.18;
    grain = grass ? 1.0 + fine * 0.7 + grit * 0.5 + middle * 0.5 + broad * 0.55 : grain;
    grain = earth ? 1.0 + fine * 0.4 + grit * 0.4 + middle * 0.4 + broad * 0.4 : grain;
    float aggregate = 1.0 + fine * 0.34 + grit * 0.5 + middle * 0.12 + broad * 0.26;
    grain = asphalt ? aggregate * worn_asphalt(p, uv, middle, broad, depth, pixel) : grain;
    vec3 surface = base * grain;
    // Dry tufts among the green.
    surface = grass ? mix(surface, surface * vec3(1.35, 1.1, 0.75), clamp(broad * 1.6 + middle * 0.6 + 0.2, 0.0, 1.0)) : surface;
    // Paint is worn off in flakes where tyres and weather were at it, and greyed by rubber.
    float worn = clamp((middle * 1.2 + fine * 0.9 + grit * 0.5 + broad * 0.9 - 0.16) * 3.0, 0.0, 0.7);
    surface = marking ? mix(base * (0.92 + middle * 0.12 + broad * 0.2), vec3(0.055) * aggregate, worn) : surface;
    // Paving stones of 0.4 m x 0.2 m, in running bond; granite in pieces of a metre.
    vec2 stone = granite ? uv + 0.5 : p * vec2(2.5, 5.0);
    stone.x += granite ? 0.0 : mod(floor(stone.y), 2.0) * 0.5;
    vec2 cell = floor(stone);
    vec2 edge = (0.5 - abs(stone - cell - 0.5)) * (granite ? vec2(1.0) : vec2(0.4, 0.2));
    float joint = clamp((0.006 - min(edge.x, edge.y)) / pixel + 0.5, 0.0, 1.0);
    float stones_seen = clamp(1.25 - depth * 0.03, 0.0, 1.0) * min(1.0, 0.02 / pixel + 0.25);
    float luck = hashed(ivec2(cell));
    float stone_shade = 1.0 + ((luck - 0.5) * 0.20 - joint * 0.42) * stones_seen;
    surface *= paved || granite ? stone_shade * (1.0 + broad * 0.12) : 1.0;
    // A few stones were replaced by redder ones.
    surface = paved && luck > 0.95 ? surface * mix(vec3(1.0), vec3(1.05, 0.97, 0.91), stones_seen) : surface;
    float bars = clamp((abs(fract(uv.y * 14.0) - 0.5) - 0.22) * 8.0, -0.5, 0.5) * clamp(1.2 - depth * 0.08, 0.0, 1.0);
    surface *= tactile ? 1.0 + bars * 0.35 : 1.0;

    float shine = sunshine();
    vec3 lamps = lamp_glow();
#ifdef WET
    // Puddles stand where the broad unevenness is low; the finer one frays their edges.
    float level = broad * 1.4 + middle * 0.35 + 0.5;
    float pool = clamp((view.wet.y * 0.62 - level) * 9.0, 0.0, 1.0);
    pool *= asphalt || marking ? 1.0 : (paved || granite ? 0.4 : 0.0);
    float film = max(view.wet.x, pool) * (grass || earth ? 0.2 : 1.0);
    surface *= 1.0 - (asphalt ? 0.5 : 0.38) * film;
    vec3 v = normalize(f_relative);
    vec2 tilt = vec2(fine + grit * 0.6, middle * 0.6 - grit * 0.5) * (0.035 * (1.0 - pool) + 0.002);
    // Rings of drops on standing water.
    vec2 drop = p * 3.5;
    ivec2 place = ivec2(floor(drop));
    float when = fract(view.air.y * 1.6 + hashed(place));
    vec2 off = drop - floor(drop) - 0.3 - 0.4 * vec2(hashed(place + 13), hashed(place + 29));
    float away = length(off) + 1e-3;
    float ring = clamp(1.0 - abs(away - when * 0.3) * 18.0, 0.0, 1.0) * (1.0 - when);
    tilt += off / away * (ring * view.wet.z * 0.22 * clamp(1.2 - depth * 0.06, 0.0, 1.0) * max(pool, 0.25));
    vec3 n = normalize(vec3(tilt, 1.0));
    float cosine = clamp(-dot(v, n), 0.0, 1.0);
    float graze = 1.0 - cosine;
    float graze2 = graze * graze;
    float reflected = (0.02 + 0.98 * graze2 * graze2 * graze) * film * mix(0.62, 1.0, pool);
    vec3 r = v + 2.0 * cosine * n;
    r.z = abs(r.z);
    vec3 seen = street_light(r);
#ifdef MIRROR
    // What stands on the road, drawn upside down; roughness smears it along the view.
    vec2 size = vec2(textureSize(mirror, 0));
    vec2 smear = vec2(tilt.x * 1.2, (tilt.y + (hashed(ivec2(gl_FragCoord.xy)) - 0.5) * 0.05 * (1.0 - pool)) * 1.6);
    vec4 image = texture(mirror, gl_FragCoord.xy * (0.5 / size) + smear * min(1.0, 8.0 / depth));
    seen = mix(seen, image.bgr * image.bgr * 4.0, image.a);
#endif
    float s = max(dot(r, view.sun.xyz), 0.0);
    s *= s; s *= s; s *= s; s *= s; s *= s;
    seen += view.sun_light.rgb * (shine * s * 3.0);
#endif
    vec3 light = surface * (f_sun.rgb + view.sun_light.rgb * (f_ambient.a * shine) + lamps);
#ifdef WET
    light = light * (1.0 - reflected) + (seen + lamps * 0.35) * reflected;
#endif
    finish(light);
}
