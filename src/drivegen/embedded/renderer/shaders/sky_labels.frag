layout(location = 1) out float o_depth;
layout(location = 2) out uint o_label;

void main() {
    o_depth = view.eye.w;
    o_label = 0xFF0B0000u;
#ifdef FLOW
    vec3 ray = view.ray_corner.xyz + view.ray_dx.xyz * gl_FragCoord.x + view.ray_dy.xyz * gl_FragCoord.y;
    o_flow = flow_from(before.clip * vec4(ray, 0.0));
#endif
}
