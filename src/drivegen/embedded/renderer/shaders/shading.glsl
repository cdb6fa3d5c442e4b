// What the fragment shaders of the classes share.
flat in uint f_label;
#ifdef FLOW
in vec4 f_before;
#endif
layout(location = 0) out vec4 o_bgra;
layout(location = 1) out float o_depth;
layout(location = 2) out uint o_label;
layout(location = 3) out vec4 o_normal;
in vec4 f_ambient;
in vec4 f_sun;
in vec3 f_shadow;
in vec4 f_place;
flat in uvec2 f_kind;
#if defined(GLOSS) || defined(FACADE) || defined(GROUND)
in vec3 f_relative;
#endif
#if defined(GLOSS) || defined(FACADE) || defined(WALL) || defined(NORMAL)
in vec3 f_normal;
#endif
uniform sampler2DShadow shadow_map;
uniform sampler2D sky_map;
uniform sampler2D lamp_light;

// Share of the sun that arrives: the near map inside its square, else the far one; both lie in one texture
// (near: 1536 texels square at the left; far: 1024 at the lower right).
float sunshine() {
#ifdef SUN
    vec3 far = f_shadow * view.far_scale.xyz + view.far_offset.xyz;
    vec2 a = abs(f_shadow.xy);
    bool near = max(a.x, a.y) < 0.985;
    vec2 b = abs(far.xy);
    float outside = max(b.x, b.y) < 0.985 ? 0.0 : 1.0;
    vec3 at = near ? vec3(f_shadow.x * 0.3 + 0.3, f_shadow.y * 0.5 + 0.5, f_shadow.z)
        : vec3(clamp(far.x, -0.99, 0.99) * 0.2 + 0.8, clamp(far.y, -0.99, 0.99) * (1.0 / 3.0) + 1.0 / 3.0, far.z);
    return max(texture(shadow_map, at), outside);
#else
    return 0.0;
#endif
}

vec3 lamp_glow() {
#ifdef LAMPS
    return texture(lamp_light, f_shadow.xy).rgb * (f_shadow.z * f_sun.w);
#else
    return vec3(0.0);
#endif
}

// What the base colour of SOLID, GLOSS and FOLIAGE is multiplied with besides the sky's light.
vec3 received() {
#ifdef LAMPS
    return lamp_glow();
#else
    return vec3(sunshine());
#endif
}

vec3 sky_light(vec3 direction) {
    vec3 t = texture(sky_map, sky_coordinates(direction)).rgb;
    return t * t * view.horizon.w;
}

float hashed(ivec2 p) {
    uint n = uint(p.x) * 1597334677u ^ uint(p.y) * 3812015801u;
    n = (n ^ (n >> 15)) * 2246822519u;
    return float(n >> 8) * (1.0 / 16777216.0);
}

float hashed3(ivec3 p) { return hashed(ivec2(p.x + p.z * 7919, p.y + p.z * 104729)); }

// Value noise in 0..1 in space.
float noise3(vec3 p) {
    vec3 f = floor(p);
    ivec3 i = ivec3(f);
    f = p - f;
    f = f * f * (3.0 - 2.0 * f);
    vec4 low = vec4(hashed3(i), hashed3(i + ivec3(1, 0, 0)), hashed3(i + ivec3(0, 1, 0)), hashed3(i + ivec3(1, 1, 0)));
    vec4 high = vec4(hashed3(i + ivec3(0, 0, 1)), hashed3(i + ivec3(1, 0, 1)), hashed3(i + ivec3(0, 1, 1)),
        hashed3(i + ivec3(1, 1, 1)));
    vec4 m = mix(low, high, f.z);
    vec2 n = mix(m.xz, m.yw, f.x);
    return mix(n.x, n.y, f.y);
}

// Value noise in 0..1 with a period of about one unit.
float noise(vec2 p) {
    vec2 f = floor(p);
    ivec2 i = ivec2(f);
    f = p - f;
    f = f * f * (3.0 - 2.0 * f);
    return mix(mix(hashed(i), hashed(i + ivec2(1, 0)), f.x),
        mix(hashed(i + ivec2(0, 1)), hashed(i + ivec2(1, 1)), f.x), f.y);
}

void finish(vec3 light) {
    float depth = 1.0 / gl_FragCoord.w;
    float clear = exp2(-(view.haze.w * depth + view.fog.x * max(depth - view.fog.y, 0.0)));
    o_bgra = vec4(displayed(mix(view.haze.rgb, light, clear)).bgr, 1.0);
    o_depth = depth;
    o_label = f_label;
#ifdef FLOW
    o_flow = flow_from(f_before);
#endif
#ifdef NORMAL
    o_normal = vec4(normalize(f_normal), 0.0);
#endif
}
