// The one vertex shader of everything that has triangles.
in vec3 position;
in vec4 normal_tag;      // signed bytes: normal * 127, tag
in uvec4 color_material;
in vec2 uv;
in vec4 world_x;         // rows of world_mesh
in vec4 world_y;
in vec4 world_z;
in uvec4 instance;       // label without the tag, tint rgb, lights, seed

flat out uint f_label;

#ifdef FLOW
in vec4 before_x;        // rows of world_mesh as it was
in vec4 before_y;
in vec4 before_z;
out vec4 f_before;       // where it was, in clip space
#endif

#ifdef COLOR
out vec4 f_ambient;      // rgb: light by the sky (SOLID, GLOSS, FOLIAGE) or base colour (GROUND, FACADE)
out vec4 f_sun;          // rgb: light by the sun where it shines, or that of the sky on white (GROUND, FACADE)
out vec3 f_shadow;       // place in the shadow map, or in the map of lamps
out vec2 f_air;          // density of the fog on the way; how near the sun the way leads
#ifdef LAMPS
out float f_lamp;        // how much of head lamps' light arrives at this height
#endif
out vec4 f_place;        // GROUND: xy world, zw uv; FACADE: uv, z unused; FOLIAGE: xyz world
#if defined(GLOSS) || defined(FACADE) || defined(GROUND)
out vec3 f_relative;
#endif
#if defined(GLOSS) || defined(FACADE) || defined(WALL) || defined(NORMAL)
out vec3 f_normal;
#endif
flat out uvec2 f_kind;   // material, seed

float lit(uint material, uint lights) {
    float head = (lights & 6u) != 0u ? 1.0 : ((lights & 1u) != 0u ? 0.25 : 0.0);
    float tail = (lights & 7u) != 0u ? 0.3 : 0.0;
    float on = material == 12u ? head : 0.0;
    on = material == 13u ? tail : on;
    on = material == 14u && (lights & 8u) != 0u ? 1.0 : on;
    on = material == 15u && (lights & 0x20u) != 0u ? 1.0 : on;
    on = material == 16u && (lights & 0x10u) != 0u ? 1.0 : on;
    on = material == 17u && (lights & 0x10000u) != 0u ? 1.0 : on;
    on = material == 18u && (lights & 0x20000u) != 0u ? 1.0 : on;
    on = material == 19u && (lights & 0x40000u) != 0u ? 1.0 : on;
    on = material == 20u && (lights & 0x80000u) != 0u ? 1.0 : on;
    on = material == 22u && (lights & 0x40u) != 0u ? 1.0 : on;
    on = (material == 23u || material == 24u) && (lights & 0x80u) != 0u ? 1.0 : on;
    on = material == 25u && (lights & 0x200u) != 0u ? 1.0 : on;
    on = material == 26u && (lights & 0x400u) != 0u ? 1.0 : on;
    return on;
}

vec3 lamp_color(uint material) {
    vec3 c = vec3(1.0, 0.93, 0.82);
    c = material == 13u || material == 14u || material == 17u || material == 24u ? vec3(1.0, 0.035, 0.02) : c;
    c = material == 15u || material == 16u || material == 18u ? vec3(1.0, 0.42, 0.02) : c;
    c = material == 19u ? vec3(0.03, 1.0, 0.42) : c;
    c = material == 20u ? vec3(1.0, 0.86, 0.62) : c;
    return c;
}
#endif

void main() {
    vec4 p = vec4(position, 1.0);
    vec3 world = vec3(dot(world_x, p), dot(world_y, p), dot(world_z, p));
    vec3 relative = world - view.eye.xyz;
    gl_Position = view.clip_relative * vec4(relative, 1.0);
    // The tag is the fourth signed byte, below 128.
    f_label = instance.x | (uint(normal_tag.w) << 16);
#ifdef FLOW
    vec3 was = vec3(dot(before_x, p), dot(before_y, p), dot(before_z, p));
    f_before = before.clip * vec4(was - before.eye.xyz, 1.0);
#endif
#ifdef COLOR
    vec3 local = normal_tag.xyz * (1.0 / 127.0);
    vec3 n = vec3(dot(world_x.xyz, local), dot(world_y.xyz, local), dot(world_z.xyz, local));
    uint material = color_material.w;
    vec3 base = linear_of(vec3(color_material.xyz) * (1.0 / 255.0));
    vec3 tint = linear_of(vec3(instance.y & 255u, (instance.y >> 8) & 255u, (instance.y >> 16) & 255u) * (1.0 / 255.0));
    base = material == 1u || material == 11u ? base * tint : base;
#ifdef FOLIAGE
    // Leaves of a card point all ways, on the whole towards the light above.
    n = normalize(n * 0.75 + vec3(0.0, 0.0, 0.45));
#endif
    float facing = dot(n, view.sun.xyz);
    // What is low or looks down sees less of the sky.
    float low = world.z - view.lamp_map.w;
    float open = clamp(0.80 + low * 0.20, 0.80, 1.0) * (1.0 + 0.35 * min(n.z, 0.0));
    vec3 sky = ambient_light(n);
#ifndef GROUND
    sky *= open;
#endif
    float towards = max(dot(relative, view.sun.xyz) * inversesqrt(dot(relative, relative)), 0.0);
    towards *= towards;
    f_air = vec2(0.0, towards * towards);
#ifdef FOG
    f_air.x = thickness(relative.z);
#endif
    f_kind = uvec2(material, instance.w);
    f_place = vec4(world.xy, uv);
#if defined(SOLID)
    bool lens = material >= 12u && material <= 26u && material != 21u;
    float on = lens ? lit(material, instance.z) : 0.0;
    vec3 pure = base / max(max(base.r, base.g), max(base.b, 1e-3));
    base = lens ? base * 0.35 : base;
    vec3 glow = (material >= 25u ? pure : lamp_color(material)) * (on * view.bounce.w);
    // Shop signs are lit from within from dusk on.
    glow += material == 36u ? base * (0.85 * view.wet.w * min(view.haze_sun.w, 1.0)) : vec3(0.0);
    float scale = (instance.z >> 24) == 0u ? 1.0 : exp2((float(instance.z >> 24) - 160.0) * (1.0 / 16.0));
    glow = material == 20u ? glow * tint * scale : glow;
    f_ambient = vec4(base * sky + glow, 1.0 - on);
    // Light that entered skin comes out beyond the border of the shade, red first.
    vec3 border = material == 34u ? clamp(vec3(facing) + vec3(0.22, 0.10, 0.06), 0.0, 1.0) * 0.92 : vec3(max(facing, 0.0));
    f_sun = vec4(base * view.sun_light.rgb * border, max(n.z * 0.45 + 0.55, 0.1));
#elif defined(GLOSS)
    // Reflectance at normal incidence: clear coat, window glass with its second face, brushed steel.
    float f0 = material == 2u ? 0.09 : (material == 4u ? 0.35 : (material == 32u ? 0.62 : 0.045));
    base *= material == 2u ? 0.35 : (material == 32u ? 0.2 : 1.0);
    // The light inside is seen through the windows.
    bool inside = material == 2u && (instance.z & 0x100u) != 0u;
    f_ambient = vec4(base * sky + (inside ? vec3(1.0, 0.84, 0.62) * (0.11 * view.bounce.w) : vec3(0.0)), f0);
    f_sun = vec4(base * view.sun_light.rgb * max(facing, 0.0), max(n.z * 0.45 + 0.55, 0.1));
#elif defined(FOLIAGE)
    // Leaves let light through: part of the sun reaches the far side.
    float through = max(facing * 0.65 + 0.35, 0.0);
    f_ambient = vec4(base * sky, 1.0);
    f_sun = vec4(base * view.sun_light.rgb * through, max(n.z * 0.45 + 0.55, 0.2));
    f_place = vec4(world, 1.0);
#else
    f_ambient = vec4(base, max(facing, 0.0));
    f_sun = vec4(sky, max(n.z * 0.45 + 0.55, 0.1));
#endif
#if defined(LAMPS) && (defined(SOLID) || defined(GLOSS) || defined(FOLIAGE))
    f_sun.rgb = base; // lamps light it in the place of the sun
#ifdef SOLID
    // Sheeting sends the light of head lamps back to where it comes from.
    f_sun.rgb *= material == 35u ? 5.0 : 1.0;
    f_ambient.rgb += material == 35u ? base * 0.06 : vec3(0.0);
#endif
#endif
#if defined(FACADE)
    f_place = vec4(uv, world.xy);
#elif defined(WALL)
    f_place = vec4(world, 1.0);
#endif
#if defined(GLOSS) || defined(FACADE) || defined(GROUND)
    f_relative = relative;
#endif
#if defined(GLOSS) || defined(FACADE) || defined(WALL) || defined(NORMAL)
    f_normal = n;
#endif
#if defined(SUN)
    // Looked up a little off the surface, more where the sun grazes it: no surface shades itself.
    float off = 0.02 + 0.06 * (1.0 - clamp(facing, 0.0, 1.0));
    f_shadow = (view.shadow_world * vec4(world + n * off, 1.0)).xyz;
#elif defined(LAMPS)
    f_shadow = vec3((world.xy - view.lamp_map.xy) * view.lamp_map.z, clamp(1.2 - low * 0.13, 0.0, 1.0));
    // Low beams are cut off about a metre above the road; what stands upright in them is lit the more.
    f_lamp = clamp(1.35 - low * 0.75, 0.05, 1.0) * (1.0 + 0.6 * clamp(1.0 - abs(n.z) * 1.5, 0.0, 1.0));
#else
    f_shadow = vec3(0.0);
#endif
#endif
}
