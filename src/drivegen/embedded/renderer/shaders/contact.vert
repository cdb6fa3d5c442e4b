// The darkness under what stands on the ground: a quad that lies there.
in vec4 row_a;   // middle on the ground, half length
in vec4 row_b;   // forward xy (unit), half width, strength
out vec2 f_at;
flat out vec3 f_half;

const float SPREAD = 0.55;

void main() {
    vec2 corner = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    vec2 size = vec2(row_a.w, row_b.z);
    f_at = corner * (size + SPREAD);
    f_half = vec3(size, row_b.w);
    vec2 across = vec2(-row_b.y, row_b.x);
    float far = distance(row_a.xyz, view.eye.xyz);
    float clear = exp2(-(view.haze.w * far + view.fog.x * thickness(row_a.z - view.eye.z) * max(far - view.fog.y, 0.0)));
    // Only the ground's part of the light is darkened, and haze is several times as bright as a road.
    f_half.z *= clear * clear / (clear + 6.0 * (1.0 - clear));
    vec3 world = row_a.xyz + vec3(row_b.xy * f_at.x + across * f_at.y, 0.03);
    gl_Position = view.clip_relative * vec4(world - view.eye.xyz, 1.0);
    // Towards the eye: the ground may not be quite flat.
    gl_Position.z *= 1.003;
}
