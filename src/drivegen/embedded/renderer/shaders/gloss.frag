void main() {
    vec3 n = normalize(f_normal);
    vec3 v = normalize(f_relative);
    float cosine = dot(n, v);
    vec3 r = v - 2.0 * cosine * n;
    float graze = 1.0 - min(abs(cosine), 1.0);
    float graze2 = graze * graze;
    float f0 = f_ambient.a;
    float reflected = f0 + (1.0 - f0) * graze2 * graze2 * graze;
    bool satin = f_kind.x == 33u;
    reflected *= satin ? 0.5 : 1.0;
    float shine = sunshine();
    vec3 seen = street_light(r);
    float s = max(dot(r, view.sun.xyz), 0.0);
    s *= s; s *= s; s *= s; s *= s; s *= s;
    float s2 = s * s; s2 *= s2; s2 *= s2;
    vec3 glint = view.sun_light.rgb * (shine * (s * 0.7 + (satin ? 0.0 : s2 * 22.0)));
    vec3 lamps = lamp_glow();
#ifdef LAMPS
    vec3 body = f_ambient.rgb + f_sun.rgb * lamps;
#else
    vec3 body = f_ambient.rgb + f_sun.rgb * shine;
#endif
#ifdef LAMPS
    // Rooms behind the glass of buildings.
    if (f_kind.x == 2u && (f_label & 0x00FFFFFFu) == 0x00030000u) {
        vec3 p = f_relative + view.eye.xyz;
        vec3 room = floor(p * vec3(0.3, 0.3, 0.3125) + n * 0.2);
        float luck = hashed(ivec2(int(room.x) * 31 + int(room.y), int(room.z)));
        body += luck < view.zenith.w ? mix(vec3(0.85, 0.9, 1.0), vec3(1.0, 0.8, 0.55), fract(luck * 91.0)) * ((0.04 + 0.8 * luck * luck) * view.haze_sun.w) : vec3(0.0);
    }
#endif
    finish(body * (1.0 - reflected) + (seen + glint + lamps * 0.4) * reflected);
}
