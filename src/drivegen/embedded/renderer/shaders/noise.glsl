// Noise from hashed cells: on the CPU cheaper than looking a texture up.
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
