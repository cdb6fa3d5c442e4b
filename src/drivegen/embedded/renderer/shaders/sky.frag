layout(location = 0) out vec4 o_bgra;
layout(location = 1) out float o_depth;
layout(location = 2) out uint o_label;
layout(location = 3) out vec4 o_normal;
uniform sampler2D sky_map;

void main() {
    vec3 d = normalize(view.ray_corner.xyz + view.ray_dx.xyz * gl_FragCoord.x + view.ray_dy.xyz * gl_FragCoord.y);
    vec3 t = texture(sky_map, sky_coordinates(d)).rgb;
    vec3 light = t * t * view.horizon.w;
    float facing = dot(d, view.sun.xyz);
    float disk = clamp((facing - view.sun.w) * 60000.0, 0.0, 1.0);
    // A lens scatters a little of the sun's light around its disk.
    float near = clamp(1.0 - (1.0 - facing) * 180.0, 0.0, 1.0);
    light += view.sun_light.rgb * (disk * 30.0 + near * near * near * 0.5);
    // Half a step of noise keeps the gradient from banding.
    uvec2 q = uvec2(gl_FragCoord.xy);
    uint n = q.x * 1597334677u ^ q.y * 3812015801u;
    n = (n ^ (n >> 15)) * 2246822519u;
    float dither = (float(n >> 8) * (1.0 / 16777216.0) - 0.5) * (1.5 / 255.0);
    o_bgra = vec4(displayed(light).bgr + dither, 1.0);
    o_depth = view.eye.w;
    o_label = 0xFF0B0000u;
#ifdef FLOW
    vec3 ray = view.ray_corner.xyz + view.ray_dx.xyz * gl_FragCoord.x + view.ray_dy.xyz * gl_FragCoord.y;
    o_flow = flow_from(before.clip * vec4(ray, 0.0));
#endif
    o_normal = vec4(0.0);
}
