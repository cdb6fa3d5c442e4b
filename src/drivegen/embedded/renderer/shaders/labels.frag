flat in uint f_label;
#ifdef FLOW
in vec4 f_before;
#endif
layout(location = 1) out float o_depth;
layout(location = 2) out uint o_label;

void main() {
    o_depth = 1.0 / gl_FragCoord.w;
    o_label = f_label;
#ifdef FLOW
    o_flow = flow_from(f_before);
#endif
}
