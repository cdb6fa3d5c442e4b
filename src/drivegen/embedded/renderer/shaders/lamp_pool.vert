// A lamp's light on the ground, seen from above: a quad in the plane of the map.
in vec4 row_a;   // position, material
in vec4 row_b;   // forward, height of the ground
in vec4 row_c;   // light, relative to a lamp as it was made
out vec2 f_at;   // metres: along the beam, across it
flat out vec4 f_lamp; // kind (0 round, 1 beam), height above ground, reach, unused
flat out vec3 f_color;

void main() {
    uint material = uint(row_a.w + 0.5);
    float height = max(row_a.z - row_b.w, 0.3);
    vec2 along = normalize(row_b.xy + vec2(1e-5, 0.0));
    vec2 across = vec2(-along.y, along.x);
    bool high = material == 27u;
    bool head = material == 12u || material == 23u || high;
    bool beacon = material == 25u || material == 26u;
    bool street = material == 20u;
    float reach = head ? (high ? 70.0 : (material == 23u ? 16.0 : 42.0)) : (street ? height * 2.6 : (beacon ? 12.0 : 5.0));
    vec2 corner = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    f_at = head ? vec2((corner.x * 0.5 + 0.5) * reach, corner.y * 13.0) : corner * reach;
    f_lamp = vec4(head ? 1.0 : 0.0, height, reach, 0.0);
    f_color = head ? vec3(high ? 0.6 : (material == 23u ? 0.2 : 0.34)) : (street ? vec3(1.0, 0.78, 0.48) * 0.17
        : (material == 15u || material == 16u ? vec3(0.10, 0.042, 0.005)
        : (material == 14u || material == 24u ? vec3(0.14, 0.006, 0.004)
        : (material == 13u ? vec3(0.045, 0.002, 0.0015)
        : (material == 22u ? vec3(0.15, 0.14, 0.12) : (beacon ? vec3(0.25) : vec3(0.0)))))));
    f_color *= row_c.rgb;
    vec2 world = row_a.xy + along * f_at.x + across * f_at.y;
    gl_Position = vec4((world - view.lamp_map.xy) * view.lamp_map.z * 2.0 - 1.0, 0.5, 1.0);
}
