// What all shaders share: the uniforms of a view. Light is linear and already exposed.
layout(std140) uniform View {
    mat4 clip_relative;   // from metres relative to the eye; reversed depth, row 0 of the image is GL's bottom row
    vec4 eye;             // xyz world; w: far plane, m
    vec4 ray_corner;      // world ray through gl_FragCoord = (0, 0), its component along the optical axis is 1
    vec4 ray_dx;
    vec4 ray_dy;
    vec4 sun;             // xyz towards the sun; w: cosine of the disk's radius
    vec4 sun_light;       // irradiance / pi
    vec4 ambient[4];      // irradiance / pi = a0 + a1 n.x + a2 n.y + a3 n.z
    vec4 haze;            // rgb in-scattered light; w: extinction in 1/m, in base 2
    vec4 fog;             // extinction on the ground beyond the start in 1/m, in base 2; start, m; falloff, 1/m; unused
    vec4 horizon;         // rgb of the sky just above the horizon; w: scale of the sky texture
    vec4 zenith;          // rgb; w: share of windows that are lit
    vec4 bounce;          // rgb sent up by the ground; w: light of an emitting lens
    vec4 wet;             // wetness 0..1; puddles 0..1; rain 0..1; night 0..1
    mat4 shadow_world;    // world to the near shadow map: xy in -1..1, z in 0..1
    vec4 far_scale;       // near map to far map: xyz factor
    vec4 far_offset;
    vec4 lamp_map;        // world xy of the corner; 1 / size; height of the ground, m
    vec4 haze_sun;        // rgb that haze towards the sun has more; w: exposure relative to that which follows the light
    vec4 air;             // height of the ground that fog lies on, m; time, s; wind 0..1; how much fog spreads light
} view;

// sRGB to linear (the cubic of Ch. Welch's "sRGB approximations for HLSL", error < 0.002).
vec3 linear_of(vec3 c) { return c * (c * (c * 0.305306011 + 0.682171111) + 0.012522878); }

// Half of the curve of Narkowicz 2016 (ACES, fitted) and half of 1 - exp(-1.5 light), whose dark end is softer,
// followed by sRGB's transfer: as one rational function of the light's square root, fitted here by least squares,
// error < 0.014.
vec3 displayed(vec3 light) {
    // Light is never negative, and the buffer clamps what is above 1.
    vec3 s = sqrt(light);
    return s * (3.1701022 * s + 0.6729385) / (3.2656 * light + 1.0);
}

// Upper half of the octahedral map (Cigolle et al. 2014).
vec2 sky_coordinates(vec3 d) {
    vec3 u = vec3(d.xy, max(d.z, 0.0));
    vec2 e = u.xy / (abs(u.x) + abs(u.y) + u.z + 1e-6);
    return vec2(e.x + e.y, e.x - e.y) * 0.5 + 0.5;
}

// The map of a whole sphere (Cigolle et al. 2014).
vec2 street_coordinates(vec3 d) {
    vec3 u = d / (abs(d.x) + abs(d.y) + abs(d.z));
    vec2 e = u.z >= 0.0 ? u.xy : (1.0 - abs(u.yx)) * vec2(u.x >= 0.0 ? 1.0 : -1.0, u.y >= 0.0 ? 1.0 : -1.0);
    return e * 0.5 + 0.5;
}

// Mean density of fog between the eye and a point, over that on the ground: exp(-falloff * height), integrated.
float thickness(float rise) {
    float k = view.fog.z;
    float low = max(view.eye.z - view.air.x, 0.0);
    float x = clamp(k * max(rise, -low), -20.0, 20.0);
    float along = abs(x) < 1e-3 ? 1.0 - 0.5 * x : (1.0 - exp(-x)) / x;
    return exp(-k * low) * along;
}

vec3 ambient_light(vec3 n) {
    return max(view.ambient[0].rgb + view.ambient[1].rgb * n.x + view.ambient[2].rgb * n.y
        + view.ambient[3].rgb * n.z, vec3(0.0));
}
