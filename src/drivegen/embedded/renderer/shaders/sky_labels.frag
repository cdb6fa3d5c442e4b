layout(location = 1) out float o_depth;
layout(location = 2) out uint o_label;

void main() {
    o_depth = view.eye.w;
    o_label = 0xFF0B0000u;
}
