// The glow around a lens: a quad that faces the eye.
in vec4 row_a;   // position, material
in vec4 row_b;   // forward, height of the ground
in vec4 row_c;   // light, relative to a lamp as it was made
out vec2 f_at;
flat out vec3 f_color;

void main() {
    uint material = uint(row_a.w + 0.5);
    vec3 to_eye = view.eye.xyz - row_a.xyz;
    float far = length(to_eye);
    to_eye /= max(far, 1e-3);
    float facing = dot(normalize(row_b.xyz + vec3(0.0, 0.0, 1e-6)), to_eye);
    bool street = material == 20u;
    bool high = material == 27u;
    bool head = material == 12u || material == 23u || high;
    bool beacon = material == 25u || material == 26u;
    float strength = street || beacon ? 0.75 : smoothstep(-0.1, 0.7, facing) * (head ? (high ? 1.1 : 0.95) : (material == 13u ? 0.4 : 0.7));
    float size = (street ? 0.9 : (head ? (high ? 0.9 : 0.55) : (beacon ? 0.6 : 0.34))) * (1.0 + far * 0.012);
    vec3 right = normalize(cross(vec3(0.0, 0.0, 1.0), to_eye) + vec3(1e-6, 0.0, 0.0));
    vec3 up = cross(to_eye, right);
    f_at = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    vec3 c = beacon ? vec3(1.0) : vec3(1.0, 0.93, 0.82);
    c = material == 13u || material == 14u || material == 17u || material == 24u ? vec3(1.0, 0.10, 0.06) : c;
    c = material == 15u || material == 16u || material == 18u ? vec3(1.0, 0.55, 0.08) : c;
    c = material == 19u ? vec3(0.12, 1.0, 0.55) : c;
    c = street ? vec3(1.0, 0.88, 0.68) : c;
    float clear = exp2(-(view.haze.w * far + view.fog.x * max(far - view.fog.y, 0.0)));
    f_color = min(c * row_c.rgb * strength, vec3(1.0)) * (clear * view.wet.w);
    // A little towards the eye, before the lens and its housing.
    vec3 relative = (right * f_at.x + up * f_at.y) * size - to_eye * (far - min(0.25, far * 0.1));
    gl_Position = view.clip_relative * vec4(relative, 1.0);
}
