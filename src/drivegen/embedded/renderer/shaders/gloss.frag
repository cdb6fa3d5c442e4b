void main() {
    vec3 n = normalize(f_normal);
    vec3 v = normalize(f_relative);
    float cosine = dot(n, v);
    vec3 r = v - 2.0 * cosine * n;
    float graze = 1.0 - min(abs(cosine), 1.0);
    float graze2 = graze * graze;
    float f0 = f_ambient.a;
    float mirror = f0 + (1.0 - f0) * graze2 * graze2 * graze;
    float shine = sunshine();
    // A street reflects houses and trees up to some height, below the horizon the road.
    vec3 above = sky_light(r);
    float open = clamp(r.z * 5.0 - 0.35, 0.0, 1.0);
    float below = clamp(-r.z * 6.0, 0.0, 1.0);
    vec3 around = mix(view.horizon.rgb * 0.32, view.bounce.rgb, below);
    vec3 seen = mix(around, above, open);
    float s = max(dot(r, view.sun.xyz), 0.0);
    s *= s; s *= s; s *= s; s *= s; s *= s;
    float s2 = s * s; s2 *= s2; s2 *= s2;
    vec3 glint = view.sun_light.rgb * (shine * (s * 0.9 + s2 * 22.0));
    vec3 lamps = lamp_glow();
    vec3 body = f_ambient.rgb + f_sun.rgb * received();
    finish(body * (1.0 - mirror) + (seen + glint + lamps * 0.4) * mirror);
}
