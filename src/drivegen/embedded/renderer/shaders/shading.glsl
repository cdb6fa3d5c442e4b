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
#ifdef LAMPS
in float f_lamp;
#endif
in vec2 f_air;
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
uniform sampler2D street_map;

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

#ifdef LAMPS
const vec3 HEAD_LIGHT = vec3(1.0, 0.94, 0.84);

// High lamps in rgb and head lamps in alpha; each reaches its own height (f_shadow.z, f_place.w).
vec4 lamps_here() { return texture(lamp_light, f_shadow.xy) * view.haze_sun.w; }

vec3 lamp_glow() {
    vec4 t = lamps_here();
    return t.rgb * (f_shadow.z * f_sun.w) + HEAD_LIGHT * (t.a * f_lamp);
}
#else
vec3 lamp_glow() { return vec3(0.0); }
#endif

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

// What is reflected from a direction: the sky above a street's skyline, the ground below.
vec3 street_light(vec3 direction) {
    vec3 t = texture(street_map, street_coordinates(direction)).rgb;
    return t * t * view.horizon.w;
}

void finish(vec3 light) {
    float depth = 1.0 / gl_FragCoord.w;
    float thick = view.haze.w * depth;
#ifdef FOG
    thick += view.fog.x * f_air.x * max(depth - view.fog.y, 0.0);
#endif
    float clear = exp2(-thick);
    light = mix(view.haze.rgb + view.haze_sun.rgb * f_air.y, light, clear);
#ifdef REFLECTED
    o_bgra = vec4(sqrt(light.bgr * 0.25), 1.0);
#else
    o_bgra = vec4(displayed(light).bgr, 1.0);
#endif
    o_depth = depth;
    o_label = f_label;
#ifdef FLOW
    o_flow = flow_from(f_before);
#endif
#ifdef NORMAL
    o_normal = vec4(normalize(f_normal), 0.0);
#endif
}
